"""JSON without loss: integers of any length, decimals as Decimal, key order kept.

Read by msgspec, which keeps numbers but neither sees repeated keys nor caps anything. So the
document is walked once for its depth and its keys; a repeated key shows where the bytes hold more
`":` than the document holds keys, and only then is it decided exactly, by reading again with the
standard library. For a checkout of ten lines that costs less than that second reading would.
"""

from __future__ import annotations

import decimal
import json
import re
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Collection

Json = None | bool | int | float | Decimal | str | list["Json"] | dict[str, "Json"]

_ENCODER = msgspec.json.Encoder(decimal_format="number")
_SPACE = b" \t\n\r"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_WORD = 2**63
_AT = re.compile(r"^JSON is malformed: (?P<what>.+) \(byte (?P<offset>\d+)\)$")
_TOKEN = re.compile(
    rb"""(?P<text>"[^"\\]*(?:\\.[^"\\]*)*")(?:[ \t\n\r]*(?P<colon>:))?"""
    rb"|(?P<opening>[\[{])|(?P<closing>[\]}])|(?P<number>-?[0-9][0-9.eE+-]*)",
    re.DOTALL,
)


class _OverLimit(Exception):
    """A cap is exceeded somewhere in the document."""


class BadJson(ValueError):
    """Bytes that are no acceptable JSON document; `str()` says why, without quoting the document.

    `offset` is the byte at which it went wrong, from 0, where that is known.
    """

    def __init__(self, reason: str, offset: int | None = None) -> None:
        super().__init__(reason if offset is None else f"{reason} (byte {offset})")
        self.offset = offset


def loads(
    data: bytes, *, max_depth: int = 64, max_digits: int = 128, max_exponent: int = 400
) -> Json:
    """Read a JSON document (RFC 8259, UTF-8) without loss.

    Equal in value, not in spelling: `1e5` is Decimal("1E+5"), `-0` is 0. `max_digits` caps the
    digits of a number, `max_exponent` the power of ten of its first digit, both ways (400 is more
    than a double has).

    Raises BadJson for whatever isn't one whole document within the caps: broken JSON, NaN,
    Infinity, invalid UTF-8, half surrogates, a byte order mark, a key twice in one object.
    """
    limits = (max_depth, max_digits, max_exponent)
    try:
        document: Json = _decoder(max_digits, max_exponent).decode(data)
        keys = _count_keys(document, max_depth, max_digits)
    except (_OverLimit, RecursionError, decimal.DecimalException, msgspec.ValidationError) as error:
        raise _offence(data, *limits) from error
    except UnicodeDecodeError as error:
        raise BadJson("not UTF-8", _first_bad_byte(data)) from error
    except msgspec.DecodeError as error:
        raise _broken(data, str(error)) from error
    # Each member has its `":` once space is gone; text may hold more of them, never fewer.
    if data.translate(None, _SPACE).count(b'":') != keys and _count_members(data) != keys:
        raise _offence(data, *limits)
    return document


def dumps(value: Json) -> bytes:
    """Write JSON, compact and in UTF-8; what `loads` gave comes back equal in value.

    Raises BadJson for what JSON can't hold: bytes, a Decimal that is infinite or no number, half
    surrogates, nesting or integers beyond Python's own limits.
    """
    try:
        data = _ENCODER.encode(value)
    except UnicodeEncodeError as error:
        raise BadJson("half a surrogate pair can't be written") from error
    except TypeError as error:
        raise BadJson("bytes can't be written; base64_encode() makes text of them") from error
    except (ValueError, RecursionError) as error:
        raise BadJson("too deep, or a number too long, to be written") from error
    # Looking into the value only where its bytes are suspicious keeps this cheap.
    if (b"NaN" in data or b"Infinity" in data) and not _is_finite(value):
        raise BadJson("a number that isn't finite can't be written")
    return data


@lru_cache(maxsize=8)
def _decoder(max_digits: int, max_exponent: int) -> msgspec.json.Decoder[Json]:
    """Make a decoder whose decimals trap on what would have to be rounded or clamped to fit."""
    caps = decimal.Context(
        prec=max_digits,
        Emax=max_exponent,
        Emin=-max_exponent,
        traps=[
            decimal.InvalidOperation,
            decimal.Overflow,
            decimal.Subnormal,
            decimal.Clamped,
            decimal.Rounded,
        ],
    )
    return msgspec.json.Decoder(float_hook=caps.create_decimal)


def _count_keys(document: Json, max_depth: int, max_digits: int) -> int:
    """Count the keys of all objects, level by level. Raises _OverLimit."""
    keys = 0
    level: list[list[Json] | dict[str, Json]] = [[document]]
    for _ in range(max_depth + 1):
        deeper: list[list[Json] | dict[str, Json]] = []
        for container in level:
            values: Collection[Json] = container
            if type(container) is dict:
                keys += len(container)
                values = container.values()
            for value in values:
                if type(value) is str:
                    continue
                if type(value) is dict or type(value) is list:
                    deeper.append(value)
                elif type(value) is int and _is_too_long(value, max_digits):
                    raise _OverLimit
        if not deeper:
            return keys
        level = deeper
    raise _OverLimit


def _is_too_long(value: int, max_digits: int) -> bool:
    return not -_WORD < value < _WORD and len(str(abs(value))) > max_digits


def _count_members(data: bytes) -> int:
    """Count the members of all objects as written, repeated ones included."""
    sizes: list[int] = []
    json.loads(
        data,
        object_pairs_hook=lambda members: sizes.append(len(members)),
        parse_int=str,
        parse_float=str,
    )
    return sum(sizes)


def _offence(data: bytes, max_depth: int, max_digits: int, max_exponent: int) -> BadJson:
    """Find the first place that breaks a cap or repeats a key; JSON up to there is sound."""
    objects: list[set[str]] = []
    for token in _TOKEN.finditer(data):
        if token["opening"]:
            objects.append(set())
            if len(objects) > max_depth:
                return BadJson(f"nested deeper than {max_depth} levels", token.start())
        elif token["closing"]:
            objects.pop()
        elif token["number"]:
            try:
                # As a decimal, whole numbers meet the same cap of digits.
                _decoder(max_digits, max_exponent).decode(_as_decimal(token["number"]))
            except (decimal.DecimalException, msgspec.DecodeError):
                what = f"a number over {max_digits} digits or with an exponent over {max_exponent}"
                return BadJson(what, token.start())
        elif token["colon"]:
            key: str = json.loads(token["text"])
            if key in objects[-1]:
                return BadJson("the same key twice in one object", token.start())
            objects[-1].add(key)
    return BadJson("nested too deep to be read here")


def _as_decimal(number: bytes) -> bytes:
    return number + b"e0" if number.lstrip(b"-").isdigit() else number


def _broken(data: bytes, said: str) -> BadJson:
    if data.startswith(_BYTE_ORDER_MARK):
        return BadJson("a byte order mark before the document", 0)
    found = _AT.match(said)
    if found is None:
        return BadJson("the document, or a character in it, is cut short", len(data))
    return BadJson(f"no valid JSON: {found['what']}", int(found["offset"]))


def _first_bad_byte(data: bytes) -> int:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return error.start
    return 0


def _is_finite(value: Json) -> bool:
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, Decimal) and not item.is_finite():
            return False
        if isinstance(item, dict):
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)
    return True
