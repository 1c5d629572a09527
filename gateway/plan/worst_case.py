"""How long a mapping takes at worst: attempts by timeouts and the waits in between, summed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.config.mapping_spec import MappingSpec
from gateway.config.problems import Problems
from gateway.config.spec import GatewaySpec
from gateway.config.vendor_spec import VendorSpec
from gateway.plan.call import CallStep
from gateway.plan.exchange import Plan
from gateway.plan.group import calls_in


@dataclass(frozen=True, slots=True)
class CallTime:
    """One call at its slowest, in seconds: each attempt up to its timeout, and the longest waits.

    `per` says where it holds for a part of the call only.
    """

    call: str
    attempts: int
    timeout: float
    waits: float
    per: str

    @property
    def seconds(self) -> float:
        return round(self.attempts * self.timeout + self.waits, 3)

    def __str__(self) -> str:
        times = f"{self.attempts} × " if self.attempts > 1 else ""  # noqa: RUF001 - it is meant
        waits = f" + {self.waits:g} s" if self.waits else ""
        return f"{times}{self.timeout:g} s{waits}{self.per}"


@dataclass(frozen=True, slots=True)
class WorstCase:
    """All calls of a mapping, with one page, one batch and one element each.

    Those of one wave run at once; the waves run one after another.
    """

    waves: tuple[tuple[CallTime, ...], ...]

    @property
    def seconds(self) -> float:
        return round(sum(max(call.seconds for call in wave) for wave in self.waves), 3)

    def __str__(self) -> str:
        """Spell out the sum, wave by wave."""
        return ", ".join(map(_in_words, self.waves))


def _in_words(wave: tuple[CallTime, ...]) -> str:
    told = ", ".join(f"{call.call} {call}" for call in wave)
    return f"({told} at once)" if len(wave) > 1 else told


def worst_case(plan: Plan, vendors: Mapping[str, VendorSpec]) -> WorstCase:
    """Sum up a mapping; waiting in a vendor's line, which only the deadline bounds, isn't in it."""
    waves = (
        tuple(call_time(call, vendors[call.vendor]) for call in calls)
        for step in plan.steps
        if (calls := calls_in(step))
    )
    return WorstCase(tuple(waves))


def call_time(step: CallStep, vendor: VendorSpec) -> CallTime:
    """Give the longest time of one request of a call, its own settings before the vendor's."""
    retry = step.request.retry or vendor.retry
    timeout = step.request.timeout or vendor.timeout
    attempts = retry.attempts if retry is not None else 1
    waits = sum(retry.longest_wait(attempt) for attempt in range(1, attempts)) if retry else 0.0
    per = " a page" if step.pages else " a batch" if step.batch else ""
    per += " an element" if step.each else ""
    return CallTime(step.call, attempts, timeout.total.seconds, waits, per)


def check_time(plan: Plan, mapping: MappingSpec, gateway: GatewaySpec, problems: Problems) -> None:
    """Warn where a mapping's calls can't all have their time within the deadline."""
    if plan.delivery is not None and plan.delivery.stored:
        return  # nobody waits for it
    worst, deadline = worst_case(plan, gateway.vendors), gateway.nacelle.deadline.seconds
    if worst.seconds > deadline:
        problems.warning(
            "deadline-too-short",
            f"The calls may take {worst.seconds:g} s, and the deadline is {deadline:g} s: {worst}.",
            mapping.mapping.place,
            "Shorten `timeout` or `retry` of the vendor or the call, or raise `nacelle.deadline` "
            "as far as Nacelle waits.",
        )
