"""What a key may hold: each kind reads a YAML node into a value and describes itself to editors."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final, Generic, Literal, Protocol, TypeVar

from gateway.config import source
from gateway.config.problems import Place, Problems
from gateway.config.repair import quoted
from gateway.config.source import Node, Scalar, Wants, surprise_problem
from gateway.config.wording import apart, describe, is_blank, listed, nearest, sentence, start_of
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


def wrong_type(node: Node, expected: str, context: Context, advice: str | None = None) -> Bad:
    place = start_of(node) if isinstance(node, source.Mapping) else node.place
    found = "and there is nothing" if is_blank(node) else f"not {describe(node)}"
    if isinstance(node, source.Mapping) and node.get("env") is not None:
        found = "not a variable of the environment"
        advice = (
            "Texts under `vendors:` and `settings:` in gateway.yaml take {env: …}; "
            "a mapping reads the latter as `settings.NAME`."
        )
    context.problems.error(
        "wrong-type", sentence(f"{expected} is expected here, {found}"), place, advice
    )
    return BAD


def read_text(
    node: Node, expected: str, context: Context, *, computes: bool = False
) -> Scalar | Bad:
    """Take a scalar that is text, and explain YAML's surprises where it isn't.

    `computes`: the text is an expression, in which text and numbers have quotes of their own.
    """
    if not isinstance(node, Scalar):
        return wrong_type(node, expected, context)
    if node.surprise:
        wants: Wants = "expression" if computes else "text"
        context.problems.found.append(surprise_problem(node, wants))
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
    """Literal text; `check` says what is wrong with one and, behind a colon, what can be."""

    expected: str = "a name"
    check: Callable[[str], str | None] | None = None

    def read(self, node: Node, context: Context) -> Word | Bad:
        scalar = read_text(node, self.expected, context)
        if scalar is BAD:
            return BAD
        wrong = self.check(scalar.text) if self.check else None
        if wrong:
            message, advice = apart(wrong)
            context.problems.error("bad-value", message, scalar.place, advice)
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
        plain = isinstance(node, Scalar) and node.value is not None and not node.surprise
        # What quotes would make of a number or a boolean is none of the words either.
        scalar = node if plain else read_text(node, self.expected, context)
        if not isinstance(scalar, Scalar):
            return BAD
        if scalar.text not in self.words:
            meant = nearest(scalar.text, self.words)
            context.problems.error(
                "bad-value",
                f"`{scalar.text}` can't be used here.",
                scalar.place,
                f"Did you mean `{meant}`?" if meant else f"Type {self.expected}.",
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
            context.problems.found.append(surprise_problem(node, "value"))
            return BAD
        value = node.value if isinstance(node, Scalar) else None
        if isinstance(value, bool) or not isinstance(value, int):
            return wrong_type(node, self.expected, context, self._unquoted(node))
        if not self.least <= value <= self.most:
            message, advice = f"{value} can't be used here.", f"Type {self.expected}."
            context.problems.error("bad-value", message, node.place, advice)
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
            context.problems.found.append(surprise_problem(node, "value"))
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
            message, advice = apart(str(error))
            context.problems.error("bad-value", message, node.place, advice)
            return BAD

    def json_schema(self) -> dict[str, Json]:
        return {"type": "string", "pattern": self.pattern}
