"""BigCommerce: checkouts get their stock, orders take it; an adjustment is never sent twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulators import faults
from simulators.bigcommerce import BigCommerceSimulator
from simulators.kit import RunningSimulator
from tests.mappings.answers import shipped_answers
from tests.mappings.conftest import ROOT

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

    from gateway.lossless import Json
    from tests.conftest import Gateway, Reply, ScriptedVendor
    from tests.mappings.conftest import Open

BigCommerce = RunningSimulator[BigCommerceSimulator]
ADJUSTMENTS = "/stores/abc123/v3/inventory/adjustments"
SETTINGS = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def bigcommerce() -> Iterator[BigCommerce]:
    with RunningSimulator(BigCommerceSimulator()) as running:
        yield running


@pytest.fixture
def open_bigcommerce(deploy: Open, bigcommerce: BigCommerce) -> Open:
    """Start a gateway with both BigCommerce mappings before the simulator, or a URL."""

    async def start(
        *locations: int,
        url: str = f"{bigcommerce.url}/stores/abc123",
        token: str = bigcommerce.simulator.token,
        durable: bool = True,
    ) -> Gateway:
        vendor = {
            "base_url": url,
            "timeout": {"connect": "2s", "total": "7s"},
            "auth": {"type": "api_key", "header": "X-Auth-Token", "key": {"env": "KEY"}},
            "retry": {"attempts": 2, "backoff": "1ms..1ms"},
        }
        return await deploy(
            ROOT / "mappings" / "bigcommerce" / "inventory-validate.yaml",
            ROOT / "mappings" / "bigcommerce" / "inventory-consume.yaml",
            durable=durable,
            settings={"bigcommerce": {"location_ids": list(locations or (1,))}},
            vendors={"bigcommerce": vendor},
            environment={"KEY": token},
            closed=True,
        )

    return start


def line(variant: Json, quantity: int = 1) -> dict[str, Json]:
    return {"product_id": "p", "variant_id": variant, "quantity": quantity}


def checkout(*lines: Json) -> dict[str, Json]:
    return {"id": "c-1", "items": list(lines)}


def order(*lines: Json) -> dict[str, Json]:
    return {"id": "o-1", "order_items": list(lines)}


def available(reply: Reply) -> list[Json]:
    assert reply.status == 200, reply.cause
    return [each["available"] for each in reply.body["checkout"]["items"]]  # type: ignore[index]


async def test_what_is_available_to_sell_adds_up_over_the_locations(
    open_bigcommerce: Open, bigcommerce: BigCommerce
):
    bigcommerce.simulator.set_stock(7, 4, 1, safety_stock=2)
    bigcommerce.simulator.set_stock(7, 5, 2)
    bigcommerce.simulator.set_stock(7, 100, 3)
    bigcommerce.simulator.set_stock(8, -4, 1)
    gateway = await open_bigcommerce(1, 2)
    reply = await gateway.post("inventory.validate", checkout(line("7", 6), line("8"), line("7")))
    assert available(reply) == [7, 0, 1]


async def test_what_bigcommerce_does_not_know_has_no_stock(
    open_bigcommerce: Open, bigcommerce: BigCommerce
):
    bigcommerce.simulator.set_stock(7, None)
    gateway = await open_bigcommerce()
    reply = await gateway.post("inventory.validate", checkout(line("7"), line("8"), line("SKU")))
    assert available(reply) == [0, 0, 0]
    assert len(bigcommerce.simulator.ledger.requests) == 1


async def test_many_variants_are_asked_for_in_parts(
    open_bigcommerce: Open, bigcommerce: BigCommerce
):
    numbers = range(1, 302)
    for number in numbers:
        bigcommerce.simulator.set_stock(number, number)
    gateway = await open_bigcommerce()
    reply = await gateway.post("inventory.validate", checkout(*(line(str(n)) for n in numbers)))
    assert available(reply) == list(numbers)
    assert len(bigcommerce.simulator.ledger.requests) == 2


async def test_the_first_location_is_taken_from_before_the_next(
    open_bigcommerce: Open, bigcommerce: BigCommerce
):
    bigcommerce.simulator.set_stock(7, 2, 1)
    bigcommerce.simulator.set_stock(7, 4, 2, safety_stock=1)
    gateway = await open_bigcommerce(2, 1)
    sent = order(line("7", 3), line("7", 1))
    assert (await gateway.post("inventory.consume", sent)).body == {"order": sent}
    stock = bigcommerce.simulator.stock_of
    assert (stock(7, 2), stock(7, 1)) == (1, 1)
    [*_, adjustment] = bigcommerce.simulator.ledger.requests
    assert json.loads(adjustment.body or "")["reason"] == "Nacelle order o-1"


async def test_a_shortage_takes_nothing(open_bigcommerce: Open, bigcommerce: BigCommerce):
    bigcommerce.simulator.set_stock(7, 2)
    gateway = await open_bigcommerce()
    reply = await gateway.post("inventory.consume", order(line("7", 3), line("8")))
    assert (reply.status, reply.reason) == (422, "out_of_stock")
    assert bigcommerce.simulator.ledger.effects == []


async def test_a_refused_adjustment_is_told_in_bigcommerces_words(
    open_bigcommerce: Open, bigcommerce: BigCommerce
):
    bigcommerce.simulator.set_stock(7, 2)
    title = "[Item with variant_id 7 is tracked by product, please update stock by product id]"
    problem: dict[str, object] = {"status": 422, "title": title, "errors": {}}
    bigcommerce.simulator.faults.order(faults.Status(path=ADJUSTMENTS, status=422, body=problem))
    reply = await (await open_bigcommerce()).post("inventory.consume", order(line("7")))
    assert (reply.status, reply.reason, reply.details["problem"]) == (422, "refused", title)


@pytest.mark.parametrize("contract", ["inventory.validate", "inventory.consume"])
async def test_a_wrong_token_is_our_trouble(open_bigcommerce: Open, contract: str):
    gateway = await open_bigcommerce(token="wrong")
    reply = await gateway.post(contract, order(line("7")))
    assert (reply.status, reply.reason) == (500, "vendor_credentials")


async def test_a_limit_on_calls_is_waited_for_as_bigcommerce_tells_it(
    open_bigcommerce: Open, bigcommerce: BigCommerce
):
    bigcommerce.simulator.set_stock(7, 2)
    limit = faults.Throttle(path=ADJUSTMENTS, says="reset_ms")
    bigcommerce.simulator.faults.order(limit)
    reply = await (await open_bigcommerce()).post("inventory.consume", order(line("7")))
    assert reply.status == 200, reply.cause
    assert bigcommerce.simulator.stock_of(7) == 1


@pytest.mark.parametrize(
    "fault",
    [
        faults.ResetAfterRead(path=ADJUSTMENTS, applied=True),
        faults.Status(path=ADJUSTMENTS, status=500, applied=True),
        faults.Truncate(path=ADJUSTMENTS),
    ],
)
async def test_an_adjustment_without_an_answer_is_held_and_never_sent_again(
    open_bigcommerce: Open, bigcommerce: BigCommerce, fault: faults.Fault
):
    bigcommerce.simulator.set_stock(7, 9)
    bigcommerce.simulator.faults.order(fault)
    gateway = await open_bigcommerce()
    for _ in range(2):
        reply = await gateway.post("inventory.consume", order(line("7", 2)))
        assert (reply.status, reply.reason) == (500, "in_doubt")
    assert bigcommerce.simulator.stock_of(7) == 7


async def test_an_order_of_no_pieces_takes_nothing(
    open_bigcommerce: Open, bigcommerce: BigCommerce
):
    bigcommerce.simulator.set_stock(7, 2)
    reply = await (await open_bigcommerce()).post("inventory.consume", order(line("7", 0)))
    assert reply.status == 200, reply.cause
    assert [each.method for each in bigcommerce.simulator.ledger.requests] == ["GET"]


@SETTINGS
@given(
    data=st.data(),
    stock=st.dictionaries(
        st.tuples(st.sampled_from([1, 2]), st.sampled_from([1, 2, 3])),
        st.integers(-3, 9),
        min_size=1,
    ),
)
async def test_an_order_takes_exactly_its_pieces_and_no_location_falls_below_zero_for_it(
    open_bigcommerce: Open,
    bigcommerce: BigCommerce,
    stock: dict[tuple[int, int], int],
    data: st.DataObject,
):
    simulator = bigcommerce.simulator
    simulator.reset()
    for (variant, location), quantity in stock.items():
        simulator.set_stock(variant, quantity, location)
    lines = data.draw(st.lists(st.tuples(st.sampled_from([1, 2]), st.integers(0, 6)), min_size=1))
    gateway = await open_bigcommerce(*data.draw(st.permutations([1, 2, 3])), durable=False)
    sent = order(*(line(str(variant), quantity) for variant, quantity in lines))
    reply = await gateway.post("inventory.consume", sent)
    there = {v: sum(quantity for (name, _), quantity in stock.items() if name == v) for v in (1, 2)}
    wanted = {v: sum(quantity for name, quantity in lines if name == v) for v in (1, 2)}
    fits = all(wanted[v] <= max(0, there[v]) for v in (1, 2))
    assert reply.status == (200 if fits else 422), reply.cause
    left = {key: simulator.stock_of(*key) or 0 for key in stock}
    taken = {v: sum(stock[key] - left[key] for key in stock if key[0] == v) for v in (1, 2)}
    assert taken == (wanted if fits else {1: 0, 2: 0})
    assert all(left[key] >= min(0, stock[key]) for key in stock)


ENOUGH: Json = {
    "data": [
        {"identity": {"variant_id": 7}, "locations": [{"location_id": 1, "available_to_sell": 9}]}
    ]
}
READS = shipped_answers("bigcommerce/items-response.json") | st.just(ENOUGH)
EFFECTS = shipped_answers("bigcommerce/relative-adjustment-response.json")
STATUSES = st.sampled_from([200, 200, 200, 400, 401, 404, 422, 429, 500, 503])


@SETTINGS
@given(
    contract=st.sampled_from(["inventory.validate", "inventory.consume"]),
    read=st.tuples(READS, STATUSES),
    effect=st.tuples(EFFECTS, STATUSES),
)
async def test_whatever_the_vendor_may_answer_the_envelope_is_valid(
    open_bigcommerce: Open,
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
    gateway = await open_bigcommerce(url=vendor.url, durable=False)
    reply = await gateway.post(contract, order(line("7")))
    assert [error.message for error in envelope.iter_errors(json.loads(reply.content))] == []
    assert reply.reason not in {"internal", "reply_invalid", "vendor_request"}, reply.cause
    assert reply.status in {200, 422, 500}
