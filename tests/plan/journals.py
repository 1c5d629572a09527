"""A journal for tests of plans: it notes what is intended, and knows what it is told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gateway.plan.journal import ForgetfulJournal, Recalled
from gateway.vendors.client import Request

if TYPE_CHECKING:
    from gateway.plan.journal import Outcome, Spot, Verdict


class Remembering(ForgetfulJournal):
    """Notes each effect; with an outcome it takes each for one that was sent before."""

    def __init__(self, outcome: Outcome | None = None, verdict: Verdict | None = None) -> None:
        self.outcome = outcome
        self.verdict = verdict
        self.intents: list[tuple[Spot, Request]] = []
        self.concluded: list[tuple[Spot, Verdict]] = []
        self.request: Request | None = None
        """What was sent before, where anything was."""

    def recall(self, spot: Spot) -> Recalled | None:  # noqa: ARG002 - the seam's signature
        if self.outcome is None and self.request is None:
            return None
        request = self.request or Request("POST", "/take", effect=True)
        return Recalled(request, datetime(2026, 1, 1, tzinfo=UTC), self.verdict, self.outcome)

    async def intend(self, spot: Spot, request: Request) -> None:
        self.intents.append((spot, request))

    def conclude(
        self,
        spot: Spot,
        outcome: Outcome,  # noqa: ARG002 - the seam's signature
        verdict: Verdict,
        reference: str | None = None,  # noqa: ARG002
    ) -> None:
        self.concluded.append((spot, verdict))
