"""How a run of an order ends: decided from what came of it, and from nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gateway.errors import Refusal
from gateway.orders.written import write_refusal
from gateway.plan.faults import verdict_of
from gateway.storage.order import Effect, Ending, State

_WAITS: Final = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)
"""Seconds before the next try: the last holds for all that follow."""

_SPREAD: Final = 0.2
"""By so much of it a wait is longer or shorter, so that orders don't come in a crowd."""


@dataclass(frozen=True, slots=True)
class Run:
    """What came of one run: its refusal, None where all is done.

    `stored` where Nacelle was answered before; `late` where no more time is given; `doubtful` where
    something was sent of which nothing is known, `partial` where something is done and not undone.
    """

    refusal: Refusal | None
    tries: int
    stored: bool
    late: bool
    doubtful: bool = False
    partial: bool = False
    undoing: bool = False
    undone: bool = False
    reference: str | None = None


def ending_of(run: Run, random: float) -> Ending:
    """Decide how the run ends; `random`, from 0 up to 1, spreads the waits."""
    tries = run.tries + 1
    refusal = run.refusal
    if refusal is None:
        return Ending("done", "done", tries, reference=run.reference)
    state, effect = _where(run, refusal)
    wait = wait_before(tries, random) if state == "waiting" else None
    cause = refusal.cause or refusal.message
    reply = write_refusal(refusal)
    return Ending(state, effect, tries, wait, refusal.reason, cause, reply, run.reference)


def _where(run: Run, refusal: Refusal) -> tuple[State, Effect]:
    ended: State = "held" if run.stored else "refused"  # who was told 200 won't ask again
    if run.undone:
        return ("held" if run.stored else "undone"), "undone"
    verdict = verdict_of(refusal)
    if run.doubtful or verdict == "doubt":
        settles = refusal.details.get("repeat") == "safe" or verdict == "again"
        return ("waiting" if settles and not run.late else "held"), "doubt"
    passing = verdict == "again" and not run.late
    if run.partial:
        return ("waiting" if passing and (run.undoing or run.stored) else "held"), "part"
    if passing and run.stored:
        return "waiting", "none"
    return ended, "none"


def wait_before(tries: int, random: float) -> float:
    """Give the seconds to wait after so many tries."""
    wait = _WAITS[min(tries, len(_WAITS)) - 1]
    return wait * (1 + _SPREAD * (2 * random - 1))
