"""Blocks with fixed keys: a frozen dataclass declares them, once, for reading and for editors."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar, dataclass_transform, overload

from gateway.config import source
from gateway.config.kinds import BAD, Bad, Context, Kind, wrong_type
from gateway.config.problems import Place, Problems
from gateway.config.source import Node
from gateway.config.wording import is_blank, listed, nearest, or_empty, start_of, suggestion
from gateway.lossless import Json

T = TypeVar("T")
D = TypeVar("D")
R = TypeVar("R")

NOWHERE: Final = Place("")
_NO_KEYS: Final = source.Mapping((), NOWHERE)


@dataclass(frozen=True, slots=True)
class _Entry:
    kind: Kind[object]
    doc: str
    example: str | None
    default: object
    instead: object


@overload
def entry(kind: Kind[T], doc: str, *, example: str | None = None, instead: T = ...) -> T: ...
@overload
def entry(
    kind: Kind[T], doc: str, *, default: D, example: str | None = None, instead: T | D = ...
) -> T | D: ...
def entry(
    kind: Kind[T],
    doc: str,
    *,
    default: object = dataclasses.MISSING,
    example: str | None = None,
    instead: object = dataclasses.MISSING,
) -> object:
    """Declare one key of a record: its kind, a sentence for editors and docs, its default.

    Without a default the key is required. A bad value spoils the record, unless it is known what
    to go on with `instead`, so that other mistakes are found too and none is made up.
    """
    metadata = {"entry": _Entry(kind, doc, example, default, instead)}
    if isinstance(default, Mapping):
        # Frozen as it is, a read-only mapping can't be hashed, and dataclasses take that for
        # mutable.
        return dataclasses.field(default_factory=lambda: default, metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(entry,))
def record(cls: type[R]) -> type[R]:
    """Make a frozen dataclass of keys; its docstring's first line describes it to editors."""
    return dataclass(frozen=True, kw_only=True)(cls)


@record
class Located:
    """The base of every record: where it and its keys stand in its file."""

    place: Place = dataclasses.field(default=NOWHERE, compare=False)
    node: source.Mapping = dataclasses.field(
        default_factory=lambda: _NO_KEYS, compare=False, repr=False
    )

    def key_place(self, key: str) -> Place:
        """Give the place of a key, or of the start of the block."""
        found = (name.place for name, _ in self.node.entries if name.text == key)
        return next(found, start_of(self.node))

    def inner_place(self, key: str, name: str) -> Place:
        """Give the place of a name in the block below a key."""
        block = self.node.get(key)
        entries = block.entries if isinstance(block, source.Mapping) else ()
        found = (inner.place for inner, _ in entries if inner.text == name)
        return next(found, self.key_place(key))

    def value_place(self, key: str) -> Place:
        """Give the place of a key's value, or of the start of the block."""
        value = self.node.get(key)
        return self.key_place(key) if value is None else value.place


@dataclass(frozen=True, slots=True)
class KeyInfo:
    """One key as docs and editors need it."""

    name: str
    kind: Kind[object]
    doc: str
    required: bool
    default: object
    example: str | None
    instead: object


def keys_of(cls: type[Located]) -> tuple[KeyInfo, ...]:
    """List the declared keys of a record, in order."""
    infos = []
    for field in dataclasses.fields(cls):
        declared = field.metadata.get("entry")
        if not isinstance(declared, _Entry):
            continue
        required = declared.default is dataclasses.MISSING
        default = None if required else declared.default
        # `as`, `from` and the like are Python's own words: the field carries an underscore.
        name = field.name.rstrip("_")
        infos.append(
            KeyInfo(
                name,
                declared.kind,
                declared.doc,
                required,
                default,
                declared.example,
                declared.instead,
            )
        )
    return tuple(infos)


S = TypeVar("S", bound=Located)
V = TypeVar("V")


_ENVIRONMENT = ({"env"}, {"env", "default"})


def _names(node: source.Mapping) -> list[str]:
    return [name.text for name, _ in node.entries]


