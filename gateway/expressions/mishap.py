"""Which part of an expression can't work with its data; for the way to an error only."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from gateway.expressions.functions import FUNCTIONS
from gateway.expressions.probe import TROUBLE, Probe, Spot, elements_of, whole
from gateway.expressions.values import is_true
from gateway.expressions.why import Why, shortened

if TYPE_CHECKING:
    from gateway.expressions.compiler import Program
    from gateway.expressions.syntax import Node

_PROJECTIONS = frozenset({"projection", "value_projection", "filter_projection"})
_CHAINS = frozenset({"subexpression", "index_expression", "pipe"})
_SELECTIONS = frozenset({"multi_select_list", "multi_select_dict"})
_ELEMENT = "the element"
_CHOICES = frozenset({"or_expression", "and_expression"})


def why_failed(program: Program, given: object) -> str | None:
    """Quote the smallest part that fails, and say why an argument of it is null.

    None where the part is the whole expression; at most 600 characters. `given` as in `why_null`.
    """
    probe, root = whole(program, given)
    search = _Search(probe)
    try:
        spot = search.within(root)
        gone = _null_argument(probe, Why(probe), spot)
        probe.run.spend(0)
    except TROUBLE:  # its steps are used up, say
        return None
    said = [] if spot.node is program.ast else [f"in {probe.quoted(spot.node)}{search.element}"]
    return shortened("; ".join([*said, *([gone] if gone else [])])) or None


def _null_argument(probe: Probe, why: Why, spot: Spot) -> str | None:
    if spot.node.kind != "function_expression":
        return None
    if FUNCTIONS[cast("str", spot.node.value)].nulls != "refused":
        return None
    for index, child in enumerate(spot.node.children):
        argument = spot.child(index)
        if child.kind != "expref" and probe.evaluate(argument) is None:
            return why.null(argument)
    return None


class _Search:
    """Goes down to the first part that fails while none of its own parts does."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self.element = ""
        """Which element of a list the part failed with."""

    def within(self, spot: Spot) -> Spot:
        inner = next((part for part in self._parts(spot) if self._fails(part)), None)
        return self.within(inner) if inner is not None else spot

    def _fails(self, spot: Spot) -> bool:
        try:
            self._probe.evaluate(spot)
        except TROUBLE:
            return True
        return False

    def _parts(self, spot: Spot) -> list[Spot]:
        """Give the parts that are evaluated for a node, in order, as far as they can be told."""
        node = spot.node
        if node.kind in _CHAINS:
            return self._links(spot)
        if node.kind in _SELECTIONS and spot.value is None:
            return []
        left = spot.child(0) if node.children else spot
        if node.kind in _PROJECTIONS and not self._fails(left):
            return self._of_elements(node, self._probe.evaluate(left))
        if node.kind in _CHOICES and not self._fails(left):
            skipped = is_true(self._probe.evaluate(left)) == (node.kind == "or_expression")
            return [] if skipped else [spot.child(1)]
        plain = [
            Spot(
                child.children[0] if child.kind == "key_val_pair" else child, spot.where, spot.value
            )
            for child in node.children
            if child.kind != "expref"
        ]
        return [*plain, *self._exprefs(spot)]

    def _links(self, spot: Spot) -> list[Spot]:
        links: list[Spot] = []
        for link in self._probe.chain(spot):
            links.append(link)
            if self._fails(link):
                break
        return links

    def _of_elements(self, node: Node, base: object) -> list[Spot]:
        right, *condition = node.children[1:]
        for number, element in enumerate(elements_of(node, base)):
            tested = [Spot(each, "element", element, _ELEMENT) for each in condition]
            failing = self._first_failing(tested, number)
            if failing:
                return failing
            if all(is_true(self._probe.evaluate(each)) for each in tested):
                failing = self._first_failing([Spot(right, "element", element, _ELEMENT)], number)
                if failing:
                    return failing
        return []

    def _exprefs(self, spot: Spot) -> list[Spot]:
        bodies = [child.children[0] for child in spot.node.children if child.kind == "expref"]
        if not bodies:
            return []
        arrays = (
            self._probe.evaluate(spot.child(index))
            for index, child in enumerate(spot.node.children)
            if child.kind != "expref" and not self._fails(spot.child(index))
        )
        elements = next((array for array in arrays if isinstance(array, list)), [])
        for number, element in enumerate(elements):
            parts = [Spot(body, "element", element, _ELEMENT) for body in bodies]
            failing = self._first_failing(parts, number)
            if failing:
                return failing
        return []

    def _first_failing(self, parts: list[Spot], number: int) -> list[Spot]:
        failing = [part for part in parts if self._fails(part)][:1]
        if failing:
            self.element = f" of element {number}"
        return failing
