"""Steps that call a function: its arguments are checked against its declaration."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from gateway.expressions.functions import FUNCTIONS
from gateway.expressions.projections import weight
from gateway.expressions.values import (
    TYPE_NAMES,
    Misfit,
    a_type,
    spend_for,
    spend_for_texts,
    spend_in_full,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gateway.expressions.paths import Step
    from gateway.expressions.signature import Function, Parameter
    from gateway.expressions.syntax import Node
    from gateway.expressions.values import Run

    Check = Callable[[object, Run], None]

_PYTHON_TYPES: dict[str, frozenset[type]] = {
    name: frozenset(kind for kind, known in TYPE_NAMES.items() if known == name)
    for name in TYPE_NAMES.values()
}


def build_call(node: Node, arguments: Sequence[Step]) -> Step:
    """Compile a call; of an argument `&expression`, the step is the expression's own."""
    function = FUNCTIONS[cast("str", node.value)]
    checks = tuple(_check(function, function.parameter(i)) for i in range(len(arguments)))
    steps = tuple(
        _as_callable(child.children[0], step) if child.kind == "expref" else step
        for child, step in zip(node.children, arguments, strict=True)
    )
    null_in = function.nulls == "null"
    call = function.call
    if len(steps) == 1:
        return _unary(call, steps[0], checks[0], null_in=null_in)

    def called(value: object, run: Run) -> object:
        given = [step(value, run) for step in steps]
        if null_in and any(each is None for each in given):
            return None
        for check, each in zip(checks, given, strict=True):
            check(each, run)
        result = call(*given)
        spend_for(result, run)
        return result

    return called


def _unary(call: Callable[..., object], step: Step, check: Check, *, null_in: bool) -> Step:
    def called(value: object, run: Run) -> object:
        given = step(value, run)
        if null_in and given is None:
            return None
        check(given, run)
        result = call(given)
        spend_for(result, run)
        return result

    return called


def _as_callable(node: Node, step: Step) -> Step:
    each = weight(node)

    def make(_value: object, run: Run) -> object:
        def evaluate(element: object) -> object:
            run.spend(each)
            result = step(element, run)
            if isinstance(result, str):
                spend_for(result, run)
            return result

        return evaluate

    return make


def _check(function: Function, parameter: Parameter) -> Check:
    """Compile the check of one argument: its type, its elements' types, and the steps it costs."""
    steps = parameter.steps
    spend = spend_in_full if parameter.deep else spend_for
    if "any" in parameter.types:
        return spend
    if "expression" in parameter.types:
        return _nothing
    elements = tuple(
        _PYTHON_TYPES[kind[len("array[") : -1]] for kind in parameter.types if kind[-1] == "]"
    )
    accepted = frozenset[type]().union(
        *(_PYTHON_TYPES[kind.partition("[")[0]] for kind in parameter.types)
    )

    def check(value: object, run: Run) -> None:
        if type(value) not in accepted:
            raise Misfit(f"{function.name}() takes {_wanted(parameter)}, not {a_type(value)}")
        spend(value, run, steps)
        if elements and isinstance(value, list):
            _check_elements(function, parameter, elements, value)
            if value and isinstance(value[0], str):
                spend_for_texts(value, run)

    return check


def _nothing(_value: object, _run: Run) -> None:
    """Let an expression pass: that it is one has been checked at load."""


def _check_elements(
    function: Function,
    parameter: Parameter,
    accepted: tuple[frozenset[type], ...],
    array: list[object],
) -> None:
    found = set(map(type, array))
    if any(found <= kinds for kinds in accepted):
        return
    strange = next(
        (each for each in array if not any(type(each) in kinds for kinds in accepted)), None
    )
    wanted = _wanted(parameter)
    if all(any(kind in kinds for kinds in accepted) for kind in found):
        raise Misfit(f"{function.name}() takes {wanted}, not one with both")
    raise Misfit(f"{function.name}() takes {wanted}, not one with {a_type(strange)} in it")


_WORDS = {
    "array": "an array",
    "array[number]": "an array of numbers",
    "array[string]": "an array of strings",
    "boolean": "a boolean",
    "number": "a number",
    "object": "an object",
    "string": "a string",
}


def _wanted(parameter: Parameter) -> str:
    return " or ".join(_WORDS[kind] for kind in parameter.types)
