"""Keys stand in the order of the reference, which is that of the JSON Schemas made from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from gateway.config.layout.tree import Block

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.config.layout.tree import Value
    from gateway.lossless import Json

    Schema = dict[str, Json]


def put_in_order(value: Value, schema: Schema) -> None:
    """Sort the keys of a block and of those in it; keys that anybody may name stay as they are."""
    if not isinstance(value, Block):
        return
    known = _of_keys(schema, {entry.key.text for entry in value.entries if entry.key})
    names = _part(known, "properties")
    places = {name: at for at, name in enumerate(names)}
    if places:
        value.entries.sort(
            key=lambda each: places.get(each.key.text if each.key else "", len(places))
        )
    items = next((each["items"] for each in _choices(schema) if "items" in each), {})
    for entry in value.entries:
        more = known.get("additionalProperties")
        below = items if entry.key is None else names.get(entry.key.text, more)
        if isinstance(below, dict):
            put_in_order(entry.value, below)


def _of_keys(schema: Schema, keys: set[str]) -> Schema:
    """Pick, of the blocks that may stand here, the one that knows most of the keys."""
    blocks = [each for each in _choices(schema) if "properties" in each]
    return max(
        blocks, key=lambda each: len(_part(each, "properties").keys() & keys), default=schema
    )


def _choices(schema: Schema) -> Iterator[Schema]:
    yield schema
    for word in ("anyOf", "oneOf"):
        for each in cast("list[Schema]", schema.get(word, [])):
            yield from _choices(each)


def _part(schema: Schema, word: str) -> Schema:
    return cast("Schema", schema.get(word, {}))
