"""Names, types and sources as `gateway explain` prints them, in 100 columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.expressions.types.outline import fields, outline
from gateway.expressions.types.words import describe
from gateway.plan.names import Origin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gateway.plan.flow import Flow, Name, Part
    from gateway.plan.outputs import Field, Lack

_WIDTH = 100
_WHOLE = "(all of it)"
_WIDEST_PATH = 38
_WIDEST_TYPE = 28


def name_lines(names: Sequence[Name], indent: str, *, full: bool) -> Iterator[str]:
    """Write names, each with its type and, where it is made from others, these.

    With `full` each name's fields follow, on lines of their own.
    """
    width = max((len(each.name) for each in names), default=0)
    for each in names:
        head = f"{indent}{each.name:<{width}}  "
        inner = " " * len(head)
        line = head + (describe(each.type) if full else outline(each.type, _WIDTH - len(head)))
        sources = list(_listed("← ", each.sources, "")) if each.sources else []
        if len(sources) == 1 and len(line) + 2 + len(sources[0]) <= _WIDTH:
            yield f"{line}  {sources[0]}"
        else:
            yield line
            yield from _listed("← ", each.sources, inner) if each.sources else ()
        if full:
            yield from _field_types(each, inner)


def _field_types(name: Name, indent: str) -> Iterator[str]:
    found = list(fields(name.type))
    width = max((len(field) for field, _ in found), default=0)
    for field, type_ in found:
        yield f"{indent}{field:<{width}}  {outline(type_, _WIDTH - len(indent) - width - 2)}"


def part_lines(part: Part, indent: str) -> Iterator[str]:
    """Write the fields of a part: path, sources, type."""
    yield f"{indent}{part.title}"
    yield from field_lines(part.fields, f"{indent}  ")


def field_lines(found: Sequence[Field], indent: str) -> Iterator[str]:
    """Write fields in three columns; a long path, and many sources, take lines of their own."""
    paths = [each.path or _WHOLE for each in found]
    width = max((len(path) for path in paths if len(path) <= _WIDEST_PATH), default=_WIDEST_PATH)
    for path, each in zip(paths, found, strict=True):
        head = f"{indent}{path:<{width}}  "
        if len(path) > width:
            yield f"{indent}{path}"
            head = indent + " " * (width + 2)
        yield from _row(head, each)


def _row(head: str, field: Field) -> Iterator[str]:
    if field.written is not None:
        yield f"{head}= {_cut(field.written, _WIDTH - len(head) - 2)}"
        return
    type_ = _cut(describe(field.type), _WIDEST_TYPE)
    room = _WIDTH - len(head) - _WIDEST_TYPE - 2
    texts = field.reads.texts or ("no data",)
    first, *others = _listed(f"{field.role or '←'} ", texts, "", room)
    if max(map(len, (first, *others))) > room:  # too wide to stand beside the type
        first, others = field.role or "", list(_listed("← ", texts, "", _WIDTH - len(head)))
    yield f"{head}{first:<{room}}  {type_}"
    for line in others:
        yield " " * len(head) + line


def ending(flow: Flow) -> Iterator[str]:
    """Write what the data must hold besides what the contract asks for, and what nobody knows."""
    needs = [lack for _, lack in flow.lacks if lack.origin is Origin.CONTRACT]
    if needs:
        yield ""
        yield "also needs (without it 400)"
        yield from _needs(needs)
    others = [(field, lack) for field, lack in flow.lacks if lack.origin is not Origin.CONTRACT]
    if others:
        yield ""
        yield "may be null (then 500)"
        said = (f"{field.path} ← {' or '.join(lack.wanted)}" for field, lack in others)
        yield from (f"  {line}" for line in dict.fromkeys(said))
    unknown = flow.unknown
    if unknown:
        yield ""
        yield f"of unknown type: {len(unknown)} of {len(flow.leaves)} fields"
        yield from _listed("", dict.fromkeys(each.path or _WHOLE for each in unknown), "  ")
    for call in flow.without_schema:
        yield f"  `{call}` has no response `schema`: with one, its fields are known"


def _needs(needs: Iterable[Lack]) -> Iterator[str]:
    groups: dict[str | None, dict[str, None]] = {}
    for lack in needs:
        groups.setdefault(lack.where, {})[" or ".join(lack.wanted)] = None
    for where, wanted in groups.items():
        always = groups.get(None, {}) if where is not None else {}
        said = [each for each in wanted if each not in always]
        lead = f"where {where}: " if where is not None else ""
        if said:
            yield from _listed(lead, said, "  ")


def _listed(lead: str, texts: Iterable[str], indent: str, width: int = _WIDTH) -> Iterator[str]:
    """Write texts with commas between them, on as many lines as it takes."""
    line, start = indent + lead, True
    *others, last = texts
    for text in [*(f"{each}," for each in others), last]:
        gap = "" if start else " "
        if not start and len(line) + len(gap) + len(text) > width:
            yield line
            line, gap = indent + " " * len(lead), ""
        line, start = line + gap + text, False
    yield line


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
