"""Why a place within an expression's value is null, where the expression builds that value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.expressions.probe import TROUBLE, Probe, Spot, elements_of, whole
from gateway.expressions.values import is_true
from gateway.expressions.why import Why, shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.expressions.compiler import Program
    from gateway.expressions.frame import Frame


def why_null_inside(program: Program, frame: Frame, path: Sequence[str]) -> str | None:
    """Say why the value at `path` (keys and indices) is null: at most 600 characters.

    None where the expression doesn't build that place itself, but takes it from its data.
    """
    probe, spot = whole(program, frame)
    try:
        for step in path:
            spot = _down(probe, spot, step)
        if probe.evaluate(spot) is not None:
            return None
        return shortened(Why(probe).null(spot))
    except TROUBLE:
        return None


def _down(probe: Probe, spot: Spot, step: str) -> Spot:
    """Give the part that makes one key or element of a part's value. Raises LookupError."""
    node = spot.node
    if node.kind == "multi_select_dict":
        pair = next(pair for pair in node.children if pair.value == step)
        return Spot(pair.children[0], spot.where, spot.value, spot.of)
    if node.kind == "multi_select_list":
        return Spot(node.children[int(step)], spot.where, spot.value, spot.of)
    if node.kind in {"subexpression", "index_expression", "pipe"}:
        *_, (last, _value) = probe.links(spot)
        return _down(probe, last, step)
    if node.kind in {"or_expression", "and_expression"}:
        left = spot.child(0)
        takes_left = is_true(probe.evaluate(left)) == (node.kind == "or_expression")
        return _down(probe, left if takes_left else spot.child(1), step)
    if node.kind in {"projection", "value_projection", "filter_projection"}:
        return _element(probe, spot, int(step))
    raise LookupError(step)


def _element(probe: Probe, spot: Spot, index: int) -> Spot:
    right, *condition = spot.node.children[1:]
    elements = elements_of(spot.node, probe.evaluate(spot.child(0)))
    for each in condition:
        passed = probe.evaluate_each(each, elements)
        elements = [one for one, truth in zip(elements, passed, strict=True) if is_true(truth)]
    results = probe.evaluate_each(right, elements)
    kept = [one for one, result in zip(elements, results, strict=True) if result is not None]
    return Spot(right, "element", kept[index], f"element {index}")
