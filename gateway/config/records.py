"""Blocks with fixed keys: a frozen dataclass declares them, once, for reading and for editors."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar, dataclass_transform, overload

from gateway.config import source
from gateway.config.kinds import BAD, Bad, Context, Kind, suggestion, wrong_type
from gateway.config.problems import Place
from gateway.config.source import Node
from gateway.lossless import Json

T = TypeVar("T")
D = TypeVar("D")
R = TypeVar("R")

NOWHERE: Final = Place("")


@dataclass(frozen=True, slots=True)
class _Entry:
    kind: Kind[object]
    doc: str
    example: str | None
    default: object


@overload
def entry(kind: Kind[T], doc: str, *, example: str | None = None) -> T: ...
@overload
def entry(kind: Kind[T], doc: str, *, default: D, example: str | None = None) -> T | D: ...
def entry(
    kind: Kind[T], doc: str, *, default: object = dataclasses.MISSING, example: str | None = None
) -> object:
    """Declare one key of a record: its kind, a sentence for editors and docs, its default.

    Without a default the key is required.
    """
    metadata = {"entry": _Entry(kind, doc, example, default)}
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
    """The base of every record: where it stands in its file."""

    place: Place = dataclasses.field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class KeyInfo:
    """One key as docs and editors need it."""

    name: str
    kind: Kind[object]
    doc: str
    required: bool
    default: object
    example: str | None


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
            KeyInfo(name, declared.kind, declared.doc, required, default, declared.example)
        )
    return tuple(infos)


S = TypeVar("S", bound=Located)
V = TypeVar("V")


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
        if not isinstance(node, source.Mapping):
            return wrong_type(node, self.expected, context)
        infos = {info.name: info for info in keys_of(self.cls)}
        self._refuse_unknown(node, infos, context)
        values: dict[str, Any] = {}  # the keyword arguments of a class known at run time only
        complete = True
        for name, info in infos.items():
            child = node.get(name)
            value = BAD if child is None else info.kind.read(child, context)
            if child is None and info.required:
                context.problems.error(
                    "missing-key",
                    f"`{name}` is missing from {self.expected}",
                    node.place,
                    f"add `{name}: {info.example or '…'}`",
                )
            if value is not BAD:
                values[self._field(name)] = value
            elif info.required:
                complete = False
        if not complete:
            return BAD
        made = self.cls(place=node.place, **values)
        if self.check:
            self.check(made, context)
        return made

    def _field(self, name: str) -> str:
        return name if name in self.cls.__dataclass_fields__ else f"{name}_"

    def _refuse_unknown(
        self, node: source.Mapping, infos: Mapping[str, KeyInfo], context: Context
    ) -> None:
        for name, _ in node.entries:
            if name.text not in infos and name.text not in self.ignore:
                context.problems.error(
                    "unknown-key",
                    f"`{name.text}` is no key of {self.expected}",
                    name.place,
                    suggestion(name.text, infos),
                )

    def json_schema(self) -> dict[str, Json]:
        properties: dict[str, Json] = {}
        for info in keys_of(self.cls):
            properties[info.name] = {**info.kind.json_schema(), "description": info.doc}
        required: list[Json] = [info.name for info in keys_of(self.cls) if info.required]
        schema: dict[str, Json] = {
            "type": "object",
            "description": (self.cls.__doc__ or "").split("\n")[0],
            "additionalProperties": False,
            "properties": properties,
        }
        return schema | ({"required": required} if required else {})


@dataclass(frozen=True, slots=True)
class Tagged(Generic[V]):
    """A block whose `type` says which record it is."""

    variants: Mapping[str, Kind[V]]
    expected: str

    def read(self, node: Node, context: Context) -> V | Bad:
        if not isinstance(node, source.Mapping):
            return wrong_type(node, self.expected, context)
        tag = node.get("type")
        if tag is None:
            context.problems.error(
                "missing-key",
                f"`type` is missing from {self.expected}",
                node.place,
                f"add `type:` with one of {', '.join(self.variants)}",
            )
            return BAD
        word = tag.text if isinstance(tag, source.Scalar) else ""
        if word not in self.variants:
            context.problems.error(
                "bad-value",
                f"`{word}` is no type of {self.expected}",
                tag.place,
                suggestion(word, self.variants),
            )
            return BAD
        return self.variants[word].read(node, context)

    def json_schema(self) -> dict[str, Json]:
        options: list[Json] = []
        for tag, variant in self.variants.items():
            schema = variant.json_schema()
            properties = schema["properties"]
            required = schema.get("required", [])
            if isinstance(properties, dict) and isinstance(required, list):
                schema["properties"] = {"type": {"const": tag}, **properties}
                schema["required"] = ["type", *required]
            options.append(schema)
        return {"oneOf": options}
