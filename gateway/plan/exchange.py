"""One exchange: a line of steps, and the one loop that runs them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from gateway.contracts import Contract
from gateway.errors import Refusal
from gateway.expressions.frame import Frame
from gateway.lossless import Json
from gateway.telemetry.clock import Clock
from gateway.telemetry.trace import current
from gateway.vendors.client import Answer, Deadline, Fault, Request, Vendor

Line = dict[str, Json]


@dataclass(frozen=True, slots=True)
class Intent:
    """An effect about to happen: which mapping's call, under which key, with which bytes."""

    mapping: str
    key: str
    call: str
    request: Request


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


@dataclass(frozen=True, slots=True)
class Round:
    """One request to a vendor and what came of it."""

    call: str
    vendor: str
    request: Request
    outcome: Answer | Fault
    seconds: float


@dataclass(frozen=True, slots=True)
class Timing:
    """How long a step took."""

    step: str
    seconds: float


@dataclass(slots=True)
class Exchange:
    """What one request carries from step to step."""

    mapping: str
    document: dict[str, Json]
    lines: list[Line]
    frame: Frame
    deadline: Deadline
    ports: Ports
    key: str | None = None
    answers: dict[str, dict[str, object]] = field(default_factory=dict)
    """Each call's `status`, `headers` and `body`; expressions see it as `calls`."""
    short: list[Line] = field(default_factory=list)
    rounds: list[Round] = field(default_factory=list)
    timings: list[Timing] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    async def send(self, call: str, vendor: str, request: Request) -> Answer | Fault:
        """Send a request; an effect goes through the journal."""
        started = self.ports.clock.monotonic()
        outcome = await self._through_journal(call, vendor, request)
        seconds = self.ports.clock.monotonic() - started
        self.rounds.append(Round(call, vendor, request, outcome, seconds))
        return outcome

    async def _through_journal(self, call: str, vendor: str, request: Request) -> Answer | Fault:
        port = self.ports.vendors[vendor]
        if not request.effect:
            return await port.send(request, self.deadline)
        if self.key is None:
            raise AssertionError("an effect's key is found before its call")
        intent = Intent(self.mapping, self.key, call, request)
        return await self.ports.journal.perform(intent, lambda: port.send(request, self.deadline))


class Step(Protocol):
    """One step of the line; it changes the exchange or raises Refusal."""

    @property
    def name(self) -> str: ...

    async def run(self, exchange: Exchange) -> None: ...


class Observer(Protocol):
    """Told after each step, done or refused; `gateway try` shows the steps this way."""

    def step(self, name: str, exchange: Exchange) -> None: ...


@dataclass(frozen=True, slots=True)
class Plan:
    """A mapping made runnable."""

    mapping: str
    file: str
    contract: Contract
    category: str
    lets: Mapping[str, Callable[[Frame], object]]
    steps: tuple[Step, ...]


async def run(plan: Plan, exchange: Exchange, observer: Observer | None = None) -> None:
    """Run the steps in order. Raises Refusal where one of them ends the exchange.

    Without a single line there is nothing to ask a vendor: a checkout goes back as it came, and an
    order, which must not vanish in silence, is refused (400 `no_lines`).
    """
    if not exchange.lines:
        if plan.contract.effect:
            raise Refusal(400, "no_lines", "The order has no lines")
        return
    clock = exchange.ports.clock
    for step in plan.steps:
        started = clock.monotonic()
        try:
            with current().child(step.name, "step", {}):
                await step.run(exchange)
        finally:
            exchange.timings.append(Timing(step.name, clock.monotonic() - started))
            if observer is not None:
                observer.step(step.name, exchange)


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
