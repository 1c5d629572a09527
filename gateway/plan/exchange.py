"""One exchange: a line of steps, and the one loop that runs them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal, NamedTuple, Protocol

from gateway.config.snapshot import Snapshot
from gateway.config.spec import Cache
from gateway.contracts import Contract
from gateway.errors import Refusal
from gateway.expressions.frame import Frame
from gateway.lossless import Json
from gateway.plan.journal import ForgetfulJournal, Journal, Spot
from gateway.plan.pool import Pools
from gateway.plan.tree import Branch
from gateway.storage.database import Database
from gateway.telemetry.clock import Clock
from gateway.telemetry.trace import current
from gateway.vendors.client import Answer, Deadline, Fault, Request, Vendor

Line = dict[str, Json]

STRETCH: Final = 100
"""After so many lines the other exchanges have their turn: one with thousands mustn't starve them.
"""


@dataclass(frozen=True, slots=True)
class Ports:
    """What an exchange uses of the world."""

    vendors: Mapping[str, Vendor]
    clock: Clock
    storage: Database | None = None
    pools: Pools = field(default_factory=lambda: Pools(Cache().max_size))

    async def close(self) -> None:
        """Close the vendors, and then what they keep things in."""
        async with AsyncExitStack() as closing:  # which closes all, though one of them raises
            if self.storage is not None:
                closing.push_async_callback(self.storage.close)
            for vendor in self.vendors.values():
                closing.push_async_callback(vendor.close)


Role = Literal["call", "find", "undo"]
"""What a request is to its call: the call itself, what asks for it, or what takes it back."""


@dataclass(slots=True)
class Round:
    """One request to a vendor and what came of it."""

    call: str
    vendor: str
    request: Request
    outcome: Answer | Fault
    seconds: float
    index: int | None = None
    """Which element of the call's `each`, from 0."""
    role: Role = "call"


class Observer(Protocol):
    """Told of each request that came back, after each step, done or refused, and of the end.

    What it wants to keep it keeps itself: bodies may be large.
    """

    def sent(self, sent: Round) -> None: ...

    def step(self, name: str, seconds: float, exchange: Exchange) -> None: ...

    def ended(self, exchange: Exchange) -> None: ...


class Unobserved:
    """Nobody looks."""

    def sent(self, sent: Round) -> None: ...

    def step(self, name: str, seconds: float, exchange: Exchange) -> None: ...

    def ended(self, exchange: Exchange) -> None: ...


@dataclass(frozen=True, slots=True)
class Failed:
    """A read that brought nothing where the mapping can do without it."""

    call: str
    refusal: Refusal
    index: int | None = None
    """Which element of the call's `each`, from 0."""


class Share(NamedTuple):
    """Where the rows of a shared call came from: see `pool.Shared`."""

    call: str
    vendor: str
    sources: Mapping[str, int]
    age: float | None


@dataclass(frozen=True, slots=True)
class OrderAttempt:
    """Which attempt to deliver an order an exchange is, since when, and what is remembered of it.

    For the rest see the fields of `Exchange`.
    """

    number: int = 1
    received_at: datetime | None = None
    journal: Journal = field(default_factory=ForgetfulJournal)
    patient: bool = False
    grace: float = 0.0


class Undoing(Protocol):
    """Takes back one effect, once."""

    async def happen(self, exchange: Exchange, frame: Frame, index: int | None = None) -> Frame: ...


@dataclass(frozen=True, slots=True)
class Performed:
    """An effect that happened, the vendor's answer to it, and what would take it back."""

    call: str
    index: int | None
    frame: Frame
    undo: Undoing | None


