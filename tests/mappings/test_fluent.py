"""Fluent Commerce, with the settings of its setup page: stock, orders created once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings

from simulators import faults
from simulators.fluent import FluentSimulator
from simulators.fluent_state import Order, Position
from simulators.kit import RunningSimulator
from tests.mappings.conftest import ROOT
from tests.mappings.odd_orders import ODD_ORDERS

if TYPE_CHECKING:
    from gateway.lossless import Json
    from tests.conftest import Gateway, Reply, ScriptedVendor
    from tests.mappings.conftest import Open

Fluent = RunningSimulator[FluentSimulator]
FOLDER = ROOT / "mappings" / "fluent"
SECRETS = {
    "FLUENT_CLIENT_ID": "fluent-client",
    "FLUENT_CLIENT_SECRET": "fluent-secret",
    "FLUENT_USER": "fluent-user",
    "FLUENT_PASSWORD": "fluent-password",
}


@pytest.fixture
def fluent() -> Iterator[Fluent]:
    with RunningSimulator(FluentSimulator()) as running:
        yield running


@pytest.fixture
def open_fluent(deploy: Open, page_of: Open) -> Open:
    """Start a gateway as an example of the setup page says, before the vendor at a URL.

    `mapping` answers orders instead of checkouts, remembered unless they aren't `durable`;
    `patience` is for one call of the vendor.
    """

    async def start(
        url: str,
        *,
        mapping: str = "inventory-validate",
        durable: bool = True,
        example: int = 0,
        patience: str = "5s",
        **secrets: str,
    ) -> Gateway:
        page = page_of("fluent", url) | page_of("fluent", url, example)
        del page["version"], page["mappings"], page["nacelle"]
        page["vendors"]["fluent"]["timeout"] = {"connect": patience, "total": patience}
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
async def forgetful(open_fluent: Open, fluent: Fluent, mapping: str) -> Gateway:
    """A gateway that remembers no order."""
    return await open_fluent(fluent.url, mapping=mapping, durable=False)


def line(sku: str, quantity: Json = 1) -> dict[str, Json]:
    return {"product_id": "p", "variant_id": "v", "sku": sku, "quantity": quantity}


def checkout(*lines: Json) -> dict[str, Json]:
    return {"id": "c-1", "items": list(lines)}


ADDRESS: dict[str, Json] = {
    "first_name": "Ann",
    "last_name": "Lee",
    "address1": "1 High Street",
    "address2": "Flat 2",
    "city": "York",
    "zip": "YO1",
    "country_iso2": "GB",
}


def order(key: str = "o-1", **more: Json) -> dict[str, Json]:
    return {
        "id": key,
        "currency": "GBP",
        "price": "24.89",
        "tax": "4.15",
        "email": "ann@shop.example",
        "shipping_address": ADDRESS,
        "shipping_rate": {"code": "express", "price": "4.99"},
        "order_items": [{**line("A", 2), "price": "9.95"}],
        **more,
    }


def available(reply: Reply) -> list[Json]:
    assert reply.status == 200, reply.cause
    return [each["available"] for each in reply.body["checkout"]["items"]]  # type: ignore[index, union-attr, call-overload]


def asked(fluent: Fluent, path: str) -> int:
    return sum(each.path == path for each in fluent.simulator.ledger.requests)


class TestStock:
    async def test_every_line_gets_what_can_be_sold(self, open_fluent: Open, fluent: Fluent):
        fluent.simulator.state.positions = [
            Position("A", 79),
            Position("B", -3),
            Position("A", 1000, type="BASE", groupRef="LOC1"),
            Position("A", 1000, catalogue="OTHER:1"),
            Position("C", 5, status="INACTIVE"),
        ]
        gateway = await open_fluent(fluent.url)
        lines = checkout(line("A", 70), line("B"), line("C"), line("D"), line("A"))
        assert available(await gateway.post("inventory.validate", lines)) == [79, 0, 0, 0, 9]

    async def test_too_many_calls_said_within_a_200_are_tried_again(
        self, open_fluent: Open, fluent: Fluent
    ):
        body: Json = {"errors": [{"message": "Slow", "extensions": {"code": "C0011E"}}]}
        fluent.simulator.faults.order(faults.Status(path="/graphql", status=200, body=body))
        fluent.simulator.state.positions = [Position("A", 79)]
        gateway = await open_fluent(fluent.url)
        reply = await gateway.post("inventory.validate", checkout(line("A")))
        assert (available(reply), asked(fluent, "/graphql")) == ([79], 2)

    async def test_more_products_than_a_page_holds_are_asked_for_in_several_calls(
        self, open_fluent: Open, fluent: Fluent
    ):
        skus = [f"S{number}" for number in range(1001)]
        fluent.simulator.state.positions = [Position(sku, n) for n, sku in enumerate(skus)]
        gateway = await open_fluent(fluent.url)
        reply = await gateway.post("inventory.validate", checkout(*map(line, skus)))
        assert available(reply) == list(range(1001))
        assert asked(fluent, "/graphql") == 3

    async def test_positions_over_several_pages_are_read_to_the_end(
        self, open_fluent: Open, fluent: Fluent
    ):
        """Two catalogues' worth of rows for one product: more than Fluent gives at once."""
        fluent.simulator.state.positions = [
            Position("A", 1, groupRef=f"G{number}") for number in range(501)
        ]
        gateway = await open_fluent(fluent.url)
        reply = await gateway.post("inventory.validate", checkout(line("A")))
        assert available(reply) == [501]
        assert asked(fluent, "/graphql") == 2

    async def test_one_token_serves_many_checkouts_and_is_renewed_after_a_401(
        self, open_fluent: Open, fluent: Fluent
    ):
        gateway = await open_fluent(fluent.url)
        for _ in range(2):
            assert (await gateway.post("inventory.validate", checkout(line("A")))).status == 200
        assert asked(fluent, "/oauth/token") == 1
        fluent.simulator.tokens.revoke()
        assert (await gateway.post("inventory.validate", checkout(line("A")))).status == 200
        assert asked(fluent, "/oauth/token") == 2

    async def test_each_refresh_token_is_used_once_and_the_next_one_after_it(
        self, open_fluent: Open, fluent: Fluent, tmp_path: Path
    ):
        (tmp_path / "secrets").mkdir()
        first = tmp_path / "secrets" / "fluent-refresh-token"
        first.write_text(fluent.simulator.tokens.first_refresh_token())
        storage = "sqlite:///gateway.db"
        gateway = await open_fluent(fluent.url, example=1, GATEWAY_STORAGE=storage)
        for _ in range(2):
            reply = await gateway.post("inventory.validate", checkout(line("A")))
            assert available(reply) == [0]
            fluent.simulator.tokens.revoke()
        tokens = [
            each.body for each in fluent.simulator.ledger.requests if each.path == "/oauth/token"
        ]
        assert (len(tokens), len(set(tokens))) == (2, 2)

    @pytest.mark.parametrize("secret", ["FLUENT_CLIENT_SECRET", "FLUENT_PASSWORD"])
    async def test_wrong_credentials_are_our_trouble(
        self, open_fluent: Open, fluent: Fluent, secret: str
    ):
        gateway = await open_fluent(fluent.url, **{secret: "wrong"})
        reply = await gateway.post("inventory.validate", checkout(line("A")))
        assert (reply.status, reply.reason) == (500, "vendor_auth")

    async def test_errors_within_a_200_are_told_by_their_codes(
        self, open_fluent: Open, fluent: Fluent
    ):
        fluent.simulator.state.positions = [
            Position("A", 1, groupRef=f"G{number}") for number in range(501)
        ]
        gateway = await open_fluent(fluent.url)
        body = {"data": None, "errors": [{"message": "No", "extensions": {"code": "C0020E"}}]}
        fluent.simulator.faults.order(faults.Status(path="/graphql", status=200, body=body))
        reply = await gateway.post("inventory.validate", checkout(line("A")))
        assert (reply.status, reply.reason) == (500, "vendor_error")
        assert reply.details["codes"] == ["C0020E"]

    async def test_a_throttled_call_is_sent_again_as_the_page_sets_it(
        self, open_fluent: Open, fluent: Fluent
    ):
        fluent.simulator.state.positions = [Position("A", 4)]
        fluent.simulator.faults.order(faults.Throttle(path="/graphql", says="nothing"))
        gateway = await open_fluent(fluent.url)
        assert available(await gateway.post("inventory.validate", checkout(line("A")))) == [4]

    async def test_a_lasting_limit_is_our_trouble(self, open_fluent: Open, fluent: Fluent):
        fluent.simulator.faults.order(faults.Throttle(path="/graphql", says="nothing", times=2))
        gateway = await open_fluent(fluent.url)
        reply = await gateway.post("inventory.validate", checkout(line("A")))
        assert (reply.status, reply.reason) == (500, "vendor_throttled")

    @pytest.mark.parametrize("data", [{}, {"virtualPositions": None}])
    async def test_an_answer_without_positions_is_no_answer(
        self, open_fluent: Open, vendor: ScriptedVendor, data: Json
    ):
        vendor.say({"access_token": "t", "expires_in": 60})
        vendor.say({"data": data})
        gateway = await open_fluent(vendor.url)
        reply = await gateway.post("inventory.validate", checkout(line("A")))
        assert (reply.status, reply.reason) == (500, "vendor_answer")


