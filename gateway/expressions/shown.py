"""How parts of an expression and values of the data are quoted to people: short, and harmless."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from gateway.expressions import exact
from gateway.expressions.values import NUMBERS, type_name

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_VALUE = 40
"""The longest text of the data that is quoted."""

_MAX_PART = 100
_TAIL = 30
_MOST_KEYS = 5
_UNPRINTABLE = r"[^ -~\u00a1-\u024f\u0370-\u1fff\u3040-\ufdff]"
"""Compiled only when something is quoted: that takes 6 ms of a start."""
_WORDS = {
    "array": "a list",
    "boolean": "a boolean",
    "number": "a number",
    "object": "an object",
    "string": "text",
}


def in_words(value: object) -> str:
    """Name a value's type as an integrator would: `text`, `a list`, `null`."""
    name = type_name(value)
    return _WORDS.get(name, name)


def part(text: str) -> str:
    """Quote a stretch of an expression on one line; of a long one the beginning and the end."""
    line = " ".join(text.split())
    if len(line) > _MAX_PART:
        line = f"{line[: _MAX_PART - _TAIL]}…{line[-_TAIL:]}"
    return f"`{line}`"


def quoted(value: object) -> str:
    """Quote a short text, a number or a boolean; of anything else say only what it is."""
    if isinstance(value, bool):
        return "`true`" if value else "`false`"
    if isinstance(value, str):
        if len(value) > MAX_VALUE:
            return f"a text of {len(value)} characters"
        return f"`{_harmless(value)}`" if value else "an empty text"
    if type(value) in NUMBERS:
        return _number(value)
    return in_words(value)


def _number(value: object) -> str:
    try:
        digits = exact.plain(value)  # type: ignore[arg-type] # mypy doesn't follow the set
    except exact.NumberTooLong:
        return "a number"
    return f"`{digits}`" if len(digits) <= MAX_VALUE else "a number"


def names(keys: Iterable[str], wanted: str) -> str:
    """List an object's keys, the one nearest to what was wanted first: `` `id`, `note`, … ``."""
    known = sorted(keys)
    if not known:
        return "nothing"
    near = get_close_matches(wanted, known[:1000], 1)
    in_order = [*near, *(key for key in known if key not in near)]
    listed = [f"`{_harmless(key[:MAX_VALUE])}`" for key in in_order[:_MOST_KEYS]]
    return ", ".join([*listed, *(["…"] if len(in_order) > _MOST_KEYS else [])])


def _harmless(text: str) -> str:
    return re.sub(_UNPRINTABLE, "\ufffd", text).replace("`", "'")
