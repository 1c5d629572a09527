"""The mappings of shipping rates, promotions, taxes and payments before their faked services."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.lossless import dumps, loads
from simulators import faults
from simulators.kit import RunningSimulator
from simulators.payments import Card, PaymentsSimulator
from simulators.plain import PlainService
from simulators.promotions import PromotionsSimulator
from simulators.rates import RatesSimulator, Service
from simulators.taxes import TaxesSimulator
from tests.mappings.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jsonschema import Draft202012Validator

    from gateway.lossless import Json
    from tests.conftest import Gateway, Reply, ScriptedVendor
    from tests.mappings.conftest import Open

VENDORS: dict[str, Callable[[], PlainService]] = {
    "shipping": RatesSimulator,
    "promotions": PromotionsSimulator,
    "taxes": TaxesSimulator,
    "payments": PaymentsSimulator,
}
NAMES = {"shipping": "rates"}
ADDRESS: dict[str, Json] = {
    "city": "Springfield",
    "province": "IL",
    "zip": "62701",
    "country_iso2": "US",
}
CHECKOUT: dict[str, Json] = {
    "id": "c-1",
    "currency": "USD",
    "items": [
        {"product_id": "p", "variant_id": "A", "sku": "S", "quantity": 2, "price": "19.90"},
        {"product_id": "p", "variant_id": "A", "quantity": 1, "price": "5.00"},
    ],
    "shipping_address": ADDRESS,
    "payments": [{"external_id": "tok_visa", "amount": "44.80", "type": "card", "own": [1]}],
    "far": Decimal("0.10000000000000000001"),
}


@dataclass(frozen=True)
class Desk:
    """A gateway with one of the mappings before its service."""

    gateway: Gateway
    name: str

    async def ask(self, document: Json) -> Reply:
        return await self.gateway.post(f"{self.name}.validate", document)


@pytest.fixture
def services() -> Iterator[dict[str, RunningSimulator[PlainService]]]:
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(RunningSimulator(make())) for name, make in VENDORS.items()
        }


@pytest.fixture
def desk(deploy: Open, services: dict[str, RunningSimulator[PlainService]]) -> Open:
    """Start a gateway with the mapping of a name; `url` and `key` replace the service's."""

    async def start(name: str, *, url: str | None = None, key: str | None = None) -> Desk:
        vendor = {
            "base_url": url or services[name].url,
            "auth": {"type": "api_key", "header": "X-Api-Key", "key": {"env": "KEY"}},
        }
        gateway = await deploy(
            ROOT / "mappings" / "generic" / f"{name}-validate.yaml",
            vendors={NAMES.get(name, name): vendor},
            environment={"KEY": key or services[name].simulator.api_key},
            closed=True,
        )
        return Desk(gateway, name)

    return start


@pytest.fixture
def heard(services: dict[str, RunningSimulator[PlainService]]) -> Callable[[str], list[Json]]:
    """Give the bodies that a service has had."""

    def bodies(name: str) -> list[Json]:
        requests = services[name].simulator.ledger.requests
        return [loads(each.body.encode()) for each in requests if each.body]

    return bodies


def checkout_of(reply: Reply) -> dict[str, Json]:
    assert reply.status == 200, reply.cause
    checkout = reply.body["checkout"]
    assert isinstance(checkout, dict)
    return checkout


def without(document: dict[str, Json], *names: str) -> dict[str, Json]:
    return {name: value for name, value in document.items() if name not in names}


