"""The faked services for rates, promotions, taxes and payments, and what all plain ones share."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from decimal import Decimal

import httpx2 as httpx
import pytest
from jsonschema import Draft202012Validator

from simulators.kit import RunningSimulator
from simulators.payments import PaymentsSimulator
from simulators.plain import PlainService
from simulators.promotions import PromotionsSimulator
from simulators.rates import RatesSimulator
from simulators.taxes import TaxesSimulator

Body = dict[str, object]


@dataclass(frozen=True)
class Case:
    """A service, a question that it answers, one that it refuses, and how its state is set."""

    make: Callable[[], PlainService]
    path: str
    good: Body
    refused: Body
    code: str
    state: tuple[str, Body]


_TO: Body = {"country": "US", "region": "IL", "city": "Springfield", "postcode": "62701"}
CASES = {
    "shipping": Case(
        RatesSimulator,
        "/v1/rates",
        {"to": _TO, "currency": "USD", "items": [{"quantity": 3, "value": "9.95", "sku": ""}]},
        {"to": {"country": "US"}, "currency": "USD", "items": [{"quantity": 1, "value": "1"}]},
        "invalid_address",
        ("zones", {}),
    ),
    "promotions": Case(
        PromotionsSimulator,
        "/v1/promotions/evaluate",
        {
            "currency": "USD",
            "coupons": ["WELCOME-10"],
            "lines": [{"line": 0, "quantity": 3, "unit_price": "9.95"}],
        },
        {
            "currency": "USD",
            "coupons": ["SPRING-20"],
            "lines": [{"line": 0, "quantity": 3, "unit_price": "9.95"}],
        },
        "invalid_coupon",
        ("coupons", {}),
    ),
    "taxes": Case(
        TaxesSimulator,
        "/v1/taxes/calculate",
        {
            "currency": "USD",
            "to": _TO,
            "shipping": 4.9,
            "lines": [{"line": 0, "quantity": 3, "unit_price": 9.95}],
        },
        {
            "currency": "USD",
            "to": {"country": "US"},
            "lines": [{"line": 0, "quantity": 3, "unit_price": 9.95}],
        },
        "unknown_address",
        ("rates", {}),
    ),
    "payments": Case(
        PaymentsSimulator,
        "/v1/payments/verify",
        {"currency": "USD", "payments": [{"token": "tok_visa", "amount": 995}]},
        {"currency": "USD", "payments": [{"token": "tok_expired", "amount": 995}]},
        "payment_refused",
        ("cards", {}),
    ),
}


@dataclass(frozen=True)
class Open:
    """A running service and a client that has its key."""

    name: str
    case: Case
    client: httpx.Client

    def ask(self, body: object, **headers: str) -> httpx.Response:
        return self.client.post(self.case.path, json=body, headers=headers)


@pytest.fixture
def start() -> Iterator[Callable[[str], Open]]:
    with ExitStack() as stack:

        def run(name: str) -> Open:
            running = stack.enter_context(RunningSimulator(CASES[name].make()))
            headers = {"X-Api-Key": running.simulator.api_key}
            client = httpx.Client(base_url=running.url, headers=headers)
            return Open(name, CASES[name], stack.enter_context(client))

        yield run


@pytest.fixture(params=CASES)
def service(request: pytest.FixtureRequest, start: Callable[[str], Open]) -> Open:
    return start(request.param)


def error_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


class TestAll:
    def test_the_shipped_schemas_describe_what_it_takes_and_answers(
        self, service: Open, shipped_schema: Callable[[str], Draft202012Validator]
    ) -> None:
        shipped_schema(f"generic/{service.name}-request.json").validate(service.case.good)
        answer = service.ask(service.case.good)
        assert answer.status_code == 200
        shipped_schema(f"generic/{service.name}-response.json").validate(answer.json())
        refused = service.ask(service.case.refused)
        assert error_of(refused) == (422, service.case.code)
        shipped_schema(f"generic/{service.name}-error.json").validate(refused.json())

    def test_both_require_the_same_and_allow_nothing_else(
        self, service: Open, shipped_schema: Callable[[str], Draft202012Validator]
    ) -> None:
        shipped = shipped_schema(f"generic/{service.name}-request.json")
        good = service.case.good
        wrong = [{key: good[key] for key in good if key != name} for name in good]
        for body in [*wrong, {**good, "gift": True}]:
            taken = service.ask(body)
            assert shipped.is_valid(body) == (taken.status_code == 200), body
            assert taken.status_code == 200 or error_of(taken) == (400, "invalid")

    @pytest.mark.parametrize("key", ["", "other"])
    def test_another_key_is_unauthorized(self, service: Open, key: str) -> None:
        answer = service.ask(service.case.good, **{"X-Api-Key": key})
        assert error_of(answer) == (401, "unauthorized")

    @pytest.mark.parametrize("document", [b"", b"{", b"[]", b'{"a": NaN}'])
    def test_what_is_no_question_is_invalid(self, service: Open, document: bytes) -> None:
        answer = service.client.post(service.case.path, content=document)
        assert error_of(answer) == (400, "invalid")

    def test_unknown_paths_and_methods_have_the_same_envelope(self, service: Open) -> None:
        assert error_of(service.client.get("/v2")) == (404, "not_found")
        assert error_of(service.client.get(service.case.path)) == (405, "method_not_allowed")

    def test_its_state_is_set_and_a_reset_brings_the_first_back(self, service: Open) -> None:
        name, state = service.case.state
        before = service.ask(service.case.good).content
        assert service.client.put(f"/_simulator/{name}", json=state).status_code == 204
        assert service.ask(service.case.good).content != before
        assert service.client.put(f"/_simulator/{name}", json=[1]).status_code == 400
        service.client.post("/_simulator/reset")
        assert service.ask(service.case.good).content == before

    def test_asking_changes_nothing(self, service: Open) -> None:
        answers = {service.ask(service.case.good).content for _ in range(3)}
        assert len(answers) == 1
        assert service.client.get("/_simulator/ledger").json()["effects"] == []


def test_a_rate_is_for_the_parcel_and_each_piece(start: Callable[[str], Open]) -> None:
    rates = start("shipping").ask(CASES["shipping"].good).json()["rates"]
    assert [rate["amount"] for rate in rates] == ["6.40", "18.65"]


def test_nobody_delivers_to_a_country_without_a_zone(start: Callable[[str], Open]) -> None:
    body = {**CASES["shipping"].good, "to": {"country": "AQ"}}
    answer = start("shipping").ask(body)
    assert (answer.status_code, answer.json()) == (200, {"rates": []})


def test_rates_in_another_currency_are_refused(start: Callable[[str], Open]) -> None:
    answer = start("shipping").ask({**CASES["shipping"].good, "currency": "EUR"})
    assert error_of(answer) == (422, "unsupported_currency")


def test_coupons_apply_one_after_another_to_each_line(start: Callable[[str], Open]) -> None:
    good = {**CASES["promotions"].good, "coupons": ["WELCOME-10", "VIP-5"]}
    assert start("promotions").ask(good).json() == {
        "lines": [{"line": 0, "unit_price": "8.51"}],
        "discounts": [
            {"coupon": "WELCOME-10", "kind": "percentage", "amount": "2.97"},
            {"coupon": "VIP-5", "kind": "percentage", "amount": "1.35"},
        ],
    }


@pytest.mark.parametrize(("coupon", "why"), [("XMAS", "unknown"), ("SPRING-20", "expired")])
def test_a_coupon_that_does_not_count_is_named(
    start: Callable[[str], Open], coupon: str, why: str
) -> None:
    answer = start("promotions").ask({**CASES["promotions"].good, "coupons": [coupon]})
    error = answer.json()["error"]
    assert (error["coupon"], error["why"]) == (coupon, why)


def test_taxes_are_exact_numbers_that_add_up(start: Callable[[str], Open]) -> None:
    answer = json.loads(start("taxes").ask(CASES["taxes"].good).content, parse_float=Decimal)
    assert answer == {
        "tax": Decimal("2.18"),
        "shipping_tax": Decimal("0.31"),
        "jurisdiction": "US-IL",
        "lines": [{"line": 0, "tax": Decimal("1.87"), "rate": Decimal("0.0625")}],
    }


def test_two_payments_with_one_token_share_its_limit(start: Callable[[str], Open]) -> None:
    gift = {"token": "tok_gift", "amount": 1500}
    payments = start("payments")
    assert payments.ask({"currency": "USD", "payments": [gift]}).status_code == 200
    error = payments.ask({"currency": "USD", "payments": [gift, gift]}).json()["error"]
    assert error["problems"] == [{"field": "payments[1].amount", "message": "insufficient_funds"}]
