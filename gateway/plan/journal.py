"""The seam to what is remembered of an order: intents before effects, what came of them, reads."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from gateway.errors import Refusal
from gateway.vendors.client import Answer, Fault, Request

Outcome = Answer | Fault

Verdict = Literal[
    "done",  # the vendor says so
    "found",  # asked, the vendor has it
    "no",  # it says no, for good
    "again",  # surely not done; it may be sent again
    "doubt",  # sent, and nobody knows
]
"""What is known of one effect."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where in a mapping a request is made: which call, and which element of its `each`.

    `undo` where the request takes back what the call did.
    """

    call: str
    index: int | None = None
    undo: bool = False


@dataclass(frozen=True, slots=True)
class Recalled:
    """What is remembered of an effect: the bytes that were sent, when last, and what came of it.

    No `verdict`: it was begun, and then nothing is known. With `done`, `found` and `no` there is
    an `outcome`.
    """

    request: Request
    sent_at: datetime
    verdict: Verdict | None = None
    outcome: Outcome | None = None


class Journal(Protocol):
    """Remembers one attempt to deliver one order."""

    @property
    def undoing(self) -> Refusal | None:
        """What failed for good, where all that was done is being taken back."""
        ...

    async def read(self, spot: Spot, send: Callable[[], Awaitable[Outcome]]) -> Outcome:
        """Send a read; or give what it brought before, where effects were built on it."""
        ...

    def recall(self, spot: Spot) -> Recalled | None: ...

    async def intend(self, spot: Spot, request: Request) -> None:
        """Write down for good that this is about to be sent. Raises Refusal where that fails."""
        ...

    def conclude(
        self, spot: Spot, outcome: Outcome, verdict: Verdict, reference: str | None = None
    ) -> None:
        """Note what came of an effect; written down at the latest with what is intended next."""
        ...

    async def take_back(self, refusal: Refusal) -> None:
        """Write down for good that all that was done is to be undone. Raises Refusal."""
        ...


class ForgetfulJournal:
    """Remembers nothing: for reads, and for exchanges that nobody repeats, as in a test."""

    undoing: Refusal | None = None

    async def read(
        self,
        spot: Spot,  # noqa: ARG002 - the seam's signature, here and below
        send: Callable[[], Awaitable[Outcome]],
    ) -> Outcome:
        return await send()

    def recall(self, spot: Spot) -> Recalled | None: ...

    async def intend(self, spot: Spot, request: Request) -> None: ...

    def conclude(
        self, spot: Spot, outcome: Outcome, verdict: Verdict, reference: str | None = None
    ) -> None: ...

    async def take_back(self, refusal: Refusal) -> None: ...
