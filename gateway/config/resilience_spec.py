"""What gateway.yaml says about a vendor that fails, throttles or takes few calls at once."""

from __future__ import annotations

import re

from gateway.config.formats import DURATION
from gateway.config.kinds import Context, Truth, Unit, Whole
from gateway.config.records import Located, Record, entry, record
from gateway.config.units import (
    Duration,
    DurationRange,
    Rate,
    parse_duration,
    parse_range,
    parse_rate,
)

_WHOLE = 100


def parse_percent(text: str) -> int:
    """Read `50%`; from 1% to 100%.

    Raises ValueError, its text saying what was expected.
    """
    found = re.fullmatch(r"([0-9]{1,3})%", text)
    if found is None:
        loose = re.fullmatch(r"\s*([0-9]{1,3})\s*(?:%|percent)?\s*", text)
        advice = f": type `{loose[1]}%`" if loose else ""
        raise ValueError(f"`{text}` is not a share such as `50%`{advice}")
    if not 1 <= int(found[1]) <= _WHOLE:
        raise ValueError(f"`{text}` can't be reached: a share is from 1% to 100%")
    return int(found[1])


_RANGE = Unit(
    parse_range, "a range of durations such as `100ms..2s`", r"^\d+(ms|s|m|h|d)\.\.\d+(ms|s|m|h|d)$"
)
_RATE = Unit(parse_rate, "a rate such as `50/s` or `600/m`", r"^\d+/(s|m|h|d)$")
PERCENT = Unit(parse_percent, "a share such as `50%`", r"^\d{1,3}%$")


@record
class Retry(Located):
    """How often a call is tried, and how long is waited in between."""

    attempts: int = entry(
        Whole(1, 10), "How often a call is sent at most, the first time included.", example="2"
    )
    backoff: DurationRange = entry(
        _RANGE,
        "The longest wait before the second attempt, which doubles for each further one, and the "
        "longest of all; each wait is a random share of it.",
        default=parse_range("100ms..2s"),
    )

    def longest_wait(self, attempt: int) -> float:
        """Give the longest wait, in seconds, after this attempt; they count from 1."""
        longest: float = self.backoff.low.seconds * 2 ** (attempt - 1)
        return min(longest, self.backoff.high.seconds)


@record
class Limits(Located):
    """How many calls the vendor takes from one process of the gateway, or from all."""

    concurrency: int | None = entry(
        Whole(1, 256), "How many calls may run at once.", default=None, example="5"
    )
    queue: int = entry(
        Whole(0, 100_000),
        "How many calls may wait for their turn; one more is refused at once.",
        default=100,
    )
    rate: Rate | None = entry(
        _RATE, "How many calls may begin in any second, minute, hour or day.", default=None
    )
    shared: bool = entry(
        Truth(),
        "Whether all processes and gateways with the same `storage` keep to it together, under the "
        "vendor's name; else each process does alone. `queue` stays each process's own.",
        default=False,
    )


@record
class Breaker(Located):
    """When to stop calling a vendor that fails, and for how long."""

    open_at: int = entry(
        PERCENT, "The share of failed calls at which no more are sent.", default=50
    )
    of_last: int = entry(Whole(1, 1000), "Out of how many of the last calls.", default=20)
    for_: Duration = entry(
        DURATION,
        "For how long; then a single call tries whether the vendor is back.",
        default=parse_duration("10s"),
    )

    @property
    def failures(self) -> int:
        """How many failures among the last calls open it."""
        return -(-self.of_last * self.open_at // _WHOLE)


def _check_limits(limits: Limits, context: Context) -> None:
    if limits.concurrency is None and limits.rate is None:
        context.problems.error(
            "missing-key",
            "`limits` limits nothing.",
            limits.key_place("queue"),
            "Add `concurrency: 5` or `rate: 50/s` to it.",
        )


RETRY = Record(Retry, "`retry`")
LIMITS = Record(Limits, "`limits`", _check_limits)
BREAKER = Record(Breaker, "`breaker`")