class TestShipping:
    async def test_a_checkout_gets_the_ways_to_ship_and_nothing_else_changes(self, desk: Open):
        checkout = checkout_of(await (await desk("shipping")).ask(CHECKOUT))
        assert checkout.pop("shipping_rates") == [
            {
                "id": "std",
                "name": "Standard",
                "carrier": "Parcel Post",
                "price": "6.40",
                "currency": "USD",
                "delivery_days": 4,
            },
            {
                "id": "exp",
                "name": "Express",
                "carrier": "Air Post",
                "price": "18.65",
                "currency": "USD",
                "delivery_days": 1,
            },
        ]
        assert dumps(checkout) == dumps(CHECKOUT)

    async def test_the_service_is_told_where_to_and_what(
        self, desk: Open, heard: Callable[[str], list[Json]]
    ):
        await (await desk("shipping")).ask(CHECKOUT)
        assert heard("shipping") == [
            {
                "to": {
                    "country": "US",
                    "region": "IL",
                    "city": "Springfield",
                    "postcode": "62701",
                },
                "currency": "USD",
                "items": [
                    {"sku": "S", "quantity": 2, "value": "19.90"},
                    {"quantity": 1, "value": "5.00"},
                ],
            }
        ]

    async def test_what_was_chosen_gets_the_price_of_today(self, desk: Open):
        chosen: Json = {"id": "exp", "price": "1.00"}
        checkout = checkout_of(
            await (await desk("shipping")).ask({**CHECKOUT, "shipping_rate": chosen})
        )
        assert checkout["shipping_rate"] == checkout["shipping_rates"][1]  # type: ignore[index, call-overload]

    async def test_a_choice_that_is_gone_is_refused_with_what_there_is(self, desk: Open):
        chosen: Json = {"id": "sled", "price": "1.00"}
        reply = await (await desk("shipping")).ask({**CHECKOUT, "shipping_rate": chosen})
        assert (reply.status, reply.error["category"]) == (422, "shipping_service")
        assert (reply.details["shipping_rate"], reply.details["rates"]) == ("sled", ["std", "exp"])

    async def test_an_address_to_which_nobody_delivers_is_refused(self, desk: Open):
        address: Json = {**ADDRESS, "country_iso2": "AQ"}
        reply = await (await desk("shipping")).ask({**CHECKOUT, "shipping_address": address})
        assert (reply.status, reply.reason) == (422, "refused")
        assert reply.error["category"] == "shipping_service"
        assert reply.error["error"] == "Nobody delivers to this address"
        assert reply.details["country"] == "AQ"

    async def test_a_postcode_that_is_none_is_named(self, desk: Open):
        address: Json = {**ADDRESS, "zip": "6270"}
        reply = await (await desk("shipping")).ask({**CHECKOUT, "shipping_address": address})
        assert (reply.status, reply.error["category"]) == (422, "shipping_service")
        assert reply.details["problems"] == [
            {"field": "to.postcode", "message": "This is no postcode of US."}
        ]

    async def test_a_price_without_cents_gets_them(self, desk: Open, services):
        services["shipping"].simulator.zones = {"US": [Service("a", "A", "C", Decimal(25))]}
        checkout = checkout_of(await (await desk("shipping")).ask(CHECKOUT))
        assert checkout["shipping_rates"][0]["price"] == "25.00"  # type: ignore[index, call-overload]

    async def test_the_address_of_the_first_part_counts_where_the_checkout_has_none(
        self, desk: Open, heard: Callable[[str], list[Json]]
    ):
        parts: Json = [{"items": CHECKOUT["items"], "shipping_address": ADDRESS}]
        document = {**without(CHECKOUT, "items", "shipping_address"), "orders": parts}
        checkout_of(await (await desk("shipping")).ask(document))
        (question,) = heard("shipping")
        assert len(question["items"]) == 2  # type: ignore[index, call-overload, arg-type]

    async def test_a_service_that_sells_in_another_currency_is_our_trouble(self, desk: Open):
        reply = await (await desk("shipping")).ask({**CHECKOUT, "currency": "EUR"})
        assert (reply.status, reply.reason) == (500, "vendor_error")


