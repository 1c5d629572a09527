"""A rate, kept exactly."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.config.units import Rate


class Pace:
    """At most `count` beginnings in any stretch of `per`, wherever the stretch begins.

    It remembers the last `count` beginnings: the next may come once the first of them is `per` ago.
    A token bucket of that size would let almost twice as many through within one stretch, and one
    that spaces them evenly would refuse a burst that the vendor allows.
    """

    def __init__(self, rate: Rate) -> None:
        self._count = rate.count
        self._per = rate.per.seconds
        self._begun: deque[float] = deque(maxlen=rate.count)

    def begin(self, now: float) -> None:
        """Note that a call begins."""
        self._begun.append(now)

    def opens_at(self, ahead: int) -> float:
        """Give the earliest moment for a call with so many others ahead of it."""
        later = ahead - (self._count - len(self._begun))
        if later < 0 or not self._begun:
            return float("-inf")
        rounds = 1 + later // self._count
        return self._begun[min(later % self._count, len(self._begun) - 1)] + rounds * self._per
