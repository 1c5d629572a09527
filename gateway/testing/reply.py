"""From a document that came in to what goes back, as `serve` would say it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from gateway.errors import Refusal
from gateway.inbound.body import unwrap
from gateway.lossless import Json, dumps, loads
from gateway.plan.exchange import Observer, Unobserved, error_body
from gateway.plan.run import run
from gateway.vendors.client import Deadline

if TYPE_CHECKING:
    from gateway.plan.build import Plans
    from gateway.plan.exchange import Plan, Ports


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back; `cause` is what the log would say of it."""

    status: int
    body: Json
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """A plan with the world around it, in which documents come in."""

    plans: Plans
    plan: Plan
    ports: Ports
    seconds: float
    """How long an exchange may take."""
    exchange_id: str
    observer: Observer = field(default_factory=Unobserved)

    async def reply(self, document: Json) -> Reply:
        """Run one exchange. What is no Refusal is a bug, and raised."""
        deadline = Deadline(self.ports.clock.monotonic() + self.seconds)
        received = cast("dict[str, Json]", as_sent(document))
        plan, name = self.plan, self.plan.contract.object
        try:
            unwrapped = unwrap(received, name)
            self.plans.intake.check(plan, unwrapped)
            exchange = self.plans.intake.exchange(
                plan, unwrapped, self.ports, deadline, self.observer
            )
            await run(plan, exchange)
        except Refusal as refusal:
            return self.refused(refusal)
        return Reply(200, as_sent({name: exchange.document}))

    def refused(self, refusal: Refusal) -> Reply:
        contract = self.plan.contract
        body = error_body(refusal, self.plan.category, contract.object, self.exchange_id)
        return Reply(refusal.status, as_sent(body), refusal.cause)


def as_sent(value: Json) -> Json:
    """Give what is read at the other end: numbers and all as they come out of JSON."""
    return loads(dumps(value))
