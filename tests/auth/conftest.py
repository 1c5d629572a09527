"""Vendors that want to know who calls, made from blocks of gateway.yaml."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from gateway.config.load import Configuration
from gateway.config.render import render_text
from gateway.storage.database import Database
from gateway.telemetry.clock import Clock
from gateway.telemetry.watch import NoWatch
from gateway.vendors.client import Answer, Deadline, Fault, Request
from gateway.vendors.vendor import HttpVendor, make_vendor
from simulators.kit import RunningSimulator
from simulators.tokens import TokenSimulator

if TYPE_CHECKING:
    from gateway.lossless import Json

ENVIRONMENT = {
    "CLIENT": "client",
    "CLIENT_SECRET": "client-secret",
    "USER_NAME": "user",
    "USER_PASSWORD": "user-password",
    "REFRESH_TOKEN": "refresh-0",
}
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@dataclass
class Hands:
    """A clock that runs, and that a test can put forward."""

    ahead: float = 0.0

    def forward(self, seconds: float) -> None:
        self.ahead += seconds

    @property
    def clock(self) -> Clock:
        return Clock(
            now=lambda: datetime.now(UTC) + timedelta(seconds=self.ahead),
            monotonic=lambda: time.monotonic() + self.ahead,
        )


class Counting(NoWatch):
    """Remembers what became of tokens."""

    def __init__(self) -> None:
        self.tokens: list[str] = []

    def token(self, vendor: str, outcome: str) -> None:
        assert vendor == "acme"
        self.tokens.append(outcome)


@dataclass
class Caller:
    """A vendor as a test calls it."""

    vendor: HttpVendor
    hands: Hands
    watch: Counting = field(default_factory=Counting)

    async def __call__(
        self,
        target: str = "/api",
        *,
        method: str = "GET",
        body: bytes = b"",
        effect: bool = False,
        within: float = 30.0,
    ) -> Answer | Fault:
        deadline = Deadline(self.hands.clock.monotonic() + within)
        return await self.vendor.send(Request(method, target, {}, body, effect), deadline)

    async def together(self, number: int) -> list[int]:
        """Send so many at once, and give their statuses."""
        outcomes = await asyncio.gather(*(self() for _ in range(number)))
        return [outcome.status for outcome in outcomes if isinstance(outcome, Answer)]


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def running() -> Iterator[RunningSimulator[TokenSimulator]]:
    with RunningSimulator(TokenSimulator()) as running:
        yield running


@pytest.fixture
def endpoint(running: RunningSimulator[TokenSimulator]) -> TokenSimulator:
    return running.simulator


@pytest.fixture
def oauth2(running: RunningSimulator[TokenSimulator]) -> Callable[..., dict[str, Json]]:
    """Give an oauth2 block for the simulator: client credentials unless told otherwise."""

    def block(**keys: Json) -> dict[str, Json]:
        given: dict[str, Json] = {
            "type": "oauth2",
            "grant": "client_credentials",
            "token_url": f"{running.url}/token",
            "client_id": {"env": "CLIENT"},
            "client_secret": {"env": "CLIENT_SECRET"},
            **keys,
        }
        return {name: value for name, value in given.items() if value is not None}

    return block


@pytest.fixture
def refreshing(oauth2: Callable[..., dict[str, Json]]) -> dict[str, Json]:
    return oauth2(grant="refresh_token", refresh_token={"env": "REFRESH_TOKEN"})


@pytest.fixture
async def call_with(
    configure: Callable[..., Configuration],
    running: RunningSimulator[TokenSimulator],
    hands: Hands,
) -> AsyncIterator[Callable[..., Caller]]:
    """Make a vendor `acme` from a block of `auth`; the same `storage` serves all of one test."""
    async with contextlib.AsyncExitStack() as stack:

        def make(
            auth: dict[str, Json],
            *,
            url: str = running.url,
            environment: dict[str, str] | None = None,
            clock: Clock | None = None,
            storage: str = "sqlite:///var/gateway.db",
            **keys: Json,
        ) -> Caller:
            patient = {"connect": "20s", "total": "20s"}  # a busy machine is no failure
            configuration = configure(
                vendors={"acme": {"base_url": url, "auth": auth, "timeout": patient, **keys}},
                environment=ENVIRONMENT | (environment or {}),
                storage={"url": storage},
            )
            found = [p for p in configuration.problems.sorted() if p.place.line > 1]
            assert not found, render_text(found, configuration.sources, colour=False)
            spec = configuration.gateway
            assert spec is not None
            database = Database(spec.storage.url.reveal(), configuration.folder)
            watch = Counting()
            vendor = make_vendor(
                spec.vendors["acme"],
                clock or hands.clock,
                name="acme",
                watch=watch,
                storage=database,
            )
            stack.push_async_callback(database.close)
            stack.push_async_callback(vendor.close)
            return Caller(vendor, hands, watch)

        yield make


@pytest.fixture
def fixed(hands: Hands) -> Clock:
    """A clock that stands at noon unless it is put forward."""
    return Clock(
        now=lambda: NOON + timedelta(seconds=hands.ahead),
        monotonic=lambda: 1000.0 + hands.ahead,
        new_id=lambda: "0123456789abcdef",
    )
