"""Personal data: which values of a document they are, as its schema declares, and their masking.

A schema declares them with `"x-personal": true`, which holds for all that is below it until an
`"x-personal": false`. Where an object lists its properties, one that isn't listed is personal too:
nothing computes with it, and nobody has said what it holds.
"""

from __future__ import annotations

import re
from copy import deepcopy
from functools import reduce
from operator import getitem
from typing import TYPE_CHECKING, Any

from gateway.config.references import entered, referred
from gateway.config.schema_words import PERSONAL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from gateway.config.references import Resolver
    from gateway.config.schemas import Schema
    from gateway.lossless import Json

    Path = tuple[str | int, ...]
    Part = tuple[dict[str, Json], Resolver]

_TOGETHER = ("allOf", "anyOf", "oneOf")
_CONDITIONAL = ("then", "else")
_OTHERS = ("additionalProperties", "unevaluatedProperties")
_LISTING = ("properties", "patternProperties", *_OTHERS)


def personal_paths(schema: Schema, document: Json, *, unlisted: bool = True) -> list[Path]:
    """List where a document holds personal values: texts, numbers and booleans, by their paths.

    A schema's alternatives all count, whichever the document takes: any may call a value personal.
    Without `unlisted`, only what a schema calls so is listed.
    """
    parts = [*_parts(schema.document, schema.resolver)]
    return list(_leaves(document, parts, (), personal=False, unlisted=unlisted))


def personal_names(schema: Schema) -> frozenset[str]:
    """Give the names that stand for personal data wherever the schema has them, such as `email`."""
    personal: dict[bool, set[str]] = {True: set(), False: set()}
    seen: set[tuple[int, bool]] = set()
    left = [([*_parts(schema.document, schema.resolver)], False)]
    while left:
        parts, inherited = left.pop()
        here = _is_personal(parts, inherited=inherited)
        for part, resolver in parts:
            if (id(part), here) in seen:
                continue
            seen.add((id(part), here))
            for name, each in _block(part.get("properties")).items():
                below = [*_parts(each, resolver)]
                personal[_is_personal(below, inherited=here)].add(name)
                left.append((below, here))
            left.append(([*_of_item(0, [(part, resolver)])], here))
    return frozenset(personal[True] - personal[False])


def paths_of_names(names: frozenset[str], document: Json) -> list[Path]:
    """List where a document holds texts in or below fields of these names."""

    def found(value: Json, path: Path, *, within: bool) -> Iterator[Path]:
        if isinstance(value, dict):
            for name, inner in value.items():
                yield from found(inner, (*path, name), within=within or name in names)
        elif isinstance(value, list):
            for index, inner in enumerate(value):
                yield from found(inner, (*path, index), within=within)
        elif within and isinstance(value, str):
            yield path

    return list(found(document, (), within=False))


def masked(document: Json, paths: Iterable[Path], mask: Callable[[Json], Json]) -> Json:
    """Copy a document, with `mask` of what is at each path in its place."""
    copy = [deepcopy(document)]
    for path in paths:
        *outer, last = (0, *path)
        holder: Any = reduce(getitem, outer, copy)  # type: ignore[arg-type]  # steps fit the document
        holder[last] = mask(holder[last])
    return copy[0]


def _leaves(
    value: Json, parts: list[Part], path: Path, *, personal: bool, unlisted: bool
) -> Iterator[Path]:
    personal = _is_personal(parts, inherited=personal)
    if isinstance(value, dict):
        lists = unlisted and any(key in schema for schema, _ in parts for key in _LISTING)
        for name, inner in value.items():
            said = [*_of_property(name, parts)]
            below = [part for each in said for part in _parts(*each)]
            here = personal or (lists and not said)
            yield from _leaves(inner, below, (*path, name), personal=here, unlisted=unlisted)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            below = [*_of_item(index, parts)]
            yield from _leaves(inner, below, (*path, index), personal=personal, unlisted=unlisted)
    elif personal and value is not None:
        yield path


def _is_personal(parts: list[Part], *, inherited: bool) -> bool:
    said = [schema[PERSONAL] for schema, _ in parts if PERSONAL in schema]
    return any(each is True for each in said) if said else inherited


def _parts(schema: Json, resolver: Resolver, seen: frozenset[int] = frozenset()) -> Iterator[Part]:
    """Give a schema with all that it is put together from, as far as they speak of one value."""
    if not isinstance(schema, dict) or id(schema) in seen:
        return
    seen |= {id(schema)}
    resolver = entered(schema, resolver)
    yield schema, resolver
    if found := referred(schema, resolver):
        yield from _parts(*found, seen)
    inner = [each for key in _TOGETHER for each in _list(schema.get(key))]
    inner += [schema[key] for key in _CONDITIONAL if key in schema]
    for each in [*inner, *_block(schema.get("dependentSchemas")).values()]:
        yield from _parts(each, resolver, seen)


def _of_property(name: str, parts: list[Part]) -> Iterator[tuple[Json, Resolver]]:
    """Give what the schemas say of a property; nothing where they don't speak of it."""
    for schema, resolver in parts:
        properties = _block(schema.get("properties"))
        found = [properties[name]] if name in properties else []
        for pattern, each in _block(schema.get("patternProperties")).items():
            if _matches(pattern, name):
                found.append(each)
        if not found:
            found = [schema[key] for key in _OTHERS if schema.get(key, False) is not False]
        yield from ((each, resolver) for each in found)


def _of_item(index: int, parts: list[Part]) -> Iterator[Part]:
    for schema, resolver in parts:
        first, rest = schema.get("prefixItems"), schema.get("items", schema.get("unevaluatedItems"))
        if isinstance(rest, list):  # draft-07
            first, rest = rest, schema.get("additionalItems")
        heads = _list(first)
        yield from _parts(heads[index] if index < len(heads) else rest, resolver)


def _matches(pattern: str, name: str) -> bool:
    try:
        return re.search(pattern, name) is not None
    except re.error:  # a regular expression of ECMAScript's alone
        return True


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _block(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}
