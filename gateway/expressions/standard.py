"""The functions of the JMESPath specification, as jmespath 1.1.0 has them, exact for decimals."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, cast

from gateway.expressions import exact
from gateway.expressions.signature import Example, Function, takes
from gateway.expressions.texts import join
from gateway.expressions.values import NUMBERS, TYPE_NAMES, Misfit, a_type
from gateway.lossless import BadJson, dumps

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.lossless import Json

    By = Callable[[object], object]


def _contains(subject: list[object] | str, search: object) -> bool:
    if isinstance(subject, str):
        if not isinstance(search, str):
            raise Misfit(f"contains() looks for text in text, not for {a_type(search)}")
        return search in subject
    if isinstance(search, (float, Decimal)):
        return any(_same_number(search, element) for element in subject)
    return search in subject


def _same_number(number: float | Decimal, element: object) -> bool:
    if isinstance(element, (float, Decimal)):
        left, right = exact.comparable(number, element)
        return left == right
    return element == number


def _to_string(value: object) -> str:
    if isinstance(value, str):
        return value
    if type(value) in NUMBERS:
        return exact.plain(value)  # type: ignore[arg-type] # mypy doesn't follow the set
    try:
        return dumps(cast("Json", value)).decode()
    except BadJson as error:
        raise Misfit(f"to_string() got a value that is no JSON: {error}") from error


def _to_number(value: object) -> object:
    if isinstance(value, str):
        return exact.parse_number(value)
    return value if type(value) in NUMBERS else None


def _type(value: object) -> str | None:
    return TYPE_NAMES.get(type(value))


def _reverse(subject: list[object] | str) -> list[object] | str:
    return subject[::-1]


def _not_null(*values: object) -> object:
    return next((value for value in values if value is not None), None)


def _to_array(value: object) -> object:
    return value if isinstance(value, list) else [value]


def _merge(*objects: dict[str, object]) -> dict[str, object]:
    merged: dict[str, object] = {}
    for each in objects:
        merged.update(each)
    return merged


def _map(by: By, array: list[object]) -> list[object]:
    return [by(element) for element in array]


_ARRAY = takes("array", "array")
_BY = takes("expression", "expression")

STANDARD: tuple[Function, ...] = (
    Function(
        "abs",
        (takes("value", "number"),),
        "number",
        "refused",
        "Gives the number without its sign.",
        Example("abs(`-2.50`)", Decimal("2.50")),
        exact.absolute,
    ),
    Function(
        "avg",
        (takes("array", "array[number]", steps=3),),
        "number",
        "refused",
        "Gives the average of the numbers; null of an empty array.",
        Example("avg(`[1, 2]`)", Decimal("1.5")),
        exact.average,
    ),
    Function(
        "ceil",
        (takes("value", "number"),),
        "number",
        "refused",
        "Rounds up to a whole number.",
        Example("ceil(`1.2`)", 2),
        exact.ceil,
    ),
    Function(
        "contains",
        (takes("subject", "array", "string"), takes("search", "any", deep=True)),
        "boolean",
        "value",
        "Tells whether the subject, never null, has the element or, as a text, the part.",
        Example("contains(`[1, 2]`, `2`)", result=True),
        _contains,
    ),
    Function(
        "ends_with",
        (takes("subject", "string"), takes("suffix", "string")),
        "boolean",
        "refused",
        "Tells whether the text ends with the suffix.",
        Example("ends_with('label.pdf', '.pdf')", result=True),
        str.endswith,
    ),
    Function(
        "floor",
        (takes("value", "number"),),
        "number",
        "refused",
        "Rounds down to a whole number.",
        Example("floor(`-1.2`)", -2),
        exact.floor,
    ),
    Function(
        "join",
        (takes("glue", "string"), takes("array", "array[string]", deep=True)),
        "string",
        "refused",
        "Joins the texts with the glue between them.",
        Example("join(', ', ['a', 'b'])", "a, b"),
        join,
    ),
    Function(
        "keys",
        (takes("object", "object"),),
        "array",
        "refused",
        "Gives the object's keys in their order.",
        Example("""keys(`{"b": 1, "a": 2}`)""", ["b", "a"]),
        list,
    ),
    Function(
        "length",
        (takes("subject", "string", "array", "object"),),
        "number",
        "refused",
        "Counts characters, elements or keys.",
        Example("length('abc')", 3),
        len,
    ),
    Function(
        "map",
        (_BY, _ARRAY),
        "array",
        "refused",
        "Evaluates the expression for each element and, unlike a projection, keeps nulls.",
        Example("""map(&a, `[{"a": 1}, {}]`)""", [1, None]),
        _map,
    ),
    Function(
        "merge",
        (takes("object", "object"),),
        "object",
        "refused",
        "Gives one object with the keys of all; of a repeated key the last value.",
        Example("""merge(`{"a": 1, "b": 2}`, `{"b": 3}`)""", {"a": 1, "b": 3}),
        _merge,
        variadic=True,
    ),
    Function(
        "not_null",
        (takes("value", "any"),),
        "any",
        "value",
        "Gives the first value that isn't null.",
        Example("not_null(`null`, 'b')", "b"),
        _not_null,
        variadic=True,
    ),
    Function(
        "reverse",
        (takes("subject", "string", "array"),),
        "any",
        "refused",
        "Turns a text or an array around.",
        Example("reverse(`[1, 2]`)", [2, 1]),
        _reverse,
    ),
    Function(
        "starts_with",
        (takes("subject", "string"), takes("prefix", "string")),
        "boolean",
        "refused",
        "Tells whether the text begins with the prefix.",
        Example("starts_with('SKU-1', 'SKU')", result=True),
        str.startswith,
    ),
    Function(
        "sum",
        (takes("array", "array[number]", steps=3),),
        "number",
        "refused",
        "Adds the numbers; 0 for an empty array.",
        Example("sum(`[0.1, 0.2]`)", Decimal("0.3")),
        exact.total,
    ),
    Function(
        "to_array",
        (takes("value", "any"),),
        "array",
        "value",
        "Gives an array as it is, anything else as an array's only element.",
        Example("to_array('a')", ["a"]),
        _to_array,
    ),
    Function(
        "to_number",
        (takes("value", "any"),),
        "number",
        "value",
        "Reads text as a number, without loss of digits; null where it is none.",
        Example("to_number('12345678901234567.89')", Decimal("12345678901234567.89")),
        _to_number,
    ),
    Function(
        "to_string",
        (takes("value", "any", deep=True),),
        "string",
        "value",
        "Gives text as it is, anything else as JSON; numbers with all their digits.",
        Example("to_string(`[1, 1.50]`)", "[1,1.50]"),
        _to_string,
    ),
    Function(
        "type",
        (takes("value", "any"),),
        "string",
        "value",
        "Names the value's type.",
        Example("type(`1.5`)", "number"),
        _type,
    ),
    Function(
        "values",
        (takes("object", "object"),),
        "array",
        "refused",
        "Gives the object's values in the order of its keys.",
        Example("""values(`{"b": 1, "a": 2}`)""", [1, 2]),
        lambda each: list(each.values()),
    ),
)
