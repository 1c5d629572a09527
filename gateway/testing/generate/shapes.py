"""What a JSON Schema says of one value, its references and alternatives put together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from gateway.config.references import Resolver, entered, referred
from gateway.lossless import Json

Parts: TypeAlias = tuple[tuple[Json, Resolver], ...]
"""Schemas that all hold of one value, each with what follows its references."""

Choose: TypeAlias = Callable[[int], int]
"""Chooses one of so many alternatives, by its number."""

TYPES = ("string", "integer", "number", "boolean", "array", "object", "null")

_MOST_PARTS = 200
"""A schema of more parts refers to itself without end."""

_TYPE_OF_KEYWORD = {
    "items": "array",
    "maximum": "number",
    "minItems": "array",
    "minLength": "string",
    "minimum": "number",
    "pattern": "string",
    "properties": "object",
    "required": "object",
}


def resolved(parts: Parts, choose: Choose) -> Parts:
    """Follow `$ref` and `allOf`, and take one of the alternatives each; only objects are left.

    A schema that is `false` stays, since it allows nothing.
    """
    found: list[tuple[Json, Resolver]] = []
    left = list(parts)
    while left and len(found) < _MOST_PARTS:
        schema, resolver = left.pop(0)
        if schema is False:
            return ((False, resolver),)
        if isinstance(schema, dict):
            resolver = entered(schema, resolver)
            found.append((schema, resolver))
            left += _meant(schema, resolver, choose)
    return tuple(found)


def _meant(
    schema: dict[str, Json], resolver: Resolver, choose: Choose
) -> Iterator[tuple[Json, Resolver]]:
    target = referred(schema, resolver)
    if target is not None:
        yield target
    for each in _list(schema, "allOf"):
        yield each, resolver
    for key in ("anyOf", "oneOf"):
        alternatives = _list(schema, key)
        if alternatives:
            yield alternatives[choose(len(alternatives))], resolver


def types_of(parts: Parts) -> list[str]:
    """Give the types that all of the schemas allow, null as the last."""
    allowed = set(TYPES)
    for schema in _schemas(parts):
        meant = [type_ for key, type_ in _TYPE_OF_KEYWORD.items() if key in schema]
        said = schema.get("type", meant)
        named = set(said) if isinstance(said, list) else {said}
        if named:
            allowed &= named | ({"integer"} if "number" in named else set())
    return [name for name in TYPES if name in allowed]


def said_of(parts: Parts, key: str) -> list[Json]:
    """Give what the schemas have under a keyword."""
    return [schema[key] for schema in _schemas(parts) if key in schema]


def within(parts: Parts, key: str) -> Parts:
    """Give the schemas that stand under a keyword, such as `items`."""
    objects = ((schema, at) for schema, at in parts if isinstance(schema, dict))
    return tuple((schema[key], at) for schema, at in objects if key in schema)


def properties_of(parts: Parts) -> dict[str, Parts]:
    """Give the properties that the schemas name, each with all that holds of it."""
    found: dict[str, Parts] = {}
    for schema, resolver in parts:
        named = schema.get("properties") if isinstance(schema, dict) else None
        for name, inner in named.items() if isinstance(named, dict) else ():
            found[name] = (*found.get(name, ()), (inner, resolver))
    return found


def required_of(parts: Parts) -> list[str]:
    names = (name for said in said_of(parts, "required") if isinstance(said, list) for name in said)
    return list(dict.fromkeys(str(name) for name in names))


def _schemas(parts: Parts) -> Iterator[dict[str, Json]]:
    return (schema for schema, _ in parts if isinstance(schema, dict))


def _list(schema: dict[str, Json], key: str) -> list[Json]:
    value = schema.get(key)
    return value if isinstance(value, list) else []
