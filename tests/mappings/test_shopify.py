"""Shopify: checkouts get their stock by location, orders take it, once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulators import faults
from simulators.kit import RunningSimulator
from simulators.shopify import ShopifySimulator
from tests.mappings.answers import shipped_answers
from tests.mappings.conftest import ROOT

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

    from gateway.lossless import Json
    from tests.conftest import Gateway, Reply, ScriptedVendor
    from tests.mappings.conftest import Open

Shopify = RunningSimulator[ShopifySimulator]
SETTINGS = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def shopify() -> Iterator[Shopify]:
    with RunningSimulator(ShopifySimulator()) as running:
        yield running


@pytest.fixture
def open_shopify(deploy: Open) -> Open:
    """Start a gateway with both Shopify mappings before the vendor at a URL."""

    async def start(
        url: str,
        *locations: str,
        token: str = ShopifySimulator().token,
        durable: bool = True,
        **more: Json,
    ) -> Gateway:
        ids: list[Json] = [f"gid://shopify/Location/{each}" for each in locations or ("1",)]
        vendor = {
            "base_url": url,
            "timeout": {"connect": "2s", "total": "7s"},
            "auth": {"type": "api_key", "header": "X-Shopify-Access-Token", "key": {"env": "KEY"}},
            **more,
        }
        return await deploy(
            ROOT / "mappings" / "shopify" / "inventory-validate.yaml",
            ROOT / "mappings" / "shopify" / "inventory-consume.yaml",
            durable=durable,
            settings={"shopify": {"location_ids": ids, "at_once": 250}},
            vendors={"shopify": vendor},
            environment={"KEY": token},
            closed=True,
        )

    return start


def line(variant: str, quantity: int = 1) -> dict[str, Json]:
    named = f"gid://shopify/ProductVariant/{variant}" if variant.isdecimal() else variant
    return {"product_id": "p", "variant_id": named, "quantity": quantity}


def checkout(*lines: Json) -> dict[str, Json]:
    return {"id": "c-1", "items": list(lines)}


def order(*lines: Json, number: str = "o-1") -> dict[str, Json]:
    return {"id": number, "order_items": list(lines)}


def available(reply: Reply) -> list[Json]:
    assert reply.status == 200, reply.cause
    return [each["available"] for each in reply.body["checkout"]["items"]]  # type: ignore[index]


def mutations(shopify: Shopify) -> list[dict[str, Json]]:
    bodies = [json.loads(each.body or "{}") for each in shopify.simulator.ledger.requests]
    return [each["variables"] for each in bodies if each["query"].startswith("mutation")]


async def test_stock_adds_up_over_the_locations_and_not_beyond(
    open_shopify: Open, shopify: Shopify
):
    for location, quantity in (("1", 2), ("2", 5), ("3", 100)):
        shopify.simulator.set_stock("7", quantity, location)
    shopify.simulator.set_stock("8", -4)
    gateway = await open_shopify(shopify.url, "1", "2")
    reply = await gateway.post("inventory.validate", checkout(line("7", 6), line("8"), line("7")))
    assert available(reply) == [7, 0, 1]


async def test_what_shopify_does_not_know_has_no_stock(open_shopify: Open, shopify: Shopify):
    shopify.simulator.set_stock("7", None)
    gateway = await open_shopify(shopify.url)
    reply = await gateway.post("inventory.validate", checkout(line("7"), line("8"), line("SKU")))
    assert available(reply) == [0, 0, 0]


async def test_more_variants_than_shopify_takes_are_split(open_shopify: Open, shopify: Shopify):
    numbers = [str(number) for number in range(1, 302)]
    for number in numbers:
        shopify.simulator.set_stock(number, int(number))
    gateway = await open_shopify(shopify.url)
    reply = await gateway.post("inventory.validate", checkout(*map(line, numbers)))
    assert available(reply) == list(range(1, 302))
    assert len(shopify.simulator.ledger.requests) == 2


async def test_the_first_location_is_taken_from_before_the_next(
    open_shopify: Open, shopify: Shopify
):
    shopify.simulator.set_stock("7", 2, "1")
    shopify.simulator.set_stock("7", 3, "2")
    gateway = await open_shopify(shopify.url, "2", "1")
    sent = order(line("7", 3), line("7", 1))
    assert (await gateway.post("inventory.consume", sent)).body == {"order": sent}
    stock = shopify.simulator.stock_of
    assert (stock("7", "2"), stock("7", "1")) == (0, 1)


async def test_a_shortage_takes_nothing(open_shopify: Open, shopify: Shopify):
    shopify.simulator.set_stock("7", 2)
    gateway = await open_shopify(shopify.url)
    reply = await gateway.post("inventory.consume", order(line("7", 3), line("8")))
    assert (reply.status, reply.reason) == (422, "out_of_stock")
    assert [each["available"] for each in reply.details["lines"]] == [2, 0]  # type: ignore[index, union-attr]
    assert shopify.simulator.ledger.effects == []


async def test_what_is_not_tracked_is_sold_and_taken_from_nowhere(
    open_shopify: Open, shopify: Shopify
):
    shopify.simulator.set_stock("7", 0, tracked=False)
    shopify.simulator.set_stock("8", 1, policy="CONTINUE")
    gateway = await open_shopify(shopify.url)
    reply = await gateway.post("inventory.consume", order(line("7", 3), line("8", 5)))
    assert reply.status == 200, reply.cause
    assert (shopify.simulator.stock_of("7"), shopify.simulator.stock_of("8")) == (0, -4)


async def test_more_changes_than_shopify_takes_go_out_in_parts_with_keys_of_their_own(
    open_shopify: Open, shopify: Shopify
):
    numbers = [str(number) for number in range(1, 302)]
    for number in numbers:
        shopify.simulator.set_stock(number, 3)
    gateway = await open_shopify(shopify.url)
    reply = await gateway.post("inventory.consume", order(*map(line, numbers)))
    assert reply.status == 200, reply.cause
    assert {shopify.simulator.stock_of(number) for number in numbers} == {2}
    sent = mutations(shopify)
    assert [len(each["input"]["changes"]) for each in sent] == [250, 51]  # type: ignore[call-overload, index, arg-type]
    assert len({str(each["key"]) for each in sent}) == 2


async def test_throttling_inside_a_200_is_our_trouble(open_shopify: Open):
    poor = ShopifySimulator(bucket=3, restore=0)
    poor.set_stock("7", 9)
    with RunningSimulator(poor) as running:
        gateway = await open_shopify(running.url)
        for contract in ("inventory.validate", "inventory.consume"):
            reply = await gateway.post(contract, order(line("7")))
            assert (reply.status, reply.reason) == (500, "vendor_throttled")


async def test_a_throttled_read_is_sent_again_as_the_page_sets_it(open_shopify: Open):
    busy = ShopifySimulator(bucket=4, restore=100)
    busy.set_stock("7", 9)
    with RunningSimulator(busy) as running:
        gateway = await open_shopify(running.url, retry={"attempts": 3, "backoff": "50ms..100ms"})
        lines = [line("7") for _ in range(3)]
        replies = await asyncio.gather(
            *(gateway.post("inventory.validate", checkout(each)) for each in lines)
        )
    assert [reply.status for reply in replies] == [200] * 3
    throttled = [request for request in busy.ledger.requests if request.path.endswith(".json")]
    assert len(throttled) > len(lines)


async def test_throttling_of_the_adjustment_is_our_trouble(open_shopify: Open):
    poor = ShopifySimulator(bucket=10, restore=0)
    poor.set_stock("7", 9)
    with RunningSimulator(poor) as running:
        gateway = await open_shopify(running.url)
        reply = await gateway.post("inventory.consume", order(line("7")))
        assert (reply.status, reply.reason) == (500, "vendor_throttled")
    assert poor.ledger.effects == []


@pytest.mark.parametrize("contract", ["inventory.validate", "inventory.consume"])
async def test_a_wrong_token_is_our_trouble(open_shopify: Open, shopify: Shopify, contract: str):
    gateway = await open_shopify(shopify.url, token="wrong")
    reply = await gateway.post(contract, order(line("7")))
    assert (reply.status, reply.reason) == (500, "vendor_credentials")


async def test_user_errors_inside_a_200_are_a_no_and_named(
    open_shopify: Open, vendor: ScriptedVendor
):
    level = {"quantities": [{"quantity": 5}]}
    item = {"id": "gid://shopify/InventoryItem/97", "tracked": True, "inventoryLevel": level}
    variant = line("7")["variant_id"]
    node: Json = {"id": variant, "inventoryPolicy": "DENY", "inventoryItem": item}  # type: ignore[dict-item]
    vendor.say({"data": {"nodes": [node]}})
    error: Json = {"code": "NON_MUTABLE_INVENTORY_ITEM", "field": None, "message": "A bundle."}
    vendor.say({"data": {"inventoryAdjustQuantities": {"userErrors": [error]}}})
    reply = await (await open_shopify(vendor.url)).post("inventory.consume", order(line("7")))
    assert (reply.status, reply.reason) == (422, "refused")
    assert reply.details["problems"] == [
        {"code": "NON_MUTABLE_INVENTORY_ITEM", "message": "A bundle."}
    ]


async def test_a_lost_answer_takes_nothing_twice(open_shopify: Open, shopify: Shopify):
    shopify.simulator.set_stock("7", 2)
    gateway = await open_shopify(shopify.url)
    shopify.simulator.faults.order(faults.Delay(), faults.ResetAfterRead(applied=True))
    reply = await gateway.post("inventory.consume", order(line("7", 2)))
    assert reply.status == 200, reply.cause
    assert shopify.simulator.stock_of("7") == 0
    first, second = mutations(shopify)
    assert first == second


async def test_a_part_that_is_refused_puts_back_the_parts_before_it(
    open_shopify: Open, shopify: Shopify
):
    numbers = [str(number) for number in range(1, 252)]
    for number in numbers:
        shopify.simulator.set_stock(number, 3)
    gateway = await open_shopify(shopify.url)
    error = {"code": "NON_MUTABLE_INVENTORY_ITEM", "field": None, "message": "A bundle."}
    data: dict[str, object] = {"data": {"inventoryAdjustQuantities": {"userErrors": [error]}}}
    reads_and_first_part = faults.Delay(times=3)
    shopify.simulator.faults.order(reads_and_first_part, faults.Status(status=200, body=data))
    reply = await gateway.post("inventory.consume", order(*map(line, numbers)))
    assert (reply.status, reply.reason, reply.details["undone"]) == (422, "refused", ["take[0]"])
    assert {shopify.simulator.stock_of(number) for number in numbers} == {3}


@SETTINGS
@given(
    data=st.data(),
    stock=st.dictionaries(
        st.tuples(st.sampled_from("12"), st.sampled_from("123")), st.integers(-3, 9), min_size=1
    ),
)
async def test_an_order_takes_exactly_its_pieces_and_no_location_falls_below_zero_for_it(
    open_shopify: Open,
    shopify: Shopify,
    stock: dict[tuple[str, str], int],
    data: st.DataObject,
):
    simulator = shopify.simulator
    simulator.reset()
    for (variant, location), quantity in stock.items():
        simulator.set_stock(variant, quantity, location)
    lines = data.draw(st.lists(st.tuples(st.sampled_from("12"), st.integers(0, 6)), min_size=1))
    locations = data.draw(st.permutations("123"))
    gateway = await open_shopify(shopify.url, *locations, durable=False)
    reply = await gateway.post("inventory.consume", order(*(line(*each) for each in lines)))
    there = {
        variant: sum(quantity for (name, _), quantity in stock.items() if name == variant)
        for variant in "12"
    }
    wanted = {v: sum(quantity for name, quantity in lines if name == v) for v in "12"}
    fits = all(wanted[v] <= max(0, there[v]) for v in "12")
    assert reply.status == (200 if fits else 422), reply.cause
    left = {key: simulator.stock_of(*key) for key in stock}
    taken = {v: sum(stock[k] - (left[k] or 0) for k in stock if k[0] == v) for v in "12"}
    assert taken == (wanted if fits else {"1": 0, "2": 0})
    assert all((left[key] or 0) >= min(0, stock[key]) for key in stock)


ENOUGH: Json = {
    "data": {
        "nodes": [
            {
                "id": "gid://shopify/ProductVariant/7",
                "inventoryPolicy": "DENY",
                "inventoryItem": {
                    "id": "gid://shopify/InventoryItem/97",
                    "tracked": True,
                    "inventoryLevel": {"quantities": [{"name": "available", "quantity": 9}]},
                },
            }
        ]
    }
}
READS = shipped_answers("shopify/stock-response.json") | st.just(ENOUGH)
EFFECTS = shipped_answers("shopify/adjust-response.json")
STATUSES = st.sampled_from([200, 200, 200, 400, 401, 404, 422, 429, 500, 503])


@SETTINGS
@given(
    contract=st.sampled_from(["inventory.validate", "inventory.consume"]),
    read=st.tuples(READS, STATUSES),
    effect=st.tuples(EFFECTS, STATUSES),
)
async def test_whatever_the_vendor_may_answer_the_envelope_is_valid(
    open_shopify: Open,
    vendor: ScriptedVendor,
    envelope: Draft202012Validator,
    contract: str,
    read: tuple[Json, int],
    effect: tuple[Json, int],
):
    vendor.reset()
    vendor.say(*read)
    vendor.always(effect[0])
    vendor.say(*effect)
    gateway = await open_shopify(vendor.url, durable=False)
    reply = await gateway.post(contract, order(line("7")))
    assert [error.message for error in envelope.iter_errors(json.loads(reply.content))] == []
    assert reply.reason not in {"internal", "reply_invalid", "vendor_request"}, reply.cause
    assert reply.status in {200, 422, 500}
