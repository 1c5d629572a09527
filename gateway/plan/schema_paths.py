"""A plain path held against a schema: whether there are such fields."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from posixpath import dirname, join, normpath
from urllib.parse import unquote, urldefrag

from gateway.config.schemas import Schema, SchemaStore
from gateway.config.wording import suggestion
from gateway.lossless import Json

_PARTS = ("allOf", "anyOf", "oneOf")
_OPEN = ("additionalProperties", "patternProperties", "$dynamicRef", "if", "$id")
"""Keywords by which a field may be there that `properties` doesn't name, or that lead away."""


@dataclass(frozen=True, slots=True)
class Misspelt:
    """Why a path leads nowhere."""

    message: str
    advice: str


@dataclass(frozen=True, slots=True)
class _Place:
    """A schema within a file."""

    file: str
    schema: Json


def misspelt(schema: Schema, path: tuple[str, ...], schemas: SchemaStore) -> Misspelt | None:
    """Say what is wrong with a path to a list; None where nothing certainly is."""
    places = [_Place(schema.name, schema.document)]
    for depth, key in enumerate(path):
        parts = [part for place in places for part in _parts(place, schemas)]
        fields = [_properties(part) for part in parts]
        known = {name for found in fields for name in found}
        if key not in known and (not known or any(_is_open(part) for part in parts)):
            return None
        if key not in known:
            where = ".".join(("body", *path[:depth]))
            message = f"By {schema.name} `{where}` has no `{key}`."
            return Misspelt(message, suggestion(key, known))
        places = [
            _Place(part.file, found[key])
            for part, found in zip(parts, fields, strict=True)
            if key in found
        ]
    types = [_types(part) for place in places for part in _parts(place, schemas)]
    said = {kind for found in types for kind in found}
    if said and "array" not in said:
        message = f"By {schema.name} `{'.'.join(('body', *path))}` is no list."
        return Misspelt(message, "Name the list that holds the rows.")
    return None


def _parts(place: _Place, schemas: SchemaStore) -> list[_Place]:
    """Give a schema and all that it is put together from; references are followed once."""
    found: list[_Place] = []
    waiting = [place]
    while waiting:
        part = waiting.pop()
        if any(part.schema is other.schema for other in found):
            continue
        found.append(part)
        waiting += _inner(part, schemas)
    return found


def _inner(place: _Place, schemas: SchemaStore) -> Iterator[_Place]:
    schema = place.schema
    if not isinstance(schema, dict):
        return
    for key in _PARTS:
        options = schema.get(key)
        for option in options if isinstance(options, list) else []:
            yield _Place(place.file, option)
    reference = schema.get("$ref")
    if isinstance(reference, str):
        yield _referred(place.file, reference, schemas)


def _referred(file: str, reference: str, schemas: SchemaStore) -> _Place:
    """Follow a reference; what can't be followed here is a schema that allows everything."""
    path, pointer = urldefrag(reference)
    name = normpath(join(dirname(file), unquote(path))) if path else file
    schema = schemas.get(name)
    found: Json = schema.document if schema is not None else True
    for step in unquote(pointer).split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        found = found.get(key, True) if isinstance(found, dict) else True
    return _Place(name, found)


def _properties(place: _Place) -> dict[str, Json]:
    found = place.schema.get("properties") if isinstance(place.schema, dict) else None
    return found if isinstance(found, dict) else {}


def _types(place: _Place) -> list[str]:
    found = place.schema.get("type") if isinstance(place.schema, dict) else None
    if isinstance(found, list):
        return [str(kind) for kind in found]
    return [found] if isinstance(found, str) else []


def _is_open(place: _Place) -> bool:
    if not isinstance(place.schema, dict):
        return True
    if place.schema.get("additionalProperties") in (True, False):
        return any(key in place.schema for key in _OPEN[1:])
    return any(key in place.schema for key in _OPEN)
