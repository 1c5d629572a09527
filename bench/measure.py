"""Timing two ways of doing one thing against each other, so that a busy machine disturbs both."""

from __future__ import annotations

import gc
import math
import statistics
import time
from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

ROUNDS = 5
_SLICE = 0.004  # seconds of CPU time for one side of a round


T = TypeVar("T")
A = TypeVar("A")
B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class Work(Generic[T]):
    """A function and the one argument that it is called with."""

    function: Callable[[T], object]
    argument: T

    def once(self) -> object:
        return self.function(self.argument)


@dataclass(frozen=True, slots=True)
class Pair:
    """CPU seconds for one call of each; `ratio` says how much less ours takes: 8 is 8 times."""

    ours: float
    theirs: float
    ratio: float


def seconds(work: Work[T], calls: int) -> float:
    """Measure the CPU time of one call, averaged over so many."""
    function, argument = work.function, work.argument
    collecting = gc.isenabled()
    gc.disable()
    try:
        started = time.process_time()
        for _ in repeat(None, calls):
            function(argument)
        return (time.process_time() - started) / calls
    finally:
        if collecting:
            gc.enable()


def against(ours: Work[A], theirs: Work[B]) -> Pair:
    """Time both in turn; the ratio is the median of the rounds' own ratios."""
    calls_of_ours, calls_of_theirs = _enough(ours), _enough(theirs)
    rounds = [
        (seconds(ours, calls_of_ours), seconds(theirs, calls_of_theirs)) for _ in range(ROUNDS)
    ]
    return Pair(
        statistics.median(one for one, _ in rounds),
        statistics.median(other for _, other in rounds),
        statistics.median(other / one for one, other in rounds),
    )


def _enough(work: Work[T]) -> int:
    """Say how many calls fill a slice of time."""
    calls = 1
    while (each := seconds(work, calls)) * calls < _SLICE / 4:
        calls *= 4
    return max(1, math.ceil(_SLICE / each))


def geometric_mean(ratios: Iterable[float]) -> float:
    return math.exp(statistics.fmean(math.log(ratio) for ratio in ratios))
