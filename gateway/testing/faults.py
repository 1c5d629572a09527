"""The fault matrix: each call of a mapping, each way in which its vendor can fail it.

From each case that ends well, one answer at a time is broken. Whatever then comes back has to be
Nacelle's envelope, within the deadline, and to tell an effect that may have happened as in doubt.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.config.problems import Problem
from gateway.config.schemas import Schema
from gateway.plan.exchange import Round
from gateway.plan.group import calls_in
from gateway.testing.case_spec import CaseSpec
from gateway.testing.envelope import Envelope, reason_of
from gateway.testing.files import Suite
from gateway.testing.rehearsal import Answers, Outcome, Played, Stage, rounds_by_entry
from gateway.testing.run import Runner
from gateway.testing.script import answer_of, entries_of
from gateway.testing.troubles import TROUBLES, Trouble
from gateway.vendors.client import Answer, Fault

_OK = 200
_DOUBTFUL = {"in_doubt", "partly_done"}
_THE_CALLERS = {"invalid", "key_missing", "missing_data", "no_lines"}
"""Reasons that blame the order or the checkout, whose fault a vendor's trouble never is."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One answer of one case broken in one way; `entry` is where it stands, as in `vendor[1]`."""

    case: CaseSpec
    entry: str
    sent: Round
    trouble: Trouble
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Failure:
    """A reply that isn't as it has to be, with all that is wrong with it."""

    attempt: Attempt
    told: tuple[str, ...]


@dataclass(slots=True)
class Cell:
    """One call in one trouble: how often which reply came, and those that weren't as they must."""

    replies: Counter[str] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)


@dataclass(slots=True)
class Column:
    """One call of a mapping, by trouble; without cells where no case that ends well makes it."""

    suite: Suite
    call: str
    cells: dict[str, Cell] = field(default_factory=dict)


def columns_of(suite: Suite, runner: Runner, envelope: Schema) -> list[Column]:
    """Fill in the column of each call of a mapping, whose cases pass."""
    calls = [call.call for step in suite.plan.steps for call in calls_in(step)]
    columns = {call: Column(suite, call) for call in calls}
    for case in suite.cases:
        plans = runner.plans(case.settings)
        if case.reply.status != _OK or isinstance(plans, Problem):
            continue
        stage = Stage(plans, plans.by_contract[suite.plan.contract.name], runner.spec)
        check = _Check(stage, Envelope(envelope, stage.plan))
        for attempt in _attempts(case, stage):
            cell = columns[attempt.sent.call].cells.setdefault(attempt.trouble.name, Cell())
            check.fill(cell, attempt)
    return list(columns.values())


def _attempts(case: CaseSpec, stage: Stage) -> Iterator[Attempt]:
    answers = Answers.of(case)
    rounds = rounds_by_entry(stage.play(case, answers).rounds, answers)
    for entry in entries_of(case.vendor):
        good, sent = answer_of(entry.spec.answer), rounds.get(entry.path)
        if sent is not None and isinstance(good, Answer):
            for trouble in TROUBLES:
                for outcome in trouble.outcomes(good):
                    yield Attempt(case, entry.path, sent, trouble, outcome)


@dataclass(frozen=True, slots=True)
class _Check:
    stage: Stage
    envelope: Envelope

    def fill(self, cell: Cell, attempt: Attempt) -> None:
        """Make the attempt, and note what came back."""
        broken = Answers.of(attempt.case, (attempt.entry, attempt.outcome))
        played = self.stage.play(attempt.case, broken)
        cell.replies[str(reason_of(played.reply) or played.reply.status)] += 1
        told = list(self._told(attempt, played))
        if told:
            cell.failures.append(Failure(attempt, tuple(told)))

    def _told(self, attempt: Attempt, played: Played) -> Iterator[str]:
        reply, outcome = played.reply, attempt.outcome
        yield from self.envelope.breaches(reply)
        reason = reason_of(reply)
        if reason in _THE_CALLERS:
            yield f"reply: blames the {self.stage.plan.contract.object} with the reason {reason}"
        deadline = self.stage.spec.nacelle.deadline.seconds
        if played.seconds > deadline:
            yield f"reply: after {played.seconds:g} s, later than the deadline of {deadline:g} s"
        if attempt.sent.request.effect and isinstance(outcome, Fault):
            settled = reason is None and self._asks(attempt.sent.call)
            if outcome.sent != "no" and reason not in _DOUBTFUL and not settled:
                yield f"reply: {reason or 'done'}, though the effect may or may not have happened"
            if outcome.sent == "no" and reason == "in_doubt":
                yield "reply: in_doubt, though nothing was sent"

    def _asks(self, name: str) -> bool:
        """Say whether a call has a `find`: then a doubt may end with the vendor having it."""
        calls = (call for step in self.stage.plan.steps for call in calls_in(step))
        return any(call.call == name and call.effect and call.effect.find for call in calls)
