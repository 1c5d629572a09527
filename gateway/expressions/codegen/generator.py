"""From a tree to the function that evaluates it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from gateway.expressions.codegen import calls, comparisons, logic, paths, projections, support
from gateway.expressions.codegen.writer import Spot, Writer
from gateway.expressions.growth import repeats_its_input

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateway.expressions.context import Where
    from gateway.expressions.syntax import Node
    from gateway.expressions.values import Run

# Python takes no more than 20 loops within one another and 100 levels of indentation.
_MAX_DEPTH = 16


@dataclass(frozen=True, slots=True)
class Generated:
    """A function of the scope or of the document, and the source that it was made from."""

    evaluate: Callable[[object], object]
    source: str


def generate(tree: Node, where: Where) -> Generated:
    """Compile a tree that is evaluated against a scope (`root`) or a document (`element`)."""
    out = Writer(_emit)
    result = _emit(tree, Spot(where, "root"), out)
    if repeats_its_input(tree):
        out.uses_run = True
        out.line(f"spend_in_full({result}, run)")
    out.line(f"return {result}")
    begin = ["run = Run()"] if out.uses_run else []
    evaluate, source = _compiled("evaluate(root)", begin, out)
    return Generated(cast("Callable[[object], object]", evaluate), source)


def generate_part(node: Node, where: Where) -> Callable[[object, object, Run], object]:
    """Compile a part by itself: a function of the current value, the scope, and the steps left."""
    out = Writer(_emit)
    out.line(f"return {_emit(node, Spot(where, 'value'), out)}")
    evaluate, _ = _compiled("evaluate(value, root, run)", [], out)
    return cast("Callable[[object, object, Run], object]", evaluate)


def _compiled(signature: str, begin: list[str], out: Writer) -> tuple[object, str]:
    lines = [*out.parts, f"def {signature}:", *(f"    {line}" for line in begin), *out.lines]
    source = "\n".join(lines) + "\n"
    names = {**support.NAMES, **out.constants}
    exec(compile(source, "<expression>", "exec"), names)  # noqa: S102 - the source is our own
    return names["evaluate"], source


def _emit(node: Node, at: Spot, out: Writer) -> str:
    if out.depth > _MAX_DEPTH and node.children:
        return out.part(node, at)
    return _EMITTERS[node.kind](node, at, out)


_EMITTERS: Mapping[str, Callable[[Node, Spot, Writer], str]] = {
    "and_expression": logic.emit_and,
    "comparator": comparisons.emit_comparison,
    "current": paths.emit_current,
    "field": paths.emit_field,
    "filter_projection": projections.emit_filter,
    "flatten": paths.emit_flatten,
    "function_expression": calls.emit_call,
    "identity": paths.emit_current,
    "index": paths.emit_index,
    "index_expression": paths.emit_chain,
    "literal": paths.emit_literal,
    "multi_select_dict": logic.emit_dict,
    "multi_select_list": logic.emit_list,
    "not_expression": logic.emit_not,
    "or_expression": logic.emit_or,
    "pipe": paths.emit_chain,
    "projection": projections.emit_projection,
    "slice": paths.emit_slice,
    "subexpression": paths.emit_chain,
    "value_projection": projections.emit_values,
}
