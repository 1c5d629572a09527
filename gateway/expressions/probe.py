"""Evaluating a part of an expression by itself, after the whole of it went wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gateway.errors import GatewayError
from gateway.expressions import shown
from gateway.expressions.codegen.generator import generate_part
from gateway.expressions.context import where_of_child
from gateway.expressions.frame import Frame
from gateway.expressions.values import Misfit, Run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.expressions.compiler import Program
    from gateway.expressions.context import Where
    from gateway.expressions.syntax import Node

TROUBLE = (
    Misfit,
    GatewayError,
    ArithmeticError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What evaluating a part can raise."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A part of an expression and what it is evaluated against.

    `of` is how that value is quoted ("" for a whole document); `begin` is where the part's own
    quotation begins, to the left of it where it is a link of a chain.
    """

    node: Node
    where: Where
    value: object
    of: str = ""
    begin: int | None = None

    def child(self, index: int) -> Spot:
        """Give a child that is evaluated against the same value."""
        child = self.node.children[index]
        return replace(self, node=child, begin=self.begin if index == 0 else None)


@dataclass(frozen=True, slots=True)
class Probe:
    """An expression's text and one budget of steps for all its parts together."""

    text: str
    frame: Frame
    run: Run

    def evaluate(self, spot: Spot) -> object:
        """Evaluate a part. Raises one of TROUBLE."""
        return generate_part(spot.node, spot.where)(spot.value, self.frame, self.run)

    def evaluate_each(self, node: Node, elements: list[object]) -> list[object]:
        """Evaluate a part against each element. Raises one of TROUBLE."""
        step = generate_part(node, "element")
        self.run.spend(len(elements) * sum(1 for _ in node.walk()))
        return [step(element, self.frame, self.run) for element in elements]

    def links(self, spot: Spot) -> Iterator[tuple[Spot, object]]:
        """Evaluate a chain link by link; nothing comes after one that gives null.

        Each link comes with its result. Raises one of TROUBLE.
        """
        for link in self.chain(spot):
            value = self.evaluate(link)
            yield link, value
            if value is None:
                return

    def chain(self, spot: Spot) -> Iterator[Spot]:
        """Give a chain's links, each once the one before has been used. Raises one of TROUBLE."""
        node, begin = spot.node, spot.node.start if spot.begin is None else spot.begin
        value, of = spot.value, spot.of
        before: Spot | None = None
        for index, child in enumerate(node.children):
            if child.kind == "identity":
                continue
            if before is not None:
                value, of = self.evaluate(before), self.written(before)
            first = index == 0 and spot.begin is None
            where = where_of_child(node, index, spot.where)
            before = Spot(child, where, value, of, None if first else begin)
            yield before

    def written(self, spot: Spot) -> str:
        """Quote a part, short."""
        return shown.part(self.stretch(spot))

    def stretch(self, spot: Spot) -> str:
        """Give a part's text, without a bracket before it that closes only after it."""
        node = spot.node
        text = self.text[node.start if spot.begin is None else spot.begin : self._end(node)]
        while text.startswith("(") and text.count("(") > text.count(")"):
            text = text[1:].lstrip()
        return text

    def quoted(self, node: Node) -> str:
        return shown.part(self.text[node.start : node.end])

    def _end(self, node: Node) -> int:
        """Find the end of what stands left of a projection's dot: the parser gives it all of it."""
        if node.kind == "flatten":
            return self.text.find("]", self._end(node.children[0])) + 1
        return node.children[-1].end if node.kind == "index_expression" else node.end


def whole(program: Program, given: object) -> tuple[Probe, Spot]:
    """Begin with all of an expression, given a frame where it has a scope, else its document."""
    frame = given if isinstance(given, Frame) else Frame({})
    where: Where = "root" if isinstance(given, Frame) else "element"
    return Probe(program.text, frame, Run()), Spot(program.ast, where, given)


def elements_of(projection: Node, base: object) -> list[object]:
    """Give what a projection goes over; nothing where its left side is of another type."""
    if projection.kind == "value_projection":
        return list(base.values()) if isinstance(base, dict) else []
    return base if isinstance(base, list) else []
