"""What computes, as written: expressions, templates and trees of them; `plan` compiles them."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.config import source
from gateway.config.kinds import (
    BAD,
    Bad,
    Context,
    WordKind,
    read_text,
    wrong_type,
)
from gateway.config.source import Node, Scalar
from gateway.config.wording import or_empty
from gateway.lossless import Json


@dataclass(frozen=True, slots=True)
class Text:
    """An expression or a template as written; `plan` compiles it."""

    scalar: Scalar

    @property
    def text(self) -> str:
        return self.scalar.text


@dataclass(frozen=True, slots=True)
class TextKind:
    """An expression (it `computes`), or text with `{expression}` inserts."""

    expected: str
    computes: bool = True

    def read(self, node: Node, context: Context) -> Text | Bad:
        scalar = read_text(node, self.expected, context, computes=self.computes)
        return BAD if scalar is BAD else Text(scalar)

    def json_schema(self) -> dict[str, Json]:
        return {"type": "string"}


@dataclass(frozen=True, slots=True)
class Tree:
    """YAML whose leaves are expressions."""

    node: Node


@dataclass(frozen=True, slots=True)
class TreeKind:
    """A tree; `block` ones start with keys, and `blank` ones may have none."""

    block: bool = False
    blank: bool = True

    @property
    def expected(self) -> str:
        return "a block of keys with expressions" if self.block else "an expression or a tree"

    def read(self, node: Node, context: Context) -> Tree | Bad:
        if self.block and self.blank:
            node = or_empty(node)
        if self.block and not isinstance(node, source.Mapping):
            advice = None
            if isinstance(node, Scalar) and node.style == "plain" and node.text:
                advice = f"Give it a key, as in `{{name: {node.text}}}`."
            return wrong_type(node, self.expected, context, advice)
        return Tree(node)

    def json_schema(self) -> dict[str, Json]:
        if not self.block:
            return {}
        return {"type": ["object", "null"] if self.blank else "object"}


EXPRESSION = TextKind("an expression")
TEMPLATE = TextKind("text with {expression} inserts", computes=False)


def check_name(text: str) -> str | None:
    good = text.isidentifier() and text.isascii()
    return None if good else f"`{text}` is no plain name: letters, digits and `_` only"


NAME = WordKind("a name", check_name)
VENDOR = WordKind("the name of a vendor")