class TestPromotions:
    async def test_coupons_reduce_each_line_and_are_listed(self, desk: Open):
        promotions: Json = {"coupon_codes": ["WELCOME-10", "VIP-5"]}
        document = {**CHECKOUT, "promotions": promotions}
        checkout = checkout_of(await (await desk("promotions")).ask(document))
        assert [item["price"] for item in checkout["items"]] == ["17.01", "4.28"]  # type: ignore[union-attr, index, call-overload]
        assert checkout.pop("applied_discounts") == [
            {"code": "WELCOME-10", "type": "percentage", "amount": "4.48"},
            {"code": "VIP-5", "type": "percentage", "amount": "2.02"},
        ]
        assert dumps(without(checkout, "items")) == dumps(without(document, "items"))

    @pytest.mark.parametrize("code", ["XMAS-2021-25", "SPRING-20"])
    async def test_a_coupon_that_does_not_count_is_named(self, desk: Open, code: str):
        promotions: Json = {"coupon_codes": ["WELCOME-10", code]}
        reply = await (await desk("promotions")).ask({**CHECKOUT, "promotions": promotions})
        assert (reply.status, reply.error["category"]) == (422, "promotion_codes")
        assert reply.error["error"] == f"The coupon {code} is not valid"
        assert without(reply.details, "reason", "exchange_id") == {"invalid-code": code}

    @pytest.mark.parametrize("promotions", [None, {}, {"coupon_codes": []}])
    async def test_a_coupon_that_was_taken_out_leaves_no_discount(
        self, desk: Open, promotions: Json
    ):
        left: Json = [{"code": "WELCOME-10", "amount": "4.48"}]
        document = {**CHECKOUT, "promotions": promotions, "applied_discounts": left}
        checkout = checkout_of(await (await desk("promotions")).ask(document))
        assert checkout["applied_discounts"] == []
        assert checkout["items"] == CHECKOUT["items"]

    async def test_a_coupon_typed_twice_counts_once(
        self, desk: Open, heard: Callable[[str], list[Json]]
    ):
        promotions: Json = {"coupon_codes": ["VIP-5", "VIP-5"]}
        checkout_of(await (await desk("promotions")).ask({**CHECKOUT, "promotions": promotions}))
        assert heard("promotions")[0]["coupons"] == ["VIP-5"]  # type: ignore[index, call-overload]

    async def test_an_answer_that_forgets_a_line_is_not_used(
        self, desk: Open, vendor: ScriptedVendor
    ):
        vendor.say({"lines": [{"line": 0, "unit_price": "1.00"}], "discounts": []})
        reply = await (await desk("promotions", url=vendor.url)).ask(CHECKOUT)
        assert (reply.status, reply.reason) == (422, "unmatched")


class TestTaxes:
    async def test_each_line_and_the_checkout_get_their_tax(self, desk: Open):
        rate: Json = {"id": "std", "price": "6.40"}
        document = {**CHECKOUT, "shipping_rate": rate}
        checkout = checkout_of(await (await desk("taxes")).ask(document))
        assert [item["tax"] for item in checkout["items"]] == ["2.49", "0.31"]  # type: ignore[union-attr, index, call-overload]
        assert dumps(checkout["items"][0]["tax_data"]) == b'{"rate":0.0625}'  # type: ignore[index, call-overload]
        assert checkout.pop("tax") == "3.20"
        assert checkout.pop("tax_data") == {"jurisdiction": "US-IL", "shipping_tax": "0.40"}
        assert dumps(without(checkout, "items")) == dumps(without(document, "items"))

    async def test_prices_go_out_as_exact_numbers(self, desk: Open, services):
        await (await desk("taxes")).ask(CHECKOUT)
        (request,) = services["taxes"].simulator.ledger.requests
        assert '"unit_price":19.90' in request.body
        assert "shipping" not in json.loads(request.body)

    async def test_a_digit_that_a_float_would_lose_is_kept(self, desk: Open, vendor):
        """As a float the tax would be 90071992547409.94."""
        rows: Json = [{"line": n, "tax": Decimal("90071992547409.93"), "rate": 0} for n in (0, 1)]
        total: Json = Decimal("180143985094819.86")
        vendor.say({"tax": total, "shipping_tax": 0, "jurisdiction": "X", "lines": rows})
        checkout = checkout_of(await (await desk("taxes", url=vendor.url)).ask(CHECKOUT))
        assert checkout["tax"] == "180143985094819.86"
        assert checkout["items"][0]["tax"] == "90071992547409.93"  # type: ignore[index, call-overload]

    async def test_an_address_without_a_known_tax_is_refused(self, desk: Open):
        address: Json = {**ADDRESS, "province": "Ilinois"}
        reply = await (await desk("taxes")).ask({**CHECKOUT, "shipping_address": address})
        assert (reply.status, reply.error["category"]) == (422, "taxes_service")
        assert reply.details["problems"] == [
            {"field": "to.region", "message": "No tax is known for US-Ilinois."}
        ]

    async def test_a_service_that_is_down_is_our_trouble(self, desk: Open, services):
        down = faults.Status(status=503, body="<h1>Maintenance</h1>", times=9)
        services["taxes"].simulator.faults.order(down)
        reply = await (await desk("taxes")).ask(CHECKOUT)
        assert (reply.status, reply.reason) == (500, "vendor_error")
        assert reply.error["category"] == "taxes_service"
        assert "Maintenance" not in reply.content.decode()


