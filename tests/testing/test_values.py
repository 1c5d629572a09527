"""Values made from schemas: they satisfy them, whichever keywords say so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.config.problems import Problems
from gateway.config.schemas import Schema, SchemaStore
from gateway.lossless import Json, dumps, loads
from gateway.testing.generate.values import Values

ROOT = Path(__file__).parents[2] / "schemas"
STORE = SchemaStore.read((ROOT,), Problems())
SHIPPED = [name for name in STORE.names() if name.split("/")[0] in {"generic", "square"}]
SHIPPED += ["nacelle/checkout.json", "nacelle/order.json"]
UNHURRIED = settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
KEYWORDS: list[dict[str, Json]] = [
    {"const": {"a": [1]}},
    {"enum": ["a", 2, None]},
    {"type": "string", "minLength": 3, "maxLength": 5},
    {"type": "string", "pattern": "^[A-Z]{3}$"},
    {"type": "string", "format": "date-time"},
    {"type": "string", "format": "email"},
    {"type": "integer", "minimum": 3, "exclusiveMaximum": 5},
    {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
    {"type": ["array", "null"], "items": {"type": "boolean"}, "minItems": 2, "maxItems": 3},
    {"properties": {"a": {"type": "string"}}, "required": ["a", "b"]},
    {"allOf": [{"type": ["string", "integer"]}, {"type": ["integer", "null"]}]},
    {"oneOf": [{"type": "string"}, {"type": "integer"}]},
    {
        "$ref": "#/$defs/tree",
        "$defs": {
            "tree": {
                "type": "object",
                "properties": {"inner": {"$ref": "#/$defs/tree"}},
                "required": ["id"],
            }
        },
    },
    {},
]


def schema_of(document: dict[str, Json], folder: Path) -> Schema:
    (folder / "s.json").write_bytes(dumps(document))
    schema = SchemaStore.read((folder,), Problems()).get("s.json")
    assert schema is not None
    return schema


@pytest.mark.parametrize("name", SHIPPED)
def test_what_is_made_of_a_shipped_schema_satisfies_it(name: str) -> None:
    schema = STORE.get(name)
    assert schema is not None

    @UNHURRIED
    @given(st.data())
    def check(data: st.DataObject) -> None:
        value = Values(data.draw).new(((schema.document, schema.resolver),))
        assert schema.is_valid(loads(dumps(value)))

    check()


@pytest.mark.parametrize("document", KEYWORDS, ids=lambda each: json.dumps(each)[:50])
def test_each_keyword_is_kept(document: dict[str, Json], tmp_path: Path) -> None:
    schema = schema_of(document, tmp_path)

    @UNHURRIED
    @given(st.data())
    def check(data: st.DataObject) -> None:
        value = Values(data.draw).new(((schema.document, schema.resolver),))
        assert schema.is_valid(loads(dumps(value)))

    check()
