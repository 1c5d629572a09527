"""Manhattan Active Omni: checkouts get their stock, with the settings of its setup page."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from simulators import faults
from simulators.kit import RunningSimulator
from simulators.manhattan import ManhattanSimulator, Stock
from tests.mappings.conftest import ROOT

if TYPE_CHECKING:
    from gateway.lossless import Json
    from tests.conftest import Gateway, Reply
    from tests.mappings.conftest import Open

Manhattan = RunningSimulator[ManhattanSimulator]
STOCK = ROOT / "mappings" / "manhattan" / "inventory-validate.yaml"
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
    """Start a gateway as the setup page says, before the vendor at a URL."""

    async def start(url: str, *, organization: str = "ACME", **secrets: str) -> Gateway:
        page = page_of("manhattan", url)
        del page["version"], page["mappings"], page["nacelle"]
        page["vendors"]["manhattan"]["headers"] = {"Organization": organization}
        return await deploy(STOCK, environment={**SECRETS, **secrets}, closed=True, **page)

    return start


def line(sku: str, quantity: Json = 1) -> dict[str, Json]:
    return {"product_id": "p", "variant_id": "v", "sku": sku, "quantity": quantity}


def checkout(*lines: Json) -> dict[str, Json]:
    return {"id": "c-1", "items": list(lines)}


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
