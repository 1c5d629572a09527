"""What functions are called elsewhere, and what is written here instead."""

from __future__ import annotations

from difflib import get_close_matches

from gateway.expressions.functions import FUNCTIONS

_OTHER_NAMES = {
    "ceiling": "ceil",
    "coalesce": "not_null",
    "concat": "join",
    "count": "length",
    "dateformat": "format_time",
    "default": "not_null",
    "distinct": "unique",
    "flatten": "flatten_deep",
    "float": "decimal",
    "formatdate": "format_time",
    "fromentries": "from_items",
    "ifnull": "not_null",
    "includes": "contains",
    "indexof": "contains",
    "int": "to_int",
    "isnull": "exists",
    "jsonparse": "json_parse",
    "jsonstringify": "json_string",
    "len": "length",
    "lowercase": "lower",
    "match": "regex_match",
    "md5": "sha256",
    "mul": "multiply",
    "nvl": "not_null",
    "number": "to_number",
    "padstart": "pad_left",
    "parsedate": "parse_time",
    "parsefloat": "decimal",
    "parseint": "to_int",
    "parsejson": "json_parse",
    "size": "length",
    "slice": "substring",
    "str": "to_string",
    "strftime": "format_time",
    "string": "to_string",
    "stringify": "json_string",
    "strip": "trim",
    "strptime": "parse_time",
    "sub": "subtract",
    "substr": "substring",
    "tojson": "json_string",
    "tolower": "lower",
    "tolowercase": "lower",
    "toupper": "upper",
    "touppercase": "upper",
    "uniq": "unique",
    "uppercase": "upper",
    "uuid": "uuid5",
}
_OTHERWISE = {
    "filter": "For the elements that satisfy a condition write list[?…].",
    "first": "For the first element write list[0], of a projection … | [0].",
    "if": "Write condition && value || other, or $if in a block.",
    "last": "For the last element write list[-1], of a projection … | [-1].",
    "not": "Write !(…).",
    "now": "Use received_at: it is the same in every repeat.",
    "today": "Use received_at: it is the same in every repeat.",
}
_LIKE_FIELDS = {"count": "length", "length": "length", "len": "length", "size": "length"}


def instead_of(name: str) -> str | None:
    """Say what to write for a function that isn't there; None where nothing is near."""
    plain = name.lower().replace("_", "")
    if plain in _OTHERWISE:
        return _OTHERWISE[plain]
    known = _OTHER_NAMES.get(plain)
    if known is None:
        close = get_close_matches(name, FUNCTIONS, 1)
        known = close[0] if close else None
    return f"Did you mean {FUNCTIONS[known].signature}?" if known else None


def as_call(field: str, subject: str) -> str | None:
    """Write a property of other languages, `lines.length`, as the call that gives it."""
    known = _LIKE_FIELDS.get(field.lower())
    return f"Write {known}({subject})." if known else None
