"""Manhattan Active Omni, with the settings of its setup page: stock, orders saved once."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings

from simulators import faults
from simulators.kit import RunningSimulator
from simulators.manhattan import ManhattanSimulator, Stock
from tests.mappings.conftest import ROOT
from tests.mappings.odd_orders import ODD_ORDERS

if TYPE_CHECKING:
    from gateway.lossless import Json
    from tests.conftest import Gateway, Reply
    from tests.mappings.conftest import Open

Manhattan = RunningSimulator[ManhattanSimulator]
FOLDER = ROOT / "mappings" / "manhattan"
SAVE = "/order/api/order/order/save"
AVAILABILITY = "/inventory/api/availability/location/availabilitydetail"
SECRETS = {
    "MAO_CLIENT_ID": "omnicomponent.1.0.0",
    "MAO_CLIENT_SECRET": "omni-secret",
    "MAO_USER": "omni-user",
    "MAO_PASSWORD": "omni-password",
}


@pytest.fixture
def manhattan() -> Iterator[Manhattan]:
    with RunningSimulator(ManhattanSimulator()) as running:
        yield running


@pytest.fixture
def open_manhattan(deploy: Open, page_of: Open) -> Open:
    """Start a gateway as the setup page says, before the vendor at a URL.

    `mapping` answers orders instead of checkouts, remembered unless they aren't `durable`.
    """

    async def start(
        url: str,
        *,
        mapping: str = "inventory-validate",
        durable: bool = True,
        organization: str = "ACME",
        **secrets: str,
    ) -> Gateway:
        page = page_of("manhattan", url)
        del page["version"], page["mappings"], page["nacelle"]
        page["vendors"]["manhattan"] |= {
            "headers": {"Organization": organization},
            "timeout": {"connect": "5s", "total": "5s"},  # a busy machine is no vendor's failure
        }
        return await deploy(
            FOLDER / f"{mapping}.yaml",
            environment={**SECRETS, **secrets},
            closed=True,
            nacelle={"signature": {"secrets": [{"env": "SECRET"}]}, "deadline": "60s"},
            durable=durable and mapping.startswith("sync"),
            **page,
        )

    return start


@pytest.fixture
async def forgetful(open_manhattan: Open, manhattan: Manhattan) -> Gateway:
    """A gateway that remembers no order."""
    return await open_manhattan(manhattan.url, mapping="sync-consume", durable=False)


def line(sku: str, quantity: Json = 1) -> dict[str, Json]:
    return {"product_id": "p", "variant_id": "v", "sku": sku, "quantity": quantity}


def checkout(*lines: Json) -> dict[str, Json]:
    return {"id": "c-1", "items": list(lines)}


ADDRESS: dict[str, Json] = {
    "first_name": "Ann",
    "last_name": "Lee",
    "address1": "1 High Street",
    "city": "York",
    "province": "North Yorkshire",
    "zip": "YO1",
    "country_iso2": "GB",
}


def order(key: str = "o-1", **more: Json) -> dict[str, Json]:
    return {
        "id": key,
        "created_at": "2026-11-22T11:00:00Z",
        "currency": "GBP",
        "price": "24.89",
        "subtotal": "19.90",
        "email": "ann@shop.example",
        "shipping_address": ADDRESS,
        "shipping_rate": {"code": "express", "price": "4.99"},
        "payments": [
            {"type": "card", "amount": "20.00"},
            {"type": "gift_card", "amount": "4.89"},
        ],
        "order_items": [
            {**line("A", 2), "price": "9.95"},
            {**line("B", 1), "price": "0"},
        ],
        **more,
    }


def stock(item: str, quantity: str, location: str = "DC1") -> Stock:
    return Stock(item, location, Decimal(quantity))


def available(reply: Reply) -> list[Json]:
    assert reply.status == 200, reply.cause
    return [each["available"] for each in reply.body["checkout"]["items"]]  # type: ignore[index, union-attr, call-overload]


def asked(manhattan: Manhattan, path: str) -> int:
    return sum(each.path == path for each in manhattan.simulator.ledger.requests)


class TestStock:
    async def test_the_locations_of_the_setting_add_up(
        self, open_manhattan: Open, manhattan: Manhattan
    ):
        manhattan.simulator.stock = [
            stock("A", "70"),
            stock("A", "9.5", "STORE7"),
            stock("A", "1000", "ELSEWHERE"),
            stock("B", "-3"),
        ]
        gateway = await open_manhattan(manhattan.url)
        lines = checkout(line("A", 70), line("B"), line("C"), line("A"))
        assert available(await gateway.post("inventory.validate", lines)) == [79, 0, 0, 9]

    async def test_more_items_than_one_call_asks_for_are_split(
        self, open_manhattan: Open, manhattan: Manhattan
    ):
        skus = [f"S{number}" for number in range(201)]
        manhattan.simulator.stock = [stock(sku, str(n)) for n, sku in enumerate(skus)]
        gateway = await open_manhattan(manhattan.url)
        reply = await gateway.post("inventory.validate", checkout(*map(line, skus)))
        assert available(reply) == list(range(201))
        assert asked(manhattan, AVAILABILITY) == 3

    async def test_one_token_serves_many_checkouts_and_is_renewed_after_a_401(
        self, open_manhattan: Open, manhattan: Manhattan
    ):
        gateway = await open_manhattan(manhattan.url)
        for _ in range(2):
            assert (await gateway.post("inventory.validate", checkout(line("A")))).status == 200
        assert asked(manhattan, "/oauth/token") == 1
        manhattan.simulator.tokens.revoke()
        assert (await gateway.post("inventory.validate", checkout(line("A")))).status == 200
        assert asked(manhattan, "/oauth/token") == 2

    @pytest.mark.parametrize("secret", ["MAO_CLIENT_SECRET", "MAO_PASSWORD"])
    async def test_wrong_credentials_are_our_trouble(
        self, open_manhattan: Open, manhattan: Manhattan, secret: str
    ):
        gateway = await open_manhattan(manhattan.url, **{secret: "wrong"})
        reply = await gateway.post("inventory.validate", checkout(line("A")))
        assert (reply.status, reply.reason) == (500, "vendor_auth")

    async def test_an_organization_of_others_is_our_trouble(
        self, open_manhattan: Open, manhattan: Manhattan
    ):
        gateway = await open_manhattan(manhattan.url, organization="OTHERS")
        reply = await gateway.post("inventory.validate", checkout(line("A")))
        assert (reply.status, reply.reason) == (500, "vendor_credentials")

    async def test_a_view_that_is_not_there_is_told_by_its_code(
        self, open_manhattan: Open, manhattan: Manhattan
    ):
        manhattan.simulator.views = frozenset({"Stores"})
        gateway = await open_manhattan(manhattan.url)
        reply = await gateway.post("inventory.validate", checkout(line("A")))
        assert (reply.status, reply.reason) == (500, "vendor_error")
        assert reply.details["codes"] == ["unknown_view"]

    async def test_a_throttled_call_is_sent_again_as_the_page_sets_it(
        self, open_manhattan: Open, manhattan: Manhattan
    ):
        manhattan.simulator.stock = [stock("A", "4")]
        throttle = faults.Throttle(path=AVAILABILITY, says="nothing")
        manhattan.simulator.faults.order(throttle)
        gateway = await open_manhattan(manhattan.url)
        assert available(await gateway.post("inventory.validate", checkout(line("A")))) == [4]

    async def test_a_lasting_limit_is_our_trouble(self, open_manhattan: Open, manhattan: Manhattan):
        throttle = faults.Throttle(path=AVAILABILITY, says="nothing", times=2)
        manhattan.simulator.faults.order(throttle)
        gateway = await open_manhattan(manhattan.url)
        reply = await gateway.post("inventory.validate", checkout(line("A")))
        assert (reply.status, reply.reason) == (500, "vendor_throttled")


class TestOrders:
    async def test_an_order_is_saved_and_comes_back_as_it_was(
        self, open_manhattan: Open, manhattan: Manhattan
    ):
        gateway = await open_manhattan(manhattan.url, mapping="sync-consume")
        reply = await gateway.post("sync.consume", order())
        assert (reply.status, reply.body) == (200, {"order": order()}), reply.cause
        saved = manhattan.simulator.orders["o-1"]
        assert (saved["CapturedDate"], saved["OrderType"], saved["IsConfirmed"]) == (
            "2026-11-22T11:00:00Z",
            {"OrderTypeId": "Web"},
            True,
        )
        assert (saved["OrderSubTotal"], saved["OrderTotal"]) == (Decimal("19.90"), Decimal("24.89"))
        [first, second] = saved["OrderLine"]  # type: ignore[misc]
        assert (first["OrderLineId"], first["ItemId"], first["OrderLineSubTotal"]) == (
            "1",
            "A",
            Decimal("19.90"),
        )
        assert first["ShippingMethodId"] == "Express"
        assert first["ShipToAddress"]["Address"]["State"] == "North Yorkshire"
        assert second["OrderLineId"] == "2"
        [payment] = saved["Payment"]  # type: ignore[misc]
        assert [
            (method["PaymentMethodId"], method["Amount"], method["PaymentType"]["PaymentTypeId"])
            for method in payment["PaymentMethod"]
        ] == [("1", Decimal("20.00"), "Credit Card"), ("2", Decimal("4.89"), "Gift Card")]

    async def test_each_part_of_a_multi_order_goes_to_its_own_address(
        self, open_manhattan: Open, manhattan: Manhattan
    ):
        gateway = await open_manhattan(manhattan.url, mapping="sync-consume")
        parts: list[Json] = [
            {
                "shipping_address": {**ADDRESS, "city": city},
                "shipping_rate": {"code": "standard", "price": price},
                "order_items": [{**line(sku), "variant_id": sku, "price": "1"}],
            }
            for city, sku, price in [("York", "A", "4.99"), ("Hull", "B", "2.99")]
        ]
        several = order(orders=parts, order_items=None, shipping_rate=None, shipping_address=None)
        for _ in range(2):
            reply = await gateway.post("sync.consume", several)
            assert reply.status == 200, reply.cause
        saved: Any = manhattan.simulator.orders["o-1"]
        assert [
            (each["OrderLineId"], each["ItemId"], each["ShipToAddress"]["Address"]["City"])
            for each in saved["OrderLine"]
        ] == [("1", "A", "York"), ("2", "B", "Hull")]
        charges = [charge["ChargeTotal"] for charge in saved["OrderChargeDetail"]]
        assert charges == [Decimal("4.99"), Decimal("2.99")]

    async def test_an_order_without_a_time_payments_or_a_rate_is_saved_too(
        self, open_manhattan: Open, manhattan: Manhattan
    ):
        gateway = await open_manhattan(manhattan.url, mapping="sync-consume")
        bare = order(created_at=None, payments=None, shipping_rate=None, subtotal=None)
        reply = await gateway.post("sync.consume", bare)
        assert reply.status == 200, reply.cause
        saved = manhattan.simulator.orders["o-1"]
        assert saved["CapturedDate"]
        assert {"OrderChargeDetail", "OrderSubTotal"}.isdisjoint(
            name for name, value in saved.items() if value
        )

    async def test_the_same_order_again_is_saved_once(
        self, open_manhattan: Open, manhattan: Manhattan
    ):
        gateway = await open_manhattan(manhattan.url, mapping="sync-consume")
        replies = [await gateway.post("sync.consume", order()) for _ in range(3)]
        assert [reply.status for reply in replies] == [200] * 3
        assert asked(manhattan, SAVE) == 1

    @pytest.mark.parametrize("applied", [True, False])
    async def test_a_lost_answer_leads_to_the_same_bytes_again_and_to_one_order_and_payment(
        self, open_manhattan: Open, manhattan: Manhattan, *, applied: bool
    ):
        fault = faults.ResetAfterRead(path=SAVE, applied=applied, times=2)
        manhattan.simulator.faults.order(fault)
        gateway = await open_manhattan(manhattan.url, mapping="sync-consume")
        reply = await gateway.post("sync.consume", order(created_at=None))
        assert reply.status == 200, reply.cause
        ledger = manhattan.simulator.ledger
        assert len({each.body for each in ledger.requests if each.path == SAVE}) == 1
        assert [effect.change for effect in ledger.effects] == [{"what": "created"}]

    async def test_a_no_within_a_200_is_refused_with_manhattans_messages(
        self, open_manhattan: Open, manhattan: Manhattan
    ):
        manhattan.simulator.items = frozenset({"A"})
        gateway = await open_manhattan(manhattan.url, mapping="sync-consume")
        reply = await gateway.post("sync.consume", order())
        assert (reply.status, reply.reason) == (422, "refused")
        assert reply.error["error"] == "Manhattan rejected the order"
        assert reply.details["messages"] == [
            {"code": "unknown_item", "text": "Item B not found", "field": "OrderLine[1].ItemId"}
        ]
        assert manhattan.simulator.orders == {}

    async def test_a_rejected_order_is_taken_once_it_is_mended(
        self, open_manhattan: Open, manhattan: Manhattan
    ):
        manhattan.simulator.items = frozenset({"A"})
        gateway = await open_manhattan(manhattan.url, mapping="sync-consume")
        assert (await gateway.post("sync.consume", order())).status == 422
        mended = order(order_items=[{**line("A", 2), "price": "9.95"}])
        assert (await gateway.post("sync.consume", mended)).status == 200
        assert list(manhattan.simulator.orders) == ["o-1"]

    @pytest.mark.parametrize("secret", ["MAO_CLIENT_SECRET", "MAO_PASSWORD"])
    async def test_wrong_credentials_are_our_trouble_and_nothing_is_saved(
        self, open_manhattan: Open, manhattan: Manhattan, secret: str
    ):
        gateway = await open_manhattan(manhattan.url, mapping="sync-consume", **{secret: "wrong"})
        reply = await gateway.post("sync.consume", order())
        assert (reply.status, reply.reason) == (500, "vendor_auth")
        assert manhattan.simulator.orders == {}

    @given(document=ODD_ORDERS)
    @settings(
        max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    async def test_whatever_an_order_holds_it_goes_over_or_is_refused_as_the_shops_mistake(
        self, forgetful: Gateway, manhattan: Manhattan, document: dict[str, Json]
    ):
        manhattan.simulator.orders.clear()
        reply = await forgetful.post("sync.consume", document)
        assert reply.status in {200, 400, 422}, reply.cause
        if reply.status == 200:
            sent = manhattan.simulator.orders[str(document["id"])]["OrderLine"]
            assert len(sent) == len(document["order_items"])  # type: ignore[arg-type]
