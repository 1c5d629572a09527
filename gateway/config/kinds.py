"""What a key may hold: each kind reads a YAML node into a value and describes itself to editors."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final, Generic, Literal, Protocol, TypeVar

from gateway.config import source
from gateway.config.problems import Place, Problems
from gateway.config.source import Node, Scalar, Sequence, surprise_problem
from gateway.lossless import Json

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class _Bad(Enum):
    BAD = "bad"


BAD: Final = _Bad.BAD
"""What a kind returns once it has reported why a node is no value of it."""

Bad = Literal[_Bad.BAD]


@dataclass(frozen=True, slots=True)
class Context:
    """What reading needs besides the nodes.

    `environment` None means that secrets and unset variables are stood in for
    (`validate-config --without-secrets`); `folder` is where relative paths start.
    """

    problems: Problems
    environment: Mapping[str, str] | None
    folder: Path


class Kind(Protocol[T_co]):
    def read(self, node: Node, context: Context) -> T_co | Bad: ...

    def json_schema(self) -> dict[str, Json]: ...


def describe(node: Node) -> str:
    """Name what stands there, for messages: `a list`, `the number 5`, `the text "x"`."""
    if isinstance(node, source.Mapping):
        return "a block of keys"
    if isinstance(node, Sequence):
        return "a list"
    if isinstance(node.value, bool):
        return f"the boolean {node.text}"
    if node.value is None:
        return "nothing"
    return f'the text "{node.text}"' if isinstance(node.value, str) else f"the number {node.text}"


def wrong_type(node: Node, expected: str, context: Context, advice: str | None = None) -> Bad:
    context.problems.error(
        "wrong-type", f"{expected} is expected here, not {describe(node)}", node.place, advice
    )
    return BAD


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Find the name that was probably meant."""
    known = list(known)
    lowered = {name.lower().replace("-", "_"): name for name in known}
    hits = difflib.get_close_matches(word.lower().replace("-", "_"), lowered, n=1, cutoff=0.6)
    return lowered[hits[0]] if hits else None


def suggestion(word: str, known: Iterable[str]) -> str:
    """Say what to type instead of an unknown name."""
    known = sorted(known)
    hit = nearest(word, known)
    if hit:
        return f"did you mean `{hit}`?"
    return f"known here: {', '.join(f'`{name}`' for name in known)}" if known else "none is known"


def read_text(node: Node, expected: str, context: Context) -> Scalar | Bad:
    """Take a scalar that is text, and explain YAML's surprises where it isn't."""
    if not isinstance(node, Scalar):
        return wrong_type(node, expected, context)
    if node.surprise:
        context.problems.found.append(surprise_problem(node))
        return BAD
    if not isinstance(node.value, str):
        advice = f'quote it: "{node.text}"' if node.value is not None else None
        return wrong_type(node, expected, context, advice)
    return node