class TestPayments:
    async def test_payments_that_would_go_through_are_marked_and_kept_whole(
        self, desk: Open, heard: Callable[[str], list[Json]]
    ):
        checkout = checkout_of(await (await desk("payments")).ask(CHECKOUT))
        (payment,) = checkout.pop("payments")  # type: ignore[misc]
        assert payment == {**CHECKOUT["payments"][0], "status": "verified"}  # type: ignore[dict-item, index, call-overload]
        assert dumps(checkout) == dumps(without(CHECKOUT, "payments"))
        assert heard("payments") == [
            {"currency": "USD", "payments": [{"token": "tok_visa", "amount": 4480}]}
        ]

    async def test_yen_have_no_cents(self, desk: Open, heard: Callable[[str], list[Json]]):
        payments: Json = [{"external_id": "tok_visa", "amount": "4480"}]
        checkout_of(
            await (await desk("payments")).ask(
                {**CHECKOUT, "currency": "JPY", "payments": payments}
            )
        )
        assert heard("payments")[0]["payments"][0]["amount"] == 4480  # type: ignore[index, call-overload]

    @pytest.mark.parametrize(
        ("token", "field", "why"),
        [
            ("tok_nobody", "token", "unknown_token"),
            ("tok_expired", "token", "expired_card"),
            ("tok_poor", "amount", "insufficient_funds"),
        ],
    )
    async def test_a_refused_token_says_which_and_why(
        self, desk: Open, services, token: str, field: str, why: str
    ):
        services["payments"].simulator.cards["tok_poor"] = Card("visa", "0001", 1)
        payments: Json = [*CHECKOUT["payments"], {"external_id": token, "amount": "1.00"}]  # type: ignore[misc]
        reply = await (await desk("payments")).ask({**CHECKOUT, "payments": payments})
        assert (reply.status, reply.error["category"]) == (422, "payments_service")
        assert reply.details["problems"] == [{"field": f"payments[1].{field}", "message": why}]
        assert token not in reply.content.decode()

    @pytest.mark.parametrize(
        ("token", "status"), [("tok_visa", "pending"), ("tok_other", "verified")]
    )
    async def test_a_payment_that_is_pending_or_forgotten_stops_the_checkout(
        self, desk: Open, vendor: ScriptedVendor, token: str, status: str
    ):
        vendor.say({"payments": [{"token": token, "status": status}]})
        reply = await (await desk("payments", url=vendor.url)).ask(CHECKOUT)
        assert (reply.status, reply.reason) == (422, "refused")
        assert reply.error["error"] == "A payment was not verified"

    async def test_an_answer_about_no_payment_is_not_used(self, desk: Open, vendor: ScriptedVendor):
        vendor.say({"payments": []})
        reply = await (await desk("payments", url=vendor.url)).ask(CHECKOUT)
        assert (reply.status, reply.reason) == (500, "vendor_answer")

    async def test_with_nothing_to_pay_nobody_is_asked(
        self, desk: Open, heard: Callable[[str], list[Json]]
    ):
        document: Json = {**CHECKOUT, "payments": []}
        assert checkout_of(await (await desk("payments")).ask(document)) == document
        assert heard("payments") == []


