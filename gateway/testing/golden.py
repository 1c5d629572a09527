"""What a case would have to expect to pass as things are: its goldens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gateway.config.problems import Problem
from gateway.lossless import Json
from gateway.plan.exchange import Round
from gateway.testing.case_spec import CaseSpec
from gateway.testing.diff import NOTHING
from gateway.testing.rehearsal import Answers, Outcome, Rounds
from gateway.testing.reply import Reply
from gateway.testing.run import Runner
from gateway.testing.script import Entry, Heard, entries_of
from gateway.vendors.message import Composer, Message


@dataclass(frozen=True, slots=True)
class Goldens:
    """What each entry of a case is sent, in the order of the case, and the reply."""

    requests: tuple[Heard, ...]
    reply: Reply


def expectation(heard: Heard, headers: Iterable[str]) -> dict[str, Json]:
    """Write a request as an `expect`, with these of its headers."""
    sent = heard.message.headers
    parts: dict[str, Json] = {
        "method": heard.message.method,
        "path": heard.request.target.partition("?")[0],
        "query": heard.query(),
        "headers": {name: sent[name.lower()] for name in headers if name.lower() in sent},
    }
    body = heard.body()
    told: dict[str, Json] = {name: part for name, part in parts.items() if part}
    if body is not NOTHING:
        told["body"] = body
    return told


class NoGoldens(Exception):
    """The vendors' part of a case doesn't fit what is sent; `str()` says how."""


def goldens(case: CaseSpec, contract: str, runner: Runner) -> Goldens:
    """Play a case and take down what is sent and what goes back.

    Requests without an entry are passed over: running the case tells of them. Raises NoGoldens
    where an entry isn't asked for.
    """
    plans = runner.plans(case.settings)
    if isinstance(plans, Problem):
        raise NoGoldens(f"with these settings, the mapping is refused: {plans.message}")
    answers, rounds = Answers.of(case), Rounds()

    async def answer(request: Heard) -> Outcome:
        return answers(request)

    reply = runner.play(case, plans.by_contract[contract], plans, answer, rounds)
    sent = [
        (answers.entry(each.vendor, each.request), heard(each, runner)) for each in rounds.found
    ]
    return Goldens(_in_order(entries_of(case.vendor), sent), reply)


def _in_order(
    entries: Sequence[Entry], sent: Sequence[tuple[Entry | None, Heard]]
) -> tuple[Heard, ...]:
    """Give the request of each entry.

    Requests that are the same are answered alike: such entries share them out.
    """
    found: dict[str, Heard] = {}
    spare: list[Heard] = []
    for entry, request in sent:
        if entry is not None and entry.path not in found:
            found[entry.path] = request
        elif entry is not None:
            spare.append(request)
    for entry in entries:
        if entry.path not in found and spare:
            nearest = min(spare, key=lambda each: len(entry.mismatches(each)))
            spare.remove(nearest)
            found[entry.path] = nearest
    unasked = [entry.path for entry in entries if entry.path not in found]
    if unasked:
        raise NoGoldens(f"nothing is sent for {', '.join(unasked)}")
    return tuple(found[entry.path] for entry in entries)


def heard(sent: Round, runner: Runner) -> Heard:
    """Give a request with the message that it became. Raises NoGoldens where it becomes none."""
    message = Composer(runner.spec.vendors[sent.vendor]).compose(sent.request)
    if not isinstance(message, Message):
        raise NoGoldens(f"the request to {sent.vendor} can't be sent: {message}")
    return Heard(sent.vendor, sent.request, message)
