"""Square: orders become Square's orders, once; their stock moves when they are completed."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulators import faults
from simulators.square import SquareSimulator
from tests.mappings.conftest import SQUARE

if TYPE_CHECKING:
    from gateway.lossless import Json
    from tests.conftest import Gateway, ScriptedVendor
    from tests.mappings.conftest import Open, Square

ORDERS = "/v2/orders"
SETTINGS = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
ADDRESS: dict[str, Json] = {
    "first_name": "Ann",
    "last_name": "Lee",
    "address1": "1 High Street",
    "city": "York",
    "zip": "YO1",
    "country_iso2": "GB",
}


@pytest.fixture
def open_orders(open_square: Open) -> Open:
    """Start a gateway with Square's mapping of orders before a URL."""

    async def start(
        url: str, *, token: str = SquareSimulator().token, durable: bool = True
    ) -> Gateway:
        return await open_square(url, "sync-consume", token=token, durable=durable)

    return start


def line(variant: str, quantity: Json = 1, **more: Json) -> dict[str, Json]:
    return {"product_id": "p", "variant_id": variant, "quantity": quantity, **more}


def order(*lines: Json, **more: Json) -> dict[str, Json]:
    return {"id": "o-1", "currency": "USD", "order_items": list(lines), **more}


def made(square: Square) -> list[dict[str, object]]:
    return list(square.simulator.orders.by_id.values())


def city_of(told: dict[str, object]) -> object:
    [fulfillment] = told["fulfillments"]  # type: ignore[misc]
    return fulfillment["shipment_details"]["recipient"]["address"]["locality"]  # type: ignore[has-type]


async def test_an_order_becomes_one_of_squares_and_goes_back_as_it_came(
    open_orders: Open, square: Square
):
    square.simulator.set_stock("A", "L1", 5)
    sent = order(line("A", 2, price="19.90"), shipping_address=ADDRESS, email="a@b.example")
    reply = await (await open_orders(square.url)).post("sync.consume", sent)
    assert reply.body == {"order": sent}
    [told] = made(square)
    assert (told["reference_id"], told["location_id"], told["state"]) == ("o-1", "L1", "OPEN")
    money = {"amount": 1990, "currency": "USD"}
    assert told["line_items"] == [
        {"quantity": "2", "catalog_object_id": "A", "base_price_money": money}
    ]
    assert city_of(told) == "York"


async def test_an_order_moves_stock_when_it_is_completed_and_not_before(
    open_orders: Open, square: Square
):
    square.simulator.set_stock("A", "L1", 5)
    await (await open_orders(square.url)).post("sync.consume", order(line("A", 2)))
    assert square.simulator.stock_of("A") == 5
    square.simulator.orders.complete("ORDER000001")
    assert square.simulator.stock_of("A") == 3


async def test_each_part_of_a_multi_order_becomes_an_order_with_its_own_address(
    open_orders: Open, square: Square
):
    for name in "AB":
        square.simulator.set_stock(name, "L1", 5)
    parts: list[Json] = [
        {"order_items": [line("A")], "shipping_address": ADDRESS},
        {"order_items": [line("B", 2)], "shipping_address": {**ADDRESS, "city": "Leeds"}},
    ]
    gateway = await open_orders(square.url)
    for _ in range(2):
        reply = await gateway.post("sync.consume", {"id": "o-1", "orders": parts})
        assert reply.status == 200, reply.cause
    assert [city_of(told) for told in made(square)] == ["York", "Leeds"]


async def test_a_part_that_is_refused_cancels_the_parts_before_it(
    open_orders: Open, square: Square
):
    square.simulator.set_stock("A", "L1", 5)
    parts: list[Json] = [
        {"order_items": [line("A")], "shipping_address": ADDRESS},
        {"order_items": [line("B")]},
    ]
    gateway = await open_orders(square.url)
    multi: Json = {"id": "o-1", "orders": parts}
    reply = await gateway.post("sync.consume", multi)
    assert (reply.status, reply.error["error"]) == (422, "An item is not in the Square catalogue")
    assert reply.details["undone"] == ["call[0]"]
    assert [failed["index"] for failed in reply.details["failed"]] == [1]  # type: ignore[index, union-attr, call-overload]
    assert [told["state"] for told in made(square)] == ["CANCELED"]
    square.simulator.set_stock("B", "L1", 5)
    assert (await gateway.post("sync.consume", multi)).status == 200
    assert [told["state"] for told in made(square)] == ["CANCELED", "OPEN", "OPEN"]


