"""One case: the whole plan runs as in `serve`, with scripted vendors and a clock that stands."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, cast

from gateway.config.problems import Problem, Problems
from gateway.errors import Refusal
from gateway.inbound.body import unwrap
from gateway.lossless import Json, dumps, loads
from gateway.plan.build import Plans, build
from gateway.plan.exchange import Ports, Unobserved, error_body
from gateway.plan.run import run
from gateway.telemetry.clock import Clock
from gateway.testing.diff import differences
from gateway.testing.script import Script, ScriptedVendor, Unscripted
from gateway.vendors.client import Deadline
from gateway.vendors.message import Composer

if TYPE_CHECKING:
    from gateway.config.load import Configuration
    from gateway.config.spec import GatewaySpec
    from gateway.plan.exchange import Plan
    from gateway.testing.case_spec import CaseSpec, Plain


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back; `cause` is what the log would say of it."""

    status: int
    body: Json
    cause: str | None = None


@dataclass(slots=True)
class Runner:
    """Runs cases against a deployment without errors, each with settings of its own."""

    configuration: Configuration
    spec: GatewaySpec
    _built: dict[bytes, Plans | Problem] = field(default_factory=dict)

    def run(self, case: CaseSpec, contract: str) -> list[str]:
        """Run a case; give all that differs from what it expects, in words."""
        plans = self._plans(case.settings)
        if isinstance(plans, Problem):
            return [f"settings: with them, the mapping is refused: {plans.message}"]
        script = Script.of(case.vendor)
        try:
            reply = asyncio.run(self._reply(case, plans, plans.by_contract[contract], script))
        except Unscripted:
            return [*script.told(), "reply: not reached"]
        return [*script.told(), *_compared(case, reply)]

    async def _reply(self, case: CaseSpec, plans: Plans, plan: Plan, script: Script) -> Reply:
        ports = Ports(self._vendors(script), _clock(case))
        deadline = Deadline(ports.clock.monotonic() + self.spec.nacelle.deadline.seconds)
        received = cast("dict[str, Json]", _as_sent(case.receive.value))
        name = plan.contract.object
        try:
            document = unwrap(received, name)
            plans.intake.check(plan, document)
            exchange = plans.intake.exchange(plan, document, ports, deadline, Unobserved())
            await run(plan, exchange)
        except Refusal as refusal:
            body = error_body(refusal, plan.category, name, case.exchange_id.text)
            return Reply(refusal.status, _as_sent(body), refusal.cause)
        return Reply(200, _as_sent({name: exchange.document}))

    def _vendors(self, script: Script) -> dict[str, ScriptedVendor]:
        return {
            name: ScriptedVendor(name, Composer(vendor), script)
            for name, vendor in self.spec.vendors.items()
        }

    def _plans(self, settings: Mapping[str, Plain]) -> Plans | Problem:
        """Build with a case's settings, since expressions are checked against their types."""
        own: dict[str, Json] = {name: plain.value for name, plain in settings.items()}
        known = dumps(own)
        if known not in self._built:
            spec = replace(self.spec, settings=merged(self.spec.settings, own))
            problems = Problems()
            plans = build(replace(self.configuration, gateway=spec, problems=problems))
            errors = [problem for problem in problems.sorted() if problem.severity == "error"]
            self._built[known] = plans or errors[0]
        return self._built[known]


def merged(below: Mapping[str, Json], above: Mapping[str, Json]) -> dict[str, Json]:
    """Put settings over others: blocks are merged key by key, any other value is replaced."""
    result = dict(below)
    for name, value in above.items():
        match below.get(name), value:
            case dict(under), dict(over):
                result[name] = merged(under, over)
            case _:
                result[name] = value
    return result


def _compared(case: CaseSpec, reply: Reply) -> list[str]:
    expected = case.reply
    found = [
        *differences("reply.status", expected.status, reply.status),
        *differences("reply.body", expected.body.value, reply.body),
    ]
    return [*found, f"because: {reply.cause}"] if found and reply.cause else found


def _clock(case: CaseSpec) -> Clock:
    moment = datetime.fromisoformat(case.received_at.text)
    return Clock(
        now=lambda: moment,
        monotonic=lambda: 0.0,
        new_id=lambda: case.exchange_id.text,
        random=lambda: 0.0,
    )


def _as_sent(value: Json) -> Json:
    """Give what is read at the other end: numbers and all as they come out of JSON."""
    return loads(dumps(value))
