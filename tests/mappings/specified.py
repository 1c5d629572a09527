"""Square as its own OpenAPI document says it, and nothing else: a mock that is made from it.

Each request is held against the schema of its operation, and answered with a body that is made
from the schema of the answer. What a schema can't say, that a row is about what was asked for, is
put on top.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.conftest import Canned

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from tests.conftest import Heard

_DEEPEST = 5
_WORDS = ("A", "ß", "x-1", "2026", "snow ☃", '"quoted"')
_BODY = ("requestBody", "content", "application/json", "schema")
_ANSWER = ("responses", "200", "content", "application/json", "schema")


@dataclass
class SpecifiedSquare:
    """Answers by the specification; `faults` says what a schema has against a body.

    `stock` is what there is of each variation at each location, told in two pages.
    """

    document: dict[str, Any]
    faults: Callable[[str, object], list[str]]
    random: Random
    stock: dict[tuple[str, str], int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    heard: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def answer(self, heard: Heard) -> Canned:
        operation = self._operation(heard)
        if operation is None or not heard.headers.get("authorization", "").startswith("Bearer "):
            self.wrong.append(f"{heard.method} {heard.target}")
            return Canned({"errors": []}, 404, {})
        asked = json.loads(heard.body)
        self.wrong += self.faults(_named(operation, _BODY), asked)
        name = _named(operation, _ANSWER)
        told = self._made({"$ref": f"#/components/schemas/{name}"})
        told.pop("cursor", None)
        told |= self._meant(name, asked)
        assert self.faults(name, told) == []
        self.heard.append((name, asked))
        return Canned(told, 200, {})

    def _operation(self, heard: Heard) -> dict[str, Any] | None:
        path = heard.target.partition("?")[0]
        for template, methods in self.document["paths"].items():
            pattern = re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(template))
            if re.fullmatch(pattern, path) and heard.method.lower() in methods:
                found: dict[str, Any] = methods[heard.method.lower()]
                return found
        return None

    def _meant(self, name: str, asked: dict[str, Any]) -> dict[str, Any]:
        """Give what makes an answer one to this question: a success, about what it names."""
        if name == "CreateOrderResponse":
            order = self._made({"$ref": "#/components/schemas/Order"})
            return {"errors": [], "order": order | {"id": "made"}}
        if name != "BatchRetrieveInventoryCountsResponse":
            return {"errors": []}
        wanted = [
            (variation, location)
            for variation in asked["catalog_object_ids"]
            for location in asked["location_ids"]
            if (variation, location) in self.stock
        ]
        half = len(wanted) // 2
        first = "cursor" not in asked
        rows = [self._count(*each) for each in (wanted[:half] if first else wanted[half:])]
        return {"errors": [], "counts": rows} | ({"cursor": "the-rest"} if first else {})

    def _count(self, variation: str, location: str) -> dict[str, Any]:
        return self._made({"$ref": "#/components/schemas/InventoryCount"}) | {
            "catalog_object_id": variation,
            "location_id": location,
            "state": "IN_STOCK",
            "quantity": str(self.stock[variation, location]),
        }

    def _made(self, schema: dict[str, Any], depth: int = 0) -> Any:
        """Make something that a schema takes."""
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return self._made(self.document["components"]["schemas"][name], depth)
        if "enum" in schema:
            return self.random.choice(schema["enum"])
        makers: dict[str, Callable[[dict[str, Any], int], Any]] = {
            "object": self._object,
            "array": self._array,
            "string": self._string,
            "integer": lambda *_: self.random.randrange(10**9),
            "number": lambda *_: self.random.randrange(10**4) / 100,
            "boolean": lambda *_: self.random.random() < 0.5,
        }
        return makers[schema["type"]](schema, depth)

    def _object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        required = schema.get("required", ())
        return {
            name: self._made(part, depth + 1)
            for name, part in schema.get("properties", {}).items()
            if name in required or (depth < _DEEPEST and self.random.random() < 0.5)
        }

    def _array(self, schema: dict[str, Any], depth: int) -> list[Any]:
        return [self._made(schema["items"], depth + 1) for _ in range(self.random.randrange(3))]

    def _string(self, schema: dict[str, Any], _: int) -> str:
        word = self.random.choice(_WORDS)[: schema.get("maxLength", 10)]
        return word.ljust(schema.get("minLength", 0), "x")


def _named(operation: dict[str, Any], steps: tuple[str, ...]) -> str:
    """Give the name of the schema at a place of an operation."""
    found: Any = operation
    for step in steps:
        found = found[step]
    name: str = found["$ref"].rpartition("/")[2]
    return name
