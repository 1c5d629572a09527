"""Vendors that answer as their schemas allow."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from hypothesis import assume

from gateway.lossless import Json, dumps, loads
from gateway.plan.call import CallStep
from gateway.plan.content import GraphqlContent
from gateway.testing.generate.values import Values
from gateway.testing.script import Heard
from gateway.vendors.client import Answer, Fault

_UNSAID = Fault("protocol", "no")


@dataclass(frozen=True, slots=True)
class Said:
    """A request, and what was answered."""

    heard: Heard
    answer: Answer


@dataclass(slots=True)
class GeneratedVendors:
    """Answers each request with a success of its call, made from one of the cases' where there is.

    What drawing raises is kept for the caller: on its way through the exchange it would get lost.
    """

    calls: Sequence[CallStep]
    good: Mapping[str, Sequence[Answer]]
    """The answers of the cases, by call."""
    document: Json
    values: Values
    said: list[Said] = field(default_factory=list)
    stopped: BaseException | None = None

    def __call__(self, heard: Heard) -> Answer | Fault:
        if self.stopped is not None:
            return _UNSAID
        again = (said.answer for said in self.said if said.heard.request == heard.request)
        try:
            answer = next(again, None) or self._answer(self._call(heard), heard)
        except BaseException as stopped:  # noqa: BLE001 - raised again by the caller
            self.stopped = stopped
            return _UNSAID
        self.said.append(Said(heard, answer))
        return answer

    def _call(self, heard: Heard) -> CallStep:
        """Find the call of a request: that of its vendor with its path and its operation."""
        own = [call for call in self.calls if call.vendor == heard.vendor]
        return max(own, key=lambda call: (_has_path(call, heard), _has_operation(call, heard)))

    def _answer(self, call: CallStep, heard: Heard) -> Answer:
        good = self.good.get(call.call)
        base = self.values.one_of(good) if good else None
        schema = call.judge.schema
        if schema is None:
            return base or Answer(_status(call), {}, b"")
        parts = ((schema.document, schema.resolver),)
        values = self.values.knowing([*_leaves(self.document), *_leaves(heard.body())])
        if base is not None and base.body:
            body = values.varied(parts, loads(base.body))
        else:
            body = values.new(parts)
        assume(schema.is_valid(body))
        return Answer(base.status if base else _status(call), {}, dumps(body))


def _has_path(call: CallStep, heard: Heard) -> bool:
    parts = call.request.path.template.parts
    pattern = "".join(re.escape(part) if isinstance(part, str) else "[^/]*" for part in parts)
    path = heard.request.target.partition("?")[0]
    return call.request.method == heard.request.method and bool(re.fullmatch(pattern, path))


def _has_operation(call: CallStep, heard: Heard) -> bool:
    content, body = call.request.content, heard.body()
    query = body.get("query") if isinstance(body, dict) else None
    return isinstance(content, GraphqlContent) and content.query == query


def _status(call: CallStep) -> int:
    return min(call.judge.statuses)


def _leaves(value: object) -> Iterator[Json]:
    """Give the texts and whole numbers in a value."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from _leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner)
    elif isinstance(value, str | int) and not isinstance(value, bool):
        yield value
