"""Functions that quote values for SQL; they follow the standard, as Oracle and SuiteQL do."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from gateway.expressions.signature import Example, Function, takes
from gateway.expressions.texts import check_length
from gateway.expressions.values import Misfit
from gateway.expressions.whole import shortest

if TYPE_CHECKING:
    from gateway.expressions.exact import Number


def _literal(name: str, value: str | Number) -> str:
    text = value if isinstance(value, str) else shortest(value)
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in text):
        raise Misfit(f"{name}() got text with a control character in it")
    check_length(2 * len(text) + 2)
    return "'" + text.replace("'", "''") + "'"


def _sql_string(value: str | Number) -> str:
    return _literal("sql_string", value)


def _sql_list(array: list[str] | list[Number]) -> str:
    if not array:
        raise Misfit("sql_list() got an empty array, which SQL has no list for")
    literals = [_literal("sql_list", value) for value in array]
    check_length(sum(map(len, literals)) + 2 * len(literals))
    return ", ".join(literals)


SQL: tuple[Function, ...] = (
    Function(
        "sql_list",
        (takes("array", "array[string]", "array[number]"),),
        "string",
        "null",
        "Writes texts or numbers as `sql_string` does, with commas between them, for "
        "`IN (…)`. An empty array is an error.",
        Example("sql_list(['A1', 'B2'])", "'A1', 'B2'"),
        _sql_list,
    ),
    Function(
        "sql_string",
        (takes("value", "string", "number"),),
        "string",
        "null",
        "Writes a text or number as a text literal of standard SQL (not of MySQL, to which `\\` "
        "means something). Control characters are an error.",
        Example('sql_string(`"O\'Neill"`)', "'O''Neill'"),
        _sql_string,
    ),
)
