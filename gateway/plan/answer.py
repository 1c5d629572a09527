"""The vendor's answer: read, judged by the mapping's rules, checked against its schema."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gateway.config.schemas import Schema
from gateway.errors import ExpressionFailed, Reason, Refusal
from gateway.expressions.compiler import Program
from gateway.expressions.frame import Frame
from gateway.expressions.template import NullInsert, Template
from gateway.expressions.values import is_true
from gateway.lossless import BadJson, Json, loads
from gateway.plan import faults
from gateway.plan.tree import Block
from gateway.vendors.client import Answer, Fault

Note = Callable[[str], None]
"""Where a rule that could not be tried is told (the log)."""

_SERVER = 500
_REFUSED = "The vendor refused the request"


@dataclass(frozen=True, slots=True)
class Rule:
    """An error rule: recognises an answer or a fault, and words the reply."""

    when: Program
    status: int
    error: Template
    category: str | None
    details: Block | None

    def refusal(self, frame: Frame, note: Note) -> Refusal | None:
        """Give the refusal where the rule applies. A `when` that fails doesn't match."""
        try:
            if not is_true(self.when(frame)):
                return None
        except (ExpressionFailed, Refusal) as error:
            note(f"error rule skipped: {_why(error)}")
            return None
        reason: Reason = "refused" if self.status < _SERVER else "vendor_error"
        details = self.details.render(frame) if self.details is not None else {}
        return Refusal(
            self.status,
            reason,
            self._text(frame, note),
            details=details,
            category=self.category,
            cause=f"rule `{self.when.text}`",
        )

    def _text(self, frame: Frame, note: Note) -> str:
        try:
            text = self.error.render(frame, str)
        except (ExpressionFailed, Refusal) as error:
            note(f"text of an error rule: {_why(error)}")
            return _REFUSED
        if isinstance(text, NullInsert):
            note(f"text of an error rule: `{text.insert.text}` is null")
            return _REFUSED
        return text


@dataclass(frozen=True, slots=True)
class Judge:
    """What makes an answer a success."""

    vendor: str
    effect: bool
    idempotent: bool
    reads_body: bool
    statuses: frozenset[int]
    succeeds: Program | None
    schema: Schema | None
    rules: tuple[Rule, ...]

    def judge(self, outcome: Answer | Fault, frame: Frame, note: Note) -> Frame:
        """Give the frame with `status`, `headers`, `body` and `fault`. Raises Refusal."""
        body: Json = None
        unreadable: str | None = None
        if isinstance(outcome, Fault):
            seen = _seen(None, {}, None, outcome.kind)
        else:
            body, unreadable = self._body(outcome)
            seen = _seen(outcome.status, dict(outcome.headers), body, None)
        inner = Frame(seen, parent=frame)
        for rule in self.rules:
            # A rule about what was said, `!(body.ok)`, is true of nothing too: doubt isn't "no".
            if isinstance(outcome, Fault) and "fault" not in rule.when.roots:
                continue
            if unreadable is not None and "body" in rule.when.roots:
                continue
            refusal = rule.refusal(inner, note)
            if refusal is not None:
                raise refusal
        if isinstance(outcome, Fault):
            raise faults.of_fault(
                outcome, self.vendor, effect=self.effect, idempotent=self.idempotent
            )
        if outcome.status not in self.statuses:
            raise faults.of_status(
                outcome, self.vendor, effect=self.effect, idempotent=self.idempotent
            )
        if unreadable is not None:
            raise self._nonsense(unreadable)
        self._check(inner, body, doubtful=outcome.doubtful)
        return inner

    def _body(self, answer: Answer) -> tuple[Json, str | None]:
        """Read the body; the second part says why it can't be read."""
        if not self.reads_body or not answer.body:
            return None, None
        try:
            return loads(answer.body), None
        except BadJson as error:
            return None, f"the body is no JSON: {error}"

    def _check(self, frame: Frame, body: Json, *, doubtful: bool) -> None:
        if self.succeeds is not None:
            try:
                succeeded = is_true(self.succeeds(frame))
            except ExpressionFailed as error:
                raise self._nonsense(str(error)) from error
            if not succeeded and doubtful:
                raise self._nonsense(f"`{self.succeeds.text}` is not true of the repeat")
            if not succeeded:
                raise faults.of_no(self.vendor, self.succeeds.text, effect=self.effect)
        if self.schema is not None and self.reads_body and not self.schema.is_valid(body):
            found = "; ".join(f"{v.path}: {v.message}" for v in self.schema.explain(body))
            raise self._nonsense(f"{self.schema.name}: {found}")

    def _nonsense(self, what: str) -> Refusal:
        """Word the refusal for a success that can't be read: an effect may well have happened."""
        if self.effect:
            return faults.in_doubt(
                self.vendor, f"{self.vendor}: {what}", idempotent=self.idempotent
            )
        return faults.of_nonsense(self.vendor, what)


def _why(error: ExpressionFailed | Refusal) -> str:
    """Say for the log what went wrong; a Refusal comes from a value of `let`."""
    return (error.cause or error.message) if isinstance(error, Refusal) else str(error)


def _seen(
    status: int | None, headers: dict[str, str], body: Json, fault: str | None
) -> dict[str, object]:
    return {"status": status, "headers": headers, "body": body, "fault": fault}
