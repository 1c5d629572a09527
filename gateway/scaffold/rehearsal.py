"""Runs of a mapping that has just been written: what it asked, and what went back, as cases."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.lossless import Json
from gateway.plan.build import Plans
from gateway.plan.exchange import Plan
from gateway.testing.golden import expectation, heard
from gateway.testing.rehearsal import Outcome, Rounds
from gateway.testing.run import Runner
from gateway.testing.script import Heard, answer_of
from gateway.testing.suite_text import case_of

Fields = dict[str, Json]

_ANY: Json = {"method": "GET", "path": "/"}
_REPLY: Json = {"status": 200, "body": {}}
"""A request and a reply that nothing is compared with."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """The mapping in a deployment without errors, and the document that comes in."""

    plan: Plan
    plans: Plans
    runner: Runner
    received: Fields

    def case(self, name: str, answer: Fields) -> Json:
        """Run it with vendors that answer so, and give the case that expects what was seen."""
        case: Fields = {"name": name, "receive": self.received}
        draft = case_of({**case, "vendor": [{"expect": _ANY, "answer": answer}], "reply": _REPLY})
        outcome, rounds = answer_of(draft.vendor[0].answer), Rounds()

        async def say(_: Heard) -> Outcome:
            return outcome

        reply = self.runner.play(draft, self.plan, self.plans, say, rounds)
        vendor: list[Json] = [
            {
                "expect": expectation(heard(each, self.runner), each.request.headers),
                "answer": answer,
            }
            for each in rounds.found
        ]
        return {**case, "vendor": vendor, "reply": {"status": reply.status, "body": reply.body}}
