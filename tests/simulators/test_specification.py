"""Simulators, shipped schemas and the vendors' own documents, held against each other."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from jsonschema import Draft202012Validator

if TYPE_CHECKING:
    import httpx2 as httpx

    from simulators.kit import RunningSimulator
    from simulators.netsuite import NetSuiteSimulator
    from simulators.orders import OrdersSimulator
    from simulators.square import SquareSimulator

Faults = Callable[[str, object], list[str]]
Shipped = Callable[[str], Draft202012Validator]
Node = dict[str, object]

ROOT = Path(__file__).parents[2]
COUNTS = "/v2/inventory/counts/batch-retrieve"
CHANGES = "/v2/inventory/changes/batch-create"
ORDERS = "/v2/orders"

ORDER: Node = {
    "reference": "N-1",
    "currency": "EUR",
    "total": 19.9,
    "placed_at": "2026-11-22T11:00:00Z",
    "email": "a@example.com",
    "lines": [
        {"product_id": "p", "variant_id": "A", "sku": "S", "quantity": 2, "unit_price": 9.95}
    ],
    "ship_to": {
        "name": "Ann",
        "address1": "1 High Street",
        "address2": "Flat 2",
        "city": "York",
        "region": "Yorkshire",
        "postcode": "YO1",
        "country": "GB",
    },
}
ADJUSTMENT: Node = {
    "from_state": "IN_STOCK",
    "to_state": "SOLD",
    "location_id": "L1",
    "catalog_object_id": "A",
    "quantity": "2",
}
SALE: Node = {"type": "ADJUSTMENT", "adjustment": ADJUSTMENT}
COUNT: Node = {
    "type": "PHYSICAL_COUNT",
    "physical_count": {
        "state": "IN_STOCK",
        "location_id": "L1",
        "catalog_object_id": "A",
        "quantity": "12.5",
        "reference_id": "c-1",
    },
}
COUNT_REQUESTS: list[Node] = [
    {},
    {"catalog_object_ids": ["A", "B"], "location_ids": ["L1"], "states": ["IN_STOCK"]},
    {"updated_after": "2026-11-22T00:00:00Z", "limit": 1000},
]
CHANGE_REQUESTS: list[Node] = [
    {"idempotency_key": "a", "changes": [SALE]},
    {"idempotency_key": "b", "changes": [COUNT, SALE], "ignore_unchanged_counts": False},
    {"idempotency_key": "c", "changes": []},
]
REFUSED: list[tuple[str, Node]] = [
    (COUNTS, {"limit": 0}),
    (COUNTS, {"cursor": "?", "states": []}),
    (CHANGES, {"changes": [SALE]}),
    (CHANGES, {"idempotency_key": "d", "changes": [{"type": "ADJUSTMENT"}]}),
    (ORDERS, {"order": {}}),
    (
        ORDERS,
        {"idempotency_key": "e", "order": {"location_id": "L1", "line_items": [{"quantity": "0"}]}},
    ),
    ("/v2/nothing", {}),
]
ORDER_LINE: Node = {
    "quantity": "2",
    "catalog_object_id": "A",
    "base_price_money": {"amount": 1990, "currency": "USD"},
}
SHIPMENT: Node = {
    "type": "SHIPMENT",
    "state": "PROPOSED",
    "shipment_details": {
        "recipient": {
            "display_name": "Ann Lee",
            "email_address": "a@example.com",
            "phone_number": "+44 1904 123456",
            "address": {"address_line_1": "1 High Street", "locality": "York", "country": "GB"},
        }
    },
}
ORDER_REQUESTS: list[Node] = [
    {"idempotency_key": "a", "order": {"location_id": "L1", "line_items": [ORDER_LINE]}},
    {
        "idempotency_key": "b",
        "order": {
            "location_id": "L1",
            "reference_id": "o-1",
            "line_items": [
                {
                    "quantity": "1",
                    "name": "Gift",
                    "base_price_money": {"amount": 1, "currency": "USD"},
                }
            ],
            "fulfillments": [SHIPMENT],
            "metadata": {"nacelle_order": "o-1"},
        },
    },
]
SCHEMAS = {
    ORDERS: ("CreateOrder", "create-order"),
    COUNTS: ("BatchRetrieveInventoryCounts", "batch-retrieve-inventory-counts"),
    CHANGES: ("BatchChangeInventory", "batch-change-inventory"),
}
ACCEPTED = [
    *((COUNTS, body) for body in COUNT_REQUESTS),
    *((CHANGES, body) for body in CHANGE_REQUESTS),
    *((ORDERS, body) for body in ORDER_REQUESTS),
]


class TestSquare:
    @pytest.fixture(autouse=True)
    def _stock(self, square: RunningSimulator[SquareSimulator]) -> None:
        for name in "ABC":
            square.simulator.set_stock(name, "L1", 5)

    @pytest.mark.parametrize(("path", "body"), ACCEPTED)
    def test_what_it_takes_and_answers_satisfies_the_specification_and_the_shipped_schemas(
        self,
        square_client: httpx.Client,
        faults_by_specification: Faults,
        shipped_schema: Shipped,
        path: str,
        body: Node,
    ) -> None:
        name, shipped = SCHEMAS[path]
        answer = square_client.post(path, json=body)
        assert answer.status_code == 200
        assert faults_by_specification(f"{name}Request", body) == []
        assert faults_by_specification(f"{name}Response", answer.json()) == []
        shipped_schema(f"square/{shipped}-request.json").validate(body)
        shipped_schema(f"square/{shipped}-response.json").validate(answer.json())

    @pytest.mark.parametrize(("path", "body"), REFUSED)
    def test_its_errors_satisfy_the_specification_and_the_shipped_schema(
        self,
        square_client: httpx.Client,
        specification: Node,
        faults_by_specification: Faults,
        shipped_schema: Shipped,
        path: str,
        body: Node,
    ) -> None:
        answer = square_client.post(path, json=body)
        assert answer.status_code >= 400
        shipped_schema("square/error.json").validate(answer.json())
        categories = _categories(specification)
        for error in answer.json()["errors"]:
            assert faults_by_specification("Error", error) == []
            assert error["category"] == categories[error["code"]]

    def test_the_checks_against_the_specification_see_a_wrong_answer(
        self, faults_by_specification: Faults
    ) -> None:
        assert faults_by_specification(
            "BatchRetrieveInventoryCountsResponse", {"counts": [{"quantity": 5}]}
        )
        assert faults_by_specification("InventoryCount", {"state": "GONE"})
        assert faults_by_specification("Error", {"code": "NOT_FOUND"})

    @pytest.mark.parametrize(
        ("schema", "name"),
        [
            ("batch-retrieve-inventory-counts-response", "BatchRetrieveInventoryCountsResponse"),
            ("batch-change-inventory-response", "BatchChangeInventoryResponse"),
        ],
    )
    def test_the_shipped_answers_have_every_property_of_the_specification(
        self, specification: Node, shipped_schema: Shipped, schema: str, name: str
    ) -> None:
        shipped = cast("Node", shipped_schema(f"square/{schema}.json").schema)
        published = cast("Node", specification["components"])["schemas"]
        assert _shape({"$ref": name}, cast("Node", published)) == _shape(
            shipped, cast("Node", shipped["$defs"])
        )

    @pytest.mark.parametrize(("path", "body"), ACCEPTED)
    def test_the_shipped_requests_refuse_what_the_vendor_does_not_know(
        self, shipped_schema: Shipped, path: str, body: Node
    ) -> None:
        validator = shipped_schema(f"square/{SCHEMAS[path][1]}-request.json")
        assert not validator.is_valid(body | {"sku": "A"})

    @pytest.mark.parametrize(
        "wrong",
        [{"quantity": 2}, {"quantity": "1e3"}, {"location_id": None}, {"sku": "A"}],
    )
    def test_the_shipped_change_request_refuses_wrong_adjustments(
        self, shipped_schema: Shipped, wrong: Node
    ) -> None:
        change = {"type": "ADJUSTMENT", "adjustment": ADJUSTMENT | wrong}
        validator = shipped_schema("square/batch-change-inventory-request.json")
        assert not validator.is_valid({"idempotency_key": "k", "changes": [change]})


class TestOrders:
    def test_the_shipped_schemas_describe_what_it_takes_and_answers(
        self,
        orders: RunningSimulator[OrdersSimulator],
        orders_client: httpx.Client,
        shipped_schema: Shipped,
    ) -> None:
        shipped_schema("generic/order-request.json").validate(ORDER)
        answer = orders_client.post("/v1/orders", json=ORDER)
        assert answer.status_code == 201
        shipped_schema("generic/order-response.json").validate(answer.json())
        orders.simulator.known = frozenset()
        refused = orders_client.post("/v1/orders", json=ORDER)
        shipped_schema("generic/order-error.json").validate(refused.json())

    @pytest.mark.parametrize("name", ["reference", "currency", "total", "lines"])
    def test_both_require_the_same(
        self, orders_client: httpx.Client, shipped_schema: Shipped, name: str
    ) -> None:
        partial = {key: value for key, value in ORDER.items() if key != name}
        assert not shipped_schema("generic/order-request.json").is_valid(partial)
        assert orders_client.post("/v1/orders", json=partial).status_code == 400


RECORDS = "/services/rest/record/v1"
STOCK = "SELECT item, location, quantityavailable FROM aggregateitemlocation"
NETSUITE_REQUESTS: dict[str, Node] = {
    "inventoryAdjustment": {
        "externalId": "k-1",
        "subsidiary": {"id": "1"},
        "account": {"id": "58"},
        "adjLocation": {"id": "1"},
        "memo": "Nacelle order o-1",
        "inventory": {
            "items": [{"item": {"id": "101"}, "location": {"id": "1"}, "adjustQtyBy": -2}]
        },
    },
    "salesOrder": {
        "externalId": "k-1",
        "entity": {"id": "107"},
        "currency": {"id": "1"},
        "otherRefNum": "o-1",
        "email": "ann@example.com",
        "item": {
            "items": [{"item": {"id": "101"}, "quantity": 2, "rate": 9.95, "location": {"id": "1"}}]
        },
        "shippingAddress": {
            "addressee": "Ann",
            "addr1": "1 High Street",
            "addr2": "Flat 2",
            "city": "Springfield",
            "state": "IL",
            "zip": "62701",
            "addrPhone": "555-0100",
            "country": {"id": "US"},
        },
        "shippingCost": 4.9,
    },
}
NETSUITE_SCHEMAS = {
    "inventoryAdjustment": "netsuite/inventory-adjustment-request.json",
    "salesOrder": "netsuite/sales-order-request.json",
}


class TestNetSuite:
    @pytest.fixture(autouse=True)
    def _stock(self, netsuite: RunningSimulator[NetSuiteSimulator]) -> None:
        netsuite.simulator.set_stock("101", "1", 5)
        netsuite.simulator.set_stock("102", "1", None)

    def test_the_shipped_schemas_describe_a_query_and_its_answer(
        self, netsuite_client: httpx.Client, shipped_schema: Shipped
    ) -> None:
        query: Node = {"q": STOCK}
        shipped_schema("netsuite/suiteql-request.json").validate(query)
        answer = netsuite_client.post(
            "/services/rest/query/v1/suiteql", json=query, headers={"Prefer": "transient"}
        )
        assert answer.json()["count"] == 2
        shipped_schema("netsuite/stock-response.json").validate(answer.json())

    @pytest.mark.parametrize("kind", NETSUITE_REQUESTS)
    def test_the_shipped_schemas_describe_a_record_and_how_it_is_refused(
        self, netsuite_client: httpx.Client, shipped_schema: Shipped, kind: str
    ) -> None:
        body = NETSUITE_REQUESTS[kind]
        shipped_schema(NETSUITE_SCHEMAS[kind]).validate(body)
        answers = [netsuite_client.post(f"{RECORDS}/{kind}", json=body) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [204, 400]
        shipped_schema("netsuite/error.json").validate(answers[1].json())
        found = netsuite_client.get(f"{RECORDS}/{kind}/eid:k-1")
        shipped_schema("netsuite/record-response.json").validate(found.json())

    @pytest.mark.parametrize(
        ("kind", "name"),
        [(kind, name) for kind, body in NETSUITE_REQUESTS.items() for name in [*body, "sku"]],
    )
    def test_what_the_vendor_refuses_the_shipped_schemas_refuse_too(
        self, netsuite_client: httpx.Client, shipped_schema: Shipped, kind: str, name: str
    ) -> None:
        body = {key: value for key, value in NETSUITE_REQUESTS[kind].items() if key != name}
        body |= {"sku": "A"} if name == "sku" else {}
        taken = netsuite_client.post(f"{RECORDS}/{kind}", json=body).status_code == 204
        assert taken or not shipped_schema(NETSUITE_SCHEMAS[kind]).is_valid(body)


@pytest.mark.parametrize(
    "path",
    [
        path
        for vendor in ("generic", "netsuite", "square", "shopify", "bigcommerce")
        for path in (ROOT / "schemas" / vendor).iterdir()
    ],
    ids=lambda path: path.name,
)
def test_a_shipped_schema_is_one(path: Path) -> None:
    schema = json.loads(path.read_text())
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == Draft202012Validator.META_SCHEMA["$id"]


def _categories(specification: Node) -> dict[str, str]:
    """Say of each error code which category Square's document gives it."""
    schemas = cast("dict[str, Node]", cast("Node", specification["components"])["schemas"])
    elements = cast("list[dict[str, str]]", schemas["ErrorCode"]["x-enum-elements"])
    return {element["name"]: element["error-category"] for element in elements}


def _shape(node: Node, definitions: Node) -> object:
    """Boil a schema down to property names and types; nullability counts, enumerations don't."""
    options = [
        option for option in cast("list[Node]", node.get("anyOf", [])) if option != {"type": "null"}
    ]
    if options:
        return [*cast("list[object]", _shape(options[0], definitions)), "null"]
    null = ["null"] if node.get("nullable") is True else []
    if "$ref" in node:
        target = cast("Node", definitions[str(node["$ref"]).rsplit("/", 1)[-1]])
        return [*cast("list[object]", _shape(target, definitions)), *null]
    types = node["type"] if isinstance(node["type"], list) else [node["type"], *null]
    if "object" in types:
        properties = cast("dict[str, Node]", node.get("properties", {}))
        inner = {name: _shape(part, definitions) for name, part in properties.items()}
        return [("object", inner), *types[1:]]
    if "array" in types:
        return [("array", _shape(cast("Node", node["items"]), definitions)), *types[1:]]
    return types
