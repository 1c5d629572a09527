"""A case played over again with vendors that may fail it: what then goes back, and after how long.

Other than when a case is checked, what is sent may differ from what the case expects: each request
gets the answer of the entry that it resembles most. And the vendor's own `retry`, `limits` and
`breaker` stand where they do in `serve`, on a clock that jumps.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from gateway.config.spec import GatewaySpec
from gateway.config.vendor_spec import VendorSpec
from gateway.errors import Refusal
from gateway.plan.build import Plans
from gateway.plan.exchange import Exchange, Plan, Ports, Round
from gateway.telemetry.clock import Clock
from gateway.telemetry.watch import BreakerState, NoWatch
from gateway.testing.case_spec import CaseSpec
from gateway.testing.hurry import hurried
from gateway.testing.reply import Reply, Setting
from gateway.testing.run import clock_of
from gateway.testing.script import Entry, Heard, answer_of, entries_of
from gateway.vendors.client import Answer, Deadline, Fault, Request, Vendor
from gateway.vendors.message import Composer
from gateway.vendors.resilience.around import Told
from gateway.vendors.resilience.shield import shield

Outcome = Answer | Fault

NOT_SCRIPTED = Answer(404, {}, b"")
"""What is answered where the case has nothing to say."""


@dataclass(frozen=True, slots=True)
class Played:
    """What became of an exchange: the reply, the seconds, the requests in their order."""

    reply: Reply
    seconds: float
    rounds: tuple[Round, ...]


@dataclass(slots=True)
class Answers:
    """What a case's vendors answer: each entry once, the same request with the same again."""

    left: list[Entry]
    broken: tuple[str, Outcome] | None = None
    """The path of an entry, and what comes in place of its answer."""
    given: dict[tuple[object, ...], Entry | None] = field(default_factory=dict)

    @classmethod
    def of(cls, case: CaseSpec, broken: tuple[str, Outcome] | None = None) -> Answers:
        return cls(entries_of(case.vendor), broken)

    def __call__(self, heard: Heard) -> Outcome:
        entry = self.entry(heard.vendor, heard.request, heard)
        if entry is None:
            return NOT_SCRIPTED
        if self.broken is not None and self.broken[0] == entry.path:
            return self.broken[1]
        return answer_of(entry.spec.answer)

    def entry(self, vendor: str, request: Request, heard: Heard | None = None) -> Entry | None:
        """Give the entry that a request got, or gets."""
        known = (vendor, request.method, request.target, request.body)
        if known not in self.given and heard is not None:
            nearest = min(self.left, key=lambda entry: _apart(entry, heard), default=None)
            if nearest is not None:
                self.left.remove(nearest)
            self.given[known] = nearest
        return self.given.get(known)


def _apart(entry: Entry, heard: Heard) -> tuple[bool, int]:
    """Tell how far a request is from what an entry expects: first of all, whom it is sent to."""
    told = entry.mismatches(heard)
    elsewhere = (f"{entry.path}.{what}:" for what in ("vendor", "method", "path"))
    return any(line.startswith(start) for start in elsewhere for line in told), len(told)


@dataclass(slots=True)
class Rounds:
    """Takes down what was sent."""

    found: list[Round] = field(default_factory=list)

    def sent(self, sent: Round) -> None:
        self.found.append(sent)

    def step(self, name: str, seconds: float, exchange: Exchange) -> None: ...

    def ended(self, exchange: Exchange) -> None: ...


class _Unlogged(Told):
    """Tells nobody, in whose log a breaker that opens would look like a real one."""

    __slots__ = ()

    def breaker(self, state: BreakerState) -> None: ...


@dataclass(frozen=True, slots=True)
class _TimedVendor:
    """A vendor without sockets that keeps the time as one with them does."""

    name: str
    spec: VendorSpec
    composer: Composer
    clock: Clock
    answer: Callable[[Heard], Outcome]

    def open(self) -> None:
        """Nothing is needed."""

    async def send(self, request: Request, deadline: Deadline) -> Outcome:
        message = self.composer.compose(request)
        if isinstance(message, str):
            return Fault("invalid_request", "no", message)
        if deadline.last_start <= self.clock.monotonic():
            return Fault("deadline", "no", "the time was up before anything was sent")
        outcome = self.answer(Heard(self.name, request, message))
        if isinstance(outcome, Fault) and outcome.kind in {"connect_timeout", "timeout"}:
            timeout = request.timeout or self.spec.timeout
            total = timeout.total if outcome.kind == "timeout" else timeout.connect
            left = deadline.at - self.clock.monotonic()
            await asyncio.sleep(min(left, total.seconds))
            return outcome if total.seconds <= left else outcome._replace(kind="deadline")
        return outcome

    async def close(self) -> None:
        """Nothing is open."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a mapping's cases are played: its plans, and the deployment around them."""

    plans: Plans
    plan: Plan
    spec: GatewaySpec

    def play(self, case: CaseSpec, answer: Callable[[Heard], Outcome]) -> Played:
        """Play a case; a bug becomes the reply that `serve` would give."""
        rounds = Rounds()

        async def work() -> Reply:
            clock = clock_of(case, asyncio.get_running_loop().time)
            ports = Ports(self._vendors(clock, answer), clock)
            seconds = self.spec.nacelle.deadline.seconds
            setting = Setting(self.plans, self.plan, ports, seconds, case.exchange_id.text, rounds)
            try:
                return await setting.reply(case.receive.value)
            except Exception as error:  # noqa: BLE001 - the last resort, as in `serve`
                return setting.refused(
                    Refusal(500, "internal", "The gateway failed", cause=repr(error))
                )

        reply, seconds = hurried(work)
        return Played(reply, seconds, tuple(rounds.found))

    def _vendors(self, clock: Clock, answer: Callable[[Heard], Outcome]) -> dict[str, Vendor]:
        return {
            name: self._shielded(name, _TimedVendor(name, vendor, Composer(vendor), clock, answer))
            for name, vendor in self.spec.vendors.items()
        }

    def _shielded(self, name: str, vendor: _TimedVendor) -> Vendor:
        spec, told = vendor.spec, _Unlogged(NoWatch(), name)
        if spec.limits is not None:  # nobody is there to share them with
            spec = replace(spec, limits=replace(spec.limits, shared=False))
        return shield(vendor, spec, vendor.clock, told, retries=name in self.plans.retrying)


def rounds_by_entry(rounds: Sequence[Round], answers: Answers) -> dict[str, Round]:
    """Say for each entry that was used, by its path, which request it answered."""
    found: dict[str, Round] = {}
    for each in rounds:
        entry = answers.entry(each.vendor, each.request)
        if entry is not None:
            found.setdefault(entry.path, each)
    return found
