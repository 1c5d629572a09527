"""Where two JSON values differ, each place once, by its path."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import Enum
from itertools import zip_longest
from typing import Final, Literal

from gateway.expressions.equality import identity
from gateway.lossless import Json, dumps

_PLAIN_KEY = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_LONGEST = 200


class _Nothing(Enum):
    NOTHING = "nothing"


NOTHING: Final = _Nothing.NOTHING
"""No value at all, which null isn't."""

Nothing = Literal[_Nothing.NOTHING]


def differences(path: str, expected: Json | Nothing, actual: Json | Nothing) -> Iterator[str]:
    """Tell each place below `path` that differs; numbers are compared by value, keys in any order.

    As in `body.ids[1]: expected "B", got "C"`.
    """
    if isinstance(expected, dict) and isinstance(actual, dict):
        for key in [*expected, *(key for key in actual if key not in expected)]:
            below = expected.get(key, NOTHING), actual.get(key, NOTHING)
            yield from differences(path + _step(key), *below)
    elif isinstance(expected, list) and isinstance(actual, list):
        for index, pair in enumerate(zip_longest(expected, actual, fillvalue=NOTHING)):
            yield from differences(f"{path}[{index}]", *pair)
    elif identity(expected) != identity(actual):
        yield f"{path}: expected {shown(expected)}, got {shown(actual)}"


def named(path: str, expected: Mapping[str, str], actual: Mapping[str, str]) -> Iterator[str]:
    """Tell the headers that differ; those that aren't expected may be whatever they are."""
    for name, value in expected.items():
        yield from differences(f"{path}[{name}]", value, actual.get(name.lower(), NOTHING))


def shown(value: Json | Nothing) -> str:
    """Write a value on one line, cut where it is long."""
    if value is NOTHING:
        return "nothing"
    text = dumps(value).decode()
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _step(key: str) -> str:
    return f".{key}" if _PLAIN_KEY.fullmatch(key) else f"[{shown(key)}]"
