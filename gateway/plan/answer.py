"""The vendor's answer: read, judged by the mapping's rules, checked against its schema."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, cast

from gateway.config.schemas import Schema
from gateway.errors import ExpressionFailed, Reason, Refusal
from gateway.expressions.compiler import Program
from gateway.expressions.frame import Frame
from gateway.expressions.template import NullInsert, Template
from gateway.expressions.values import is_true
from gateway.lossless import Json
from gateway.plan import faults
from gateway.plan.body import NOTHING, Reading, read_body
from gateway.plan.tree import Block
from gateway.vendors.client import Answer, Fault, Request

Note = Callable[[str], None]
"""Where a rule that could not be tried is told (the log)."""

_SERVER = 500
_REFUSED = "The vendor refused the request"


Then = Literal["fail", "retry", "find", "done"]


@dataclass(frozen=True, slots=True)
class Rule:
    """An error rule: recognises an answer or a fault, and says what becomes of it."""

    when: Program
    then: Then
    status: int
    error: Template | None
    """The reply's words; there are some where it replies."""
    category: str | None
    details: Block | None

    def applies(self, frame: Frame, note: Note) -> bool:
        """Say whether the rule takes this answer. A `when` that fails takes none."""
        try:
            return is_true(self.when(frame))
        except (ExpressionFailed, Refusal) as error:
            note(f"error rule skipped: {_why(error)}")
            return False

    def refusal(self, frame: Frame, note: Note) -> Refusal:
        reason: Reason = "refused" if self.status < _SERVER else "vendor_error"
        details = self.details.render(frame) if self.details is not None else {}
        return Refusal(
            self.status,
            reason,
            self._text(frame, note),
            details=details,
            category=self.category,
            cause=self.cause,
        )

    @property
    def cause(self) -> str:
        return f"rule `{self.when.text}`"

    def _text(self, frame: Frame, note: Note) -> str:
        if self.error is None:
            return _REFUSED
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
    read_as: str
    statuses: frozenset[int]
    succeeds: Program | None
    graphql: bool
    """Whether the answer is GraphQL's: one with `errors` is no success."""
    schema: Schema | None
    error_schema: Schema | None
    rules: tuple[Rule, ...]

    def judge(self, outcome: Answer | Fault, frame: Frame, note: Note) -> Frame:
        """Give the frame with `status`, `headers`, `body` and `fault`. Raises Refusal."""
        reading, inner = self._looked_at(outcome, frame, note)
        rule = self._rule_for(outcome, reading, inner, note)
        if rule is not None:
            if rule.then == "done":
                return inner
            raise self._ruled(rule, inner, note, doubtful=outcome.doubtful)
        if isinstance(outcome, Fault):
            raise faults.of_fault(
                outcome, self.vendor, effect=self.effect, idempotent=self.idempotent
            )
        if outcome.status not in self.statuses:
            raise faults.of_status(
                outcome, self.vendor, effect=self.effect, idempotent=self.idempotent
            )
        if reading.unreadable is not None:
            raise self._nonsense(reading.unreadable)
        self._check(inner, reading.body, doubtful=outcome.doubtful)
        return inner

    def repeatable(self, request: Request, frame: Frame) -> Request:
        """Give a read's request with what knows the answers of which a rule says `retry`."""
        if all(rule.then != "retry" for rule in self.rules):
            return request

        def passing(answer: Answer) -> bool:
            reading, inner = self._looked_at(answer, frame, _unnoted)
            rule = self._rule_for(answer, reading, inner, _unnoted)
            return rule is not None and rule.then == "retry"

        return replace(request, passing=passing)

    def _looked_at(
        self, outcome: Answer | Fault, frame: Frame, note: Note
    ) -> tuple[Reading, Frame]:
        reading = NOTHING
        if isinstance(outcome, Fault):
            seen = _seen(None, {}, None, outcome.kind)
        else:
            reading = self._read(outcome, note)
            seen = _seen(outcome.status, dict(outcome.headers), reading.body, None)
        return reading, Frame(seen, parent=frame)

    def _rule_for(
        self, outcome: Answer | Fault, reading: Reading, inner: Frame, note: Note
    ) -> Rule | None:
        """Give the first rule that takes what came."""
        for rule in self.rules:
            # A rule about what was said, `!(body.ok)`, is true of nothing too: doubt isn't "no".
            if isinstance(outcome, Fault) and "fault" not in rule.when.roots:
                continue
            if reading.unreadable is not None and "body" in rule.when.roots:
                continue
            if rule.applies(inner, note):
                return rule
        return None

    def _read(self, answer: Answer, note: Note) -> Reading:
        """Read the body: a success as it is declared, an error as what rules can use."""
        if answer.status in self.statuses:
            return read_body(answer, self.read_as)
        reading = read_body(answer, "text" if self.read_as == "text" else "json")
        schema = self.error_schema
        if schema is None or reading.unreadable is not None:
            return reading
        body = cast("Json", reading.body)
        if schema.is_valid(body):
            return reading
        found = "; ".join(f"{v.path}: {v.message}" for v in schema.explain(body))
        note(f"{schema.name}: {found}")
        return Reading(None, found)

    def _check(self, frame: Frame, body: object, *, doubtful: bool) -> None:
        if self.graphql:
            self._check_graphql(body, doubtful=doubtful)
        if self.succeeds is not None:
            try:
                succeeded = is_true(self.succeeds(frame))
            except ExpressionFailed as error:
                raise self._nonsense(str(error)) from error
            if not succeeded:
                raise self._no(self.succeeds.text, doubtful=doubtful)
        document = cast("Json", body)
        if self.schema is not None and not self.schema.is_valid(document):
            found = "; ".join(f"{v.path}: {v.message}" for v in self.schema.explain(document))
            raise self._nonsense(f"{self.schema.name}: {found}")

    def _check_graphql(self, body: object, *, doubtful: bool) -> None:
        answer = body if isinstance(body, dict) else {}
        data = answer.get("data")
        done = isinstance(data, dict) and any(part is not None for part in data.values())
        if not answer.get("errors"):
            if not isinstance(data, dict):
                raise self._nonsense("a GraphQL answer with neither `data` nor `errors`")
        elif self.effect and done:
            # Each field of a mutation is done by itself: what has data happened.
            raise self._nonsense("a GraphQL answer with `errors` beside `data`")
        else:
            raise self._no("!(body.errors)", doubtful=doubtful)

    def _no(self, succeeds: str, *, doubtful: bool) -> Refusal:
        """Word the vendor's no, which says nothing of an earlier attempt that is in doubt."""
        if doubtful:
            return self._nonsense(f"`{succeeds}` is not true of the repeat")
        return faults.of_no(self.vendor, succeeds, effect=self.effect)

    def _ruled(self, rule: Rule, frame: Frame, note: Note, *, doubtful: bool) -> Refusal:
        """Give a rule's refusal; its author knows the answer, not the attempts before it."""
        if doubtful or rule.then == "find":
            return self._nonsense(f"{rule.cause} of the repeat" if doubtful else rule.cause)
        if rule.then == "retry":
            return faults.to_retry(self.vendor, rule.cause)
        return rule.refusal(frame, note)

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
    status: int | None, headers: dict[str, str], body: object, fault: str | None
) -> dict[str, object]:
    return {"status": status, "headers": headers, "body": body, "fault": fault}


def _unnoted(_note: str) -> None:
    """What is looked at before it is judged is noted when it is."""
