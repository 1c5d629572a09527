"""What a value breaks in its JSON Schema, in words that never quote the value."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import jsonschema_rs

from gateway.lossless import Json, dumps

if TYPE_CHECKING:
    from collections.abc import Iterable

_AT_MOST = 10
_SHOWN = 5

_TEXTS = {
    "additionalItems": "must have no more items than the schema names",
    "additionalProperties": "must have no properties that the schema doesn't name",
    "const": "must be {expected_value}",
    "contains": "must contain an item that the schema asks for",
    "enum": "must be one of {options}",
    "exclusiveMaximum": "must be less than {limit}",
    "exclusiveMinimum": "must be more than {limit}",
    "falseSchema": "must not be there",
    "format": "must be a {format}",
    "maximum": "must be at most {limit}",
    "maxItems": "must have at most {limit} items",
    "maxLength": "must have at most {limit} characters",
    "maxProperties": "must have at most {limit} properties",
    "minimum": "must be at least {limit}",
    "minItems": "must have at least {limit} items",
    "minLength": "must have at least {limit} characters",
    "minProperties": "must have at least {limit} properties",
    "multipleOf": "must be a multiple of {multiple_of}",
    "not": "must not be what the schema rules out",
    "oneOf": "must fit one alternative, not several",
    "pattern": "must match {pattern}",
    "required": "must have {property}",
    "type": "must be of type {types}",
    "unevaluatedItems": "must have no items that the schema doesn't name",
    "unevaluatedProperties": "must have no properties that the schema doesn't name",
    "uniqueItems": "must have no item twice",
}
"""By jsonschema-rs's name of the violation; the inserts come from the schema, not from the data."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One place of a value that breaks its schema.

    `path` is a JSON Pointer into the value ("" is all of it); `message` names the keyword and what
    it asks for, never what was there. `missing` is the property that isn't there but must be.
    """

    path: str
    message: str
    missing: str | None = None


def explain(validator: jsonschema_rs.Validator, value: Json) -> tuple[Violation, ...]:
    """List what the value breaks, at most ten places; empty where it is valid."""
    return tuple(
        Violation(pointer(error.instance_path), describe(error), _missing(error))
        for error in islice(validator.iter_errors(value), _AT_MOST)
    )


def _missing(error: jsonschema_rs.ValidationError) -> str | None:
    if error.kind.name != "required":
        return None
    name = error.kind.as_dict().get("property")
    return name if isinstance(name, str) else None


def describe(error: jsonschema_rs.ValidationError) -> str:
    """Say what the schema asks for at this place."""
    kind = error.kind
    if isinstance(kind, jsonschema_rs.ValidationErrorKind.PropertyNames):
        return f"has a property whose name {describe(kind.error)}"
    if isinstance(
        kind,
        jsonschema_rs.ValidationErrorKind.AnyOf | jsonschema_rs.ValidationErrorKind.OneOfNotValid,
    ):
        branches = [describe(branch[0]) for branch in kind.context[:_SHOWN] if branch]
        return f"must fit an alternative ({kind.name}): {'; or '.join(dict.fromkeys(branches))}"
    keyword = error.schema_path[-1] if error.schema_path else kind.name
    # `additionalProperties: false` comes as a false schema where there are no `properties`.
    closed = kind.name == "falseSchema" and keyword == "additionalProperties"
    name = "additionalProperties" if closed else kind.name
    text = _TEXTS.get(name, "breaks the schema")
    inserts = {
        name: _show(value) for name, value in kind.as_dict().items() if f"{{{name}}}" in text
    }
    return f"{text.format(**inserts)} ({keyword})"


def pointer(path: Iterable[str | int]) -> str:
    """Write a path as a JSON Pointer (RFC 6901)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def steps_of(path: str) -> tuple[str, ...]:
    """Read a JSON Pointer back into its steps."""
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in path.split("/")[1:])


def _show(value: Json) -> str:
    if isinstance(value, list):
        more = [] if len(value) <= _SHOWN else ["…"]
        return ", ".join([*map(_show, value[:_SHOWN]), *more])
    return value if isinstance(value, str) else dumps(value).decode()
