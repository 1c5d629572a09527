"""A look into an extracted schema: what an object has, what a list holds, references followed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import jsonschema_rs

from gateway.lossless import Json
from gateway.scaffold.document import block, items

Keywords = dict[str, Json]
Path = tuple[str, ...]
"""Steps into a document: names of fields, and `[]` for the elements of a list."""

ELEMENT = "[]"
_DEEPEST = 4
_MOST_HOPS = 20


@dataclass(frozen=True, slots=True)
class Shape:
    """A schema, and the whole document that its references are about."""

    schema: Keywords
    whole: Keywords

    @classmethod
    def of(cls, document: Keywords) -> Shape:
        return cls(document, document).plain()

    @property
    def kinds(self) -> list[str]:
        said = self.schema.get("type")
        names = [str(each) for each in (said if isinstance(said, list) else [said]) if each]
        if not names and "properties" in self.schema:
            return ["object"]
        return names

    def has(self, kind: str) -> bool:
        return kind in self.kinds

    @property
    def fields(self) -> dict[str, Shape]:
        """Give an object's properties; none for anything else."""
        properties = block(self.schema.get("properties")) if self.has("object") else {}
        return {name: self._inner(each) for name, each in properties.items()}

    @property
    def required(self) -> set[str]:
        return {str(name) for name in items(self.schema.get("required"))}

    @property
    def element(self) -> Shape | None:
        """Give what a list holds; None for anything else."""
        if not self.has("array"):
            return None
        return self._inner(self.schema.get("items"))

    @property
    def is_scalar(self) -> bool:
        return bool({"string", "integer", "number", "boolean"} & {*self.kinds})

    def takes(self, value: Json) -> bool:
        """Say whether a value satisfies it."""
        schema = {**self.schema, "$defs": self.whole.get("$defs", {})}
        return jsonschema_rs.validator_for(schema, validate_formats=True).is_valid(value)

    def lists(self, path: Path = ()) -> Iterator[tuple[Path, Shape]]:
        """Give the lists of objects within, from the top down, with the way to each."""
        element = self.element
        if element is not None:
            if element.fields:
                yield path, element
            return
        if len(path) < _DEEPEST:
            for name, field in self.fields.items():
                yield from field.lists((*path, name))

    def _inner(self, schema: Json) -> Shape:
        return Shape(block(schema), self.whole).plain()

    def plain(self) -> Shape:
        """Put together what references and `allOf` say; of alternatives take the first."""
        made = self.schema
        for _ in range(_MOST_HOPS):
            reference = made.get("$ref")
            parts = items(made.get("allOf"))
            choices = [
                each
                for key in ("anyOf", "oneOf")
                for each in items(made.get(key))
                if block(each).get("type") != "null"
            ]
            rest = {
                key: value
                for key, value in made.items()
                if key not in ("$ref", "allOf", "anyOf", "oneOf")
            }
            if isinstance(reference, str):
                name = reference.rpartition("/")[2]
                made = _both(rest, block(block(self.whole.get("$defs")).get(name)))
            elif parts:
                made = rest
                for part in parts:
                    made = _both(made, Shape(block(part), self.whole).plain().schema)
            elif choices:
                made = _both(rest, block(choices[0]))
            else:
                break
        return Shape(made, self.whole)


def _both(first: Keywords, second: Keywords) -> Keywords:
    """Put two schemas of one value together, the first before the second."""
    made = {**second, **first}
    properties = {**block(second.get("properties")), **block(first.get("properties"))}
    required = [*dict.fromkeys([*items(first.get("required")), *items(second.get("required"))])]
    if properties:
        made["properties"] = properties
    if required:
        made["required"] = required
    return made
