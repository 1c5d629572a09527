"""Functions that read and write JSON text, and that hash."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import TYPE_CHECKING, cast

from gateway.expressions.signature import Example, Function, takes
from gateway.expressions.values import Misfit
from gateway.lossless import BadJson, dumps, loads

if TYPE_CHECKING:
    from gateway.lossless import Json


def _json_parse(text: str) -> object:
    try:
        return loads(text.encode())
    except BadJson as error:
        raise Misfit("json_parse() got text that is no acceptable JSON") from error


def _json_string(value: object) -> str:
    try:
        return dumps(cast("Json", value)).decode()
    except BadJson as error:
        raise Misfit("json_string() got a value that is no JSON") from error


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


_TEXT = takes("text", "string")

ENCODINGS: tuple[Function, ...] = (
    Function(
        "json_parse",
        (_TEXT,),
        "any",
        "null",
        "Gives the value that the JSON text stands for, its numbers with all their digits.",
        Example("""json_parse('{"a": 1.10}').a""", Decimal("1.10")),
        _json_parse,
    ),
    Function(
        "json_string",
        (takes("value", "any", deep=True),),
        "string",
        "null",
        "Writes the value as JSON: a text comes with its double quotes.",
        Example("json_string({a: 'x'})", '{"a":"x"}'),
        _json_string,
    ),
    Function(
        "sha256",
        (_TEXT,),
        "string",
        "null",
        "Gives the SHA-256 of the text's UTF-8 bytes in 64 hexadecimal digits.",
        Example("base64_encode(sha256('')) | length(@)", 88),
        _sha256,
    ),
)
