"""One exchange: a line of steps, and the one loop that runs them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Protocol

from gateway.contracts import Contract
from gateway.errors import Refusal
from gateway.expressions.frame import Frame
from gateway.lossless import Json
from gateway.storage.database import Database
from gateway.telemetry.clock import Clock
from gateway.telemetry.trace import current
from gateway.vendors.client import Answer, Deadline, Fault, Request, Vendor

Line = dict[str, Json]


@dataclass(frozen=True, slots=True)
class Intent:
    """An effect about to happen: which mapping's call, under which key, with which bytes.

    `index` tells the elements of a call's `each` apart, from 0; None where the call runs once.
    """

    mapping: str
    key: str
    call: str
    request: Request
    index: int | None = None


class Journal(Protocol):
    """Stands around every effect, and may answer from memory instead of sending again."""

    async def perform(
        self, intent: Intent, send: Callable[[], Awaitable[Answer | Fault]]
    ) -> Answer | Fault: ...


class ForgetfulJournal:
    """Sends, and remembers nothing: once-only rests on the vendor's idempotency key."""

    async def perform(
        self,
        intent: Intent,  # noqa: ARG002 - the seam's signature
        send: Callable[[], Awaitable[Answer | Fault]],
    ) -> Answer | Fault:
        return await send()


@dataclass(frozen=True, slots=True)
class Ports:
    """What an exchange uses of the world."""

    vendors: Mapping[str, Vendor]
    journal: Journal
    clock: Clock
    storage: Database | None = None

    async def close(self) -> None:
        """Close the vendors, and then what they keep things in."""
        async with AsyncExitStack() as closing:  # which closes all, though one of them raises
            if self.storage is not None:
                closing.push_async_callback(self.storage.close)
            for vendor in self.vendors.values():
                closing.push_async_callback(vendor.close)


@dataclass(frozen=True, slots=True)
class Round:
    """One request to a vendor and what came of it."""

    call: str
    vendor: str
    request: Request
    outcome: Answer | Fault
    seconds: float
    index: int | None = None
    """Which element of the call's `each`, from 0."""


class Observer(Protocol):
    """Told of each request that came back, and after each step, done or refused.

    What it wants to keep it keeps itself: bodies may be large.
    """

    def sent(self, sent: Round) -> None: ...

    def step(self, name: str, seconds: float, exchange: Exchange) -> None: ...


class Unobserved:
    """Nobody looks."""

    def sent(self, sent: Round) -> None: ...

    def step(self, name: str, seconds: float, exchange: Exchange) -> None: ...


@dataclass(frozen=True, slots=True)
class Failed:
    """A read that brought nothing where the mapping can do without it."""

    call: str
    refusal: Refusal
    index: int | None = None
    """Which element of the call's `each`, from 0."""


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
    key: str | None = None
    answers: dict[str, object] = field(default_factory=dict)
    """Each call's `status`, `headers` and `body`, a list of them for `each`; the scope's `calls`"""
    skipped: set[str] = field(default_factory=set)
    """The calls whose `when` was false."""
    failed: list[Failed] = field(default_factory=list)
    short: list[Line] = field(default_factory=list)
    ways: set[tuple[str, str]] = field(default_factory=set)
    """Which keys of its joins took effect for some line, such as (`lines`, `unmatched`)."""
    notes: list[str] = field(default_factory=list)

    async def send(
        self, call: str, vendor: str, request: Request, index: int | None = None
    ) -> Answer | Fault:
        """Send a request; an effect goes through the journal."""
        clock = self.ports.clock
        started = clock.monotonic()
        port = self.ports.vendors[vendor]
        if not request.effect:
            outcome = await port.send(request, self.deadline)
        else:
            intent = Intent(self.mapping, self._found_key(), call, request, index)
            outcome = await self.ports.journal.perform(
                intent, lambda: port.send(request, self.deadline)
            )
        seconds = clock.monotonic() - started
        self.observer.sent(Round(call, vendor, request, outcome, seconds, index))
        return outcome

    def _found_key(self) -> str:
        if self.key is None:
            raise AssertionError("an effect's key is found before its call")
        return self.key

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


async def run(plan: Plan, exchange: Exchange) -> None:
    """Run the steps in order. Raises Refusal where one of them ends the exchange.

    Without a single line there is nothing to ask a vendor: a checkout goes back as it came, and an
    order, which must not vanish in silence, is refused (400 `no_lines`).
    """
    if not exchange.lines:
        if plan.contract.effect:
            raise Refusal(400, "no_lines", "The order has no lines")
        return
    for step in plan.steps:
        await run_step(step, exchange)


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
