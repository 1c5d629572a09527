"""What a value may be, as far as schemas and literals tell: a union of scalars, arrays, objects."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

ScalarKind = Literal["null", "boolean", "number", "string"]

Values = frozenset[object] | None
"""The only values that a scalar may have; None: any of its kind."""


class Later:
    """A type that is worked out when it is first asked for: schemas may contain themselves."""

    __slots__ = ("_made", "_make")

    def __init__(self, make: Callable[[], Type]) -> None:
        self._make = make
        self._made: Type | None = None

    def get(self) -> Type:
        if self._made is None:
            self._made = self._make()
        return self._made


def now(type_: Type) -> Later:
    return Later(lambda: type_)


@dataclass(frozen=True, slots=True, eq=False)
class Items:
    """An array: the types of its first elements, and that of all others; None: there are none."""

    first: tuple[Later, ...]
    rest: Later | None


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """An object: its fields, those that can't be missing, and what others may hold.

    `extra` None: the object is closed for expressions; `sealed`: for data too, the schema refuses
    others. `blank`: nothing is known about its content.
    """

    fields: Mapping[str, Later] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    patterns: tuple[tuple[re.Pattern[str], Later], ...] = ()
    extra: Later | None = None
    blank: bool = False
    sealed: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Type:
    """The union of what a value may be; without any part nothing can be it.

    `unknown`: it may be anything at all, and nothing can be said against it.
    """

    scalars: Mapping[ScalarKind, Values] = field(default_factory=dict)
    arrays: tuple[Items, ...] = ()
    objects: tuple[Shape, ...] = ()
    unknown: bool = False

    @property
    def nullable(self) -> bool:
        return self.unknown or "null" in self.scalars

    @property
    def kinds(self) -> frozenset[str]:
        """Name the kinds of its parts, as JMESPath's `type` does; none where it is unknown."""
        found: set[str] = set(self.scalars)
        found.update(["array"] if self.arrays else [])
        found.update(["object"] if self.objects else [])
        return frozenset(found)

    def may_be(self, kind: str) -> bool:
        return self.unknown or kind in self.kinds


UNKNOWN = Type(unknown=True)
NEVER = Type()
NULL = Type({"null": frozenset({None})})
BOOLEAN = Type({"boolean": None})
NUMBER = Type({"number": None})
STRING = Type({"string": None})
BLANK = Type(objects=(Shape(extra=now(UNKNOWN), blank=True),))
"""An object of unknown content."""


def array_of(element: Type) -> Type:
    return Type(arrays=(Items((), now(element)),))


def listing(elements: Iterable[Type]) -> Type:
    """Give an array of just these elements."""
    return Type(arrays=(Items(tuple(map(now, elements)), None),))


def closed(fields: Mapping[str, Type]) -> Type:
    """Give an object with just these fields, all of them there."""
    shape = Shape({name: now(type_) for name, type_ in fields.items()}, frozenset(fields))
    return Type(objects=(shape,))
