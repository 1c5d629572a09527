"""The faked Shopify: what its reference says, and what the harsher reading of it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import httpx2 as httpx
import pytest

from simulators.kit import RunningSimulator
from simulators.shopify import ShopifySimulator

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

Shopify = RunningSimulator[ShopifySimulator]
Body = dict[str, object]
PATH = "/admin/api/2026-04/graphql.json"
STOCK = """
query Stock($ids: [ID!]!, $at: ID!) {
  nodes(ids: $ids) {
    ... on ProductVariant {
      id
      inventoryPolicy
      inventoryItem {
        id
        tracked
        inventoryLevel(locationId: $at) { quantities(names: ["available"]) { quantity } }
      }
    }
  }
}
"""
TAKE = """
mutation Take($input: InventoryAdjustQuantitiesInput!, $key: String!) {
  inventoryAdjustQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup { id }
    userErrors { code field message }
  }
}
"""


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 22, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shopify(clock: Clock) -> Iterator[Shopify]:
    with RunningSimulator(ShopifySimulator(now=clock)) as running:
        running.simulator.set_stock("7", 5)
        yield running


@pytest.fixture
def client(shopify: Shopify) -> Iterator[httpx.Client]:
    headers = {"X-Shopify-Access-Token": shopify.simulator.token}
    with httpx.Client(base_url=shopify.url, headers=headers) as opened:
        yield opened


@pytest.fixture
def ask(client: httpx.Client) -> Callable[..., Body]:
    def post(query: str, **variables: object) -> Body:
        answer = client.post(PATH, json={"query": query, "variables": variables})
        assert answer.status_code == 200
        told: Body = answer.json()
        return told

    return post


def variant(number: str) -> str:
    return f"gid://shopify/ProductVariant/{number}"


def change(delta: int = -2, **other: object) -> Body:
    item, location = "gid://shopify/InventoryItem/97", "gid://shopify/Location/1"
    told: Body = {"inventoryItemId": item, "locationId": location, "delta": delta}
    return told | {"changeFromQuantity": None} | other


def adjustment(*changes: Body, **other: object) -> Body:
    return {"name": "available", "reason": "other", "changes": list(changes)} | other


def codes(told: Body) -> list[object]:
    payload = told["data"]["inventoryAdjustQuantities"]  # type: ignore[index]
    return [error["code"] for error in payload["userErrors"]]


def test_a_variants_stock_is_its_items_at_the_location(
    ask: Callable[..., Body], shipped_schema: Callable[[str], Draft202012Validator]
) -> None:
    asked = {"variants": [variant("7"), variant("8")], "location": "gid://shopify/Location/1"}
    shipped_schema("shopify/stock-variables.json").validate(asked)
    told = ask(STOCK, ids=asked["variants"], at=asked["location"])
    shipped_schema("shopify/stock-response.json").validate(told)
    level = {"quantities": [{"quantity": 5}]}
    item = {"id": "gid://shopify/InventoryItem/97", "tracked": True, "inventoryLevel": level}
    known = {"id": variant("7"), "inventoryPolicy": "DENY", "inventoryItem": item}
    assert told["data"] == {"nodes": [known, None]}


def test_where_it_is_not_stocked_there_is_no_level(ask: Callable[..., Body]) -> None:
    told = ask(STOCK, ids=[variant("7")], at="gid://shopify/Location/2")
    assert told["data"]["nodes"][0]["inventoryItem"]["inventoryLevel"] is None  # type: ignore[index]


def test_an_adjustment_is_done_once_for_its_key(
    ask: Callable[..., Body],
    shopify: Shopify,
    shipped_schema: Callable[[str], Draft202012Validator],
) -> None:
    asked = adjustment(change(), referenceDocumentUri="gid://nacelle/Order/o-1")
    shipped_schema("shopify/adjust-variables.json").validate({"key": "k", "input": asked})
    first, again = (ask(TAKE, input=asked, key="k") for _ in range(2))
    shipped_schema("shopify/adjust-response.json").validate(first)
    assert first["data"] == again["data"]
    assert shopify.simulator.stock_of("7") == 3
    [effect] = shopify.simulator.ledger.effects
    assert (effect.key, effect.change) == ("97/1", {"before": "5", "after": "3"})


def test_a_used_key_with_other_changes_is_refused(
    ask: Callable[..., Body], shopify: Shopify
) -> None:
    ask(TAKE, input=adjustment(change()), key="k")
    told = ask(TAKE, input=adjustment(change(-1)), key="k")
    assert codes(told) == ["IDEMPOTENCY_KEY_PARAMETER_MISMATCH"]
    assert shopify.simulator.stock_of("7") == 3


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (adjustment(change(), name="lost"), "INVALID_QUANTITY_NAME"),
        (adjustment(change(), reason="why not"), "INVALID_REASON"),
        (adjustment(change(), referenceDocumentUri="o-1"), "INVALID_REFERENCE_DOCUMENT"),
        (
            adjustment(change(inventoryItemId="gid://shopify/InventoryItem/1")),
            "INVALID_INVENTORY_ITEM",
        ),
        (adjustment(change(locationId="gid://shopify/Location/9")), "INVALID_LOCATION"),
        (adjustment(change(locationId="gid://shopify/Location/2")), "ITEM_NOT_STOCKED_AT_LOCATION"),
        (adjustment(change(ledgerDocumentUri="a:b")), "INVALID_AVAILABLE_DOCUMENT"),
        (adjustment(change(changeFromQuantity=4)), "CHANGE_FROM_QUANTITY_STALE"),
        (adjustment(change(-2_000_000_010)), "INVALID_QUANTITY_TOO_LOW"),
    ],
)
def test_a_wrong_change_refuses_all_and_leaves_its_key_free(
    ask: Callable[..., Body], shopify: Shopify, asked: Body, code: str
) -> None:
    shopify.simulator.set_stock("8", 1, "2")
    wrong = {**asked, "changes": [change(), *asked["changes"]]}  # type: ignore[misc]
    assert codes(ask(TAKE, input=wrong, key="k")) == [code]
    assert shopify.simulator.stock_of("7") == 5
    assert codes(ask(TAKE, input=adjustment(change(changeFromQuantity=5)), key="k")) == []


@pytest.mark.parametrize(
    "query",
    [TAKE.replace("@idempotent(key: $key)", "").replace(", $key: String!", ""), TAKE],
)
def test_the_directive_and_what_it_is_compared_with_are_required(
    ask: Callable[..., Body], shopify: Shopify, query: str
) -> None:
    given = change()
    if query is TAKE:
        del given["changeFromQuantity"]
    told = ask(query, input=adjustment(given), **({"key": "k"} if query is TAKE else {}))
    assert told["data"] == {"inventoryAdjustQuantities": None}
    assert len(told["errors"]) == 1  # type: ignore[arg-type]
    assert shopify.simulator.stock_of("7") == 5


@pytest.mark.parametrize(
    "query", ["{ nodes", "{ orders { id } }", "{ nodes(ids: 3) }", '{ node(id: "7") { id } }']
)
def test_a_wrong_document_is_an_error_inside_a_200(ask: Callable[..., Body], query: str) -> None:
    told = ask(query)
    assert told["errors"]
    assert not any((told.get("data") or {}).values())  # type: ignore[attr-defined]


def test_a_query_costs_its_objects_and_may_cost_a_thousand(ask: Callable[..., Body]) -> None:
    told = ask(STOCK, ids=[variant("7")] * 250, at="gid://shopify/Location/1")
    cost = told["extensions"]["cost"]  # type: ignore[index]
    assert (cost["requestedQueryCost"], cost["throttleStatus"]["currentlyAvailable"]) == (
        1000,
        1000,
    )
    dearer = STOCK.replace("tracked", "tracked level: inventoryLevel(locationId: $at) { id }")
    told = ask(dearer, ids=[variant("7")] * 250, at="gid://shopify/Location/1")
    assert told["errors"][0]["extensions"] == {"code": "MAX_COST_EXCEEDED"}  # type: ignore[index]


def test_more_than_250_ids_or_changes_are_refused(ask: Callable[..., Body]) -> None:
    for told in (
        ask("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=[variant("7")] * 251),
        ask(TAKE, input=adjustment(*[change()] * 251), key="k"),
    ):
        assert told["errors"][0]["extensions"] == {"code": "MAX_INPUT_SIZE_EXCEEDED"}  # type: ignore[index]


def test_an_empty_bucket_throttles_inside_a_200_until_it_is_refilled(
    ask: Callable[..., Body], clock: Clock
) -> None:
    for _ in range(2):
        ask(STOCK, ids=[variant("7")] * 250, at="gid://shopify/Location/1")
    told = ask(STOCK, ids=[variant("7")], at="gid://shopify/Location/1")
    assert told["errors"] == [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]
    assert told["extensions"]["cost"]["throttleStatus"]["restoreRate"] == 100  # type: ignore[index]
    clock.time += timedelta(seconds=1)
    assert "errors" not in ask(STOCK, ids=[variant("7")], at="gid://shopify/Location/1")


def test_another_token_version_or_body_is_refused_by_status(client: httpx.Client) -> None:
    body = {"query": "{ nodes(ids: []) { id } }"}
    wrong = client.post(PATH, json=body, headers={"X-Shopify-Access-Token": "other"})
    assert (wrong.status_code, "Invalid API key" in wrong.json()["errors"]) == (401, True)
    assert client.post(PATH.replace("2026-04", "2020-01"), json=body).status_code == 404
    assert client.post(PATH, content=b"{").status_code == 400
    assert client.post(PATH, json={"variables": {}}).status_code == 400


def test_stock_is_set_up_over_http_and_forgotten_by_a_reset(
    client: httpx.Client, shopify: Shopify
) -> None:
    level = {"variant": "9", "quantity": 4, "location": "2"}
    assert client.put("/_simulator/stock", json=[level]).status_code == 204
    assert shopify.simulator.stock_of("9", "2") == 4
    assert client.put("/_simulator/stock", json=[{"variant": 9}]).status_code == 400
    client.post("/_simulator/reset")
    assert shopify.simulator.stock_of("9", "2") is None