@dataclass(frozen=True, slots=True)
class Record(Generic[S]):
    """The kind of a block whose keys a record class declares.

    `check` looks at the finished record for what no single key shows.
    """

    cls: type[S]
    expected: str
    check: Callable[[S, Context], None] | None = None
    ignore: tuple[str, ...] = ()

    def read(self, node: Node, context: Context) -> S | Bad:
        infos = {info.name: info for info in keys_of(self.cls)}
        required = [info for info in infos.values() if info.required]
        if not required:
            node = or_empty(node)
        if not isinstance(node, source.Mapping) or set(_names(node)) in _ENVIRONMENT:
            return self._no_block(node, required, context)
        children = self._children(node, infos, context)
        values: dict[str, Any] = {}  # the keyword arguments of a class known at run time only
        complete = True
        for name, info in infos.items():
            child = children.get(name)
            if child is None and not info.required:
                continue
            value = (
                self._missing(node, info, context) if child is None else _read(child, info, context)
            )
            if value is BAD:
                value = info.instead
            if value is dataclasses.MISSING:
                complete = False
            else:
                values[self._field(name)] = value
        if not complete:
            return BAD
        made = self.cls(place=node.place, node=node, **values)
        if self.check:
            self.check(made, context)
        return made

    def _field(self, name: str) -> str:
        return name if name in self.cls.__dataclass_fields__ else f"{name}_"

    def _missing(self, node: source.Mapping, info: KeyInfo, context: Context) -> Bad:
        context.problems.error(
            "missing-key",
            f"`{info.name}` is missing from {self.expected}.",
            start_of(node),
            f"Add `{info.name}: {info.example or '…'}`.",
        )
        return BAD

    def _no_block(self, node: Node, required: list[KeyInfo], context: Context) -> Bad:
        advice = f"It takes {listed(info.name for info in keys_of(self.cls))}."
        if required:
            keys = listed(f"{info.name}: {info.example or '…'}" for info in required)
            advice = f"Write {keys} below it."
        if isinstance(node, source.Sequence):
            advice = "Take the `-` out: this is one block, each line begins with its key."
        return wrong_type(node, f"a block of keys for {self.expected}", context, advice)

    def _children(
        self, node: source.Mapping, infos: Mapping[str, KeyInfo], context: Context
    ) -> dict[str, Node]:
        """Give the values by key; a misspelt key counts as the one that was probably meant."""
        children = dict[str, Node]()
        misspelt: list[tuple[str, Node]] = []
        free = [known for known in infos if node.get(known) is None]
        missing = [known for known in free if infos[known].required]
        strange = [name for name in _names(node) if name not in infos and name not in self.ignore]
        # One key too many and one too few are one mistake.
        only = missing[0] if len(missing) == len(strange) == 1 else None
        for name, child in node.entries:
            if name.text in infos:
                children[name.text] = child
            elif name.text in strange:
                meant = nearest(name.text, free) or only
                misspelt += [(meant, child)] if meant else []
                context.problems.error(
                    "unknown-key",
                    f"`{name.text}` is no key of {self.expected}.",
                    name.place,
                    f"Did you mean `{meant}`?" if meant else suggestion(name.text, infos),
                )
        return dict(reversed(misspelt)) | children

    def json_schema(self) -> dict[str, Json]:
        properties: dict[str, Json] = {}
        for info in keys_of(self.cls):
            properties[info.name] = {**info.kind.json_schema(), "description": info.doc}
        required: list[Json] = [info.name for info in keys_of(self.cls) if info.required]
        schema: dict[str, Json] = {
            "type": "object" if required else ["object", "null"],
            "description": (self.cls.__doc__ or "").split("\n")[0],
            "additionalProperties": False,
            "properties": properties,
        }
        return schema | ({"required": required} if required else {})


def _read(child: Node, info: KeyInfo, context: Context) -> object:
    """Read a key's value. Where there is none but a kind needs one, an example is shown."""
    if not is_blank(child):
        return info.kind.read(child, context)
    found = Problems()
    value = info.kind.read(child, dataclasses.replace(context, problems=found))
    way_out = f"Type it as in `{info.name}: {info.example}`." if info.example else None
    if not info.required:
        way_out = f"Write it behind the colon, or take `{info.name}:` out."
    context.problems.found += [
        dataclasses.replace(problem, advice=problem.advice or way_out) for problem in found.found
    ]
    return value
