"""The schemas of checkout, order and envelope: strict where it matters, open everywhere else."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.problems import Problems
from gateway.config.schemas import Schema, SchemaStore
from gateway.contracts import CONTRACTS
from gateway.lossless import Json, dumps, loads

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.contracts import Contract

Document = dict[str, Json]

_STORE = SchemaStore.read([Path(__file__).parents[2] / "schemas"], Problems())


def schema(name: str) -> Schema:
    found = _STORE.get(f"nacelle/{name}.json")
    assert found is not None
    return found


def named(part: Json) -> set[str]:
    """Give the names that a schema gives to properties."""
    assert isinstance(part, dict)
    properties = part["properties"]
    assert isinstance(properties, dict)
    return set(properties)


def definition(name: str, of: str) -> Json:
    document = schema(of).document
    assert isinstance(document, dict)
    definitions = document["$defs"]
    assert isinstance(definitions, dict)
    return definitions[name]


texts = st.text(st.characters(codec="utf-8"), max_size=5)
decimals = st.decimals(allow_nan=False, allow_infinity=False, places=30)
anything: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.integers(10**20, 10**60) | decimals | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
unknown = st.dictionaries(texts.map("x-{}".format), anything, max_size=3)
ids = st.text(st.characters(codec="utf-8"), min_size=1, max_size=5)
money = st.decimals(-(10**30), 10**30, places=2).map(lambda amount: f"{amount:f}")


def with_unknown(
    required: dict[str, st.SearchStrategy[Any]], optional: dict[str, st.SearchStrategy[Any]]
) -> st.SearchStrategy[Document]:
    """Draw an object with unknown fields, its keys in any order."""

    def shuffled(parts: tuple[Document, Document]) -> st.SearchStrategy[Document]:
        return st.permutations([*parts[0].items(), *parts[1].items()]).map(dict)

    own = st.fixed_dictionaries(
        required, optional={key: st.none() | value for key, value in optional.items()}
    )
    return st.tuples(own, unknown).flatmap(shuffled)


lines = st.lists(
    with_unknown(
        {"product_id": ids, "variant_id": ids, "quantity": st.integers(0, 10**30)},
        {"sku": texts, "price": money, "available": st.integers(), "metadata": unknown},
    ),
    max_size=3,
)
address = with_unknown({}, {"first_name": texts, "province": texts, "country_iso2": texts})
documents = with_unknown(
    {},
    {
        "id": ids | st.integers(),
        "items": lines,
        "order_items": lines,
        "orders": st.lists(with_unknown({}, {"order_items": lines}), max_size=2),
        "currency": texts,
        "email": texts,
        "subtotal": money,
        "shipping_address": address,
        "billing_address": address,
        "metadata": unknown,
        "meta_data": st.lists(anything, max_size=2),
        "tax_data": anything,
    },
)


def order_of_keys(value: Json) -> list[object]:
    if isinstance(value, dict):
        return [(key, order_of_keys(inner)) for key, inner in value.items()]
    return [order_of_keys(inner) for inner in value] if isinstance(value, list) else []


@given(document=documents, name=st.sampled_from(["checkout", "order"]))
def test_whatever_a_shop_adds_passes_unchanged_and_satisfies_the_schema(
    document: Document, name: str
) -> None:
    again = loads(dumps(document))
    assert again == document
    assert order_of_keys(again) == order_of_keys(document)
    assert schema(name).explain(again) == ()
    assert schema("envelope").is_valid({name: again})


@pytest.mark.parametrize("name", ["checkout", "order"])
@pytest.mark.parametrize(
    "document", [{}, {"items": []}, {"order_items": None}, {"orders": [{"order_items": []}, {}]}]
)
def test_an_object_without_a_line_is_valid(name: str, document: Json) -> None:
    assert schema(name).is_valid(document)


ABSENT = "(left out)"
LINE: Document = {"product_id": "p", "variant_id": "v", "quantity": 1}


@pytest.mark.parametrize("name", ["checkout", "order"])
@pytest.mark.parametrize(
    ("path", "document_of"),
    [
        ("/items/1", lambda line: {"items": [LINE, line]}),
        ("/order_items/0", lambda line: {"order_items": [line]}),
        ("/orders/1/order_items/0", lambda line: {"orders": [{}, {"order_items": [line]}]}),
    ],
)
@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        *[(field, ABSENT) for field in LINE],
        *[(field, None) for field in LINE],
        ("product_id", 12),
        ("variant_id", 12),
        ("variant_id", ""),
        ("quantity", "1"),
        ("quantity", -1),
        ("quantity", Decimal("1.5")),
        ("price", 19),
        ("price", "1,50"),
        ("price", "19.99 USD"),
        ("available", "3"),
        ("sku", 3),
    ],
)
def test_a_line_that_lacks_or_misshapes_a_field_is_refused_at_its_place(
    name: str, path: str, document_of: Callable[[Json], Json], field: str, wrong: Json
) -> None:
    line = {key: value for key, value in {**LINE, field: wrong}.items() if value != ABSENT}
    assert schema(name).is_valid(document_of(LINE))
    (violation,) = schema(name).explain(document_of(line))
    assert violation.path == (path if wrong == ABSENT else f"{path}/{field}")


@pytest.mark.parametrize("name", ["checkout", "order"])
@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("items", {}),
        ("orders", {}),
        ("currency", 1),
        ("email", []),
        ("phone", 1),
        ("subtotal", Decimal("1.5")),
        ("shipping_address", "Street 1"),
        ("metadata", []),
        ("meta_data", {}),
        ("payments", {}),
    ],
)
def test_a_named_field_of_another_type_is_refused(name: str, field: str, wrong: Json) -> None:
    assert [each.path for each in schema(name).explain({field: wrong})] == [f"/{field}"]
    assert schema(name).is_valid({field: None})


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=CONTRACTS)
def test_every_field_that_a_contract_lets_a_mapping_set_has_a_name(contract: Contract) -> None:
    assert contract.fields <= named(schema(contract.object).document)
    assert contract.line_fields <= named(definition("Line", contract.object))


def test_every_field_that_is_looked_at_for_the_order_key_has_a_name() -> None:
    document = schema("order").document
    assert {"id", "order_id", "external_id", "source_external_id"} <= named(document)
    assert isinstance(document, dict)
    properties = document["properties"]
    assert isinstance(properties, dict)
    assert all("order_id" in named(properties[name]) for name in ("client_data", "metadata"))


def test_checkout_and_order_share_their_parts() -> None:
    """Each file stands alone for editors; the parts must not drift apart."""
    one, other = (schema(name).document for name in ("checkout", "order"))
    assert isinstance(one, dict)
    assert isinstance(other, dict)
    assert one["$defs"] == other["$defs"]


ERROR: Document = {"error": "Out of stock", "category": "inventory_service", "details": {}}


@pytest.mark.parametrize(
    "document",
    [
        {"checkout": {"items": [LINE]}},
        {"order": {"order_items": [LINE]}},
        {"error": ERROR},
        {"checkout": {}, "error": ERROR},
        {"order": {"order_items": [LINE]}, "error": {**ERROR, "details": {"a": [1]}}},
    ],
)
def test_the_envelopes_of_success_and_error_are_valid(document: Json) -> None:
    assert schema("envelope").explain(document) == ()


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"items": [LINE]},
        {"checkout": {}, "order": {}},
        {"checkout": {}, "exchange": "1"},
        {"checkout": {"items": [{}]}},
        {"checkout": None},
        {"checkout": {}, "error": None},
        {"error": "Out of stock"},
        *[{"error": {key: ERROR[key] for key in ERROR if key != missing}} for missing in ERROR],
        {"error": {**ERROR, "details": []}},
    ],
)
def test_any_other_envelope_is_not(document: Json) -> None:
    assert not schema("envelope").is_valid(document)
