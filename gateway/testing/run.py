"""One case: the whole plan runs as in `serve`, with scripted vendors and a clock that stands."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from gateway.config.problems import Problem, Problems
from gateway.lossless import Json, dumps
from gateway.plan.build import Plans, build
from gateway.plan.exchange import Observer, Ports, Unobserved
from gateway.telemetry.clock import Clock
from gateway.testing.diff import differences
from gateway.testing.reply import Reply, Setting
from gateway.testing.script import Script, ScriptedVendor, Unscripted
from gateway.vendors.message import Composer

if TYPE_CHECKING:
    from gateway.config.load import Configuration
    from gateway.config.spec import GatewaySpec
    from gateway.plan.builder import Listen
    from gateway.plan.exchange import Plan
    from gateway.testing.case_spec import CaseSpec, Plain
    from gateway.testing.script import Answering


@dataclass(slots=True)
class Runner:
    """Runs cases against a deployment without errors, each with settings of its own."""

    configuration: Configuration
    spec: GatewaySpec
    listen: Listen | None = None
    observer: Observer = field(default_factory=Unobserved)
    _built: dict[bytes, Plans | Problem] = field(default_factory=dict)

    def run(self, case: CaseSpec, contract: str) -> list[str]:
        """Run a case; give all that differs from what it expects, in words."""
        plans = self.plans(case.settings)
        if isinstance(plans, Problem):
            return [f"settings: with them, the mapping is refused: {plans.message}"]
        script = Script.of(case.vendor)
        try:
            reply = self.play(case, plans.by_contract[contract], plans, script.answer)
        except Unscripted:
            return [*script.told(), "reply: not reached"]
        return [*script.told(), *_compared(case, reply)]

    def play(
        self,
        case: CaseSpec,
        plan: Plan,
        plans: Plans,
        answer: Answering,
        observer: Observer | None = None,
    ) -> Reply:
        """Play a case: no time passes, and nothing stands between the mapping and the vendors."""
        vendors = {
            name: ScriptedVendor(name, Composer(vendor), answer)
            for name, vendor in self.spec.vendors.items()
        }
        setting = Setting(
            plans,
            plan,
            Ports(vendors, clock_of(case)),
            self.spec.nacelle.deadline.seconds,
            case.exchange_id.text,
            observer or self.observer,
        )
        return asyncio.run(setting.reply(case.receive.value))

    def plans(self, settings: Mapping[str, Plain]) -> Plans | Problem:
        """Build with a case's settings, since expressions are checked against their types."""
        own: dict[str, Json] = {name: plain.value for name, plain in settings.items()}
        known = dumps(own)
        if known not in self._built:
            spec = replace(self.spec, settings=merged(self.spec.settings, own))
            problems = Problems()
            plans = build(replace(self.configuration, gateway=spec, problems=problems), self.listen)
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


def clock_of(case: CaseSpec, monotonic: Callable[[], float] = lambda: 0.0) -> Clock:
    """Give the clock of a case: its moment stands still, and so does chance."""
    moment = datetime.fromisoformat(case.received_at.text)
    return Clock(
        now=lambda: moment,
        monotonic=monotonic,
        new_id=lambda: case.exchange_id.text,
        random=lambda: 0.0,
    )