async def test_without_undo_a_part_that_is_refused_is_told_beside_those_that_are_done(
    deploy: Open, square: Square
):
    square.simulator.set_stock("A", "L1", 5)
    text = (SQUARE / "sync-consume.yaml").read_text()
    start, end = text.index("  undo:"), text.index("  errors:")
    text = (text[:start] + text[end:]).replace(", attempt)", ")")
    vendor = {
        "base_url": square.url,
        "headers": {"Square-Version": "2025-08-20"},
        "auth": {"type": "bearer", "token": {"env": "TOKEN"}},
    }
    gateway = await deploy(
        text,
        durable=True,
        settings={"square": {"location_ids": ["L1"]}},
        vendors={"square": vendor},
        environment={"TOKEN": square.simulator.token},
    )
    parts: list[Json] = [{"order_items": [line("A")]}, {"order_items": [line("B")]}]
    reply = await gateway.post("sync.consume", {"id": "o-1", "orders": parts})
    assert (reply.status, reply.reason) == (500, "partly_done")
    assert reply.details["done"] == [0]
    assert [failed["index"] for failed in reply.details["failed"]] == [1]  # type: ignore[index, union-attr, call-overload]
    assert [told["state"] for told in made(square)] == ["OPEN"]


async def test_a_lost_answer_makes_no_second_order(open_orders: Open, square: Square):
    square.simulator.set_stock("A", "L1", 5)
    square.simulator.faults.order(faults.ResetAfterRead(path=ORDERS, applied=True))
    reply = await (await open_orders(square.url)).post("sync.consume", order(line("A")))
    assert reply.status == 200, reply.cause
    bodies = [each.body for each in square.simulator.ledger.requests]
    assert (len(bodies), len(set(bodies)), len(made(square))) == (2, 1, 1)


async def test_an_item_that_square_does_not_have_is_named_by_its_field(
    open_orders: Open, square: Square
):
    reply = await (await open_orders(square.url)).post("sync.consume", order(line("A")))
    assert (reply.status, reply.error["error"]) == (422, "An item is not in the Square catalogue")
    assert reply.details["fields"] == ["order.line_items[0].catalog_object_id"]


async def test_a_refused_order_says_why(open_orders: Open, square: Square):
    square.simulator.set_stock("A", "L1", 5)
    reply = await (await open_orders(square.url)).post("sync.consume", order(line("A", 0)))
    assert (reply.status, reply.error["error"]) == (422, "Square rejected the order")
    [problem] = reply.details["problems"]  # type: ignore[misc]
    assert problem["code"] == "INVALID_VALUE"  # type: ignore[index]


async def test_a_wrong_token_is_our_trouble(open_orders: Open, square: Square):
    reply = await (await open_orders(square.url, token="wrong")).post(
        "sync.consume", order(line("A"))
    )
    assert (reply.status, reply.reason) == (500, "vendor_credentials")


TEXT = st.text(st.characters(codec="utf-8"), max_size=60)
PRICES = st.decimals(0, 10**6, places=2).map(str)
LINES = st.lists(
    st.builds(line, TEXT.filter(str.strip), st.integers(1, 10**6), price=PRICES),
    min_size=1,
    max_size=5,
)


ANY_ADDRESS = st.fixed_dictionaries(
    {}, optional={name: TEXT for name in ADDRESS if name != "country_iso2"}
)
ANY_ORDER = st.fixed_dictionaries(
    {
        "id": TEXT.filter(str.strip) | st.integers(1, 10**30),
        "currency": st.sampled_from(["USD", "JPY", "KWD"]),
        "order_items": LINES,
    },
    optional={"phone": TEXT, "email": TEXT, "shipping_address": ANY_ADDRESS},
)


@SETTINGS
@given(sent=ANY_ORDER)
async def test_whatever_is_ordered_square_gets_what_its_specification_says(
    open_orders: Open,
    vendor: ScriptedVendor,
    faults_by_specification: Callable[[str, object], list[str]],
    sent: Json,
):
    vendor.reset()
    vendor.always({"order": {"id": "ORDER1", "location_id": "L1"}})
    gateway = await open_orders(vendor.url, durable=False)
    reply = await gateway.post("sync.consume", sent)
    assert reply.status == 200, reply.cause
    [heard] = vendor.heard
    assert faults_by_specification("CreateOrderRequest", heard.json) == []


async def test_prices_keep_every_cent(open_orders: Open, vendor: ScriptedVendor):
    vendor.always({"order": {"id": "ORDER1"}})
    gateway = await open_orders(vendor.url)
    for price, amount in (("0.10", 10), ("999999999.99", 99999999999), (Decimal("1.1"), 110)):
        await gateway.post("sync.consume", {**order(line("A", price=str(price))), "id": str(price)})
        [item] = vendor.heard[-1].json["order"]["line_items"]  # type: ignore[call-overload, index, misc]
        assert item["base_price_money"] == {"amount": amount, "currency": "USD"}  # type: ignore[index]
