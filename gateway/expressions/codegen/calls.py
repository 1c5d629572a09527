"""Nodes that call a function: its arguments are checked against its declaration."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from gateway.expressions.codegen.paths import emit_var
from gateway.expressions.codegen.projections import weight
from gateway.expressions.codegen.writer import Spot
from gateway.expressions.context import is_var
from gateway.expressions.functions import FUNCTIONS
from gateway.expressions.values import NUMBERS, TYPE_NAMES

if TYPE_CHECKING:
    from gateway.expressions.codegen.writer import Writer
    from gateway.expressions.signature import Function, Parameter
    from gateway.expressions.syntax import Node

_PYTHON_TYPES: dict[str, frozenset[type]] = {
    name: frozenset(kind for kind, known in TYPE_NAMES.items() if known == name)
    for name in TYPE_NAMES.values()
}
_ELEMENTS: dict[str, str] = {"array[number]": "NUMBERS", "array[string]": "STRINGS"}
_CONTAINERS = frozenset({"array", "object"})
_SMALL = frozenset({"boolean", "number"})
_SHORT = 15  # characters that are looked at within the steps of the call itself


def emit_call(node: Node, at: Spot, out: Writer) -> str:
    if is_var(node):
        return emit_var(node, at, out)
    function = FUNCTIONS[cast("str", node.value)]
    arguments = [
        _emit_expression(child.children[0], out)
        if child.kind == "expref"
        else out.emit(child, at, out)
        for child in node.children
    ]
    if function.nulls != "null":
        return _emit_checked_call(function, node, arguments, out)
    result = out.let("result", "None")
    there = " and ".join(f"{argument} is not None" for argument in arguments)
    with out.block(f"if {there}:"):
        out.line(f"{result} = {_emit_checked_call(function, node, arguments, out)}")
    return result


def _emit_expression(node: Node, out: Writer) -> str:
    """Write `&expression` as a function of an element."""
    function, element = out.name("by"), out.name("element")
    with out.block(f"def {function}({element}):"):
        value = out.emit(node, Spot("element", element), out)
        out.uses_run = True
        with out.block(f"if type({value}) is str and len({value}) > {_SHORT}:"):
            out.line(f"spend_for({value}, run)")
        out.line(f"return {value}")
    return function


def _emit_checked_call(function: Function, node: Node, arguments: list[str], out: Writer) -> str:
    # Who takes an expression evaluates it once for each element of its array.
    each = 1 + sum(weight(child) for child in node.children if child.kind == "expref")
    for index, argument in enumerate(arguments):
        parameter = function.parameter(index)
        if "expression" not in parameter.types:
            _emit_type_check(function, parameter, argument, out)
            _emit_cost(parameter, argument, each, out)
            _emit_elements_check(function, parameter, argument, out)
    call = f"call_{function.name}"
    out.constants[call] = function.call
    result = out.let("result", f"{call}({', '.join(arguments)})")
    if function.returns not in _SMALL:
        out.uses_run = True
        out.line(f"spend_for({result}, run)")
    return result


def _kinds(parameter: Parameter) -> set[str]:
    return {kind.partition("[")[0] for kind in parameter.types}


def _emit_type_check(function: Function, parameter: Parameter, argument: str, out: Writer) -> None:
    kinds = _kinds(parameter)
    if "any" in kinds:
        return
    accepted = frozenset[type]().union(*(_PYTHON_TYPES[kind] for kind in kinds))
    if accepted == NUMBERS:
        other = f"type({argument}) not in NUMBERS"
    elif len(accepted) == 1:
        other = f"type({argument}) is not {next(iter(accepted)).__name__}"
    else:
        other = f"type({argument}) not in {out.constant('kinds', accepted)}"
    with out.block(f"if {other}:"):
        wanted = ascii(parameter.wanted)
        out.line(f"raise wrong_type({function.name!a}, {wanted}, {argument})")


def _emit_cost(parameter: Parameter, argument: str, each: int, out: Writer) -> None:
    """Count what it takes to look into an argument: of what may be anything, only into text."""
    steps = parameter.steps
    kinds = _kinds(parameter)
    if kinds <= _SMALL:
        return
    if kinds <= _CONTAINERS and not parameter.deep:
        out.spend(f"{each * steps} * len({argument})")
        return
    out.uses_run = True
    if parameter.deep:
        out.line(f"spend_in_full({argument}, run, {steps})")
    elif kinds == {"any"} or kinds <= {*_SMALL, "string"}:
        with out.block(f"if type({argument}) is str and len({argument}) > {_SHORT}:"):
            out.line(f"spend_for({argument}, run, {steps})")
    else:
        out.line(f"spend_for({argument}, run, {steps})")


def _emit_elements_check(
    function: Function, parameter: Parameter, argument: str, out: Writer
) -> None:
    """Write the check that an array's elements are all of one kind that is accepted."""
    kinds = [_ELEMENTS[kind] for kind in parameter.types if kind in _ELEMENTS]
    if not kinds:
        return
    fit = " or ".join(f"{kind}.issuperset(map(type, {argument}))" for kind in kinds)
    with out.block(f"if not ({fit}):"):
        known, wanted = " | ".join(kinds), ascii(parameter.wanted)
        out.line(f"raise wrong_element({function.name!a}, {wanted}, {known}, {argument})")
    if "STRINGS" in kinds:
        out.uses_run = True
        with out.block(f"if {argument} and type({argument}[0]) is str:"):
            out.line(f"spend_for_texts({argument}, run)")
