"""From a JSON Schema to a type: 2020-12, draft-07, and OpenAPI's `nullable`.

Closed for expressions: an object that lists its properties has no others, unless it says
`additionalProperties`. What a keyword can't tell about a type is passed over.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from gateway.config.references import entered, referred
from gateway.expressions.types.algebra import meet, nullable, union, widened
from gateway.expressions.types.literal import type_of_value
from gateway.expressions.types.model import (
    BOOLEAN,
    NEVER,
    NULL,
    NUMBER,
    STRING,
    UNKNOWN,
    Items,
    Later,
    Shape,
    Type,
    now,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.config.references import Resolver
    from gateway.lossless import Json

    Keywords = dict[str, Json]


_OBJECT = ("properties", "additionalProperties", "patternProperties", "unevaluatedProperties")
_ARRAY = ("items", "prefixItems", "unevaluatedItems")


def type_of_schema(document: Json, resolver: Resolver) -> Type:
    """Work out the type of a schema's values; `resolver` stands at the document, for its `$ref`."""
    return _Reader({}).read(document, resolver)


class _Reader:
    """Reads schemas, each at most once, and those within objects and arrays only when asked."""

    def __init__(self, known: dict[int, Type]) -> None:
        self._known = known
        self._keep: list[Json] = []
        self._reading: set[int] = set()

    def read(self, schema: Json, resolver: Resolver) -> Type:
        if not isinstance(schema, dict) or not schema:
            return UNKNOWN
        key = id(schema)
        if key in self._known:
            return self._known[key]
        if key in self._reading:  # a reference to itself, with nothing between
            return UNKNOWN
        self._reading.add(key)
        made = self._whole(schema, resolver)
        self._reading.discard(key)
        self._known[key] = made
        self._keep.append(schema)  # so that its id stays its own
        return made

    def _later(self, schema: Json, resolver: Resolver) -> Later:
        return Later(lambda: self.read(schema, resolver))

    def _whole(self, schema: Keywords, resolver: Resolver) -> Type:
        inner = entered(schema, resolver)
        type_ = self._own(schema, inner)
        for part in self._parts(schema, inner):
            type_ = meet(type_, part)
        conditional = [self.read(schema[key], inner) for key in ("then", "else") if key in schema]
        dependent = schema.get("dependentSchemas")
        if isinstance(dependent, dict):
            conditional.extend(self.read(each, inner) for each in dependent.values())
        if conditional:
            type_ = widened(type_, *conditional)
        if "const" in schema:
            type_ = meet(type_, type_of_value(schema["const"]))
        if isinstance(schema.get("enum"), list):
            values = cast("list[Json]", schema["enum"])
            type_ = meet(type_, union(*map(type_of_value, values)))
        if schema.get("nullable") is True:
            type_ = union(type_, NULL)
        return type_ if type_.unknown or type_.kinds else UNKNOWN

    def _parts(self, schema: Keywords, resolver: Resolver) -> list[Type]:
        parts: list[Type] = []
        if "$ref" in schema:
            found = referred(schema, resolver)
            parts.append(self.read(*found) if found else UNKNOWN)
        for key in ("anyOf", "oneOf"):
            branches = schema.get(key)
            if isinstance(branches, list) and branches:
                parts.append(union(*(self.read(each, resolver) for each in branches)))
        every = schema.get("allOf")
        if isinstance(every, list):
            parts.extend(self.read(each, resolver) for each in every)
        return parts

    def _own(self, schema: Keywords, resolver: Resolver) -> Type:
        said = schema.get("type")
        names = [said] if isinstance(said, str) else said if isinstance(said, list) else []
        if not names:
            names = _implied(schema)
        if not names:
            return UNKNOWN
        makers: dict[str, Callable[[], Type]] = {
            "null": lambda: NULL,
            "boolean": lambda: BOOLEAN,
            "integer": lambda: NUMBER,
            "number": lambda: NUMBER,
            "string": lambda: STRING,
            "array": lambda: Type(arrays=(self._items(schema, resolver),)),
            "object": lambda: Type(objects=(self._shape(schema, resolver),)),
        }
        return union(*(makers.get(str(name), lambda: UNKNOWN)() for name in names))

    def _items(self, schema: Keywords, resolver: Resolver) -> Items:
        rest = schema.get("items", schema.get("unevaluatedItems"))
        first = schema.get("prefixItems")
        if isinstance(rest, list):  # draft-07
            first, rest = rest, schema.get("additionalItems")
        heads = first if isinstance(first, list) else []
        least = schema.get("minItems")
        sure = least if isinstance(least, int) else 0
        made = [self._head(each, resolver, sure=at < sure) for at, each in enumerate(heads)]
        if rest is False:  # shorter than its schema it may be all the same
            return Items(tuple(made), None if sure >= len(heads) else now(NEVER))
        return Items(tuple(made), self._later(rest, resolver))

    def _head(self, schema: Json, resolver: Resolver, *, sure: bool) -> Later:
        """Give the type of an element that has its own schema: null where the array may end."""
        read = self._later(schema, resolver)
        return read if sure else Later(lambda: nullable(read.get()))

    def _shape(self, schema: Keywords, resolver: Resolver) -> Shape:
        properties = _block(schema.get("properties"))
        required = _names(schema.get("required"))
        fields = {name: self._later(each, resolver) for name, each in properties.items()}
        extra = schema.get("additionalProperties", schema.get("unevaluatedProperties"))
        patterns = tuple(
            (pattern, self._later(each, resolver))
            for text, each in _block(schema.get("patternProperties")).items()
            if (pattern := _pattern(text)) is not None
        )
        said = bool(properties or patterns or extra is not None)
        if not said or extra not in (None, False):
            opened = self._later(extra, resolver) if said else now(UNKNOWN)
            return Shape(fields, frozenset(required), patterns, opened, blank=not said)
        for name in required:
            fields.setdefault(name, now(UNKNOWN))
        return Shape(fields, frozenset(required), patterns, sealed=extra is False)


def _implied(schema: Keywords) -> list[Json]:
    """Name the type that a schema without `type` speaks of."""
    if any(key in schema for key in _OBJECT):
        return ["object"]
    return ["array"] if any(key in schema for key in _ARRAY) else []


def _block(value: Json) -> Keywords:
    return value if isinstance(value, dict) else {}


def _names(value: Json) -> list[str]:
    return [name for name in value if isinstance(name, str)] if isinstance(value, list) else []


def _pattern(text: str) -> re.Pattern[str] | None:
    try:
        return re.compile(text)
    except re.error:  # a regular expression of ECMAScript's alone
        return re.compile("")
