"""The faked Fluent Commerce: what its documentation says, and the harsher reading of the rest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2 as httpx
import pytest

from simulators.fluent import FluentSimulator
from simulators.fluent_state import Position
from simulators.kit import RunningSimulator

Body = dict[str, object]
Fluent = RunningSimulator[FluentSimulator]
LOGIN = {
    "grant_type": "password",
    "client_id": "fluent-client",
    "client_secret": "fluent-secret",
    "username": "fluent-user",
    "password": "fluent-password",
    "scope": "api",
}
CREATE = """mutation Create($input: CreateOrderInput!) {
  createOrder(input: $input) { id ref type status createdOn customer { id } }
}"""
CREATE_BOTH = """mutation Create($input: CreateOrderAndCustomerInput!) {
  createOrderAndCustomer(input: $input) { id ref customer { id ref } }
}"""
FIND = """query Find($ref: [String!], $first: Int) {
  orders(ref: $ref, first: $first) { edges { node { id ref } } pageInfo { hasNextPage } }
}"""
STOCK = """query Stock($products: [String!], $first: Int, $after: String) {
  virtualPositions(
    catalogue: {ref: "ATS:1"}, type: ["AGGREGATE"], productRef: $products, first: $first,
    after: $after
  ) { edges { cursor node { productRef quantity } } pageInfo { hasNextPage } }
}"""
ORDER: Body = {
    "ref": "o-1",
    "type": "HD",
    "retailer": {"id": "1"},
    "customer": {"id": "1"},
    "totalPrice": 19.9,
    "items": [{"ref": "o-1-0", "productRef": "A", "quantity": 2, "price": 9.95}],
    "fulfilmentChoice": {
        "deliveryType": "STANDARD",
        "fulfilmentType": "HD_PFS",
        "deliveryAddress": {"name": "Ann", "street": "1", "city": "York", "country": "GB"},
    },
}
CUSTOMER: Body = {
    "username": "o-1",
    "primaryEmail": "ann@shop.example",
    "promotionOptIn": False,
    "retailer": {"id": "1"},
}


@pytest.fixture
def fluent() -> Iterator[Fluent]:
    with RunningSimulator(FluentSimulator()) as running:
        yield running


@pytest.fixture
def client(fluent: Fluent) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=fluent.url) as opened:
        token = opened.post("/oauth/token", data=LOGIN).json()["access_token"]
        opened.headers["Authorization"] = f"Bearer {token}"
        yield opened


def ask(client: httpx.Client, query: str, **variables: object) -> Body:
    answer = client.post("/graphql", json={"query": query, "variables": variables})
    assert answer.status_code == 200
    body: Body = answer.json()
    return body


def codes(body: Body) -> list[str]:
    return [error["extensions"]["code"] for error in body["errors"]]  # type: ignore[attr-defined]


class TestTokens:
    def test_a_token_lasts_about_a_day_and_comes_with_a_refresh_token(
        self, client: httpx.Client
    ) -> None:
        given = client.post("/oauth/token", data=LOGIN).json()
        assert (given["token_type"], given["expires_in"], given["scope"]) == (
            "bearer",
            86386,
            "api",
        )
        assert given["refresh_token"]

    def test_the_fields_may_come_in_the_query(self, client: httpx.Client) -> None:
        assert client.post("/oauth/token", params=LOGIN).status_code == 200

    def test_a_refresh_token_is_good_once(self, client: httpx.Client) -> None:
        given = client.post("/oauth/token", data=LOGIN).json()
        again = LOGIN | {"grant_type": "refresh_token", "refresh_token": given["refresh_token"]}
        renewed = client.post("/oauth/token", data=again)
        assert renewed.status_code == 200
        assert renewed.json()["refresh_token"] != given["refresh_token"]
        used = client.post("/oauth/token", data=again)
        assert (used.status_code, used.json()) == (
            400,
            {"error": "invalid_grant", "error_description": "Invalid refresh token"},
        )

    @pytest.mark.parametrize(
        ("name", "value", "status", "error"),
        [
            ("client_secret", "other", 401, "invalid_client"),
            ("client_id", "other", 401, "invalid_client"),
            ("password", "other", 400, "invalid_grant"),
            ("username", "other", 400, "invalid_grant"),
            ("scope", "all", 400, "invalid_scope"),
            ("grant_type", "client_credentials", 400, "unsupported_grant_type"),
        ],
    )
    def test_what_is_wrong_is_refused(
        self, client: httpx.Client, name: str, value: str, status: int, error: str
    ) -> None:
        answer = client.post("/oauth/token", data=LOGIN | {name: value})
        assert (answer.status_code, answer.json()["error"]) == (status, error)

    @pytest.mark.parametrize("header", ["", "Bearer other", "Basic access-1"])
    def test_another_token_is_unauthorized(self, client: httpx.Client, header: str) -> None:
        answer = client.post("/graphql", json={}, headers={"Authorization": header})
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")

    def test_revoked_tokens_are_worthless(self, client: httpx.Client) -> None:
        assert client.post("/_simulator/tokens/revoke").status_code == 204
        assert client.post("/graphql", json={"query": FIND}).status_code == 401


class TestOrders:
    def test_an_order_is_created_with_its_reference(
        self, fluent: Fluent, client: httpx.Client
    ) -> None:
        created = ask(client, CREATE, input=ORDER)["data"]["createOrder"]  # type: ignore[index]
        assert (created["ref"], created["type"], created["status"]) == ("o-1", "HD", "CREATED")
        assert created["customer"] == {"id": "1"}
        assert [effect.key for effect in fluent.simulator.ledger.effects] == [created["id"]]
        assert fluent.simulator.state.orders["o-1"].input["totalPrice"] == 19.9

    def test_a_reference_is_taken_once(self, fluent: Fluent, client: httpx.Client) -> None:
        ask(client, CREATE, input=ORDER)
        again = ask(client, CREATE, input=ORDER)
        assert again["data"] == {"createOrder": None}
        [error] = again["errors"]  # type: ignore[misc]
        assert error["message"] == "Order with reference o-1 already exists"
        assert (error["path"], error["extensions"]) == (["createOrder"], {"code": "C0121E"})
        assert len(fluent.simulator.ledger.effects) == 1

    def test_an_order_comes_with_a_new_customer(self, fluent: Fluent, client: httpx.Client) -> None:
        both = ORDER | {"customer": CUSTOMER}
        created = ask(client, CREATE_BOTH, input=both)["data"]["createOrderAndCustomer"]  # type: ignore[index]
        assert created["customer"] == {"id": "2", "ref": "o-1"}
        assert [effect.kind for effect in fluent.simulator.ledger.effects] == ["customer", "order"]

    def test_a_user_name_is_taken_once_whatever_the_order(
        self, fluent: Fluent, client: httpx.Client
    ) -> None:
        ask(client, CREATE_BOTH, input=ORDER | {"customer": CUSTOMER})
        again = ask(client, CREATE_BOTH, input=ORDER | {"ref": "o-2", "customer": CUSTOMER})
        assert codes(again) == ["C0121E"]
        assert list(fluent.simulator.state.orders) == ["o-1"]

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"customer": {"id": "7"}}, "C0120E"),
            ({"retailer": {"id": "7"}}, "C0120E"),
            ({"ref": "r" * 256}, "C0141E"),
            ({"ref": None}, "C0140E"),
            ({"items": None}, "C0140E"),
            ({"totalPrice": "19.90"}, "C0140E"),
            ({"gift": True}, "C0140E"),
            ({"fulfilmentChoice": {"deliveryType": "STANDARD"}}, "C0140E"),
        ],
    )
    def test_a_wrong_order_is_refused_with_a_code(
        self, fluent: Fluent, client: httpx.Client, change: Body, code: str
    ) -> None:
        refused = ask(client, CREATE, input=ORDER | change)
        assert codes(refused) == [code]
        assert fluent.simulator.ledger.effects == []

    @pytest.mark.parametrize(("chosen", "refused"), [("b", False), ("c", True), (None, True)])
    def test_each_item_of_several_fulfilment_choices_names_one_that_is_there(
        self, client: httpx.Client, chosen: str | None, *, refused: bool
    ) -> None:
        order: Any = ORDER
        several = {
            "type": "MULTI",
            "items": [order["items"][0] | {"fulfilmentChoiceRef": chosen}],
            "fulfilmentChoice": None,
            "fulfilmentChoices": [order["fulfilmentChoice"] | {"ref": ref} for ref in "ab"],
        }
        answer = ask(client, CREATE, input=order | several)
        assert (codes(answer) if "errors" in answer else []) == ["C0120E"] * refused

    def test_a_product_that_is_not_there_is_named(self, client: httpx.Client) -> None:
        assert client.put("/_simulator/products", json=["B"]).status_code == 204
        refused = ask(client, CREATE, input=ORDER)
        assert codes(refused) == ["C0120E"]
        assert "reference A" in refused["errors"][0]["message"]  # type: ignore[index]

    def test_orders_are_found_by_reference_in_which_a_percent_sign_is_anything(
        self, client: httpx.Client
    ) -> None:
        for ref in ("o-1", "o-2", "x"):
            ask(client, CREATE, input=ORDER | {"ref": ref})

        def refs(ref: list[str]) -> list[str]:
            edges = ask(client, FIND, ref=ref)["data"]["orders"]["edges"]  # type: ignore[index]
            return [edge["node"]["ref"] for edge in edges]

        assert refs(["o-2"]) == ["o-2"]
        assert refs(["none"]) == []
        assert refs(["o-%"]) == ["o-1", "o-2"]


class TestPositions:
    def test_positions_are_chosen_by_catalogue_product_and_type(
        self, fluent: Fluent, client: httpx.Client
    ) -> None:
        fluent.simulator.state.positions = [
            Position("A", 7),
            Position("B", 1),
            Position("A", 9, catalogue="OTHER:1"),
            Position("A", 9, type="BASE", groupRef="LOC"),
        ]
        found = ask(client, STOCK, products=["A"])["data"]["virtualPositions"]["edges"]  # type: ignore[index]
        assert [edge["node"] for edge in found] == [{"productRef": "A", "quantity": 7}]

    def test_positions_are_set_up_over_http(self, client: httpx.Client) -> None:
        positions = [{"productRef": "A", "quantity": 3}]
        assert client.put("/_simulator/positions", json=positions).status_code == 204
        assert len(ask(client, STOCK)["data"]["virtualPositions"]["edges"]) == 1  # type: ignore[index]
        assert client.put("/_simulator/positions", json=[{"quantity": 3}]).status_code == 400

    def test_a_page_has_ten_rows_unless_asked_and_the_cursor_gives_the_next(
        self, fluent: Fluent, client: httpx.Client
    ) -> None:
        fluent.simulator.state.positions = [Position(f"S{n}", n) for n in range(12)]
        first = ask(client, STOCK)["data"]["virtualPositions"]  # type: ignore[index]
        assert (len(first["edges"]), first["pageInfo"]["hasNextPage"]) == (10, True)
        after = first["edges"][-1]["cursor"]
        rest = ask(client, STOCK, after=after)["data"]["virtualPositions"]  # type: ignore[index]
        assert [edge["node"]["quantity"] for edge in rest["edges"]] == [10, 11]
        assert rest["pageInfo"]["hasNextPage"] is False

    @pytest.mark.parametrize("asked", [{"first": 501}, {"first": 0}, {"after": "elsewhere"}])
    def test_a_page_too_large_and_a_strange_cursor_are_refused(
        self, client: httpx.Client, asked: Body
    ) -> None:
        assert codes(ask(client, STOCK, **asked)) == ["C0160E"]


class TestBodies:
    @pytest.mark.parametrize("document", [b"", b"[]", b"{", b'{"query": 3}'])
    def test_what_is_no_operation_is_a_400(self, client: httpx.Client, document: bytes) -> None:
        answer = client.post("/graphql", content=document)
        assert (answer.status_code, list(answer.json())) == (400, ["errors"])

    def test_an_operation_that_the_schema_does_not_have_is_told_within_a_200(
        self, client: httpx.Client
    ) -> None:
        assert codes(ask(client, "{ stock }")) == ["C0140E"]

    def test_two_megabytes_are_the_most(self, client: httpx.Client) -> None:
        document = {"query": FIND, "variables": {"ref": ["x" * 2**21]}}
        assert client.post("/graphql", json=document).status_code == 413

    def test_a_reset_brings_the_first_state_back(
        self, fluent: Fluent, client: httpx.Client
    ) -> None:
        ask(client, CREATE_BOTH, input=ORDER | {"customer": CUSTOMER})
        client.put("/_simulator/products", json=["B"])
        client.post("/_simulator/reset")
        assert fluent.simulator.state.orders == {}
        assert fluent.simulator.state.customers == {"1": "guest"}
        token = client.post("/oauth/token", data=LOGIN).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        assert "errors" not in ask(client, CREATE, input=ORDER)
