"""Starting and stopping: whatever one vendor does, the others are closed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from gateway.app import Edge
from gateway.live import Live
from gateway.plan.exchange import Ports
from gateway.telemetry.clock import Clock
from gateway.vendors.client import Fault

if TYPE_CHECKING:
    from gateway.vendors.client import Deadline, Request


@dataclass
class Vendor:
    """Tells what is done to it; `fails` says what it can't."""

    name: str
    told: list[str]
    fails: tuple[str, ...] = ()

    def open(self) -> None:
        self._do("open")

    async def send(self, request: Request, deadline: Deadline) -> Fault:  # noqa: ARG002 - the seam's signature
        return Fault("connect", "no")

    async def close(self) -> None:
        self._do("close")

    def _do(self, what: str) -> None:
        self.told.append(f"{what} {self.name}")
        if what in self.fails:
            raise OSError(f"can't {what}")


@dataclass
class Tracer:
    """Tells that it was closed."""

    told: list[str] = field(default_factory=list)

    def close(self) -> None:
        self.told.append("close the tracer")


@pytest.fixture
def app_of(ready_of):
    """Make an application with these vendors."""

    def make(told: list[str], **fails: tuple[str, ...]):
        ready = ready_of(shared_secret={"header": "Secret", "secrets": [{"env": "SHARED"}]})
        vendors = {name: Vendor(name, told, which) for name, which in fails.items()}
        ports = Ports(vendors, Clock())
        edge = Edge(ready.plans, "1", ready.spec.nacelle, ports, tracer=Tracer(told))
        return Live(edge)

    return make


async def test_a_vendor_that_cannot_be_closed_keeps_none_from_closing(app_of) -> None:
    told: list[str] = []
    app = app_of(told, first=("close",), second=("close",), third=())
    with pytest.raises(OSError, match="can't close"):
        async with app.running():
            told.clear()
    assert told == ["close third", "close second", "close first", "close the tracer"]


async def test_a_vendor_that_cannot_be_opened_leaves_none_open(app_of) -> None:
    told: list[str] = []
    app = app_of(told, first=(), second=("open",), third=())
    with pytest.raises(OSError, match="can't open"):
        async with app.running():
            pytest.fail("it started")
    assert told[:2] == ["open first", "open second"]
    assert told[2:] == ["close third", "close second", "close first", "close the tracer"]
