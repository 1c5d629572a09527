"""Time that passes only when nothing else can happen, and vendors that say what they are told."""

from __future__ import annotations

import asyncio
import itertools
import selectors
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

import pytest

from gateway.config.resilience_spec import Breaker, Limits, Retry
from gateway.config.units import parse_duration, parse_range, parse_rate
from gateway.config.vendor_spec import VendorSpec
from gateway.telemetry.clock import Clock
from gateway.telemetry.watch import NoWatch
from gateway.vendors.client import Answer, Deadline, Fault, Request, Vendor
from gateway.vendors.resilience.around import Told
from gateway.vendors.resilience.shield import shield

if TYPE_CHECKING:
    from gateway.telemetry.watch import BreakerState

T = TypeVar("T")
START = datetime(2026, 11, 23, 12, tzinfo=UTC)


class _Jumping(selectors.DefaultSelector):
    """Doesn't wait: where nothing is ready, time is later."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1000.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise AssertionError("everyone waits, and nothing is to come")
        ready = super().select(0)
        self.now += timeout or 1e-6  # turning round takes time too, or a loop could spin for ever
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now


@dataclass
class Heard(NoWatch):
    """What a watch was told."""

    states: list[str] = field(default_factory=list)
    retries: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    queues: list[tuple[int, int]] = field(default_factory=list)

    def breaker(self, vendor: str, state: BreakerState) -> None:
        assert vendor == "acme"
        self.states.append(state)

    def retried(self, vendor: str, cause: str) -> None:
        assert vendor == "acme"
        self.retries.append(cause)

    def refused(self, vendor: str, cause: str) -> None:
        assert vendor == "acme"
        self.refusals.append(cause)

    def queue(self, vendor: str, running: int, waiting: int) -> None:
        assert vendor == "acme"
        self.queues.append((running, waiting))


Say = Callable[[Request, Deadline], Awaitable[Answer | Fault]]


@dataclass
class Scripted:
    """A vendor inside: says its outcomes in order, the last for ever, or what `by` makes."""

    outcomes: list[Answer | Fault] = field(default_factory=list)
    by: Say | None = None
    at: list[float] = field(default_factory=list)
    running: int = 0
    most: int = 0

    def open(self) -> None: ...

    async def close(self) -> None: ...

    async def send(self, request: Request, deadline: Deadline) -> Answer | Fault:
        self.at.append(asyncio.get_running_loop().time())
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            if self.by is not None:
                return await self.by(request, deadline)
            return self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        finally:
            self.running -= 1


@dataclass
class Bench:
    """A scripted vendor, what is around it, and virtual time."""

    inner: Scripted
    heard: Heard
    vendor: Vendor
    clock: Clock

    @property
    def sent(self) -> int:
        return len(self.inner.at)

    @property
    def waits(self) -> list[float]:
        """The seconds between the attempts."""
        times = self.inner.at
        return [round(b - a, 3) for a, b in itertools.pairwise(times)]

    async def send(self, request: Request | None = None, within: float = 10.0) -> Answer | Fault:
        deadline = Deadline(self.clock.monotonic() + within)
        return await self.vendor.send(request or Request("GET", "/"), deadline)


MakeBench = Callable[..., Bench]


def _clock(random: float) -> Clock:
    def now() -> float:
        return asyncio.get_running_loop().time()

    return replace(
        Clock(),
        monotonic=now,
        now=lambda: START + timedelta(seconds=now() - 1000),
        random=lambda: random,
    )


@pytest.fixture
def bench() -> MakeBench:
    """Make a bench from outcomes and the settings as YAML would have them."""

    def make(  # noqa: PLR0913 - the settings, all by name
        *outcomes: Answer | Fault,
        by: Say | None = None,
        attempts: int | None = None,
        backoff: str = "100ms..2s",
        limits: dict[str, int | str] | None = None,
        breaker: tuple[int, int, str] | None = None,
        retries: bool = False,
        random: float = 1.0,
    ) -> Bench:
        spec = VendorSpec(
            base_url="http://127.0.0.1:9",
            retry=Retry(attempts=attempts, backoff=parse_range(backoff)) if attempts else None,
            limits=_limits(**limits) if limits else None,
            breaker=Breaker(open_at=breaker[0], of_last=breaker[1], for_=parse_duration(breaker[2]))
            if breaker
            else None,
        )
        inner, heard, clock = Scripted(list(outcomes), by), Heard(), _clock(random)
        vendor = shield(inner, spec, clock, Told(heard, "acme"), retries=retries)
        return Bench(inner, heard, vendor, clock)

    return make


def _limits(concurrency: int | None = None, queue: int = 100, rate: str | None = None) -> Limits:
    return Limits(concurrency=concurrency, queue=queue, rate=parse_rate(rate) if rate else None)


def run_virtual(main: Coroutine[object, object, T]) -> T:
    """Run to the end in time that jumps."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)


@pytest.fixture
def virtual() -> Callable[[Coroutine[object, object, T]], T]:
    return run_virtual