@dataclass(frozen=True, slots=True)
class Word:
    """A name or other literal text, with its place, so that later checks can point at it."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class WordKind:
    """Literal text; `pattern` names the shape in words and checks it."""

    expected: str = "a name"
    check: Callable[[str], str | None] | None = None

    def read(self, node: Node, context: Context) -> Word | Bad:
        scalar = read_text(node, self.expected, context)
        if scalar is BAD:
            return BAD
        wrong = self.check(scalar.text) if self.check else None
        if wrong:
            context.problems.error("bad-value", wrong, scalar.place)
            return BAD
        return Word(scalar.text, scalar.place)

    def json_schema(self) -> dict[str, Json]:
        return {"type": "string"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words."""

    words: tuple[str, ...]

    def read(self, node: Node, context: Context) -> str | Bad:
        expected = "one of " + ", ".join(f"`{word}`" for word in self.words)
        scalar = read_text(node, expected, context)
        if scalar is BAD:
            return BAD
        if scalar.text not in self.words:
            context.problems.error(
                "bad-value",
                f"`{scalar.text}` is not {expected}",
                scalar.place,
                suggestion(scalar.text, self.words),
            )
            return BAD
        return scalar.text

    def json_schema(self) -> dict[str, Json]:
        return {"enum": list(self.words)}


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number within bounds."""

    least: int
    most: int

    def read(self, node: Node, context: Context) -> int | Bad:
        expected = f"a whole number from {self.least} to {self.most}"
        if isinstance(node, Scalar) and node.surprise:
            context.problems.found.append(surprise_problem(node))
            return BAD
        value = node.value if isinstance(node, Scalar) else None
        if isinstance(value, bool) or not isinstance(value, int):
            return wrong_type(node, expected, context)
        if not self.least <= value <= self.most:
            context.problems.error("bad-value", f"{value} is not {expected}", node.place)
            return BAD
        return value

    def json_schema(self) -> dict[str, Json]:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


class Truth:
    """`true` or `false`."""

    def read(self, node: Node, context: Context) -> bool | Bad:
        if isinstance(node, Scalar) and node.surprise:
            context.problems.found.append(surprise_problem(node))
            return BAD
        if isinstance(node, Scalar) and isinstance(node.value, bool):
            return node.value
        return wrong_type(node, "`true` or `false`", context)

    def json_schema(self) -> dict[str, Json]:
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Unit(Generic[T]):
    """Text in a small notation of its own (`250ms`, `2MB`), read by a strict parser."""

    parse: Callable[[str], T]
    expected: str
    pattern: str

    def read(self, node: Node, context: Context) -> T | Bad:
        if not isinstance(node, Scalar) or node.value is None:
            return wrong_type(node, self.expected, context)
        try:
            return self.parse(node.text)
        except ValueError as error:
            context.problems.error("bad-value", str(error), node.place)
            return BAD

    def json_schema(self) -> dict[str, Json]:
        return {"type": "string", "pattern": self.pattern}


@dataclass(frozen=True, slots=True)
class ListOf(Generic[T]):
    """A list; `or_one` lets a single value stand for a list of one."""

    item: Kind[T]
    expected: str
    least: int = 0
    or_one: bool = False

    def read(self, node: Node, context: Context) -> tuple[T, ...] | Bad:
        if not isinstance(node, Sequence):
            if not self.or_one:
                return wrong_type(node, self.expected, context)
            one = self.item.read(node, context)
            return BAD if one is BAD else (one,)
        if len(node.items) < self.least:
            context.problems.error("bad-value", f"{self.expected} can't be empty", node.place)
            return BAD
        values = [self.item.read(item, context) for item in node.items]
        return tuple(value for value in values if value is not BAD)

    def json_schema(self) -> dict[str, Json]:
        items = self.item.json_schema()
        schema: dict[str, Json] = {"type": "array", "items": items}
        if self.least:
            schema["minItems"] = self.least
        return {"anyOf": [items, schema]} if self.or_one else schema


@dataclass(frozen=True, slots=True)
class MapOf(Generic[T]):
    """Keys of the merchant's choosing (or of a known set), each with a value of one kind."""

    value: Kind[T]
    expected: str
    known: tuple[str, ...] | None = None
    unknown_code: str = "unknown-key"
    check_name: Callable[[str], str | None] | None = None

    def read(self, node: Node, context: Context) -> dict[str, T] | Bad:
        if not isinstance(node, source.Mapping):
            return wrong_type(node, self.expected, context)
        values: dict[str, T] = {}
        for name, child in node.entries:
            if self.known is not None and name.text not in self.known:
                context.problems.error(
                    self.unknown_code,
                    f"`{name.text}` is not known here",
                    name.place,
                    suggestion(name.text, self.known),
                )
                continue
            wrong = self.check_name(name.text) if self.check_name else None
            if wrong:
                context.problems.error("bad-value", wrong, name.place)
                continue
            value = self.value.read(child, context)
            if value is not BAD:
                values[name.text] = value
        return values

    def json_schema(self) -> dict[str, Json]:
        inner = self.value.json_schema()
        if self.known is None:
            return {"type": "object", "additionalProperties": inner}
        properties: dict[str, Json] = dict.fromkeys(self.known, inner)
        return {"type": "object", "additionalProperties": False, "properties": properties}
