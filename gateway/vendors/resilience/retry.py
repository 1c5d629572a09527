"""Calls are tried again where that is safe, may help, and still fits the deadline."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from gateway.vendors.client import Answer, Deadline, Fault, FaultKind, Request, Vendor, in_doubt
from gateway.vendors.resilience.around import Around, Told
from gateway.vendors.resilience.hints import wait_told

if TYPE_CHECKING:
    from gateway.config.resilience_spec import Retry
    from gateway.telemetry.clock import Clock

_NOT_DONE: Final = frozenset({425, 429})
"""Refused before it was looked at (RFC 8470, RFC 6585): even an effect may be sent again."""

_PASSING: Final = _NOT_DONE | {408, 500, 502, 503, 504}
_TIMED_OUT: Final = 408
_SERVER: Final = 500

_OWN: Final[frozenset[FaultKind]] = frozenset(
    {"breaker_open", "deadline", "queue_full", "rate_limited"}
)
"""Where nothing was sent: the gateway's own refusals."""

_LASTING: Final = _OWN | {"invalid_request", "auth", "tls", "too_large"}
"""Faults that the next attempt would meet again, or that are the gateway's own refusals."""


class Retrying(Around):
    """Sends up to `attempts` times; `retry` is the vendor's, in whose place a request's own stands.

    A read, and an effect that is idempotent, is sent again after a fault and after 408, 425, 429,
    500, 502, 503, 504. Any other effect only where it was surely not done: `sent` is `no`, or the
    answer is 425 or 429. A 503 doesn't say so. An answer that the request itself calls `passing` is
    one more after which it is sent again.

    The wait is a random share of the backoff, after the time that the vendor asks for. Where it
    doesn't fit the deadline, or the gateway itself refuses the repeat, what is there is given: what
    the vendor did says more.
    """

    def __init__(self, vendor: Vendor, retry: Retry | None, clock: Clock, told: Told) -> None:
        super().__init__(vendor, told)
        self._retry = retry
        self._clock = clock

    async def send(self, request: Request, deadline: Deadline) -> Answer | Fault:
        retry = request.retry or self._retry
        doubtful = False
        attempt = 1
        outcome = await self._vendor.send(request, deadline)
        while retry and attempt < retry.attempts and _may_repeat(request, outcome):
            wait = self._wait(outcome, retry.longest_wait(attempt))
            if self._clock.monotonic() + wait >= deadline.last_start:
                break
            self._told.retried(_cause(request, outcome))
            await asyncio.sleep(wait)
            repeat = await self._vendor.send(request, deadline)
            if _is_own(repeat):
                break
            doubtful = doubtful or (request.effect and _in_doubt(outcome))
            attempt += 1
            outcome = repeat
        return _told(outcome, attempt, doubtful=doubtful)

    def _wait(self, outcome: Answer | Fault, longest: float) -> float:
        share = self._clock.random() * longest
        if isinstance(outcome, Fault):
            return share
        return share + wait_told(outcome, self._clock)


def _may_repeat(request: Request, outcome: Answer | Fault) -> bool:
    repeatable = request.idempotent or not request.effect
    if isinstance(outcome, Answer):
        known = outcome.status in (_PASSING if repeatable else _NOT_DONE)
        return known or _is_passing(request, outcome)
    return outcome.kind not in _LASTING and (repeatable or outcome.sent == "no")


def _is_passing(request: Request, answer: Answer) -> bool:
    return request.passing is not None and request.passing(answer)


def _is_own(outcome: Answer | Fault) -> bool:
    return isinstance(outcome, Fault) and outcome.sent == "no" and outcome.kind in _OWN


def _in_doubt(outcome: Answer | Fault) -> bool:
    """Say whether an effect may have been done that was answered like this."""
    if isinstance(outcome, Fault):
        return outcome.sent != "no"
    return outcome.status >= _SERVER or outcome.status == _TIMED_OUT


def _told(outcome: Answer | Fault, attempts: int, *, doubtful: bool) -> Answer | Fault:
    """Give the last outcome, with the doubt that an earlier attempt has left."""
    if attempts == 1:
        return outcome
    told = outcome._replace(attempts=attempts)
    return in_doubt(told) if doubtful else told


def _cause(request: Request, outcome: Answer | Fault) -> str:
    if isinstance(outcome, Fault):
        return outcome.kind
    return "rule" if _is_passing(request, outcome) else str(outcome.status)
