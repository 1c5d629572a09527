"""One edge after another: vendors are opened and closed when they are needed, and once only."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2 as httpx
import pytest

from gateway.app import Edge
from gateway.cli.common import Ready, read
from gateway.cli.serve import server_config
from gateway.config.units import parse_duration
from gateway.live import Live
from gateway.plan.exchange import Ports
from gateway.telemetry.clock import Clock
from gateway.vendors.client import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.vendors.client import Deadline, Request

DEPLOYMENT = """
version: 1
mappings: [tax.yaml]
vendors: {acme: {base_url: http://127.0.0.1:9}}
"""
MAPPING = """
mapping: acme.tax
contract: taxes.validate
vendor: acme
call: {request: {method: GET, path: /tax}}
reply: {set: {tax: body.tax}}
"""
CHECKOUT = {"items": [{"product_id": "p", "variant_id": "A", "quantity": 1}]}


@dataclass(eq=False)
class Vendor:
    """Tells what is done to it; answers when it is let; `broken` can't be opened."""

    name: str
    told: list[str]
    broken: bool = False
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    free: asyncio.Event = field(default_factory=asyncio.Event)

    def open(self) -> None:
        self.told.append(f"open {self.name}")
        if self.broken:
            raise OSError("it can't")

    async def send(self, request: Request, deadline: Deadline) -> Answer:  # noqa: ARG002 - the seam's signature
        self.asked.set()
        await self.free.wait()
        return Answer(200, {"content-type": "application/json"}, b'{"tax": "1.00"}')

    async def close(self) -> None:
        self.told.append(f"close {self.name}")


@pytest.fixture
def told() -> list[str]:
    """What was done to vendors, in order."""
    return []


@pytest.fixture
def ready(tmp_path: Path) -> Ready:
    (tmp_path / "gateway.yaml").write_text(DEPLOYMENT)
    (tmp_path / "tax.yaml").write_text(MAPPING)
    return read(tmp_path / "gateway.yaml", {})


@pytest.fixture
def edge_of(ready: Ready) -> Callable[..., Edge]:
    """Make an edge before these vendors; the first of them is called."""

    def make(*vendors: Vendor) -> Edge:
        names = {"acme" if i == 0 else each.name: each for i, each in enumerate(vendors)}
        ports = Ports(names, Clock())
        return Edge(ready.plans, "1", ready.spec.nacelle, ports)

    return make


def post(live: Live) -> asyncio.Task[httpx.Response]:
    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(live)
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
            return await client.post("/taxes/validate", json={"checkout": CHECKOUT})

    return asyncio.create_task(send())


async def test_what_both_have_stays_open_and_the_rest_is_opened_and_closed(edge_of, told) -> None:
    old, kept, new = (Vendor(name, told) for name in ("old", "kept", "new"))
    live = Live(edge_of(old, kept))
    async with live.running():
        live.swap(edge_of(new, kept))
    assert told == ["open old", "open kept", "open new", "close old", "close kept", "close new"]


async def test_a_vendor_is_closed_when_the_last_request_that_may_use_it_has_ended(
    edge_of, told
) -> None:
    first, second, third = (Vendor(name, told) for name in ("first", "second", "third"))
    kept = Vendor("kept", told)
    live = Live(edge_of(first, kept))
    async with live.running():
        running = post(live)
        await first.asked.wait()
        live.swap(edge_of(second, kept))
        live.swap(edge_of(third))
        await asyncio.sleep(0)
        assert [each for each in told if each.startswith("close")] == ["close second"]
        first.free.set()
        assert (await running).status_code == 200
        await asyncio.sleep(0)
        assert sorted(told[-2:]) == ["close first", "close kept"]
    assert told[-1] == "close third"
    assert len(told) == 2 * 4


async def test_a_vendor_that_cannot_be_opened_changes_nothing(edge_of, told) -> None:
    old, new, broken = Vendor("old", told), Vendor("new", told), Vendor("broken", told, broken=True)
    old.free.set()
    live = Live(edge_of(old))
    async with live.running():
        with pytest.raises(OSError, match="it can't"):
            live.swap(edge_of(new, broken))
        assert (await post(live)).status_code == 200
        assert "close new" in told
        assert "close old" not in told


async def test_what_is_running_at_the_end_leaves_no_vendor_open(edge_of, told) -> None:
    old, new = Vendor("old", told), Vendor("new", told)
    live = Live(edge_of(old))
    async with live.running():
        running = post(live)
        await old.asked.wait()
        live.swap(edge_of(new))
    assert sorted(told) == ["close new", "close old", "open new", "open old"]
    old.free.set()
    assert (await running).status_code == 200


async def test_a_stop_waits_for_the_longest_deadline_of_what_runs(edge_of, told) -> None:
    old, new = Vendor("old", told), Vendor("new", told)
    live = Live(edge_of(old))
    config = server_config(live)
    config.load()
    async with live.running():
        assert config.timeout_graceful_shutdown == 10
        running = post(live)
        await old.asked.wait()
        nacelle = replace(live.edge.nacelle, deadline=parse_duration("3s"))
        live.swap(replace(edge_of(new), nacelle=nacelle))
        assert config.timeout_graceful_shutdown == 10
        old.free.set()
        await running
        assert config.timeout_graceful_shutdown == 5
