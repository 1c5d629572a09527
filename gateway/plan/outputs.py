"""The fields of what a mapping puts together: each with its type, and the data it comes from."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from gateway.expressions.compiler import Program
from gateway.expressions.reads import Place, Places, Reads, reads_of
from gateway.expressions.types.algebra import at, element_of, field_of, nullable, union, values_of
from gateway.expressions.types.model import NEVER, NULL, UNKNOWN, Type
from gateway.lossless import dumps
from gateway.plan.files import FileBranch
from gateway.plan.missing import Blame
from gateway.plan.names import INDEX, Origin
from gateway.plan.shape import type_of
from gateway.plan.tree import (
    Attempt,
    Block,
    Branch,
    Concat,
    Constant,
    Each,
    Either,
    Leaf,
    Listing,
    OnNull,
    Words,
)

Known = Mapping[str, Reads]
"""What the names stand for that are no inputs themselves: those of `let`, elements, rows."""


_NOTHING = Reads()


@dataclass(frozen=True, slots=True)
class Lack:
    """What must be there for a required field, and isn't for sure.

    `wanted` are alternatives; `where` is the condition under which the field is made.
    """

    wanted: tuple[str, ...]
    origin: Origin
    where: str | None


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an output; `written` is the value of one that stands in the mapping itself.

    A `?` in the path marks what is left out where it is null, `[]` the elements of a list.
    """

    path: str
    type: Type
    reads: Reads = _NOTHING
    written: str | None = None
    role: str = ""
    """What the sources do, where they aren't the value: `if`, `for each of`."""
    lacks: tuple[Lack, ...] = ()


def fields_of(branch: Branch, known: Known, path: str = "") -> Iterator[Field]:
    """Give the fields of a tree, in the order of the file."""
    return _Walk(known).fields(branch, path)


def reads_of_branch(branch: Branch, known: Known) -> Reads:
    """Find what a whole tree is made from."""
    if isinstance(branch, Leaf):
        return reads_of(branch.program.ast, known)
    found = [each.reads for each in fields_of(branch, known)]
    return Reads((), tuple(group for each in found for group in (each.places, *each.used) if group))


@dataclass(frozen=True, slots=True)
class _Walk:
    known: Known
    required: bool = True
    lenient: bool = False
    where: str | None = None

    def fields(self, branch: Branch, path: str) -> Iterator[Field]:
        match branch:
            case Constant():
                yield Field(path, type_of(branch), written=dumps(branch.value).decode())
            case Leaf():
                yield self._leaf(path, branch)
            case Words():
                inserts = branch.template.inserts
                yield Field(
                    path,
                    type_of(branch),
                    _together(reads_of(each.ast, self.known) for each in inserts),
                    written=None if inserts else branch.template.text,
                    lacks=tuple(self._lacks(inserts, branch.blame)),
                )
            case Attempt():
                yield from replace(self, lenient=True).fields(branch.part, path)
            case Block():
                for twig in branch.twigs:
                    yield from self.part(twig.branch, twig.on_null, _below(path, twig.key))
            case _:
                yield from self._directive(branch, path)

    def _directive(self, branch: Branch, path: str) -> Iterator[Field]:
        match branch:
            case Listing():
                for index, (item, on_null) in enumerate(branch.items):
                    yield from self.part(item, on_null, f"{path}[{index}]")
            case Concat():
                walk = self
                if isinstance(branch.joined, Each):
                    yield self._repeated(branch.joined, branch, path)
                    walk = self._inside(branch.joined)
                for part in branch.written:
                    yield from replace(walk, required=False).fields(part, path)
            case Each():
                yield self._repeated(branch, branch, path)
                yield from self._inside(branch).part(branch.body, branch.on_null, f"{path}[]")
            case Either():
                yield from self._either(branch, path)
            case FileBranch():
                yield from self.fields(branch.content, f"{path}.content")
                yield from self.fields(branch.name, f"{path}.name")
                yield from self.fields(branch.type, f"{path}.type")

    def part(self, branch: Branch, on_null: OnNull, path: str) -> Iterator[Field]:
        """Go on into a container's part, which decides anew whether null is refused."""
        refused = on_null is OnNull.REFUSE
        yield from replace(self, required=refused).fields(branch, path if refused else f"{path}?")

    def _repeated(self, each: Each, list_: Branch, path: str) -> Field:
        """Tell what a list has elements for."""
        source = reads_of_branch(each.source, self.known)
        lacks = tuple(lack for field in self.fields(each.source, path) for lack in field.lacks)
        return Field(f"{path}[]", type_of(list_), source, role="for each of", lacks=lacks)

    def _inside(self, each: Each) -> _Walk:
        element = reads_of_branch(each.source, self.known).element
        return replace(self, known={**self.known, each.name: element, INDEX: _NOTHING})

    def _either(self, branch: Either, path: str) -> Iterator[Field]:
        yield Field(path, type_of(branch), reads_of_branch(branch.condition, self.known), role="if")
        condition = branch.condition
        text = condition.program.text if isinstance(condition, Leaf) else "its condition"
        yield from replace(self, where=f"`{text}`").fields(branch.then, path)
        if branch.otherwise is not None:
            yield from replace(self, where=f"not `{text}`").fields(branch.otherwise, path)

    def _leaf(self, path: str, leaf: Leaf) -> Field:
        program = leaf.program
        return Field(
            path,
            program.type,
            reads_of(program.ast, self.known),
            written=program.text if program.ast.kind == "literal" else None,
            lacks=tuple(self._lacks([program], leaf.blame)),
        )

    def _lacks(self, programs: Iterable[Program], blame: Blame) -> Iterator[Lack]:
        if self.required and not self.lenient:
            for program in programs:
                for wanted in lacking(program, blame, self.known):
                    yield Lack(wanted, blame.origin, self.where)


def lacking(program: Program, blame: Blame, known: Known) -> Iterator[tuple[str, ...]]:
    """Give what an expression that may be null needs so as not to be: alternatives in each.

    Of a vendor's data without a schema nothing is said.
    """
    if not program.type.nullable or (program.type.unknown and blame.origin is Origin.VENDOR):
        return
    reads = reads_of(program.ast, known)
    groups = [reads.places] if reads.places else list(reads.used)
    missing = [group for group in groups if _may_be_null(group, blame.scope.types)]
    if not missing:
        yield (f"`{program.text}`",)
    for group in missing:
        yield tuple(place.text for place in group)


def type_at(place: Place, types: Mapping[str, Type]) -> Type:
    """Give the type of what stands at a place; null where something on the way may be."""
    type_ = types.get(place.steps[0], UNKNOWN)
    for step in place.steps[1:]:
        found = _step(type_, step)
        type_ = nullable(found) if type_.nullable else found
    return type_


def _step(type_: Type, step: str) -> Type:
    if type_.unknown:
        return UNKNOWN
    if step == "[]":
        return element_of(type_)
    if step == ".*":
        return union(*map(values_of, type_.objects), NEVER)
    if step.startswith("["):
        return at(type_, int(step[1:-1]))
    name = json.loads(step[1:]) if step.startswith('."') else step[1:]
    return union(*(field_of(shape, name) or NULL for shape in type_.objects), NEVER)


def _may_be_null(group: Places, types: Mapping[str, Type]) -> bool:
    return all(not place.covered and type_at(place, types).nullable for place in group)


def _together(reads: Iterable[Reads]) -> Reads:
    return Reads((), tuple(group for each in reads for group in (each.places, *each.used) if group))


def _below(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
