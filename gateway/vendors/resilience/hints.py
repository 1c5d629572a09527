"""When a vendor that refuses for now wants to be asked again."""

from __future__ import annotations

import re
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.telemetry.clock import Clock
    from gateway.vendors.client import Answer

_THROTTLED: Final = 429
_NUMBER: Final = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,9})?")
_ITEM: Final = re.compile(r";\s*t=([0-9]{1,15})\b")
_MOMENT: Final = 1_000_000_000  # as seconds from now these would be 31 years
_MOMENT_MS: Final = 1_000_000_000_000


def wait_told(answer: Answer, clock: Clock) -> float:
    """Give the seconds that the vendor wants to be left alone; 0 where it doesn't say.

    From any answer `Retry-After` (RFC 9110: seconds or a date); from a 429 also the headers that
    say when a limit starts anew, which other answers may carry too: `RateLimit` and
    `RateLimit-Reset` (IETF draft, seconds), `X-RateLimit-Reset` (seconds, or a moment since 1970 in
    seconds or milliseconds) and BigCommerce's `X-Rate-Limit-Time-Reset-Ms`. The longest counts.
    """
    return max(_told(answer, clock), default=0.0)


def _told(answer: Answer, clock: Clock) -> Iterator[float]:
    headers = answer.headers
    yield _retry_after(headers.get("retry-after", ""), clock)
    if answer.status != _THROTTLED:
        return
    yield _number(headers.get("x-rate-limit-time-reset-ms", "")) / 1000
    yield _number(headers.get("ratelimit-reset", ""))
    yield _from_now(_number(headers.get("x-ratelimit-reset", "")), clock)
    yield max((float(found) for found in _ITEM.findall(headers.get("ratelimit", ""))), default=0)


def _number(text: str) -> float:
    return float(text) if _NUMBER.fullmatch(text.strip()) else 0.0


def _from_now(number: float, clock: Clock) -> float:
    if number < _MOMENT:
        return number
    moment = number / 1000 if number >= _MOMENT_MS else number
    return max(moment - clock.now().timestamp(), 0.0)


def _retry_after(text: str, clock: Clock) -> float:
    if seconds := _number(text):
        return seconds
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return 0.0
    if moment.tzinfo is None:  # `-0000`: UTC, of an unknown place
        moment = moment.replace(tzinfo=UTC)
    return max(moment.timestamp() - clock.now().timestamp(), 0.0)
