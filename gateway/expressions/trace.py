"""An expression step by step: each part with its value, in the order of evaluation."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateway.errors import ExpressionFailed
from gateway.expressions.context import is_var
from gateway.expressions.probe import TROUBLE, Probe, Spot, elements_of, whole
from gateway.expressions.values import Misfit, is_true

if TYPE_CHECKING:
    from gateway.expressions.compiler import Program

_CHAINS = frozenset({"subexpression", "index_expression", "pipe"})
_CHOICES = frozenset({"or_expression", "and_expression"})
_PROJECTIONS = frozenset({"projection", "value_projection", "filter_projection"})
_SELECTIONS = frozenset({"multi_select_list", "multi_select_dict"})
_PLAIN = frozenset({"literal", "identity", "current"})


@dataclass(frozen=True, slots=True)
class Step:
    """A part and its value; `depth` counts the loops around it, of which the first turn is told."""

    part: str
    depth: int
    value: object
    failed: bool = False
    """Whether `value` is the reason, a text, why the part can't work with its data."""


def trace(program: Program, given: object) -> list[Step]:
    """Evaluate, and give the steps: the last is the whole, or the part that failed.

    `given` is the frame of the expression's scope or, without one, the document.
    """
    probe, spot = whole(program, given)
    return _Tracer(probe).all(spot)


class _Stopped(Exception):
    """A part failed, and with it all that is made of it."""


@dataclass(slots=True)
class _Tracer:
    probe: Probe
    steps: list[Step] = field(default_factory=list)

    def all(self, spot: Spot) -> list[Step]:
        with suppress(_Stopped):
            self._step(spot, 0)
        return self.steps

    def _step(self, spot: Spot, depth: int) -> object:
        """Tell a part's own parts, then the part itself."""
        node = spot.node
        if node.kind in _CHAINS:
            return self._links(spot, depth)
        if node.kind in _SELECTIONS and spot.value is None:
            return self._told(spot, depth)
        if node.kind in _CHOICES:
            left = self._step(spot.child(0), depth)
            if is_true(left) == (node.kind == "and_expression"):
                self._step(spot.child(1), depth)
        elif node.kind in _PROJECTIONS:
            self._turn(spot, self._step(spot.child(0), depth), depth + 1)
        elif node.kind == "function_expression" and not is_var(node):
            self._arguments(spot, depth)
        elif node.kind == "multi_select_dict":
            for pair in node.children:
                self._step(Spot(pair.children[0], spot.where, spot.value, spot.of), depth)
        else:
            for index in range(len(node.children)):
                self._step(spot.child(index), depth)
        return self._told(spot, depth)

    def _links(self, spot: Spot, depth: int) -> object:
        for link in self.probe.chain(spot):
            self._step(link, depth)
        return self._told(spot, depth)

    def _arguments(self, spot: Spot, depth: int) -> None:
        arrays: list[object] = []
        for index, child in enumerate(spot.node.children):
            if child.kind != "expref":
                arrays.append(self._step(spot.child(index), depth))
        elements = next((value for value in arrays if isinstance(value, list)), [])
        for child in spot.node.children:
            if child.kind == "expref" and elements:
                self._step(Spot(child.children[0], "element", elements[0]), depth + 1)

    def _turn(self, spot: Spot, base: object, depth: int) -> None:
        """Tell what a projection does with its first element."""
        elements = elements_of(spot.node, base)
        if not elements:
            return
        right, *condition = spot.node.children[1:]
        passed = [self._step(Spot(each, "element", elements[0]), depth) for each in condition]
        if all(map(is_true, passed)) and right.kind != "identity":
            self._step(Spot(right, "element", elements[0]), depth)

    def _told(self, spot: Spot, depth: int) -> object:
        try:
            value = self.probe.evaluate(spot)
        except TROUBLE as error:
            self.steps.append(Step(self.probe.stretch(spot), depth, _reason(error), failed=True))
            raise _Stopped from error
        if spot.node.kind not in _PLAIN:
            self._note(Step(self.probe.stretch(spot), depth, value))
        return value

    def _note(self, step: Step) -> None:
        """Keep a step, in place of a part of it that is written the same: a chain's last link."""
        last = self.steps[-1] if self.steps else None
        if last is not None and (last.part, last.depth) == (step.part, step.depth):
            self.steps.pop()
        self.steps.append(step)


def _reason(error: Exception) -> str:
    if isinstance(error, ExpressionFailed):
        return error.reason
    return str(error) if isinstance(error, Misfit) else "can't work with this value"
