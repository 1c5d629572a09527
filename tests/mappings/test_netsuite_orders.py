"""NetSuite: orders take their stock, or become sales orders, once."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulators import faults
from simulators.netsuite_auth import Integration

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

    from gateway.lossless import Json
    from tests.conftest import ScriptedVendor
    from tests.mappings.conftest import NetSuite, Open

RECORD = "/services/rest/record/v1"
ADJUSTMENT = f"{RECORD}/inventoryAdjustment"
SALES_ORDER = f"{RECORD}/salesOrder"
SCHEMES = ["oauth1", "oauth2"]
ADDRESS: dict[str, Json] = {
    "first_name": "Ann",
    "last_name": "Lee",
    "address1": "1 High Street",
    "city": "Springfield",
    "province": "IL",
    "zip": "62701",
    "country_iso2": "US",
}


def line(variant: str, quantity: Json = 1, price: str = "19.90") -> dict[str, Json]:
    return {"product_id": "p", "variant_id": variant, "quantity": quantity, "price": price}


def order(*lines: Json, **more: Json) -> dict[str, Json]:
    return {"id": "o-1", "currency": "USD", "order_items": list(lines), **more}


def asked(netsuite: NetSuite, prefix: str = RECORD) -> list[str]:
    """Give the methods of the requests about records, in their order."""
    requests = netsuite.simulator.ledger.requests
    return [each.method for each in requests if each.path.startswith(prefix)]


@pytest.fixture
def stocked(netsuite: NetSuite) -> NetSuite:
    for item, location, quantity in (("101", "1", 2), ("101", "2", 5), ("102", "1", 3)):
        netsuite.simulator.set_stock(item, location, quantity)
    return netsuite


class TestConsume:
    @pytest.mark.parametrize("scheme", SCHEMES)
    async def test_an_order_takes_its_items_from_the_locations_in_their_order(
        self, open_netsuite: Open, stocked: NetSuite, scheme: str
    ):
        gateway = await open_netsuite(stocked.url, scheme=scheme, locations=("1", "2"))
        sent = order(line("101", 3), line("102", 2), line("101", 1))
        reply = await gateway.post("inventory.consume", sent)
        assert (reply.status, reply.body) == (200, {"order": sent}), reply.cause
        left = [stocked.simulator.stock_of(*place) for place in (("101", "1"), ("101", "2"))]
        assert (left, stocked.simulator.stock_of("102")) == ([0, 3], 1)
        [record] = stocked.simulator.records("inventoryAdjustment")
        assert record["memo"] == "Nacelle order o-1"

    async def test_a_shortage_is_refused_and_nothing_is_taken(
        self, open_netsuite: Open, stocked: NetSuite
    ):
        gateway = await open_netsuite(stocked.url, locations=("1", "2"))
        reply = await gateway.post("inventory.consume", order(line("101", 8), line("999")))
        assert (reply.status, reply.reason) == (422, "out_of_stock")
        assert [each["available"] for each in reply.details["lines"]] == [7, 0]  # type: ignore[index, union-attr]
        assert asked(stocked) == []

    async def test_the_same_order_again_takes_its_stock_once(
        self, open_netsuite: Open, stocked: NetSuite
    ):
        gateway = await open_netsuite(stocked.url, durable=True)
        replies = [await gateway.post("inventory.consume", order(line("101"))) for _ in range(3)]
        assert [reply.status for reply in replies] == [200] * 3
        assert asked(stocked) == ["POST"]
        assert stocked.simulator.stock_of("101") == 1

    async def test_a_gateway_that_forgot_finds_what_is_there(
        self, open_netsuite: Open, stocked: NetSuite
    ):
        gateway = await open_netsuite(stocked.url)
        replies = [await gateway.post("inventory.consume", order(line("101"))) for _ in range(2)]
        assert [reply.status for reply in replies] == [200] * 2
        assert asked(stocked) == ["POST", "POST", "GET"]
        assert stocked.simulator.stock_of("101") == 1

    @pytest.mark.parametrize(
        "fault",
        [
            faults.ResetAfterRead(path=ADJUSTMENT, method="POST", applied=True),
            faults.Status(path=ADJUSTMENT, method="POST", status=500, applied=True),
            faults.Status(path=ADJUSTMENT, method="POST", status=200, body="<p>", applied=True),
        ],
        ids=faults.name_of,
    )
    async def test_a_lost_answer_is_asked_for(
        self, open_netsuite: Open, stocked: NetSuite, fault: faults.Fault
    ):
        stocked.simulator.faults.order(fault)
        gateway = await open_netsuite(stocked.url, durable=True)
        reply = await gateway.post("inventory.consume", order(line("101")))
        assert reply.status == 200, reply.cause
        assert asked(stocked) == ["POST", "GET"]
        assert stocked.simulator.stock_of("101") == 1

    async def test_a_refusal_names_what_is_wrong(self, open_netsuite: Open, stocked: NetSuite):
        stocked.simulator.books.accounts.clear()
        gateway = await open_netsuite(stocked.url)
        reply = await gateway.post("inventory.consume", order(line("101")))
        assert (reply.status, reply.reason) == (422, "refused")
        assert reply.error["error"] == "NetSuite refused the adjustment"
        [problem] = reply.details["problems"]  # type: ignore[misc]
        assert problem["path"] == "account"  # type: ignore[index, call-overload]
        assert stocked.simulator.stock_of("101") == 2

    async def test_after_a_429_it_is_sent_again(self, open_netsuite: Open, stocked: NetSuite):
        stocked.simulator.faults.order(faults.Throttle(path=ADJUSTMENT, says="nothing"))
        gateway = await open_netsuite(stocked.url, retry={"attempts": 2, "backoff": "1ms..1ms"})
        reply = await gateway.post("inventory.consume", order(line("101")))
        assert reply.status == 200, reply.cause
        assert stocked.simulator.stock_of("101") == 1


class TestSync:
    async def test_an_order_becomes_a_sales_order(self, open_netsuite: Open, stocked: NetSuite):
        gateway = await open_netsuite(stocked.url)
        sent = order(
            line("101", 2),
            line("102", price="8.50"),
            email="ann@example.com",
            shipping_address=ADDRESS,
            shipping_rate={"id": "standard", "price": "4.90"},
        )
        reply = await gateway.post("sync.consume", sent)
        assert (reply.status, reply.body) == (200, {"order": sent}), reply.cause
        [record] = stocked.simulator.records("salesOrder")
        assert record.pop("externalId")
        place = {"location": {"id": "1"}}
        assert record == {
            "entity": {"id": "107"},
            "currency": {"id": "1"},
            "otherRefNum": "o-1",
            "email": "ann@example.com",
            "item": {
                "items": [
                    {"item": {"id": "101"}, "quantity": 2, "rate": Decimal("19.90"), **place},
                    {"item": {"id": "102"}, "quantity": 1, "rate": Decimal("8.50"), **place},
                ]
            },
            "shippingAddress": {
                "addressee": "Ann Lee",
                "addr1": "1 High Street",
                "city": "Springfield",
                "state": "IL",
                "zip": "62701",
                "country": {"id": "US"},
            },
            "shippingCost": Decimal("4.90"),
        }

    async def test_each_part_of_a_multi_order_becomes_one(
        self, open_netsuite: Open, stocked: NetSuite
    ):
        parts: list[Json] = [
            {"order_items": [line("101")], "shipping_address": {**ADDRESS, "city": "York"}},
            {"order_items": [line("102")]},
        ]
        sent = {**order(shipping_address=ADDRESS), "orders": parts}
        reply = await (await open_netsuite(stocked.url)).post("sync.consume", sent)
        assert reply.status == 200, reply.cause
        records = stocked.simulator.records("salesOrder")
        assert [record["shippingAddress"]["city"] for record in records] == [  # type: ignore[index, call-overload]
            *("York", "Springfield")
        ]

    async def test_what_stands_beside_the_parts_goes_with_the_first(
        self, open_netsuite: Open, stocked: NetSuite
    ):
        parts: list[Json] = [{"order_items": [line("101")]}, {"order_items": [line("102")]}]
        stocked.simulator.set_stock("103", "1", 9)
        sent = {**order(line("103")), "orders": parts}
        reply = await (await open_netsuite(stocked.url)).post("sync.consume", sent)
        assert reply.status == 200, reply.cause
        ids = [
            [each["item"]["id"] for each in record["item"]["items"]]  # type: ignore[index, call-overload]
            for record in stocked.simulator.records("salesOrder")
        ]
        assert ids == [["101", "103"], ["102"]]

    async def test_a_part_that_is_refused_takes_the_parts_before_it_back(
        self, open_netsuite: Open, stocked: NetSuite
    ):
        parts: list[Json] = [{"order_items": [line("101")]}, {"order_items": [line("999")]}]
        reply = await (await open_netsuite(stocked.url)).post(
            "sync.consume", {**order(), "orders": parts}
        )
        assert (reply.status, reply.reason) == (422, "refused")
        assert reply.details["undone"] == ["call[0]"]
        assert asked(stocked) == ["POST", "POST", "DELETE"]
        assert stocked.simulator.records("salesOrder") == []

    async def test_a_gateway_that_forgot_finds_what_is_there(
        self, open_netsuite: Open, stocked: NetSuite
    ):
        gateway = await open_netsuite(stocked.url)
        replies = [await gateway.post("sync.consume", order(line("101"))) for _ in range(2)]
        assert [reply.status for reply in replies] == [200] * 2
        assert asked(stocked) == ["POST", "POST", "GET"]
        assert len(stocked.simulator.records("salesOrder")) == 1

    async def test_an_order_is_answered_when_it_is_stored_and_arrives_once_netsuite_takes_it(
        self, open_netsuite: Open, stocked: NetSuite
    ):
        stocked.simulator.faults.order(
            faults.Throttle(path=SALES_ORDER, method="POST", says="nothing"),
            faults.ResetAfterRead(path=SALES_ORDER, method="POST", applied=True),
        )
        gateway = await open_netsuite(stocked.url, durable=True)
        while not stocked.simulator.records("salesOrder"):
            answer = await gateway.send("sync.consume", order(line("101")))
            assert answer.status_code == 200
        assert len(stocked.simulator.records("salesOrder")) == 1
        assert asked(stocked).count("POST") == 2

    async def test_an_unknown_item_is_named_by_its_place(
        self, open_netsuite: Open, stocked: NetSuite
    ):
        reply = await (await open_netsuite(stocked.url)).post("sync.consume", order(line("999")))
        assert (reply.status, reply.error["category"]) == (422, "sync_service")
        [problem] = reply.details["problems"]  # type: ignore[misc]
        assert problem["path"] == "item.items[0].item"  # type: ignore[index, call-overload]

    @pytest.mark.parametrize("field", ["currency", "price"])
    async def test_an_order_that_lacks_what_netsuite_needs_is_refused_unsent(
        self, open_netsuite: Open, stocked: NetSuite, field: str
    ):
        sent = order({**line("101"), "price": None} if field == "price" else line("101"))
        sent |= {"currency": "SEK"} if field == "currency" else {}
        reply = await (await open_netsuite(stocked.url)).post("sync.consume", sent)
        assert (reply.status, reply.reason) == (400, "missing_data")
        assert asked(stocked) == []

    async def test_a_long_order_id_is_cut_for_people_and_kept_for_the_key(
        self, open_netsuite: Open, stocked: NetSuite
    ):
        gateway = await open_netsuite(stocked.url)
        for end in "ab":
            sent = {**order(line("101")), "id": "x" * 60 + end}
            assert (await gateway.post("sync.consume", sent)).status == 200
        records = stocked.simulator.records("salesOrder")
        assert {record["otherRefNum"] for record in records} == {"x" * 45}
        assert len({record["externalId"] for record in records}) == 2


@pytest.mark.parametrize("contract", ["inventory.consume", "sync.consume"])
@pytest.mark.parametrize("scheme", SCHEMES)
async def test_a_wrong_credential_is_our_trouble(
    open_netsuite: Open, stocked: NetSuite, scheme: str, contract: str
):
    wrong = Integration(token_secret="wrong", client_id="wrong")
    gateway = await open_netsuite(stocked.url, scheme=scheme, known=wrong)
    reply = await gateway.post(contract, order(line("101")))
    assert (reply.status, reply.reason) == (
        500,
        {"oauth1": "vendor_credentials", "oauth2": "vendor_auth"}[scheme],
    )
    assert stocked.simulator.ledger.effects == []


ANSWERS: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["o:errorDetails", "o:errorCode", "id", "detail"]), inner)
    ),
    max_leaves=6,
)
KNOWN = st.fixed_dictionaries(
    {
        "o:errorDetails": st.lists(
            st.fixed_dictionaries(
                {"o:errorCode": st.sampled_from(["DUP_RCRD", "INVALID_CONTENT", "LIMIT_EXCEEDED"])}
            )
        )
    }
)


@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    answers=st.lists(
        st.tuples(ANSWERS | KNOWN, st.sampled_from([200, 202, 204, 400, 401, 404, 409, 429, 500])),
        min_size=24,
        max_size=24,
    )
)
async def test_whatever_is_answered_the_envelope_is_valid(
    open_netsuite: Open,
    vendor: ScriptedVendor,
    envelope: Draft202012Validator,
    answers: list[tuple[Json, int]],
):
    gateway = await open_netsuite(vendor.url)
    for start in range(0, len(answers), 3):
        vendor.reset()
        for answer, status in answers[start : start + 3]:
            vendor.say(answer if status != 204 else b"", status)
        reply = await gateway.post("sync.consume", order(line("101")))
        assert [error.message for error in envelope.iter_errors(json.loads(reply.content))] == []
        assert reply.reason not in {"internal", "reply_invalid", "vendor_request"}
        assert reply.status in {200, 422, 500}
