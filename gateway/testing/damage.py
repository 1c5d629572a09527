"""A JSON answer damaged at one place: each function gives it once for each place that it can hurt.

What is no JSON has no such place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal

from gateway.lossless import BadJson, Json, dumps, loads

_NUMBER = re.compile(r"-?\d{1,30}(?:\.\d{1,30})?", re.ASCII)
_AGAIN = "~again~"
_OF_EACH_TYPE: tuple[Json, ...] = ("text", 7, True, [], {})

_Change = Callable[[Json], Iterator[Json]]
"""Gives what a value may become; the value itself stays as it is."""


def without_key(body: bytes) -> Iterator[bytes]:
    def change(value: Json) -> Iterator[Json]:
        if isinstance(value, dict):
            for left_out in value:
                yield {key: inner for key, inner in value.items() if key != left_out}

    return _damaged(body, change)


def nulled(body: bytes) -> Iterator[bytes]:
    return _damaged(body, lambda value: iter([] if value is None else [None]))


def other_types(body: bytes) -> Iterator[bytes]:
    """Put a value of each other type in the place of every value."""

    def change(value: Json) -> Iterator[Json]:
        return (other for other in _OF_EACH_TYPE if _kind(other) != _kind(value))

    return _damaged(body, change)


def doubled_keys(body: bytes) -> Iterator[bytes]:
    """Give each key a second time, which no JSON value can hold: its name is mended as text."""

    def change(value: Json) -> Iterator[Json]:
        if isinstance(value, dict):
            for key, inner in value.items():
                yield {f"{_AGAIN}{key}": inner, **value}

    return (damaged.replace(_AGAIN.encode(), b"", 1) for damaged in _damaged(body, change))


def negative(body: bytes) -> Iterator[bytes]:
    return _damaged(body, lambda value: _other_number(value, _below_zero))


def fractional(body: bytes) -> Iterator[bytes]:
    return _damaged(body, lambda value: _other_number(value, _and_a_half))


def without_element(body: bytes) -> Iterator[bytes]:
    def change(value: Json) -> Iterator[Json]:
        if isinstance(value, list) and value:
            yield value[1:]

    return _damaged(body, change)


def with_element_twice(body: bytes) -> Iterator[bytes]:
    def change(value: Json) -> Iterator[Json]:
        if isinstance(value, list) and value:
            yield [value[0], *value]

    return _damaged(body, change)


def _damaged(body: bytes, change: _Change) -> Iterator[bytes]:
    try:
        document = loads(body)
    except BadJson:
        return
    for damaged in _changed(document, change):
        yield dumps(damaged)


def _changed(value: Json, change: _Change) -> Iterator[Json]:
    """Give the value with each change of it, and of each value within it, one at a time."""
    yield from change(value)
    if isinstance(value, dict):
        for key, inner in value.items():
            for other in _changed(inner, change):
                yield {**value, key: other}
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            for other in _changed(inner, change):
                yield [*value[:index], other, *value[index + 1 :]]


def _other_number(value: Json, change: Callable[[Decimal], Decimal]) -> Iterator[Json]:
    """Change a number, or a text that is one, as vendors write quantities and prices."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        yield str(change(Decimal(value)))
    elif isinstance(value, int | Decimal) and not isinstance(value, bool):
        yield change(Decimal(value))


def _below_zero(number: Decimal) -> Decimal:
    return -abs(number) - 1


def _and_a_half(number: Decimal) -> Decimal:
    return number + Decimal("0.5")


def _kind(value: Json) -> type:
    return Decimal if type(value) in {int, float, Decimal} else type(value)
