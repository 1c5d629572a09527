"""How a function is declared: once, in full, so that calls, checks and docs read the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

Type = Literal[
    "any",
    "array",
    "array[number]",
    "array[string]",
    "boolean",
    "bytes",
    "expression",
    "number",
    "object",
    "string",
]
Nulls = Literal["refused", "null", "value"]


_WORDS: dict[Type, str] = {
    "any": "a value",
    "array": "an array",
    "array[number]": "an array of numbers",
    "array[string]": "an array of texts",
    "boolean": "a boolean",
    "bytes": "bytes",
    "expression": "an expression",
    "number": "a number",
    "object": "an object",
    "string": "text",
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a function takes at one place; any of `types`.

    `deep` says that the function looks into the value in full, not only at its first level;
    `steps` is what each element, or every 16 characters, cost (see `values.Run`).
    """

    name: str
    types: tuple[Type, ...]
    deep: bool = False
    steps: int = 1

    @property
    def wanted(self) -> str:
        """Say what it takes, for messages: `an array or a string`."""
        return " or ".join(_WORDS[kind] for kind in self.types)


@dataclass(frozen=True, slots=True)
class Example:
    expression: str
    result: object


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the mapping language.

    `variadic`: the last parameter may come any number of times, at least once. `nulls` says what a
    null argument does: it is `refused`, makes the result `null`, or is a `value` like others.
    `call` gets arguments of the declared types, an expression as a callable; it raises Misfit.
    """

    name: str
    parameters: tuple[Parameter, ...]
    returns: str
    nulls: Nulls
    doc: str
    example: Example
    call: Callable[..., object]
    variadic: bool = False

    @property
    def signature(self) -> str:
        """Write the function as docs and messages show it: `join(glue, array)`."""
        names = ", ".join(parameter.name for parameter in self.parameters)
        return f"{self.name}({names}{', …' if self.variadic else ''})"

    def parameter(self, index: int) -> Parameter:
        return self.parameters[min(index, len(self.parameters) - 1)]

    def takes(self, count: int) -> bool:
        if self.variadic:
            return count >= len(self.parameters)
        return count == len(self.parameters)


def takes(name: str, *types: Type, deep: bool = False, steps: int = 1) -> Parameter:
    return Parameter(name, types, deep, steps)