SYNC = pytest.mark.parametrize("mapping", ["sync-consume", "sync-consume-guest"])


def created(fluent: Fluent) -> list[str]:
    """Give the references of the orders that were created, as often as they were."""
    effects = fluent.simulator.ledger.effects
    return [str(effect.change["ref"]) for effect in effects if effect.kind == "order"]


class TestOrders:
    @SYNC
    async def test_an_order_is_created_and_comes_back_as_it_was(
        self, open_fluent: Open, fluent: Fluent, mapping: str
    ):
        gateway = await open_fluent(fluent.url, mapping=mapping)
        reply = await gateway.post("sync.consume", order())
        assert (reply.status, reply.body) == (200, {"order": order()}), reply.cause
        made = fluent.simulator.state.orders["o-1"].input
        assert (made["type"], made["totalPrice"], made["totalTaxPrice"]) == ("HD", 24.89, 4.15)
        assert made["items"] == [
            {
                "ref": "o-1-0",
                "productRef": "A",
                "productCatalogueRef": "PC:MASTER:1",
                "quantity": 2,
                "currency": "GBP",
                "price": 9.95,
                "totalPrice": 19.9,
            }
        ]
        assert made["fulfilmentChoice"] == {
            "currency": "GBP",
            "deliveryType": "EXPRESS",
            "fulfilmentType": "HD_PFS",
            "fulfilmentPrice": 4.99,
            "deliveryAddress": {
                "name": "Ann Lee",
                "street": "1 High Street, Flat 2",
                "city": "York",
                "postcode": "YO1",
                "country": "GB",
            },
        }

    @SYNC
    async def test_parts_that_go_to_several_addresses_are_one_order_with_several_choices(
        self, open_fluent: Open, fluent: Fluent, mapping: str
    ):
        gateway = await open_fluent(fluent.url, mapping=mapping)
        parts: list[Json] = [
            {"order_items": [{**line("B"), "variant_id": "w", "price": "1"}]},
            {
                "shipping_address": {**ADDRESS, "city": "Hull"},
                "order_items": [{**line("C"), "variant_id": "x", "price": "2"}],
            },
        ]
        reply = await gateway.post("sync.consume", order(orders=parts))
        assert reply.status == 200, reply.cause
        made = fluent.simulator.state.orders["o-1"].input
        choices: Any = made["fulfilmentChoices"]
        to = {choice["ref"]: choice["deliveryAddress"]["city"] for choice in choices}
        items: Any = made["items"]
        assert made["type"] == "MULTI"
        assert "fulfilmentChoice" not in made
        assert [(item["productRef"], to[item["fulfilmentChoiceRef"]]) for item in items] == [
            ("A", "York"),
            ("B", "York"),
            ("C", "Hull"),
        ]
        assert [choice.get("fulfilmentPrice") for choice in choices] == [4.99, None, None]

    async def test_orders_of_one_customer_keep_the_email_address(
        self, open_fluent: Open, fluent: Fluent
    ):
        gateway = await open_fluent(fluent.url, mapping="sync-consume")
        await gateway.post("sync.consume", order())
        made = fluent.simulator.state.orders["o-1"].input
        assert made["customer"] == {"id": "1"}
        assert made["attributes"] == [
            {"name": "email", "type": "STRING", "value": "ann@shop.example"}
        ]

    async def test_each_order_of_a_guest_gets_a_customer_of_its_own(
        self, open_fluent: Open, fluent: Fluent
    ):
        gateway = await open_fluent(fluent.url, mapping="sync-consume-guest")
        for key in ("o-1", "o-2"):
            assert (await gateway.post("sync.consume", order(key))).status == 200
        assert fluent.simulator.state.customers == {"1": "guest", "2": "o-1", "3": "o-2"}

    @SYNC
    async def test_the_same_order_again_is_created_once(
        self, open_fluent: Open, fluent: Fluent, mapping: str
    ):
        gateway = await open_fluent(fluent.url, mapping=mapping)
        replies = [await gateway.post("sync.consume", order()) for _ in range(3)]
        assert [reply.status for reply in replies] == [200] * 3
        assert created(fluent) == ["o-1"]

    @SYNC
    async def test_an_order_that_fluent_has_already_counts_as_done(
        self, open_fluent: Open, fluent: Fluent, mapping: str
    ):
        """As after a restore of the gateway's storage from a backup."""
        there = Order("900", "o-1", "HD", {"id": "1", "ref": "guest"}, {}, "2026-11-22T20:05:00Z")
        fluent.simulator.state.orders["o-1"] = there
        gateway = await open_fluent(fluent.url, mapping=mapping)
        reply = await gateway.post("sync.consume", order())
        assert (reply.status, created(fluent)) == (200, []), reply.cause

    @SYNC
    @pytest.mark.parametrize("applied", [True, False])
    async def test_a_lost_answer_is_found_out_and_the_order_is_created_once(
        self, open_fluent: Open, fluent: Fluent, mapping: str, *, applied: bool
    ):
        fault = faults.ResetAfterRead(path="/graphql", applied=applied, times=2)
        fluent.simulator.faults.order(fault)
        gateway = await open_fluent(fluent.url, mapping=mapping, patience="1s")
        reply = await gateway.post("sync.consume", order())
        assert (reply.status, created(fluent)) == (200, ["o-1"]), reply.cause

    async def test_another_order_whose_reference_matches_as_a_pattern_is_not_taken_for_it(
        self, open_fluent: Open, fluent: Fluent
    ):
        gateway = await open_fluent(fluent.url, mapping="sync-consume", patience="1s")
        await gateway.post("sync.consume", order("100-off"))
        fault = faults.ResetAfterRead(path="/graphql", applied=False, times=2)
        fluent.simulator.faults.order(fault)
        assert (await gateway.post("sync.consume", order("100%"))).status == 200
        assert created(fluent) == ["100-off", "100%"]

    @SYNC
    async def test_a_product_that_fluent_does_not_know_is_named(
        self, open_fluent: Open, fluent: Fluent, mapping: str
    ):
        fluent.simulator.state.products = frozenset({"B"})
        gateway = await open_fluent(fluent.url, mapping=mapping)
        reply = await gateway.post("sync.consume", order())
        assert (reply.status, reply.reason) == (422, "refused")
        assert reply.error["error"] == "Fluent Commerce rejected the order"
        assert reply.details["problems"] == [
            {"code": "C0120E", "message": "Product with reference A not found"}
        ]

    async def test_too_many_calls_said_within_a_200_are_tried_again(
        self, open_fluent: Open, fluent: Fluent
    ):
        body = {"data": None, "errors": [{"message": "Slow", "extensions": {"code": "C0011E"}}]}
        fluent.simulator.faults.order(faults.Status(path="/graphql", status=200, body=body))
        gateway = await open_fluent(fluent.url, mapping="sync-consume")
        reply = await gateway.post("sync.consume", order())
        again = await gateway.post("sync.consume", order())
        assert (reply.reason, again.status) == ("vendor_throttled", 200)
        assert created(fluent) == ["o-1"]

    async def test_trouble_of_fluents_own_leads_to_a_look(self, open_fluent: Open, fluent: Fluent):
        body = {"data": None, "errors": [{"message": "Oops", "extensions": {"code": "S0001E"}}]}
        fault = faults.Status(path="/graphql", status=200, body=body, applied=True)
        fluent.simulator.faults.order(fault)
        gateway = await open_fluent(fluent.url, mapping="sync-consume")
        reply = await gateway.post("sync.consume", order())
        assert (reply.status, created(fluent)) == (200, ["o-1"]), reply.cause

    async def test_a_user_who_may_not_create_orders_is_our_trouble(
        self, open_fluent: Open, fluent: Fluent
    ):
        body = {"data": None, "errors": [{"message": "No", "extensions": {"code": "C0020E"}}]}
        fluent.simulator.faults.order(faults.Status(path="/graphql", status=200, body=body))
        gateway = await open_fluent(fluent.url, mapping="sync-consume")
        reply = await gateway.post("sync.consume", order())
        assert (reply.status, reply.details["codes"]) == (500, ["C0020E"])

    async def test_wrong_credentials_are_our_trouble_and_nothing_is_created(
        self, open_fluent: Open, fluent: Fluent
    ):
        gateway = await open_fluent(fluent.url, mapping="sync-consume", FLUENT_PASSWORD="wrong")
        reply = await gateway.post("sync.consume", order())
        assert (reply.status, reply.reason, created(fluent)) == (500, "vendor_auth", [])

    async def test_an_order_without_an_address_asks_nobody(self, open_fluent: Open, fluent: Fluent):
        gateway = await open_fluent(fluent.url, mapping="sync-consume")
        reply = await gateway.post("sync.consume", order(shipping_address=None))
        assert (reply.status, reply.reason) == (400, "missing_data")
        assert fluent.simulator.ledger.requests == []

    @SYNC
    @given(document=ODD_ORDERS)
    @settings(
        max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    async def test_whatever_an_order_holds_it_goes_over_or_is_refused_as_the_shops_mistake(
        self, forgetful: Gateway, fluent: Fluent, document: dict[str, Json]
    ):
        fluent.simulator.state.orders.clear()
        fluent.simulator.state.customers = {"1": "guest"}
        reply = await forgetful.post("sync.consume", document)
        assert reply.status in {200, 400, 422}, reply.cause
        if reply.status == 200:
            sent = fluent.simulator.state.orders[str(document["id"])].input["items"]
            assert len(sent) == len(document["order_items"])  # type: ignore[arg-type]
