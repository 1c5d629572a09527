"""Personal data: declared in schemas, found in documents, masked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gateway.config.personal import masked, paths_of_names, personal_names, personal_paths
from gateway.config.problems import Problems
from gateway.config.schemas import SchemaStore
from gateway.lossless import Json, dumps

if TYPE_CHECKING:
    from collections.abc import Callable

    Found = Callable[[dict[str, Json], Json], list[tuple[str | int, ...]]]

_SHIPPED = SchemaStore.read([Path(__file__).parents[2] / "schemas"], Problems())
_PERSONAL: Json = {"x-personal": True}


@pytest.fixture
def find(tmp_path: Path) -> Found:
    """Find the personal values of a document by a schema."""

    def found(schema: dict[str, Json], document: Json) -> list[tuple[str | int, ...]]:
        (tmp_path / "s.json").write_bytes(dumps(schema))
        read = SchemaStore.read([tmp_path], Problems()).get("s.json")
        assert read is not None
        return personal_paths(read, document)

    return found


class TestWhatIsPersonal:
    def test_a_mark_holds_for_all_that_is_below_it(self, find: Found) -> None:
        schema: dict[str, Json] = {"properties": {"who": _PERSONAL, "what": {}}}
        document: Json = {"who": {"names": ["Ann", "Lee"], "age": 41, "none": None}, "what": "tea"}
        assert find(schema, document) == [("who", "names", 0), ("who", "names", 1), ("who", "age")]

    def test_a_part_can_be_taken_out_again(self, find: Found) -> None:
        country: Json = {"x-personal": False}
        where: Json = {"x-personal": True, "properties": {"country": country, "city": {}}}
        schema: dict[str, Json] = {"properties": {"where": where}}
        assert find(schema, {"where": {"country": "GB", "city": "York"}}) == [("where", "city")]

    def test_a_field_that_its_object_does_not_list_is_personal(self, find: Found) -> None:
        schema: dict[str, Json] = {"properties": {"id": {"type": "string"}}}
        assert find(schema, {"id": "1", "nickname": "Annie"}) == [("nickname",)]

    @pytest.mark.parametrize("others", [True, {}, {"type": "string"}])
    def test_a_field_that_is_allowed_for_is_not(self, find: Found, others: Json) -> None:
        schema: dict[str, Json] = {"properties": {"id": {}}, "additionalProperties": others}
        assert find(schema, {"id": "1", "other": "x"}) == []

    def test_nothing_is_where_no_field_is_listed(self, find: Found) -> None:
        assert find({"type": "object"}, {"id": "1", "rows": [{"a": 1}]}) == []

    @pytest.mark.parametrize(
        "schema",
        [
            {"$ref": "#/$defs/Who"},
            {"allOf": [{"$ref": "#/$defs/Who"}, {"properties": {"id": {}}}]},
            {"anyOf": [{"properties": {"id": {}, "name": {}}}, {"$ref": "#/$defs/Who"}]},
            {"if": {"required": ["id"]}, "then": {"$ref": "#/$defs/Who"}},
            {"dependentSchemas": {"id": {"$ref": "#/$defs/Who"}}},
            {"properties": {"id": {}}, "patternProperties": {"^na": _PERSONAL}},
            {"properties": {"id": {}}, "additionalProperties": _PERSONAL},
        ],
    )
    def test_a_mark_is_found_wherever_a_schema_has_it(
        self, find: Found, schema: dict[str, Json]
    ) -> None:
        who: Json = {"properties": {"id": {}, "name": _PERSONAL}}
        whole: dict[str, Json] = {**schema, "$defs": {"Who": who}}
        assert find(whole, {"id": "1", "name": "Ann"}) == [("name",)]

    @pytest.mark.parametrize(
        "schema",
        [
            {"prefixItems": [{}], "items": _PERSONAL},
            {"prefixItems": [{}, _PERSONAL]},
            {
                "$schema": "http://json-schema.org/draft-07/schema#",
                "items": [{}],
                "additionalItems": _PERSONAL,
            },
        ],
    )
    def test_items_have_their_own_marks(self, find: Found, schema: dict[str, Json]) -> None:
        assert find(schema, ["code", "Ann"]) == [(1,)]

    def test_a_schema_may_refer_to_itself(self, find: Found) -> None:
        schema: dict[str, Json] = {
            "allOf": [{"$ref": "#"}],
            "properties": {"name": _PERSONAL, "child": {"$ref": "#"}},
        }
        assert find(schema, {"name": "A", "child": {"name": "B"}}) == [("name",), ("child", "name")]


class TestMasking:
    def test_a_copy_is_masked_and_the_document_stays(self) -> None:
        document: Json = {"a": [{"b": "Ann"}], "c": "tea"}
        paths: list[tuple[str | int, ...]] = [("a", 0, "b")]
        assert masked(document, paths, lambda _: "***") == {"a": [{"b": "***"}], "c": "tea"}
        assert document == {"a": [{"b": "Ann"}], "c": "tea"}

    def test_a_document_may_be_one_personal_value(self) -> None:
        assert masked("Ann", [()], lambda _: None) is None


@pytest.mark.parametrize(("name", "lines"), [("checkout", "items"), ("order", "order_items")])
def test_of_a_checkout_and_an_order_the_customer_is_personal(name: str, lines: str) -> None:
    schema = _SHIPPED.get(f"nacelle/{name}.json")
    assert schema is not None
    someone = {"first_name": "Ann", "email": "ann@shop.example", "nickname": "Annie"}
    address = {**someone, "city": "York", "zip": "YO1", "country_iso2": "GB", "state": "NY"}
    kept: dict[str, Json] = {
        "id": "1",
        "currency": "EUR",
        "metadata": {"order_id": "1"},
        lines: [{"product_id": "p", "variant_id": "v", "quantity": 1, "sku": "S", "price": "1.00"}],
        "shipping_address": {"country_iso2": "GB", "state": "NY"},
        "payments": [{"provider": "stripe", "amount": "1.00"}],
        "promotions": {"coupon_codes": ["X"]},
    }
    assert personal_paths(schema, kept) == []
    document: Json = {
        **kept,
        "email": "ann@shop.example",
        "phone": "1",
        "gift_note": "for Ann",
        "customer": someone,
        "shipping_address": address,
        "orders": [{"shipping_address": {"name": "Ann"}}],
        "payments": [{"external_id": "tok_1", "holder": "Ann"}],
        "metadata": {"order_id": "1", "note": "Ann"},
    }
    assert personal_paths(schema, document) == [
        ("metadata", "note"),
        *(("shipping_address", key) for key in (*someone, "city", "zip")),
        ("payments", 0, "external_id"),
        ("payments", 0, "holder"),
        ("email",),
        ("phone",),
        ("gift_note",),
        *(("customer", key) for key in someone),
        ("orders", 0, "shipping_address", "name"),
    ]


def test_some_names_stand_for_personal_data_everywhere_and_others_may_not() -> None:
    schema = _SHIPPED.get("nacelle/checkout.json")
    assert schema is not None
    names = personal_names(schema)
    assert {"email", "phone", "first_name", "customer", "zip", "loyalty_card"} <= names
    assert not {"id", "name", "external_id", "code", "items", "country"} & names


def test_by_their_names_only_texts_are_found() -> None:
    document: Json = {"a": [{"email": ["x"], "n": {"email": {"deep": "y", "count": 1}}}], "b": "z"}
    assert paths_of_names(frozenset({"email"}), document) == [
        ("a", 0, "email", 0),
        ("a", 0, "n", "email", "deep"),
    ]
