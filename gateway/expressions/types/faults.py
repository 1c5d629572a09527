"""What is said against a type, and the way out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, cast

from gateway.expressions.habits import as_call
from gateway.expressions.names import as_name, as_text
from gateway.expressions.problems import ExpressionProblem
from gateway.expressions.types.algebra import element_of, field_of, fields_of, without_null
from gateway.expressions.types.words import a_kind, described, known_fields

if TYPE_CHECKING:
    from gateway.expressions.syntax import Node
    from gateway.expressions.types.model import Type

_ORDERING = {"lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
_ITSELF = "the value"


@dataclass(frozen=True, slots=True)
class On:
    """What a part of an expression is taken of: its type, and the text that gives it."""

    type: Type
    text: str = ""

    @property
    def named(self) -> str:
        return f"`{self.text}`" if self.text else _ITSELF


def unknown_field(node: Node, on: On, *, outer: bool) -> ExpressionProblem:
    """Say that there is no such field; `outer`: but a name of the scope is called so."""
    name = cast("str", node.value)
    names = fields_of(on.type.objects)
    lowered = {known.lower().replace("-", "_"): known for known in names}
    close = get_close_matches(name.lower().replace("-", "_"), lowered, 1)
    if outer:
        advice: str | None = f"Only fields are seen here; for the scope's name write var('{name}')."
    elif any(pattern.search(name.lower()) for s in on.type.objects for pattern, _ in s.patterns):
        advice = f"Here all names are in lower case: {as_name(name.lower())}."
    elif close:
        advice = f"Did you mean {as_name(lowered[close[0]])}?"
    elif name.isupper():
        advice = f"For text write {as_text(name)}."
    elif names:
        advice = f"It has {known_fields(on.type)}."
    else:
        advice = None
    return ExpressionProblem(
        "unknown-field",
        f"There is no field `{name}` in {on.named}.",
        node.start,
        node.end,
        advice,
    )


def no_fields(node: Node, on: On, what: str) -> ExpressionProblem:
    """Say that `what`, as in `.sku`, is taken of what is no object."""
    name = str(node.value) if node.kind == "field" else None
    advice = _of_elements(name, on) if name is not None and on.text else None
    if advice is None and on.type.arrays and on.text:
        advice = f"Write {on.text}[]{what} for each element."
    message = f"{_capital(on.named)} is {a_kind(on.type)}: it has no fields."
    return ExpressionProblem("no-fields", message, node.start, node.end, advice)


def _of_elements(name: str, on: On) -> str | None:
    """Say how to take a field of a list's elements, or its length, which isn't a field here."""
    element = element_of(on.type)
    each = f"Write {on.text}[].{name} for that of each element, {on.text}[0].{name} for the first."
    if any(field_of(shape, name) for shape in element.objects):
        return each
    if on.type.arrays or on.type.may_be("string"):
        call = as_call(name, on.text)
        if call is not None:
            return call
    return each if on.type.arrays and element.unknown else None


def no_elements(start: int, end: int, on: On, bracket: str, whole: str | None) -> ExpressionProblem:
    """Say that a bracket takes elements of what is no array; `whole` is the list meant instead."""
    if whole is not None:
        advice: str | None = f"It is taken of each element. Of the whole list: {whole} | {bracket}."
    elif without_null(on.type).kinds == {"object"}:
        values = bracket in ("[*]", "[]") and on.text
        advice = (
            f"For an object's values write {on.text}.*." if values else "Leave the brackets out."
        )
    else:
        advice = None
    message = f"{_capital(on.named)} is {a_kind(on.type)}: it has no elements."
    return ExpressionProblem("no-elements", message, start, end, advice)


def never_equal(node: Node, sides: tuple[On, On]) -> ExpressionProblem:
    left, right = sides
    outcome = "never equal" if node.value == "eq" else "always unequal"
    message = f"These are {outcome}: {_side(left)}, {_side(right)}."
    return ExpressionProblem(
        "impossible-comparison", message, node.start, node.end, _other_value(left, right)
    )


def never_ordered(node: Node, left: On, right: On) -> ExpressionProblem:
    sign = _ORDERING[cast("str", node.value)]
    message = f"`{sign}` orders numbers or texts, not these: {_side(left)}, {_side(right)}."
    number = left.type.may_be("number") or right.type.may_be("number")
    text = next((side for side in (left, right) if side.type.may_be("string")), None)
    advice = None
    if number and text is not None:
        texts = text.type.scalars.get("string")
        advice = _as_number(texts) if texts and text.text[:1] == "'" else _cast(text)
    return ExpressionProblem("impossible-comparison", message, node.start, node.end, advice)


def _side(side: On) -> str:
    there = without_null(side.type)
    words = described(there)
    if words != side.text:
        return f"{side.named} is {words}"
    return f"the {'text' if there.kinds == {'string'} else 'value'} {words}"


def _other_value(left: On, right: On) -> str | None:
    """Suggest the literal that was probably meant."""
    for value, literal in ((left, right), (right, left)):
        texts = literal.type.scalars.get("string")
        known = value.type.scalars.get("string")
        if texts and known and len(texts) == 1:
            (text,) = texts
            close = get_close_matches(str(text).lower(), {str(k).lower() for k in known}, 1)
            match = [str(each) for each in known if close and str(each).lower() == close[0]]
            return f"Did you mean {as_text(match[0])}?" if match else None
        if value.type.may_be("string") and literal.type.kinds == {"number"}:
            single = literal.text.startswith("`")
            return f"For text write '{literal.text.strip('`')}'." if single else _cast(value)
        if value.type.may_be("number") and texts:
            return _as_number(texts)
    return None


def _as_number(texts: frozenset[object]) -> str:
    (text, *more) = map(str, texts)
    plain = not more and re.fullmatch(r"-?\d+(\.\d+)?", text)
    return f"A number stands in backticks: `{text if plain else 5}`."


def _cast(value: On) -> str | None:
    return f"Write to_number({value.text})." if value.text else None


def never_true(node: Node) -> ExpressionProblem:
    message = "This is never true: nothing passes the filter."
    return ExpressionProblem("always-false", message, node.start, node.end)


def slipping(node: Node, text: str, source: str) -> ExpressionProblem:
    written = text[node.start : node.end]
    return ExpressionProblem(
        "slipping-lists",
        f"`{written}` leaves out elements that are null: it may be of another element of "
        f"`{source}` than its neighbour.",
        node.start,
        node.end,
        f"Pick the element first, as in {source}[0].{{…}}.",
    )


def _capital(text: str) -> str:
    return text if text.startswith("`") else text[:1].upper() + text[1:]
