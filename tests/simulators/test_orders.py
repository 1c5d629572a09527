"""The faked order system."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from simulators import faults
from simulators.kit import RunningSimulator
from simulators.orders import OrdersSimulator

if TYPE_CHECKING:
    import httpx2 as httpx

Orders = RunningSimulator[OrdersSimulator]
ORDERS = "/v1/orders"


def order(**other: object) -> dict[str, object]:
    line = {"product_id": "p", "variant_id": "A", "quantity": 2, "unit_price": 9.95}
    return {
        "reference": "N-1",
        "currency": "EUR",
        "total": 19.90,
        "placed_at": "2026-11-22T11:00:00Z",
        "lines": [line],
    } | other


def test_an_order_is_created_and_has_a_place(orders: Orders, orders_client: httpx.Client) -> None:
    answer = orders_client.post(ORDERS, json=order())
    number = answer.json()["id"]
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/v1/orders/{number}"
    assert answer.json() == {"id": number, "reference": "N-1", "status": "accepted"}
    [effect] = orders.simulator.ledger.effects
    assert (effect.kind, effect.key, effect.change) == ("order", number, {"reference": "N-1"})


def test_amounts_are_kept_exactly(orders: Orders, orders_client: httpx.Client) -> None:
    document = json.dumps(order(total="AMOUNT")).replace('"AMOUNT"', "19.990000000000000001")
    orders_client.post(ORDERS, content=document.encode())
    [kept] = orders.simulator.orders.values()
    assert str(kept["total"]) == "19.990000000000000001"


def test_a_repeat_is_answered_alike_with_200(orders: Orders, orders_client: httpx.Client) -> None:
    answers = [
        orders_client.post(ORDERS, json=order(), headers={"Idempotency-Key": "k"}) for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[0].content == answers[1].content
    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert len(orders.simulator.orders) == 1


def test_a_used_key_with_another_order_is_a_conflict(
    orders: Orders, orders_client: httpx.Client
) -> None:
    headers = {"Idempotency-Key": "k"}
    orders_client.post(ORDERS, json=order(), headers=headers)
    answer = orders_client.post(ORDERS, json=order(total=1), headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "idempotency_conflict")
    assert len(orders.simulator.orders) == 1


def test_without_a_key_every_request_is_an_order(
    orders: Orders, orders_client: httpx.Client
) -> None:
    ids = {orders_client.post(ORDERS, json=order()).json()["id"] for _ in range(2)}
    assert set(orders.simulator.orders) == ids
    assert len(ids) == 2


@pytest.mark.parametrize("key", ["", "other"])
def test_another_api_key_is_unauthorized(orders_client: httpx.Client, key: str) -> None:
    answer = orders_client.post(ORDERS, json=order(), headers={"X-Api-Key": key})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthorized")


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        ({"lines": []}, {"lines"}),
        ({"lines": [{}]}, {"lines[0]"}),
        ({"currency": "euro", "total": "19.90"}, {"currency", "total"}),
        ({"gift": True}, {""}),
        ({"ship_to": {"name": "A"}}, {"ship_to"}),
    ],
)
def test_an_invalid_order_is_refused_with_every_problem(
    orders: Orders, orders_client: httpx.Client, wrong: dict[str, object], fields: set[str]
) -> None:
    answer = orders_client.post(ORDERS, json=order(**wrong))
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "invalid")
    assert {problem["field"] for problem in error["problems"]} == fields
    assert orders.simulator.orders == {}


@pytest.mark.parametrize("document", [b"", b"{", b"[]", b'{"total": NaN}'])
def test_what_is_no_json_order_is_invalid(orders_client: httpx.Client, document: bytes) -> None:
    answer = orders_client.post(ORDERS, content=document)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid")


def test_an_unknown_item_is_named_and_the_order_refused(
    orders: Orders, orders_client: httpx.Client
) -> None:
    assert orders_client.put("/_simulator/known", json=["A", "S"]).status_code == 204
    line = {"product_id": "p", "variant_id": "B", "quantity": 1, "unit_price": 1}
    lines = [line | {"variant_id": "A"}, line, line | {"sku": "X"}, line | {"sku": "S"}]
    answer = orders_client.post(ORDERS, json=order(lines=lines))
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (422, "unknown_sku")
    fields = [problem["field"] for problem in error["problems"]]
    assert fields == ["lines[1].variant_id", "lines[2].sku"]
    assert orders.simulator.orders == {}
    orders_client.put("/_simulator/known", content=b"null")
    assert orders_client.post(ORDERS, json=order(lines=lines)).status_code == 201


def test_a_wrong_list_of_known_items_is_refused(orders_client: httpx.Client) -> None:
    assert orders_client.put("/_simulator/known", json="A").status_code == 400


def test_a_refused_order_leaves_its_key_free(orders: Orders, orders_client: httpx.Client) -> None:
    headers = {"Idempotency-Key": "k"}
    orders.simulator.known = frozenset()
    assert orders_client.post(ORDERS, json=order(), headers=headers).status_code == 422
    orders.simulator.known = None
    assert orders_client.post(ORDERS, json=order(), headers=headers).status_code == 201


def test_a_reset_frees_the_keys_and_the_numbers(orders_client: httpx.Client) -> None:
    headers = {"Idempotency-Key": "k"}
    first = orders_client.post(ORDERS, json=order(), headers=headers)
    orders_client.post("/_simulator/reset")
    again = orders_client.post(ORDERS, json=order(total=1), headers=headers)
    assert (again.status_code, again.json()) == (201, first.json())


def test_a_reset_brings_back_what_was_known_at_the_start() -> None:
    with RunningSimulator(OrdersSimulator(known={"A"})) as running:
        running.simulator.known = None
        running.simulator.reset()
        assert running.simulator.known == {"A"}


def test_the_ledger_keeps_the_key_of_the_repeat_but_not_the_api_key(
    orders: Orders, orders_client: httpx.Client
) -> None:
    orders_client.post(ORDERS, json=order(), headers={"Idempotency-Key": "k"})
    [request] = orders.simulator.ledger.requests
    assert request.headers["idempotency-key"] == "k"
    assert "orders-key" not in request.headers.values()


def test_too_many_requests_are_ordered_as_a_fault(
    orders: Orders, orders_client: httpx.Client
) -> None:
    error = {"code": "rate_limited", "message": "Slow down.", "problems": []}
    orders.simulator.faults.order(faults.Status(status=429, body={"error": error}))
    assert orders_client.post(ORDERS, json=order()).json() == {"error": error}


def test_unknown_paths_and_methods_have_the_same_envelope(orders_client: httpx.Client) -> None:
    assert orders_client.get("/v2").json()["error"]["code"] == "not_found"
    assert orders_client.get(ORDERS).json()["error"]["code"] == "method_not_allowed"
