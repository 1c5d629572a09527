"""Kinds made of other kinds: lists, blocks of names, blocks whose `type` says what they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from gateway.config import source
from gateway.config.kinds import BAD, Bad, Context, Kind, wrong_type
from gateway.config.source import Node, Scalar, Sequence
from gateway.config.wording import apart, is_blank, listed, or_empty, sentence, start_of, suggestion
from gateway.lossless import Json

T = TypeVar("T")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class ListOf(Generic[T]):
    """A list; `or_one` lets a single value stand for a list of one."""

    item: Kind[T]
    expected: str
    least: int = 0
    or_one: bool = False

    def read(self, node: Node, context: Context) -> tuple[T, ...] | Bad:
        if is_blank(node):
            node = Sequence((), node.place)
        if not isinstance(node, Sequence):
            if not self.or_one:
                return wrong_type(node, self.expected, context, _dashed(node))
            one = self.item.read(node, context)
            return BAD if one is BAD else (one,)
        if len(node.items) < self.least:
            message = sentence(f"{self.expected} can't be empty")
            context.problems.error("bad-value", message, node.place, "Add at least one.")
            return BAD
        values = [self.item.read(item, context) for item in node.items]
        return tuple(value for value in values if value is not BAD)

    def json_schema(self) -> dict[str, Json]:
        items = self.item.json_schema()
        schema: dict[str, Json] = {"type": ["array", "null"], "items": items}
        if self.least:
            schema |= {"type": "array", "minItems": self.least}
        return {"anyOf": [items, schema]} if self.or_one else schema


def _dashed(node: Node) -> str | None:
    if isinstance(node, source.Mapping):
        return "Begin each item with `- `, before its first key."
    return f"Type it as a list: [{node.text}]." if isinstance(node, Scalar) and node.text else None


@dataclass(frozen=True, slots=True)
class MapOf(Generic[T]):
    """Keys of the merchant's choosing (or of a known set), each with a value of one kind.

    A bad value spoils the whole, unless reading goes on without it (`partial`).
    """

    value: Kind[T]
    expected: str
    known: tuple[str, ...] | None = None
    unknown_code: str = "unknown-key"
    check_name: Callable[[str], str | None] | None = None
    partial: bool = False

    def read(self, node: Node, context: Context) -> dict[str, T] | Bad:
        node = or_empty(node)
        if not isinstance(node, source.Mapping):
            advice = "Give each a name instead of the dash: `name:`, and its keys below it."
            listing = isinstance(node, Sequence)
            return wrong_type(node, self.expected, context, advice if listing else None)
        values: dict[str, T] = {}
        for name, child in node.entries:
            value = self.value.read(child, context) if self._knows(name, context) else BAD
            if value is not BAD:
                values[name.text] = value
        return values if self.partial or len(values) == len(node.entries) else BAD

    def _knows(self, name: Scalar, context: Context) -> bool:
        """Say whether a name can be used, reporting it if not."""
        if self.known is not None and name.text not in self.known:
            context.problems.error(
                self.unknown_code,
                f"`{name.text}` is none of {listed(self.known)}.",
                name.place,
                suggestion(name.text, self.known),
            )
            return False
        wrong = self.check_name(name.text) if self.check_name else None
        if wrong:
            message, advice = apart(wrong)
            context.problems.error("bad-value", message, name.place, advice)
        return not wrong

    def json_schema(self) -> dict[str, Json]:
        inner = self.value.json_schema()
        if self.known is None:
            return {"type": ["object", "null"], "additionalProperties": inner}
        properties: dict[str, Json] = dict.fromkeys(self.known, inner)
        return {
            "type": ["object", "null"],
            "additionalProperties": False,
            "properties": properties,
        }


@dataclass(frozen=True, slots=True)
class Tagged(Generic[V]):
    """A block whose `type` says which record it is."""

    variants: Mapping[str, Kind[V]]
    expected: str

    def read(self, node: Node, context: Context) -> V | Bad:
        choices = f"`type: {'` or `type: '.join(self.variants)}`"
        if not isinstance(node, source.Mapping):
            expected = f"a block of keys for {self.expected}"
            return wrong_type(node, expected, context, f"Write its keys below it, first {choices}.")
        tag = node.get("type")
        if tag is None:
            context.problems.error(
                "missing-key",
                f"`type` is missing from {self.expected}.",
                start_of(node),
                f"Add {choices}.",
            )
            return BAD
        word = tag.text if isinstance(tag, source.Scalar) else ""
        if word not in self.variants:
            context.problems.error(
                "bad-value",
                f"This is no type of {self.expected}.",  # not quoted: it may be a secret
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