NEEDED = [
    ("shipping", "currency"),
    ("shipping", "shipping_address"),
    ("promotions", "currency"),
    ("taxes", "currency"),
    ("taxes", "shipping_address"),
    ("payments", "currency"),
    ("payments", "payments"),
]


@pytest.mark.parametrize(("name", "field"), NEEDED)
async def test_a_checkout_that_lacks_what_the_service_needs_is_refused_unsent(
    desk: Open, heard: Callable[[str], list[Json]], name: str, field: str
):
    reply = await (await desk(name)).ask(without(CHECKOUT, field))
    assert (reply.status, reply.reason) == (400, "missing_data")
    assert reply.error["category"] == f"{name}_service"
    assert heard(name) == []


@pytest.mark.parametrize("name", VENDORS)
async def test_a_wrong_key_is_our_trouble(desk: Open, name: str):
    reply = await (await desk(name, key="wrong")).ask(CHECKOUT)
    assert (reply.status, reply.reason) == (500, "vendor_credentials")


@pytest.mark.parametrize("name", VENDORS)
async def test_a_service_out_of_reach_is_our_trouble(desk: Open, name: str):
    reply = await (await desk(name, url="http://127.0.0.1:9")).ask(CHECKOUT)
    assert (reply.status, reply.reason) == (500, "vendor_unreachable")


@pytest.mark.parametrize(
    ("name", "stolen"),
    [
        ("shipping", "price"),
        ("promotions", "shipping_rates"),
        ("taxes", "payments"),
        ("payments", "tax"),
    ],
)
def test_a_field_of_another_contract_is_refused_when_it_is_loaded(
    problems_of: Callable[..., list[str]], name: str, stolen: str
):
    shipped = (ROOT / "mappings" / "generic" / f"{name}-validate.yaml").read_text()
    text = f"{shipped}    {stolen}?: checkout.{stolen}\n"
    schemas = {
        f"generic/{path.name}": json.loads(path.read_text())
        for path in (ROOT / "schemas" / "generic").iterdir()
    }
    vendors = {NAMES.get(name, name): "http://127.0.0.1:9"}
    assert problems_of(shipped, vendors=vendors, schemas=schemas) == []
    assert problems_of(text, vendors=vendors, schemas=schemas) == ["not-owned"]


@pytest.mark.parametrize("name", ["promotions", "taxes"])
def test_a_lines_stock_is_not_theirs_to_set(problems_of: Callable[..., list[str]], name: str):
    shipped = (ROOT / "mappings" / "generic" / f"{name}-validate.yaml").read_text()
    text = shipped.replace("  set:\n    ", "  set:\n    available: row.line\n    ", 1)
    assert "not-owned" in problems_of(text, vendors={name: "http://127.0.0.1:9"})


ANSWERS: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["error", "code", "rates", "lines", "discounts", "payments", "tax"]),
            inner,
        )
    ),
    max_leaves=6,
)
CODES = ["invalid_address", "invalid_coupon", "unknown_address", "payment_refused"]
KNOWN = st.fixed_dictionaries(
    {"error": st.fixed_dictionaries({"code": st.sampled_from(CODES), "message": st.just("")})}
)


@pytest.mark.parametrize("name", VENDORS)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(answer=ANSWERS | KNOWN, status=st.sampled_from([200, 201, 204, 400, 401, 409, 422, 500]))
async def test_whatever_is_answered_the_envelope_is_valid(
    desk: Open,
    vendor: ScriptedVendor,
    envelope: Draft202012Validator,
    name: str,
    answer: Json,
    status: int,
):
    vendor.reset()
    vendor.say(answer if status != 204 else b"", status)
    reply = await (await desk(name, url=vendor.url)).ask(CHECKOUT)
    assert [error.message for error in envelope.iter_errors(json.loads(reply.content))] == []
    assert reply.reason not in {"internal", "reply_invalid", "vendor_request"}
    assert reply.status in {200, 422, 500}
