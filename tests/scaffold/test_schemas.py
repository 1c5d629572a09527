"""Schemas taken over: whole in themselves, strict for requests, lenient for answers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scaffold.conftest import TEXT, WHOLE, New, answers, shape, takes

DONE = answers(shape(id=TEXT))


def request_schema(new: New, schema: dict[str, Any], **document: Any) -> dict[str, Any]:
    operation = {"requestBody": takes(schema), "responses": DONE}
    return new("sync.consume", operation, **document).schema("request")


def answer_schema(new: New, schema: dict[str, Any], **document: Any) -> dict[str, Any]:
    operation = {"requestBody": takes(shape(id=TEXT)), "responses": answers(schema)}
    return new("sync.consume", operation, **document).schema("response")


def property_of(schema: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = schema["properties"]["value"]
    return found


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        (
            {"type": "string", "maxLength": 3, "description": "x", "x-own": 1},
            {"type": "string", "maxLength": 3},
        ),
        ({"type": "string", "enum": ["A", "B"]}, {"type": "string", "enum": ["A", "B"]}),
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        (
            {"type": "string", "enum": ["A"], "nullable": True},
            {"type": ["string", "null"], "enum": ["A", None]},
        ),
        (
            {"type": "number", "minimum": 0, "exclusiveMinimum": True},
            {"type": "number", "exclusiveMinimum": 0},
        ),
        (
            {"type": "number", "maximum": 9, "exclusiveMaximum": False},
            {"type": "number", "maximum": 9},
        ),
        ({"type": "string", "pattern": "[unclosed"}, {"type": "string"}),
        (
            {"type": "string", "example": "E", "default": "D"},
            {"type": "string", "examples": ["E", "D"]},
        ),
        ({"type": "file"}, {}),
    ],
)
def test_what_a_request_says_of_a_value_is_kept(
    new: New, given: dict[str, Any], taken: dict[str, Any]
) -> None:
    assert property_of(request_schema(new, shape("value", value=given))) == taken


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        (
            {"type": "string", "maxLength": 3, "pattern": "^A", "format": "uuid"},
            {"type": "string"},
        ),
        ({"type": "string", "enum": ["A", "B"]}, {"type": "string", "examples": ["A", "B"]}),
        ({"type": "integer", "minimum": 1, "nullable": True}, {"type": ["integer", "null"]}),
        (
            {"type": "array", "minItems": 1, "items": TEXT},
            {"type": "array", "items": TEXT},
        ),
    ],
)
def test_of_an_answer_only_the_shape_is_kept(
    new: New, given: dict[str, Any], taken: dict[str, Any]
) -> None:
    assert property_of(answer_schema(new, shape("value", value=given))) == taken


def test_a_type_of_openapi_3_1_is_kept_as_it_is(new: New) -> None:
    made = request_schema(new, shape("value", value={"type": ["string", "null"]}), openapi="3.1.0")
    assert property_of(made) == {"type": ["null", "string"]} or property_of(made) == {
        "type": ["string", "null"]
    }


def test_a_request_takes_no_property_that_it_does_not_name_and_an_answer_does(new: New) -> None:
    schema = shape("value", value=shape("id", id=TEXT))
    closed = {**schema, "additionalProperties": False}
    written = new("sync.consume", {"requestBody": takes(schema), "responses": answers(closed)})
    request, response = written.schema("request"), written.schema("response")
    assert request["additionalProperties"] is False
    assert property_of(request)["additionalProperties"] is False
    assert "additionalProperties" not in response


def test_parts_that_are_put_together_stay_open(new: New) -> None:
    parts = {"Base": shape("id", id=TEXT)}
    both = {"allOf": [{"$ref": "#/components/schemas/Base"}, shape("sku", sku=TEXT)]}
    made = request_schema(new, both, components={"schemas": parts})
    assert "additionalProperties" not in made["$defs"]["Base"]
    assert all("additionalProperties" not in part for part in made["allOf"])


def test_what_only_the_other_side_sends_is_left_out(new: New) -> None:
    schema = shape(
        *("id", "name", "pin"),
        id={**TEXT, "readOnly": True},
        name=TEXT,
        pin={**TEXT, "writeOnly": True},
    )
    written = new("sync.consume", {"requestBody": takes(schema), "responses": answers(schema)})
    request, response = written.schema("request"), written.schema("response")
    assert list(request["properties"]) == request["required"] == ["name", "pin"]
    assert list(response["properties"]) == response["required"] == ["id", "name"]


def test_references_lead_to_what_is_used_and_nothing_else_comes_along(new: New) -> None:
    schemas = {
        "Order": shape(
            "lines", lines={"type": "array", "items": {"$ref": "#/components/schemas/Line"}}
        ),
        "Line": shape("sku", sku=TEXT, quantity=WHOLE),
        "Unused": shape(id=TEXT),
    }
    made = request_schema(
        new, {"$ref": "#/components/schemas/Order"}, components={"schemas": schemas}
    )
    assert made["$ref"] == "#/$defs/Order"
    assert set(made["$defs"]) == {"Order", "Line"}


def test_a_schema_that_refers_to_itself_is_taken_over_once(new: New) -> None:
    node = shape("id", id=TEXT, parent={"$ref": "#/components/schemas/Node"})
    made = answer_schema(
        new, {"$ref": "#/components/schemas/Node"}, components={"schemas": {"Node": node}}
    )
    assert made["$defs"]["Node"]["properties"]["parent"] == {"$ref": "#/$defs/Node"}


def test_names_that_are_the_same_for_two_schemas_are_told_apart(new: New) -> None:
    schema = shape(
        *("first", "second"),
        first={"$ref": "#/components/schemas/Money"},
        second={"$ref": "#/components/x-more/Money"},
    )
    components = {"schemas": {"Money": TEXT}, "x-more": {"Money": WHOLE}}
    made = request_schema(new, schema, components=components)
    assert made["$defs"] == {"Money": TEXT, "Money2": WHOLE}


def test_of_alternatives_any_may_be_answered(new: New) -> None:
    schema = {"oneOf": [shape("id", id={**TEXT, "enum": ["A"]}), shape("id", id=TEXT)]}
    made = answer_schema(new, schema)
    assert len(made["anyOf"]) == 2
    assert "oneOf" not in made


def test_examples_of_whole_documents_stay_in_the_description(new: New) -> None:
    schema = {**shape("id", id={**TEXT, "example": "A1"}), "example": {"id": "A1"}}
    made = answer_schema(new, schema)
    assert "examples" not in made
    assert made["properties"]["id"]["examples"] == ["A1"]


def test_what_is_personal_by_its_name_is_marked_so_that_recordings_mask_it(new: New) -> None:
    address = shape("street", street=TEXT)
    schema = shape(
        *("buyerEmail", "ship_to", "phone_number", "firstName", "sku", "email_sent"),
        buyerEmail=TEXT,
        ship_to=address,
        phone_number=TEXT,
        firstName=TEXT,
        sku=TEXT,
        email_sent={"type": "boolean"},
    )
    made = request_schema(new, schema)["properties"]
    marked = {name for name, each in made.items() if each.get("x-personal")}
    assert marked == {"buyerEmail", "ship_to", "phone_number", "firstName"}