@dataclass(slots=True)
class Exchange:
    """What one request carries from step to step."""

    mapping: str
    document: dict[str, Json]
    lines: list[Line]
    frame: Frame
    deadline: Deadline
    ports: Ports
    observer: Observer = field(default_factory=Unobserved)
    journal: Journal = field(default_factory=ForgetfulJournal)
    patient: bool = False
    """Whether what was surely not done will be tried again, so that nothing is undone for it."""
    grace: float = 0.0
    """Seconds that effects may take beyond the deadline, once the first has begun in time."""
    key: str | None = None
    answers: dict[str, object] = field(default_factory=dict)
    """Each call's `status`, `headers` and `body`, a list of them for `each`; the scope's `calls`"""
    skipped: set[str] = field(default_factory=set)
    """The calls whose `when` was false."""
    failed: list[Failed] = field(default_factory=list)
    shares: list[Share] = field(default_factory=list)
    short: list[Line] = field(default_factory=list)
    ways: set[tuple[str, str]] = field(default_factory=set)
    """Which keys of its joins took effect for some line, such as (`lines`, `unmatched`)."""
    notes: list[str] = field(default_factory=list)
    performed: list[Performed] = field(default_factory=list)
    begun: bool = False
    """Whether an effect was sent, now or before."""
    undone: bool = False
    """Whether all that was performed has been taken back."""

    @property
    def clock(self) -> Callable[[], float]:
        """Where deadlines get their time from."""
        return self.ports.clock.monotonic

    async def read(
        self, call: str, vendor: str, request: Request, index: int | None = None
    ) -> Answer | Fault:
        """Send a request that changes nothing; effects may be built on what it brings."""
        spot = Spot(call, index)
        return await self.journal.read(
            spot, lambda: self._sent(vendor, spot, request, self.deadline)
        )

    async def ask(self, vendor: str, spot: Spot, request: Request) -> Answer | Fault:
        """Send a request that changes nothing, and whose answer is never remembered."""
        return await self._sent(vendor, spot, request, self._later(), "find")

    async def effect(self, vendor: str, spot: Spot, request: Request) -> Answer | Fault:
        """Send what changes something; its intent is written down already."""
        now = self.ports.clock.monotonic()
        self.begun = self.begun or now < self.deadline.last_start
        role: Role = "undo" if spot.undo else "call"
        try:
            return await self._sent(vendor, spot, request, self._later(), role)
        finally:
            self.ports.pools.touch(self.frame, self.clock())

    def _later(self) -> Deadline:
        """Give the deadline of effects: one that is begun in time isn't cut off into doubt."""
        if not self.begun:
            return self.deadline
        return Deadline(max(self.deadline.at, self.ports.clock.monotonic() + self.grace))

    async def _sent(
        self,
        vendor: str,
        spot: Spot,
        request: Request,
        deadline: Deadline,
        role: Role = "call",
    ) -> Answer | Fault:
        clock = self.ports.clock
        started = clock.monotonic()
        outcome = await self.ports.vendors[vendor].send(request, deadline)
        seconds = clock.monotonic() - started
        self.observer.sent(Round(spot.call, vendor, request, outcome, seconds, spot.index, role))
        return outcome

    def failure(self, call: str) -> Refusal | None:
        """Give what became of a read that failed as a whole and that the mapping can do without."""
        found = (each.refusal for each in self.failed if each.call == call and each.index is None)
        return next(found, None)


class Step(Protocol):
    """One step of the line; it changes the exchange or raises Refusal."""

    @property
    def name(self) -> str: ...

    async def run(self, exchange: Exchange) -> None: ...


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a mapping's orders are delivered; see `config.mapping_spec.DeliverySpec`."""

    key: Step
    """Finds the exchange's key."""
    same: Branch | None
    """What must not differ in a repeat; None for the usual."""
    changed: Literal["refuse", "ignore", "send"]
    stored: bool
    """Whether Nacelle is answered as soon as the order is stored."""
    give_up_after: float
    vendor: str
    """The vendor of its first effect."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A mapping made runnable."""

    mapping: str
    file: str
    contract: Contract
    category: str
    lets: Mapping[str, Callable[[Frame], object]]
    calls: tuple[str, ...]
    """The names of its calls, in the order of the file."""
    steps: tuple[Step, ...]
    delivery: Delivery | None = None
    """Of contracts with effects."""
    snapshot: Snapshot | None = None
    """What such an order is finished with, should the mapping change meanwhile."""


async def run_step(step: Step, exchange: Exchange) -> None:
    """Run one step within its span, and tell the observer how long it took."""
    clock = exchange.ports.clock
    started = clock.monotonic()
    try:
        with current().child(step.name, "step", {}):
            await step.run(exchange)
    finally:
        exchange.observer.step(step.name, clock.monotonic() - started, exchange)


def error_body(refusal: Refusal, category: str, object_name: str | None, exchange_id: str) -> Json:
    """Make the error envelope that Nacelle expects."""
    details: dict[str, Json] = {
        **refusal.details,
        "reason": refusal.reason,
        "exchange_id": exchange_id,
    }
    error: Json = {
        "error": refusal.message,
        "category": refusal.category or category,
        "details": details,
    }
    return {object_name: {}, "error": error} if object_name else {"error": error}
