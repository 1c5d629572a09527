"""Runs of a mapping that has just been written: what it asked, and what went back, as cases."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from gateway.config.spec import GatewaySpec
from gateway.errors import Refusal
from gateway.inbound.body import unwrap
from gateway.lossless import Json, dumps, loads
from gateway.plan.build import Plans
from gateway.plan.exchange import Plan, Ports, Unobserved, error_body
from gateway.plan.run import run
from gateway.telemetry.clock import Clock
from gateway.testing.diff import NOTHING
from gateway.testing.script import Heard
from gateway.vendors.client import Answer, Deadline, Fault, FaultKind, Request, Sent
from gateway.vendors.message import Composer

_RECEIVED_AT = "2026-01-01T00:00:00Z"
_EXCHANGE_ID = "0123456789abcdef"
"""What a case has that says nothing else."""

Fields = dict[str, Json]


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A deployment without errors, the mapping in it, and the document that comes in."""

    plans: Plans
    plan: Plan
    spec: GatewaySpec
    vendor: str
    received: Fields

    def case(self, name: str, answer: Fields) -> Json:
        """Run it with a vendor that answers so, and give the case that expects what was seen."""
        vendor = _Vendor(Composer(self.spec.vendors[self.vendor]), _outcome(answer))
        status, body = asyncio.run(self._reply(vendor))
        exchanges: list[Json] = [
            {"expect": _expected(each), "answer": answer} for each in vendor.heard
        ]
        reply: Json = {"status": status, "body": body}
        return {"name": name, "receive": self.received, "vendor": exchanges, "reply": reply}

    async def _reply(self, vendor: _Vendor) -> tuple[int, Json]:
        moment = datetime.fromisoformat(_RECEIVED_AT)
        clock = Clock(
            now=lambda: moment,
            monotonic=lambda: 0.0,
            new_id=lambda: _EXCHANGE_ID,
            random=lambda: 0.0,
        )
        ports = Ports(dict.fromkeys(self.spec.vendors, vendor), clock)
        deadline = Deadline(self.spec.nacelle.deadline.seconds)
        plan, name = self.plan, self.plan.contract.object
        try:
            document = unwrap(cast("Fields", _as_sent(self.received)), name)
            self.plans.intake.check(plan, document)
            exchange = self.plans.intake.exchange(plan, document, ports, deadline, Unobserved())
            await run(plan, exchange)
        except Refusal as refusal:
            body = error_body(refusal, plan.category, name, _EXCHANGE_ID)
            return refusal.status, _as_sent(body)
        return 200, _as_sent({name: exchange.document})


@dataclass(slots=True)
class _Vendor:
    """Says the same to every request."""

    composer: Composer
    outcome: Answer | Fault
    heard: list[Heard] = field(default_factory=list)

    def open(self) -> None:
        """Nothing is needed."""

    async def send(self, request: Request, deadline: Deadline) -> Answer | Fault:  # noqa: ARG002 - the seam's signature
        message = self.composer.compose(request)
        if isinstance(message, str):
            return Fault("invalid_request", "no", message)
        self.heard.append(Heard("", request, message))
        return self.outcome

    async def close(self) -> None:
        """Nothing is open."""


def _expected(heard: Heard) -> Fields:
    made: Fields = {"method": heard.request.method, "path": heard.request.target.partition("?")[0]}
    query, body = heard.query(), heard.body()
    headers: Fields = dict(heard.request.headers)
    if query:
        made["query"] = query
    if headers:
        made["headers"] = headers
    if body is not NOTHING:
        made["body"] = body
    return made


def _outcome(answer: Fields) -> Answer | Fault:
    if "fault" in answer:
        return Fault(cast("FaultKind", answer["fault"]), cast("Sent", answer["sent"]))
    headers = {"content-type": "application/json"}
    headers |= {
        name.lower(): str(value)
        for name, value in cast("Fields", answer.get("headers", {})).items()
    }
    body, status = answer.get("body"), cast("int", answer["status"])
    if body is None:
        return Answer(status, headers, b"")
    is_text = isinstance(body, str) and "json" not in headers["content-type"]
    return Answer(status, headers, str(body).encode() if is_text else dumps(body))


def _as_sent(value: Json) -> Json:
    return loads(dumps(value))
