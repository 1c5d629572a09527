"""From a schema of OpenAPI's to a file of ours: JSON Schema 2020-12, whole in itself, trimmed.

A request's schema keeps what the vendor says about values, and takes no property that it doesn't
name. An answer's keeps the shape alone (types, properties, what is always there): a new word in an
enumeration, or a longer text, must not make an answer unusable.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

import jsonschema_rs

from gateway.config.schema_words import PERSONAL
from gateway.lossless import Json
from gateway.scaffold.document import Document, block, items
from gateway.scaffold.ideas import means_address, means_person

Side = Literal["request", "answer"]
Keywords = dict[str, Json]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")
_NUMBERS = (
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    *("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"),
)
_BRANCHES = ("allOf", "anyOf", "oneOf")
_MOST_EXAMPLES = 10


def extract(document: Document, schema: Json, title: str, side: Side) -> Keywords:
    """Give a schema file's content; examples stay in it, for samples to be made from."""
    reader = _Reader(document, side)
    made = reader.convert(schema)
    whole: Keywords = {"$schema": _DIALECT, "title": title, **made}
    if reader.defs:
        whole["$defs"] = dict(reader.defs)
    if side == "request":
        _close(whole, reader.parts)
    return whole


def without_large_examples(schema: Json) -> Json:
    """Leave out examples that are no scalars: the file shows the shape, not documents."""
    if isinstance(schema, list):
        return [without_large_examples(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made: Keywords = {}
    for key, value in schema.items():
        if key == "examples" and isinstance(value, list):
            scalars: Json = [each for each in value if not isinstance(each, dict | list)]
            made |= {key: scalars} if scalars else {}
        else:
            made[key] = without_large_examples(value)
    return made


@dataclass(slots=True)
class _Reader:
    document: Document
    side: Side
    defs: Keywords = field(default_factory=dict)
    parts: set[str] = field(default_factory=set)
    """References from within `allOf`: parts of an object, which others add properties to."""
    _names: dict[str, str] = field(default_factory=dict)

    def convert(self, schema: Json) -> Keywords:
        if not isinstance(schema, dict):
            return {}
        made = self._referred(schema) or self._own(schema)
        return _nullable(made) if self._may_be_null(schema) else made

    def _referred(self, schema: Keywords) -> Keywords | None:
        reference = schema.get("$ref")
        if not isinstance(reference, str):
            return None
        if reference not in self._names:
            target = self.document.lookup(reference)
            name = _name(reference, self.defs)
            self._names[reference] = name
            self.defs[name] = {}  # its place, where it refers to itself
            self.defs[name] = self.convert(target)
        return {"$ref": f"#/$defs/{self._names[reference]}"}

    def _own(self, schema: Keywords) -> Keywords:
        made: Keywords = {}
        said = schema.get("type")
        types: list[Json] = [
            name for name in _TYPES if name in (said if isinstance(said, list) else [said])
        ]
        if types:
            made["type"] = types[0] if len(types) == 1 else types
        made |= self._object(schema)
        if isinstance(schema.get("items"), dict):
            made["items"] = self.convert(schema["items"])
        if self.side == "request":
            made |= self._limits(schema)
        for key in _BRANCHES:
            branches = [self.convert(each) for each in items(schema.get(key))]
            if branches:
                # Without its limits more than one alternative may fit an answer.
                made["anyOf" if (self.side, key) == ("answer", "oneOf") else key] = list(branches)
                if key == "allOf":
                    self.parts |= {str(each.get("$ref")) for each in branches}
        return made | self._examples(schema)

    def _object(self, schema: Keywords) -> Keywords:
        made: Keywords = {}
        kept = {
            name: self._property(name, each)
            for name, each in block(schema.get("properties")).items()
            if not self._is_others(each)
        }
        if kept:
            made["properties"] = dict(kept)
        dropped = block(schema.get("properties")).keys() - kept.keys()
        required: list[Json] = [
            name
            for name in items(schema.get("required"))
            if isinstance(name, str) and name not in dropped
        ]
        if required:
            made["required"] = required
        extra = schema.get("additionalProperties")
        if isinstance(extra, dict):
            made["additionalProperties"] = self.convert(extra)
        elif extra is True or (extra is False and self.side == "request"):
            made["additionalProperties"] = extra
        return made

    def _property(self, name: str, schema: Json) -> Keywords:
        made = self.convert(schema)
        return {**made, PERSONAL: True} if means_address(name) or means_person(name) else made

    def _is_others(self, schema: Json) -> bool:
        """Say whether a property belongs to the other side alone."""
        mark = "readOnly" if self.side == "request" else "writeOnly"
        return block(schema).get(mark) is True or self.document.follow(schema).get(mark) is True

    def _limits(self, schema: Keywords) -> Keywords:
        kept = ("const", "format", "uniqueItems")
        made: Keywords = {key: schema[key] for key in kept if key in schema}
        if isinstance(schema.get("enum"), list):
            made["enum"] = schema["enum"]
        for key in _NUMBERS:
            if isinstance(schema.get(key), int | float | Decimal):
                made[key] = schema[key]
        for way in ("Minimum", "Maximum"):  # true beside a limit, in OpenAPI 3.0
            if isinstance(made.get(f"exclusive{way}"), bool):
                exclusive = made.pop(f"exclusive{way}")
                if exclusive and way.lower() in made:
                    made[f"exclusive{way}"] = made.pop(way.lower())
        pattern = schema.get("pattern")
        if isinstance(pattern, str) and _is_pattern(pattern):
            made["pattern"] = pattern
        return made

    def _examples(self, schema: Keywords) -> Keywords:
        given = [schema["example"]] if "example" in schema else items(schema.get("examples"))
        if self.side == "answer":  # words that are no limit any more
            given = [*given, *items(schema.get("enum"))]
            given += [schema["const"]] if "const" in schema else []
        if "default" in schema:
            given = [*given, schema["default"]]
        shown: Json = given[:_MOST_EXAMPLES]
        return {"examples": shown} if given else {}

    def _may_be_null(self, schema: Keywords) -> bool:
        return self.document.nullable and schema.get("nullable") is True


def _nullable(schema: Keywords) -> Keywords:
    if isinstance(schema.get("type"), str):
        schema = {**schema, "type": [schema["type"], "null"]}
        if isinstance(schema.get("enum"), list):
            schema["enum"] = [*dict.fromkeys((*items(schema["enum"]), None))]
        return schema
    return {"anyOf": [schema, {"type": "null"}]}


def _close(schema: Keywords, parts: set[str]) -> None:
    """Refuse properties that aren't named, where no other schema may add some."""
    for name, each in [("", schema), *block(schema.get("$defs")).items()]:
        for found in _walk(each, part=f"#/$defs/{name}" in parts):
            required = set(items(found.get("required")))
            if required <= block(found.get("properties")).keys():
                found.setdefault("additionalProperties", False)


def _walk(schema: Json, *, part: bool) -> Iterator[Keywords]:
    """Give the objects within a schema that nothing else adds properties to."""
    if not isinstance(schema, dict):
        return
    mixed = any(key in schema for key in _BRANCHES)
    if "properties" in schema and not part and not mixed:
        yield schema
    for each in block(schema.get("properties")).values():
        yield from _walk(each, part=False)
    for key in ("items", "additionalProperties"):
        yield from _walk(schema.get(key), part=False)
    for key in _BRANCHES:
        for each in items(schema.get(key)):
            yield from _walk(each, part=key == "allOf" or "properties" in schema or part)


def _name(reference: str, taken: Keywords) -> str:
    last = re.sub(r"[^A-Za-z0-9_.-]", "", reference.rpartition("/")[2]) or "Schema"
    name, number = last, 1
    while name in taken:
        number += 1
        name = f"{last}{number}"
    return name


def _is_pattern(text: str) -> bool:
    """Say whether our schema library reads the regular expression: OpenAPI's may be anybody's."""
    try:
        jsonschema_rs.validator_for({"pattern": text})
    except jsonschema_rs.ValidationError:
        return False
    return True
