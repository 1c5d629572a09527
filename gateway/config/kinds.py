"""What a key may hold: each kind reads a YAML node into a value and describes itself to editors."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final, Generic, Literal, Protocol, TypeVar

from gateway.config import source
from gateway.config.problems import Place, Problems
from gateway.config.repair import quoted
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

    With `stand_in`, unset variables and unreadable secret files are stood in for instead of being
    problems; `folder` is where relative paths start.
    """

    problems: Problems
    environment: Mapping[str, str]
    folder: Path
    stand_in: bool = False


class Kind(Protocol[T_co]):
    """Reads one sort of value; `expected` names it in messages and docs."""

    @property
    def expected(self) -> str: ...

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
        return "null" if node.text else "nothing"
    return f'the text "{node.text}"' if isinstance(node.value, str) else f"the number {node.text}"


def is_blank(node: Node) -> bool:
    """Tell whether nothing follows a key, as in `settings:` where all below is commented out."""
    return isinstance(node, Scalar) and node.style == "plain" and not node.text


def or_empty(node: Node) -> Node:
    """Take nothing for an empty block."""
    return source.Mapping((), node.place) if is_blank(node) else node


def start_of(node: source.Mapping) -> Place:
    """Give where a block begins: problems with all of it aren't underlined over many lines."""
    one_line = node.place.line == node.place.end_line or not node.entries
    return node.place if one_line else node.entries[0][0].place


def sentence(text: str) -> str:
    """Make a sentence of its fragment: `a list is expected` becomes `A list is expected.`"""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?")) else ".")


def wrong_type(node: Node, expected: str, context: Context, advice: str | None = None) -> Bad:
    place = start_of(node) if isinstance(node, source.Mapping) else node.place
    found = "and there is nothing" if is_blank(node) else f"not {describe(node)}"
    if isinstance(node, source.Mapping) and node.get("env") is not None:
        found = "not a variable of the environment"
        advice = "Only texts under `vendors:`, `settings:` and secrets in gateway.yaml take {env: …}."
    context.problems.error(
        "wrong-type", sentence(f"{expected} is expected here, {found}"), place, advice
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
        return f"Did you mean `{hit}`?"
    return f"Known here: {listed(known)}." if known else "There is none to choose from."


def listed(words: Iterable[str], last: str = "and") -> str:
    """Write words as `a`, `b` and `c`."""
    *most, final = [f"`{word}`" for word in words]
    return f"{', '.join(most)} {last} {final}" if most else final


def read_text(
    node: Node, expected: str, context: Context, *, computes: bool = False
) -> Scalar | Bad:
    """Take a scalar that is text, and explain YAML's surprises where it isn't.

    `computes`: the text is an expression, in which text and numbers have quotes of their own.
    """
    if not isinstance(node, Scalar):
        return wrong_type(node, expected, context)
    if node.surprise:
        context.problems.found.append(surprise_problem(node, computes=computes))
        return BAD
    if not isinstance(node.value, str):
        meant = quoted(f"`{node.text}`" if computes else node.text)
        advice = f"Type {meant}: with the quotes." if node.text else None
        return wrong_type(node, expected, context, advice)
    return node


@dataclass(frozen=True, slots=True)
class Word:
    """A name or other literal text, with its place, so that later checks can point at it."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class WordKind:
    """Literal text; `check` says what is wrong with one, `advice` what to type instead."""

    expected: str = "a name"
    check: Callable[[str], str | None] | None = None
    advice: str | None = None

    def read(self, node: Node, context: Context) -> Word | Bad:
        scalar = read_text(node, self.expected, context)
        if scalar is BAD:
            return BAD
        wrong = self.check(scalar.text) if self.check else None
        if wrong:
            context.problems.error("bad-value", wrong, scalar.place, self.advice)
            return BAD
        return Word(scalar.text, scalar.place)

    def json_schema(self) -> dict[str, Json]:
        return {"type": "string"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words."""

    words: tuple[str, ...]

    @property
    def expected(self) -> str:
        return listed(self.words, "or")

    def read(self, node: Node, context: Context) -> str | Bad:
        scalar = read_text(node, self.expected, context)
        if scalar is BAD:
            return BAD
        if scalar.text not in self.words:
            context.problems.error(
                "bad-value",
                f"`{scalar.text}` can't be used here, only {self.expected}.",
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

    @property
    def expected(self) -> str:
        if self.least == self.most:
            return f"the number {self.least}"
        return f"a whole number from {self.least} to {self.most}"

    def read(self, node: Node, context: Context) -> int | Bad:
        if isinstance(node, Scalar) and node.surprise:
            context.problems.found.append(surprise_problem(node))
            return BAD
        value = node.value if isinstance(node, Scalar) else None
        if isinstance(value, bool) or not isinstance(value, int):
            return wrong_type(node, self.expected, context, self._unquoted(node))
        if not self.least <= value <= self.most:
            context.problems.error("bad-value", f"{value} is not {self.expected}.", node.place)
            return BAD
        return value

    def _unquoted(self, node: Node) -> str | None:
        digits = isinstance(node, Scalar) and re.fullmatch("[0-9]{1,9}", node.text)
        return f"Type {node.text} without quotes." if digits and isinstance(node, Scalar) else None

    def json_schema(self) -> dict[str, Json]:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


class Truth:
    """A boolean."""

    expected = "`true` or `false`"

    def read(self, node: Node, context: Context) -> bool | Bad:
        if isinstance(node, Scalar) and node.surprise:
            context.problems.found.append(surprise_problem(node))
            return BAD
        if isinstance(node, Scalar) and isinstance(node.value, bool):
            return node.value
        advice = None
        if isinstance(node, Scalar) and node.text in {"true", "false"}:
            advice = f"Type {node.text} without quotes."
        return wrong_type(node, self.expected, context, advice)

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
            message, advice = _apart(str(error))
            context.problems.error("bad-value", message, node.place, advice)
            return BAD

    def json_schema(self) -> dict[str, Json]:
        return {"type": "string", "pattern": self.pattern}


def _apart(said: str) -> tuple[str, str | None]:
    """Part what is wrong from what to type, which follows the first colon outside of quotes."""
    found = re.match(r"((?:`[^`]*`|[^`])*?): (.*)", said, re.DOTALL)
    return (sentence(found[1]), sentence(found[2])) if found else (sentence(said), None)


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
            context.problems.error("bad-value", wrong, name.place)
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
