"""One effect, made to happen once: what is known of it, who can tell, what takes it back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from http import HTTPStatus

from gateway.errors import ExpressionFailed, Refusal
from gateway.expressions.compiler import Program
from gateway.expressions.frame import Frame
from gateway.expressions.values import is_true
from gateway.lossless import dumps
from gateway.plan import faults
from gateway.plan.answer import Judge
from gateway.plan.exchange import Exchange, Performed
from gateway.plan.journal import Recalled, Spot
from gateway.plan.missing import Blame
from gateway.plan.request import RequestPlan
from gateway.plan.tree import Branch, Leaf, required
from gateway.vendors.client import Answer, Request, in_doubt

_ABSENT = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})

RESULT = "result"
"""What the vendor made, as `result` or `found` gives it."""


@dataclass(frozen=True, slots=True)
class Find:
    """Asks the vendor whether it has what was sent."""

    request: RequestPlan
    judge: Judge
    found: Program
    patience: float
    """For so many seconds after it was sent, a request may still be on its way."""
    alike: Blame | None = None
    """Who is to blame for elements of `each` with the same question, where `found` is no help."""

    def asked(self, frame: Frame) -> bytes:
        """Give the question."""
        request = self.request.render(frame)
        return dumps([request.target, dict(request.headers)]) + request.body

    def seen(self, answer: Answer, frame: Frame) -> Frame | None:
        """Give the frame of the answer, with what was found; None where there is nothing.

        Raises Refusal where the answer says neither.
        """
        if answer.status in _ABSENT and answer.status not in self.judge.statuses:
            return None
        inner = self.judge.judge(answer, frame, _unnoted)
        try:
            found = self.found(inner)
        except ExpressionFailed as error:
            raise faults.of_nonsense(self.judge.vendor, str(error)) from error
        return Frame({RESULT: found}, parent=inner) if is_true(found) else None


def _unnoted(_note: str) -> None:
    """A question has no rules whose failing could be worth a note."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What one call, or the undoing of one, changes at a vendor."""

    call: str
    vendor: str
    lets: Mapping[str, Callable[[Frame], object]]
    request: RequestPlan
    judge: Judge
    find: Find | None = None
    result: Leaf | None = None
    reference: Branch | None = None
    undo: Effect | None = None
    undoes: bool = False

    async def happen(self, exchange: Exchange, frame: Frame, index: int | None = None) -> Frame:
        """Make it happen, unless it has; give the frame of the vendor's answer. Raises Refusal.

        What may have happened before is found out first, where the vendor can be asked; where it
        knows repeats, the very same bytes are sent again; otherwise it stays in doubt.
        """
        spot = Spot(self.call, index, self.undoes)
        known = exchange.journal.recall(spot)
        frame = Frame({}, self.lets, frame)
        request = self.request.render(frame)
        if known is not None:
            sent = known.request
            request = replace(request, target=sent.target, headers=sent.headers, body=sent.body)
        now = _Happening(self, exchange, frame, spot, request)
        answer = await now.remembered(known) if known is not None else None
        if answer is None:
            if exchange.journal.undoing is not None and not self.undoes:
                raise exchange.journal.undoing  # nothing new is begun any more
            answer = await now.sent(doubtful=known is not None and now.leaves_doubt(known))
        if not self.undoes:
            exchange.performed.append(Performed(self.call, index, answer, self.undo))
        return answer


@dataclass(frozen=True, slots=True)
class _Happening:
    """One effect in one exchange."""

    effect: Effect
    exchange: Exchange
    frame: Frame
    spot: Spot
    request: Request

    async def remembered(self, known: Recalled) -> Frame | None:
        """Give the answer that is known, or that a question brings; None: it is to be sent."""
        find, outcome = self.effect.find, known.outcome
        if known.verdict == "found" and find is not None and isinstance(outcome, Answer):
            return find.seen(outcome, self.frame)
        if known.verdict in {"done", "no"} and outcome is not None:
            return self._named(self.effect.judge.judge(outcome, self.frame, self._note))
        if known.verdict == "again":
            return None
        if find is not None:
            answer = await self._asked(find)
            if answer is not None:
                return answer
            if self._under_way(known, find):
                raise self._doubt("not found yet, but it may still be on its way")
            return None
        if not self.request.idempotent:
            raise self._doubt("sent before, and never answered")
        return None

    def leaves_doubt(self, known: Recalled) -> bool:
        """Say whether it may have happened before, so that a "no" to its repeat says nothing."""
        return known.verdict in {None, "doubt"} and self.effect.find is None

    async def sent(self, *, doubtful: bool) -> Frame:
        journal = self.exchange.journal
        await journal.intend(self.spot, self.request)
        outcome = await self.exchange.effect(self.effect.vendor, self.spot, self.request)
        if doubtful:
            outcome = in_doubt(outcome)
        try:
            answer = self._named(self.effect.judge.judge(outcome, self.frame, self._note))
        except Refusal as refusal:
            verdict = faults.verdict_of(refusal)
            journal.conclude(self.spot, outcome, verdict)
            find = self.effect.find
            found = await self._asked(find) if verdict == "doubt" and find is not None else None
            if found is None:
                raise
            return found
        journal.conclude(self.spot, outcome, "done", self._reference(answer))
        return answer

    async def _asked(self, find: Find) -> Frame | None:
        """Ask the vendor; a question without a clear answer leaves the doubt."""
        try:
            request = find.request.render(self.frame)
            outcome = await self.exchange.ask(self.effect.vendor, self.spot, request)
            if not isinstance(outcome, Answer):
                raise faults.of_fault(outcome, self.effect.vendor, effect=False, idempotent=False)
            answer = find.seen(outcome, self.frame)
        except Refusal as refusal:
            raise self._doubt(f"find: {refusal.cause or refusal.message}") from refusal
        if answer is not None:
            self.exchange.journal.conclude(self.spot, outcome, "found", self._reference(answer))
        return answer

    def _under_way(self, known: Recalled, find: Find) -> bool:
        left = known.sent_at + timedelta(seconds=find.patience) - self.exchange.ports.clock.now()
        return left > timedelta(0)

    def _named(self, answer: Frame) -> Frame:
        """Name the result; a success that doesn't tell it may well have happened."""
        if self.effect.result is None:
            return answer
        try:
            result = required(self.effect.result, answer)
        except Refusal as refusal:  # the vendor says yes, and not what it has made
            raise self._doubt(f"result: {refusal.cause or refusal.message}") from refusal
        return Frame({RESULT: result}, parent=answer)

    def _reference(self, answer: Frame) -> str | None:
        """Give what the vendor calls it; a label for people is no reason to fail."""
        if self.effect.reference is None:
            return None
        value = self.effect.reference.render(answer)
        if value is None or isinstance(value, str):
            return value
        return dumps(value).decode()

    def _doubt(self, cause: str) -> Refusal:
        vendor = self.effect.vendor
        return faults.in_doubt(
            vendor, f"{vendor}: {cause}", idempotent=self.effect.judge.idempotent
        )

    def _note(self, note: str) -> None:
        self.exchange.notes.append(note)
