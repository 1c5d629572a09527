"""Reads that run at once: none of them needs another's answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from gateway.plan.call import CallStep
from gateway.plan.exchange import Exchange, Step, run_step
from gateway.plan.together import together


@dataclass(frozen=True, slots=True)
class GroupStep:
    """Runs its calls at once. Where several are refused, the first one in the file counts."""

    calls: tuple[CallStep, ...]

    @property
    def name(self) -> str:
        return "calls:" + "+".join(step.call for step in self.calls)

    async def run(self, exchange: Exchange) -> None:
        jobs = [partial(run_step, step, exchange) for step in self.calls]
        refused = await together(jobs, at_once=len(jobs), cut=True)
        if refused:
            raise refused[min(refused)]


def calls_in(step: Step) -> tuple[CallStep, ...]:
    """Give the calls that a step makes, at once where there are several."""
    if isinstance(step, GroupStep):
        return step.calls
    return (step,) if isinstance(step, CallStep) else ()


def grouped(
    reads: Iterable[CallStep], needs: Mapping[str, frozenset[str]]
) -> list[CallStep | GroupStep]:
    """Put reads that can run at once into one step each, after those whose answers they need.

    `reads` stand in the order of the file, and `needs` name only reads above.
    """
    waves: dict[int, list[CallStep]] = {}
    wave_of: dict[str, int] = {}
    for step in reads:
        wave = max((wave_of[need] + 1 for need in needs[step.call]), default=0)
        wave_of[step.call] = wave
        waves.setdefault(wave, []).append(step)
    steps = (tuple(waves[wave]) for wave in sorted(waves))
    return [GroupStep(step) if len(step) > 1 else step[0] for step in steps]
