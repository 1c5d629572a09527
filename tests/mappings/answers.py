"""Answers that a vendor may give: whatever a schema of theirs, or of ours, allows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

from hypothesis import strategies as st

from tests.mappings.conftest import ROOT

if TYPE_CHECKING:
    from gateway.lossless import Json

Node = dict[str, object]
_SHORT = 6


def shipped_answers(name: str) -> st.SearchStrategy[Json]:
    """Make anything that a schema under schemas/ allows."""
    schema: Node = json.loads((ROOT / "schemas" / name).read_text())
    return answers_of(schema, cast("dict[str, Node]", schema.get("$defs", {})))


def answers_of(schema: Node, schemas: dict[str, Node], depth: int = 6) -> st.SearchStrategy[Json]:
    """Make anything that a schema allows; `schemas` are those that it refers to, by name.

    OpenAPI 3.0's `nullable` counts too. Lists and objects become simpler the deeper they are.
    """
    made = st.deferred(lambda: _answers(schema, schemas, depth))
    return made | st.none() if schema.get("nullable") else made


def _answers(schema: Node, schemas: dict[str, Node], depth: int) -> st.SearchStrategy[Json]:
    if "$ref" in schema:
        return answers_of(schemas[str(schema["$ref"]).rpartition("/")[2]], schemas, depth - 1)
    if "anyOf" in schema:
        options = cast("list[Node]", schema["anyOf"])
        return st.one_of(answers_of(option, schemas, depth) for option in options)
    if "enum" in schema:
        return st.sampled_from(cast("list[Json]", schema["enum"]))
    kinds = schema["type"]
    if isinstance(kinds, list):
        return st.one_of(_answers({**schema, "type": kind}, schemas, depth) for kind in kinds)
    if kinds == "array":
        items = cast("Node", schema["items"])
        most = 3 if depth > 0 else 0
        return st.lists(answers_of(items, schemas, depth - 1), max_size=most)
    if kinds == "object":
        return _objects(schema, schemas, depth)
    if kinds == "string":
        return _texts(cast("int", schema.get("maxLength", 30)))
    plain: dict[str, st.SearchStrategy[Json]] = {
        "integer": st.integers(-(2**31), 2**31),
        "boolean": st.booleans(),
        "null": st.none(),
    }
    return plain[str(kinds)]


def _objects(schema: Node, schemas: dict[str, Node], depth: int) -> st.SearchStrategy[Json]:
    properties = cast("dict[str, Node]", schema.get("properties", {}))
    required = cast("list[str]", schema.get("required", []))
    each = {name: answers_of(part, schemas, depth - 1) for name, part in properties.items()}
    optional = {name: part for name, part in each.items() if name not in required and depth > 0}
    return st.fixed_dictionaries({name: each[name] for name in required}, optional=optional)


def _texts(longest: int) -> st.SearchStrategy[Json]:
    text = st.text(max_size=min(longest, 30)) | st.sampled_from(["A", "2"])
    return text if longest < _SHORT else text | st.decimals(-100, 100, places=2).map(str)
