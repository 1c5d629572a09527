"""What a YAML file holds: scalars, sequences and mappings that know their line and column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from gateway.config import scalars
from gateway.config.problems import Place, Problem
from gateway.config.repair import quoted

if TYPE_CHECKING:
    from decimal import Decimal

Style = Literal["plain", "single", "double", "literal", "folded"]
Wants = Literal["any", "text", "value", "expression", "leaf"]
"""What a place takes: text, a number or boolean (`value`), an expression, or an expression or a
value (`leaf`)."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """A leaf: its value as YAML 1.2's core schema has it, decimals as Decimal, never as float.

    `text` is the content as a string whatever the style; `surprise` says, for a plain scalar that
    YAML 1.1 and 1.2 (or people) read differently, what the trap is; `cut` is the comment that
    follows a plain scalar on its line, from its `#` on, for a value that may have been cut by it.
    """

    value: str | int | Decimal | bool | None
    text: str
    style: Style
    place: Place
    surprise: str | None = None
    cut: str | None = None


@dataclass(frozen=True, slots=True)
class Sequence:
    items: tuple[Node, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys in the order of the file, each once (a second one is reported and left out)."""

    entries: tuple[tuple[Scalar, Node], ...]
    place: Place

    def get(self, key: str) -> Node | None:
        return next((value for name, value in self.entries if name.text == key), None)


Node = Scalar | Sequence | Mapping


def surprise_problem(scalar: Scalar, wants: Wants = "any") -> Problem:
    """Say of a scalar with a `surprise` what the trap is and what to type for each meaning.

    In an expression, what is meant as text has its own quotes inside YAML's.
    """
    surprise = scalars.surprise(scalar.text)
    meant = surprise.meant if surprise else None
    text = f"'{scalar.text}'" if wants in {"expression", "leaf"} else scalar.text
    advice = [] if wants == "value" and meant else [f"Type {quoted(text)} for the text."]
    if meant and wants not in {"text", "expression"}:
        advice.append(f"Type {meant} for {_kind(meant)}.")
    return Problem(
        "yaml-surprise",
        f"`{scalar.text}` {scalar.surprise}.",
        scalar.place,
        " ".join(advice),
    )


def _kind(meant: str) -> str:
    return {"true": "the boolean", "false": "the boolean", "null": "null"}.get(meant, "the number")
