"""Values that satisfy a JSON Schema: made anew, or made from one that does.

What the simple reading of a schema here misses (`not`, `if`) its validator sees: the
caller passes over a value that is no good. Everything shrinks: to fewer fields, to shorter texts,
and to the value that it was made from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache, partial
from math import ceil, floor
from typing import Protocol, TypeVar

from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from gateway.lossless import Json
from gateway.testing.generate.shapes import (
    TYPES,
    Parts,
    properties_of,
    required_of,
    resolved,
    said_of,
    types_of,
    within,
)

T = TypeVar("T")

_DEEPEST = 6
"""Below it only what is required is made."""

_MOST = 4
"""The most elements and optional fields that are made without need."""

_WITHIN = 3
"""Of four values with parts so many are changed within."""

_WAYS = ("keep", "keep", "keep", "change", "change", "leave out")
"""What becomes of a field, the first one when it is shrunk."""

_FAR = Decimal(1_000_000)
_LONGEST = 12
_ANY_LENGTH = 1_000_000
_FORMATS: dict[str, SearchStrategy[str]] = {
    "date": st.dates().map(str),
    "date-time": st.datetimes().map(lambda moment: f"{moment.isoformat(timespec='seconds')}Z"),
    "email": st.from_regex(r"[a-z]{1,8}@[a-z]{1,8}\.example", fullmatch=True),
    "uuid": st.uuids().map(str),
    "uri": st.from_regex(r"https://[a-z]{1,8}\.example/[a-z]{0,8}", fullmatch=True),
}


_MORE = st.booleans()


class Draw(Protocol):
    """Draws from a strategy; that of `st.data()` is one."""

    def __call__(self, strategy: SearchStrategy[T], /) -> T: ...


@dataclass(frozen=True, slots=True)
class Values:
    """Makes values; `known` are texts and numbers of the same exchange, which ids may be."""

    draw: Draw
    known: Sequence[Json] = ()

    def knowing(self, known: Iterable[Json]) -> Values:
        return replace(self, known=tuple(dict.fromkeys(known)))

    def one_of(self, given: Sequence[T]) -> T:
        return given[self._choose(len(given))]

    def new(self, parts: Parts, depth: int = 0) -> Json:
        """Make a value anew."""
        parts = resolved(parts, self._choose)
        for said in said_of(parts, "const"):
            return said
        for said in said_of(parts, "enum"):
            if isinstance(said, list):
                return self.one_of(said)
        types = types_of(parts) or list(TYPES)
        assume(not any(schema is False for schema, _ in parts))
        # Null is so often allowed that there would be little else.
        kind = self.one_of([name for name in types for _ in range(1 if name == "null" else 4)])
        if kind == "object":
            return self._object(parts, depth)
        if kind == "array":
            return self._array(parts, depth)
        return self.draw(self._plain(kind, parts))

    def varied(self, parts: Parts, value: Json, depth: int = 0) -> Json:
        """Make a value from one that is there: changed within where it has parts, or another."""
        parts = resolved(parts, self._choose)
        if isinstance(value, dict) and (depth == 0 or self._choose(4) < _WITHIN):
            return self._varied_object(parts, value, depth)
        if isinstance(value, list) and self._choose(4) < _WITHIN:
            return self._varied_array(parts, value, depth)
        return self.new(parts, depth)

    def _varied_object(self, parts: Parts, value: dict[str, Json], depth: int) -> Json:
        properties, required = properties_of(parts), required_of(parts)
        varied = dict(value)
        for name, inner in value.items():
            way = self.one_of(_WAYS)
            if way == "change":
                varied[name] = self.varied(properties.get(name, ()), inner, depth + 1)
            elif way == "leave out" and name not in required:
                del varied[name]
        for name in self._some([name for name in properties if name not in value]):
            varied[name] = self.new(properties[name], depth + 1)
        return varied

    def _varied_array(self, parts: Parts, value: list[Json], depth: int) -> Json:
        inner = within(parts, "items")
        varied = [
            self.varied(inner, item, depth + 1) if self.one_of(_WAYS) == "change" else item
            for item in value
        ]
        return [*varied, self.new(inner, depth + 1)] if self._more() else varied

    def _object(self, parts: Parts, depth: int) -> Json:
        properties, required = properties_of(parts), required_of(parts)
        optional = [name for name in properties if name not in required]
        some = self._some(optional) if depth < _DEEPEST else []
        return {name: self.new(properties.get(name, ()), depth + 1) for name in [*required, *some]}

    def _array(self, parts: Parts, depth: int) -> Json:
        least = max(map(_whole, said_of(parts, "minItems")), default=0)
        most = min(map(_whole, said_of(parts, "maxItems")), default=least + _MOST)
        most = least if depth >= _DEEPEST else min(most, least + _MOST)
        inner = within(parts, "items")
        unlike = any(said_of(parts, "uniqueItems"))
        made: list[Json] = []
        while len(made) < least or (len(made) < most and self._more()):
            item = self.new(inner, depth + 1)
            if unlike and item in made:
                break
            made.append(item)
        return made

    def _plain(self, kind: str, parts: Parts) -> SearchStrategy[Json]:
        if kind == "null":
            return st.none()
        if kind == "boolean":
            return st.booleans()
        if kind == "string":
            return self._with_known(_text(parts), str)
        return self._with_known(_number(parts, whole=kind == "integer"), int)

    def _with_known(self, strategy: SearchStrategy[Json], kind: type) -> SearchStrategy[Json]:
        known = [value for value in self.known if type(value) is kind]
        return st.one_of(strategy, st.sampled_from(known)) if known else strategy

    def _some(self, names: Sequence[T]) -> list[T]:
        left, found = list(names), list[T]()
        while left and len(found) < _MOST and self._more():
            found.append(left.pop(self._choose(len(left))))
        return found

    def _more(self) -> bool:
        """Say whether to go on; asked before each step, so that steps can be left out."""
        return self.draw(_MORE)

    def _choose(self, count: int) -> int:
        return self.draw(st.integers(0, count - 1)) if count > 1 else 0


def _text(parts: Parts) -> SearchStrategy[Json]:
    for examples in said_of(parts, "examples"):  # an annotation that says more than the types
        texts = (
            [each for each in examples if isinstance(each, str)]
            if isinstance(examples, list)
            else []
        )
        if texts:
            return st.sampled_from(texts)
    for pattern in said_of(parts, "pattern"):
        least = max(map(_whole, said_of(parts, "minLength")), default=0)
        most = min(map(_whole, said_of(parts, "maxLength")), default=_ANY_LENGTH)
        return _matching(str(pattern)).filter(partial(_has_length, least, most))
    for name in said_of(parts, "format"):
        if name in _FORMATS:
            return _FORMATS[str(name)]
    least = max(map(_whole, said_of(parts, "minLength")), default=0)
    most = min(map(_whole, said_of(parts, "maxLength")), default=least + _LONGEST)
    return st.text(min_size=least, max_size=max(most, least))


def _has_length(least: int, most: int, text: Json) -> bool:
    return isinstance(text, str) and least <= len(text) <= most


@lru_cache(maxsize=256)
def _matching(pattern: str) -> SearchStrategy[Json]:
    return st.from_regex(re.compile(pattern)).filter(_ends_as_it_should)


def _ends_as_it_should(text: str) -> bool:
    """`$` is the end in JSON Schema, and in Python also what stands before a last line break."""
    return not text.endswith("\n")


def _number(parts: Parts, *, whole: bool) -> SearchStrategy[Json]:
    step = Decimal(1) if whole else Decimal("0.01")
    least = max(_bounds(parts, "minimum", "exclusiveMinimum", step), default=None)
    most = min(_bounds(parts, "maximum", "exclusiveMaximum", -step), default=None)
    if not whole:
        low, high = (-_FAR if least is None else least), (_FAR if most is None else most)
        return st.decimals(low, max(low, high), places=2)
    first, last = (None if least is None else ceil(least)), (None if most is None else floor(most))
    return st.integers(first, last)


def _bounds(parts: Parts, key: str, exclusive: str, step: Decimal) -> Iterator[Decimal]:
    for name, inwards in ((key, Decimal(0)), (exclusive, step)):
        for said in said_of(parts, name):
            if isinstance(said, int | Decimal):
                yield Decimal(said) + inwards


def _whole(value: Json) -> int:
    return int(value) if isinstance(value, int | Decimal) else 0
