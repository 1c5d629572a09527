"""Fluent Commerce: checkouts get what can be sold, with the settings of its setup page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from simulators import faults
from simulators.fluent import FluentSimulator
from simulators.fluent_state import Position
from simulators.kit import RunningSimulator
from tests.mappings.conftest import ROOT

if TYPE_CHECKING:
    from gateway.lossless import Json
    from tests.conftest import Gateway, Reply, ScriptedVendor
    from tests.mappings.conftest import Open

Fluent = RunningSimulator[FluentSimulator]
STOCK = ROOT / "mappings" / "fluent" / "inventory-validate.yaml"
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
    """Start a gateway as an example of the setup page says, before the vendor at a URL."""

    async def start(url: str, *, example: int = 0, **secrets: str) -> Gateway:
        page = page_of("fluent", url) | page_of("fluent", url, example)
        del page["version"], page["mappings"], page["nacelle"]
        return await deploy(STOCK, environment={**SECRETS, **secrets}, closed=True, **page)

    return start


def line(sku: str, quantity: Json = 1) -> dict[str, Json]:
    return {"product_id": "p", "variant_id": "v", "sku": sku, "quantity": quantity}


def checkout(*lines: Json) -> dict[str, Json]:
    return {"id": "c-1", "items": list(lines)}


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
