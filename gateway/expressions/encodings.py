"""Functions that read and write encoded values, and that hash them."""

from __future__ import annotations

import base64
import binascii
import hashlib
from decimal import Decimal
from typing import TYPE_CHECKING, cast

from gateway.expressions.signature import Example, Function, takes
from gateway.expressions.texts import check_length
from gateway.expressions.values import Misfit
from gateway.lossless import BadJson, dumps, loads

if TYPE_CHECKING:
    from gateway.lossless import Json


def _base64_encode(text: str) -> str:
    check_length(2 * len(text))
    return base64.b64encode(text.encode()).decode()


def _base64_decode(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except binascii.Error as error:
        raise Misfit("base64_decode() got text that is no base64") from error
    except UnicodeDecodeError as error:
        raise Misfit("base64_decode() got bytes that are no UTF-8 text") from error


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
        "base64_decode",
        (_TEXT,),
        "string",
        "null",
        "Gives the UTF-8 text that the base64 stands for.",
        Example("base64_decode('w6Q=')", "ä"),
        _base64_decode,
    ),
    Function(
        "base64_encode",
        (_TEXT,),
        "string",
        "null",
        "Writes the text's UTF-8 bytes as base64, with padding.",
        Example("base64_encode('user:pass')", "dXNlcjpwYXNz"),
        _base64_encode,
    ),
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
