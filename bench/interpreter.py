"""The peer: jmespath's interpreter, with the gateway's own functions added to it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

import jmespath
from jmespath import functions
from jmespath.visitor import _Expression

from bench.measure import Work
from gateway.expressions.functions import FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Callable

    from jmespath.functions import _Signature

    from gateway.expressions.signature import Function

_STANDARD = functions.Functions.FUNCTION_TABLE


def interpreted(expression: str, document: object) -> Work[object]:
    """Parse once, as whoever cares for speed does; what is timed is the search."""
    program = jmespath.compile(expression)
    if "var(" in expression:
        return Work(partial(program.search, options=_reaching(document)), document)
    if any(f"{name}(" in expression for name in FUNCTIONS.keys() - _STANDARD.keys()):
        return Work(partial(program.search, options=_OPTIONS), document)
    return Work(program.search, document)


def _method(function: Function) -> Callable[..., object]:
    def call(_self: object, *given: object) -> object:
        if function.nulls == "null" and None in given:
            return None
        return function.call(*map(_callable, given))

    types: list[_Signature] = [_types(each.types, function) for each in function.parameters]
    if function.variadic:
        types[-1]["variadic"] = True
    return functions.signature(*types)(call)


def _callable(given: object) -> object:
    """Give the function with what it can call in place of the interpreter's `&expression`."""
    if not isinstance(given, _Expression):
        return given
    return partial(given.visit, given.expression)  # type: ignore[arg-type]  # the stubs say text


def _types(names: tuple[str, ...], function: Function) -> _Signature:
    known = [name for name in names if name != "any"]
    nullable = ["null"] if known and function.nulls == "null" else []
    return {"types": [*("expref" if name == "expression" else name for name in known), *nullable]}


def _reaching(document: object) -> jmespath.Options:
    """Give the functions with `var`, which reaches the document's own names."""
    names = cast("dict[str, object]", document)
    var = functions.signature({"types": ["string"]})(lambda _self, name: names[name])
    return jmespath.Options(custom_functions=type("Reaching", (_OWN,), {"_func_var": var})())


_OWN = type(
    "GatewayFunctions",
    (functions.Functions,),
    {f"_func_{n}": _method(f) for n, f in FUNCTIONS.items() if n not in _STANDARD},
)
_OPTIONS = jmespath.Options(custom_functions=_OWN())
