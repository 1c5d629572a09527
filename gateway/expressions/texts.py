"""Functions on text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote
from uuid import UUID, uuid5

from gateway.expressions.signature import Example, Function, takes
from gateway.expressions.values import Misfit
from gateway.expressions.whole import shortest, whole

if TYPE_CHECKING:
    from gateway.expressions.exact import Number

MAX_TEXT = 10_000_000
MAX_PARTS = 1_000_000

# Never changes: vendors know our repeats by the ids made from it.
_NAMESPACE = UUID("82020e3b-e141-4677-8ac6-d30fea44e3f2")


def check_length(length: int) -> None:
    """Refuse to make an endless text. Raises Misfit."""
    if length > MAX_TEXT:
        raise Misfit(f"makes a text of more than {MAX_TEXT} characters")


def join(glue: str, array: list[str]) -> str:
    check_length(sum(map(len, array)) + len(glue) * len(array))
    return glue.join(array)


def _split(text: str, separator: str) -> list[str]:
    if not separator:
        raise Misfit("split() needs a separator that isn't empty")
    if text.count(separator) >= MAX_PARTS:
        raise Misfit(f"split() makes more than {MAX_PARTS} parts")
    return text.split(separator)


def _replace(text: str, old: str, new: str) -> str:
    if not old:
        raise Misfit("replace() needs something to replace that isn't empty")
    check_length(len(text) + text.count(old) * (len(new) - len(old)))
    return text.replace(old, new)


def _uuid5(*parts: str | Number) -> str:
    """Name the parts by their JSON array, numbers in their shortest form: no two lists share it."""
    written = [
        json.dumps(part, ensure_ascii=False) if isinstance(part, str) else shortest(part)
        for part in parts
    ]
    return str(uuid5(_NAMESPACE, f"[{','.join(written)}]"))


def _substring(text: str, start: Number, length: Number) -> str:
    begin, count = whole("substring", "start", start), whole("substring", "length", length)
    if count < 0:
        raise Misfit("substring() takes a length of at least 0")
    if begin < 0:
        begin = max(0, len(text) + begin)
    return text[begin : begin + count]


def _pad_left(text: str, width: Number, fill: str) -> str:
    columns = whole("pad_left", "width", width)
    if len(fill) != 1:
        raise Misfit("pad_left() fills up with one character")
    check_length(columns)
    return text.rjust(columns, fill)


def _url_encode(text: str) -> str:
    return quote(text, safe="")


_TEXT = takes("text", "string")

TEXTS: tuple[Function, ...] = (
    Function(
        "lower",
        (_TEXT,),
        "string",
        "null",
        "Gives the text in lower case.",
        Example("lower('SKU')", "sku"),
        str.lower,
    ),
    Function(
        "pad_left",
        (_TEXT, takes("width", "number"), takes("fill", "string")),
        "string",
        "null",
        "Fills the text up at its left to so many characters; a longer one stays as it is.",
        Example("pad_left('42', `5`, '0')", "00042"),
        _pad_left,
    ),
    Function(
        "replace",
        (_TEXT, takes("old", "string"), takes("new", "string")),
        "string",
        "null",
        "Replaces every occurrence of the old text with the new.",
        Example("replace('a-b-c', '-', '')", "abc"),
        _replace,
    ),
    Function(
        "split",
        (_TEXT, takes("separator", "string")),
        "array",
        "null",
        "Splits the text at every separator.",
        Example("split('a,b', ',')", ["a", "b"]),
        _split,
    ),
    Function(
        "substring",
        (_TEXT, takes("start", "number"), takes("length", "number")),
        "string",
        "null",
        "Gives at most so many characters from a place on, the first being 0; from the end where "
        "the place is negative.",
        Example("substring('4111-1234', `-4`, `4`)", "1234"),
        _substring,
    ),
    Function(
        "trim",
        (_TEXT,),
        "string",
        "null",
        "Takes white space from both ends.",
        Example("trim('  a ')", "a"),
        str.strip,
    ),
    Function(
        "upper",
        (_TEXT,),
        "string",
        "null",
        "Gives the text in upper case.",
        Example("upper('usd')", "USD"),
        str.upper,
    ),
    Function(
        "url_encode",
        (takes("text", "string", steps=16),),
        "string",
        "null",
        "Percent-encodes everything but letters, digits and `-._~`.",
        Example("url_encode('a/b c')", "a%2Fb%20c"),
        _url_encode,
    ),
    Function(
        "uuid5",
        (takes("part", "string", "number"),),
        "string",
        "null",
        "Gives the UUID that the same parts always have: an idempotency key.",
        Example("uuid5('order-1', 'inventory.consume')", "2c37c04b-90b0-51bd-af22-5b1c3cf87a1a"),
        _uuid5,
        variadic=True,
    ),
)
