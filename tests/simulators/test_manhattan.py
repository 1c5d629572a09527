"""The faked Manhattan Active Omni: its envelope, its upsert, the harsher reading of the rest."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import httpx2 as httpx
import pytest

from simulators.kit import RunningSimulator
from simulators.manhattan import ManhattanSimulator, Stock

Body = dict[str, object]
Manhattan = RunningSimulator[ManhattanSimulator]
CLIENT = ("omnicomponent.1.0.0", "omni-secret")
LOGIN = {"grant_type": "password", "username": "omni-user", "password": "omni-password"}
SAVE = "/order/api/order/order/save"
AVAILABILITY = "/inventory/api/availability/location/availabilitydetail"
ORDER: Body = {
    "OrderId": "o-1",
    "CurrencyCode": "USD",
    "DocType": {"DocTypeId": "CustomerOrder"},
    "OrderTotal": 19.9,
    "OrderLine": [{"OrderLineId": "1", "ItemId": "A", "Quantity": 2, "UOM": "EA"}],
    "Payment": [
        {
            "PaymentMethod": [
                {
                    "PaymentMethodId": "1",
                    "Amount": 19.9,
                    "PaymentType": {"PaymentTypeId": "Credit Card"},
                }
            ]
        }
    ],
}


@pytest.fixture
def manhattan() -> Iterator[Manhattan]:
    with RunningSimulator(ManhattanSimulator()) as running:
        yield running


@pytest.fixture
def client(manhattan: Manhattan) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=manhattan.url) as opened:
        token = opened.post("/oauth/token", data=LOGIN, auth=CLIENT).json()["access_token"]
        opened.headers["Authorization"] = f"Bearer {token}"
        yield opened


def refused(answer: httpx.Response, status: int = 200) -> list[tuple[str, str | None]]:
    body = answer.json()
    assert (answer.status_code, body["success"], body["data"]) == (status, False, None)
    assert body["messages"]["Size"] == len(body["messages"]["Message"])
    return [(each["Code"], each["ErrorField"]) for each in body["messages"]["Message"]]


class TestTokens:
    @pytest.mark.parametrize(
        ("auth", "fields", "status", "error"),
        [
            (None, {}, 401, "invalid_client"),
            (("other", "omni-secret"), {}, 401, "invalid_client"),
            (CLIENT, {"password": "other"}, 400, "invalid_grant"),
            (CLIENT, {"grant_type": "client_credentials"}, 400, "unsupported_grant_type"),
        ],
    )
    def test_the_client_comes_in_basic_and_the_user_in_the_form(
        self,
        manhattan: Manhattan,
        auth: tuple[str, str] | None,
        fields: dict[str, str],
        status: int,
        error: str,
    ) -> None:
        answer = httpx.post(f"{manhattan.url}/oauth/token", data=LOGIN | fields, auth=auth)
        assert (answer.status_code, answer.json()["error"]) == (status, error)

    @pytest.mark.parametrize("header", ["Basic !", "Basic /w==", "Bearer x"])
    def test_a_basic_header_that_is_none_is_refused(
        self, manhattan: Manhattan, header: str
    ) -> None:
        headers = {"Authorization": header}
        answer = httpx.post(f"{manhattan.url}/oauth/token", data=LOGIN, headers=headers)
        assert answer.json()["error"] == "invalid_client"

    def test_another_token_is_refused_in_the_envelope(self, client: httpx.Client) -> None:
        answer = client.post(SAVE, json=ORDER, headers={"Authorization": "Bearer other"})
        assert refused(answer, 401) == [("invalid_token", None)]
        assert answer.json()["messageKey"] == "error.401"

    def test_revoked_tokens_are_worthless(self, client: httpx.Client) -> None:
        assert client.post("/_simulator/tokens/revoke").status_code == 204
        assert refused(client.post(SAVE, json=ORDER), 401) == [("invalid_token", None)]

    def test_another_organization_is_forbidden(self, client: httpx.Client) -> None:
        assert client.post(SAVE, json=ORDER, headers={"Organization": "ACME"}).status_code == 200
        answer = client.post(SAVE, json=ORDER, headers={"Organization": "OTHERS"})
        assert refused(answer, 403) == [("access_denied", None)]


class TestOrders:
    def test_an_order_is_saved_and_comes_back(
        self, manhattan: Manhattan, client: httpx.Client
    ) -> None:
        body = client.post(SAVE, json=ORDER).json()
        assert (body["success"], body["statusCode"], body["data"]["OrderId"]) == (True, "OK", "o-1")
        [effect] = manhattan.simulator.ledger.effects
        assert (effect.key, effect.change) == ("o-1", {"what": "created"})

    def test_the_same_order_again_changes_nothing(
        self, manhattan: Manhattan, client: httpx.Client
    ) -> None:
        answers = [client.post(SAVE, json=ORDER).json()["data"] for _ in range(3)]
        assert answers[0] == answers[2]
        assert len(manhattan.simulator.ledger.effects) == 1

    def test_what_comes_again_changes_the_order_and_lines_stay_that_are_left_out(
        self, manhattan: Manhattan, client: httpx.Client
    ) -> None:
        client.post(SAVE, json=ORDER)
        line = {"OrderLineId": "2", "ItemId": "B", "Quantity": 1, "UOM": "EA"}
        client.post(SAVE, json=ORDER | {"OrderTotal": 30, "OrderLine": [line]})
        order = manhattan.simulator.orders["o-1"]
        assert (order["OrderTotal"], len(order["OrderLine"])) == (30, 2)  # type: ignore[arg-type]
        assert [each.change for each in manhattan.simulator.ledger.effects] == [
            {"what": "created"},
            {"what": "changed"},
        ]

    def test_a_payment_without_an_id_is_added_each_time(
        self, manhattan: Manhattan, client: httpx.Client
    ) -> None:
        method = {"Amount": 1, "PaymentType": {"PaymentTypeId": "Gift Card"}}
        for _ in range(2):
            client.post(SAVE, json=ORDER | {"Payment": [{"PaymentMethod": [method]}]})
        [payment] = manhattan.simulator.orders["o-1"]["Payment"]  # type: ignore[misc]
        assert len(payment["PaymentMethod"]) == 2

    def test_an_item_that_is_not_there_is_named_within_a_200(
        self, manhattan: Manhattan, client: httpx.Client
    ) -> None:
        assert client.put("/_simulator/items", json=["B"]).status_code == 204
        answer = client.post(SAVE, json=ORDER)
        assert refused(answer) == [("unknown_item", "OrderLine[0].ItemId")]
        assert manhattan.simulator.orders == {}

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"OrderId": ""}, "OrderId"),
            ({"CurrencyCode": "usd"}, "CurrencyCode"),
            ({"OrderTotal": "much"}, "OrderTotal"),
            ({"OrderLine": []}, "OrderLine"),
            ({"OrderLine": [ORDER["OrderLine"][0] | {"Quantity": 0}]}, "OrderLine[0].Quantity"),  # type: ignore[index]
            ({"orderTotal": 1}, ""),
        ],
    )
    def test_a_wrong_order_is_refused_by_field(
        self, manhattan: Manhattan, client: httpx.Client, change: Body, field: str
    ) -> None:
        answer = client.post(SAVE, json=ORDER | change)
        assert refused(answer) == [("invalid_field", field)]
        assert manhattan.simulator.ledger.effects == []

    @pytest.mark.parametrize("document", [b"", b"{", b'{"a": NaN}'])
    def test_what_is_no_json_is_a_400(self, client: httpx.Client, document: bytes) -> None:
        assert refused(client.post(SAVE, content=document), 400) == [("bad_json", None)]

    def test_unknown_paths_have_the_envelope_too(self, client: httpx.Client) -> None:
        assert refused(client.get("/order/api/other"), 404) == [("error.404", None)]


class TestAvailability:
    def test_a_row_for_each_item_and_location(
        self, manhattan: Manhattan, client: httpx.Client
    ) -> None:
        manhattan.simulator.stock = [
            Stock("A", "DC1", Decimal(5)),
            Stock("A", "STORE7", Decimal(0)),
            Stock("B", "DC1", Decimal(1)),
        ]
        answer = client.post(AVAILABILITY, json={"Items": ["A", "none"], "ViewName": "Web"}).json()
        assert [(row["LocationId"], row["Status"], row["Quantity"]) for row in answer["data"]] == [
            ("DC1", "IN_STOCK", 5),
            ("STORE7", "OUT_OF_STOCK", 0),
        ]
        asked = {"Items": ["A"], "Locations": ["DC1"], "ViewName": "Web"}
        assert len(client.post(AVAILABILITY, json=asked).json()["data"]) == 1

    def test_stock_is_set_up_over_http(self, client: httpx.Client) -> None:
        stock = [{"item": "A", "location": "DC1", "quantity": 2.5}]
        assert client.put("/_simulator/stock", json=stock).status_code == 204
        rows = client.post(AVAILABILITY, json={"Items": ["A"], "ViewName": "Web"}).json()["data"]
        assert [row["Quantity"] for row in rows] == [2.5]
        assert client.put("/_simulator/stock", json=[{"item": "A"}]).status_code == 400

    def test_another_view_and_a_wrong_question_are_refused(self, client: httpx.Client) -> None:
        view = client.post(AVAILABILITY, json={"Items": ["A"], "ViewName": "Stores"})
        assert refused(view) == [("unknown_view", "ViewName")]
        assert refused(client.post(AVAILABILITY, json={"ViewName": "Web"})) == [
            ("invalid_field", "")
        ]

    def test_a_reset_brings_the_first_state_back(
        self, manhattan: Manhattan, client: httpx.Client
    ) -> None:
        client.post(SAVE, json=ORDER)
        client.put("/_simulator/items", json=["B"])
        client.post("/_simulator/reset")
        assert (manhattan.simulator.orders, manhattan.simulator.items) == ({}, None)
