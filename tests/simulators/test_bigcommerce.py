"""The faked BigCommerce: what its OpenAPI document says, and what the harsher reading of it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import httpx2 as httpx
import pytest

from simulators.bigcommerce import BigCommerceSimulator
from simulators.kit import RunningSimulator

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

BigCommerce = RunningSimulator[BigCommerceSimulator]
ITEMS = "/v3/inventory/items"
ADJUST = "/v3/inventory/adjustments/relative"


@pytest.fixture
def bigcommerce() -> Iterator[BigCommerce]:
    with RunningSimulator(BigCommerceSimulator()) as running:
        running.simulator.set_stock(7, 5, safety_stock=2)
        running.simulator.set_stock(7, 9, 2)
        running.simulator.set_stock(8, None)
        yield running


@pytest.fixture
def client(bigcommerce: BigCommerce) -> Iterator[httpx.Client]:
    base, headers = f"{bigcommerce.url}/stores/abc123", {"X-Auth-Token": "bigcommerce-token"}
    with httpx.Client(base_url=base, headers=headers) as opened:
        yield opened


def item(quantity: int = -2, **other: object) -> dict[str, object]:
    return {"location_id": 1, "variant_id": 7, "quantity": quantity} | other


def test_a_row_tells_what_can_be_sold_at_each_location_asked_for(
    client: httpx.Client, shipped_schema: Callable[[str], Draft202012Validator]
) -> None:
    told = client.get(f"{ITEMS}?variant_id:in=7,99&location_id:in=1").json()
    shipped_schema("bigcommerce/items-response.json").validate(told)
    [row] = told["data"]
    assert row["identity"]["variant_id"] == 7
    [level] = row["locations"]
    assert (level["location_id"], level["available_to_sell"]) == (1, 3)
    assert level["total_inventory_onhand"] == 5


def test_without_filters_everything_is_told_in_pages(client: httpx.Client) -> None:
    pages = [client.get(ITEMS, params={"limit": 1, "page": page}).json() for page in (1, 2, 3)]
    ids = [[row["identity"]["variant_id"] for row in page["data"]] for page in pages]
    assert ids == [[7], [8], []]
    assert pages[0]["meta"]["pagination"]["total_pages"] == 2
    assert [len(row["locations"]) for row in client.get(ITEMS).json()["data"]] == [2, 0]


def test_an_adjustment_is_made_each_time_that_it_is_sent(
    client: httpx.Client,
    bigcommerce: BigCommerce,
    shipped_schema: Callable[[str], Draft202012Validator],
) -> None:
    body = {"reason": "o-1", "items": [item()]}
    shipped_schema("bigcommerce/relative-adjustment-request.json").validate(body)
    answers = [client.post(ADJUST, json=body) for _ in range(2)]
    for answer in answers:
        shipped_schema("bigcommerce/relative-adjustment-response.json").validate(answer.json())
    assert len({answer.json()["transaction_id"] for answer in answers}) == 2
    assert bigcommerce.simulator.stock_of(7) == 1
    assert [effect.key for effect in bigcommerce.simulator.ledger.effects] == ["7/1", "7/1"]


def test_an_item_may_be_named_by_its_sku(client: httpx.Client, bigcommerce: BigCommerce) -> None:
    named = {"location_id": 2, "sku": "SKU-7", "quantity": 1}
    assert client.post(ADJUST, json={"items": [named]}).status_code == 200
    assert bigcommerce.simulator.stock_of(7, 2) == 10


@pytest.mark.parametrize(
    "wrong",
    [
        item(variant_id=8),
        item(variant_id=99),
        item(location_id=3),
        item(sku="SKU-7"),
        item(variant_id="7"),
        item(quantity=1.5),
        {"location_id": 1, "quantity": 1},
    ],
)
def test_a_wrong_item_refuses_all(
    client: httpx.Client, bigcommerce: BigCommerce, wrong: dict[str, object]
) -> None:
    answer = client.post(ADJUST, json={"items": [item(), wrong]})
    assert (answer.status_code, answer.json()["status"]) == (422, 422)
    assert answer.headers["content-type"] == "application/problem+json"
    assert bigcommerce.simulator.stock_of(7) == 5


@pytest.mark.parametrize("count", [0, 2001])
def test_an_adjustment_has_1_to_2000_items(client: httpx.Client, count: int) -> None:
    answer = client.post(ADJUST, json={"items": [item(-1)] * count})
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["items"])


@pytest.mark.parametrize("query", ["variant_id:in=a", "page=0", "limit=many"])
def test_a_wrong_question_is_refused(client: httpx.Client, query: str) -> None:
    assert client.get(f"{ITEMS}?{query}").status_code == 422


def test_another_token_store_or_body_is_refused(
    client: httpx.Client, bigcommerce: BigCommerce
) -> None:
    for answer in (
        client.get(ITEMS, headers={"X-Auth-Token": "other"}),
        client.post(ADJUST, json={"items": [item()]}, headers={"X-Auth-Token": "other"}),
    ):
        assert (answer.status_code, answer.json()["status"]) == (401, 401)
    assert client.get(f"{bigcommerce.url}/stores/other{ITEMS}").status_code == 404
    assert client.post(ADJUST, content=b"{}").status_code == 415
    broken = client.post(ADJUST, content=b"{", headers={"Content-Type": "application/json"})
    assert broken.status_code == 400


def test_stock_is_set_up_over_http_and_forgotten_by_a_reset(
    client: httpx.Client, bigcommerce: BigCommerce
) -> None:
    control = f"{bigcommerce.url}/_simulator"
    level = {"variant_id": 9, "quantity": 4, "location_id": 2}
    assert client.put(f"{control}/stock", json=[level]).status_code == 204
    assert bigcommerce.simulator.stock_of(9, 2) == 4
    assert client.put(f"{control}/stock", json=[{"variant_id": "9"}]).status_code == 400
    client.post(f"{control}/reset")
    assert bigcommerce.simulator.stock_of(9, 2) is None


def test_no_token_is_in_the_ledger(client: httpx.Client, bigcommerce: BigCommerce) -> None:
    client.get(ITEMS)
    [request] = bigcommerce.simulator.ledger.requests
    assert "bigcommerce-token" not in request.headers.values()
