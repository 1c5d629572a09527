"""What the gateway takes as it gets more: lines, mappings, connections, workers."""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from bench import checkouts, contenders, vendor
from bench.rounds import SECONDS, Measured, in_turn, measure
from bench.servers import BOTH, Server, need

LINES: Final = (1, 3, 10, 30, 100, 300, 1_000)
MAPPINGS: Final = (1, 10, 100, 1_000)
AT_ONCE: Final = (1, 4, 16, 32, 64, 256)
USUAL_LINES: Final = 3
USUAL_CONNECTIONS: Final = 32
FEW_CONNECTIONS: Final = 4
"""Enough to leave no core idle; a thousand lines on 32 would wait for each other for seconds."""
_SECONDS: Final = 2.0
_CORES: Final = 2
_FEWER: Final = 30
"""So many checkouts of the longest are as good as hundreds, and quicker to make."""


@dataclass(frozen=True, slots=True)
class Laden:
    """A worker with so many mappings: its load, and what it took to get there."""

    measured: Measured
    megabytes: float
    seconds: float
    """Until it was ready."""


@dataclass(frozen=True, slots=True)
class Workers:
    """One worker on one core, and two on the two cores that load and vendor use as well."""

    one: Measured
    two: Measured
    share: float
    """How much of the two cores load and vendor took."""

    @property
    def times(self) -> float:
        """How many times the rate of one, had the two had both cores for themselves."""
        return self.two.rate / (1 - self.share) / self.one.rate


def lines() -> Mapping[int, Measured]:
    with _place() as (stack, folder):
        measures: dict[int, Callable[[float], Measured]] = {}
        for count in LINES:
            square = stack.enter_context(vendor.answering(folder, count))
            gateway = stack.enter_context(contenders.gateway(square))
            bodies = checkouts.bodies(count, _FEWER)
            contenders.compare([gateway], bodies[:1])
            requests = checkouts.requests(folder / f"requests-{count}", bodies)
            measures[count] = partial(measure, gateway, requests, FEW_CONNECTIONS)
        return in_turn(measures, _SECONDS)


def mappings() -> Mapping[int, Laden]:
    with _place() as (stack, folder):
        square, requests = _usual(stack, folder)
        several = {
            count: stack.enter_context(contenders.laden(square, folder, count))
            for count in MAPPINGS
        }
        megabytes = {count: sum(each.memory()) for count, each in several.items()}
        measures = {
            count: partial(measure, each, requests, USUAL_CONNECTIONS)
            for count, each in several.items()
        }
        found = in_turn(measures, _SECONDS)
        return {
            count: Laden(found[count], megabytes[count], several[count].seconds_to_start)
            for count in MAPPINGS
        }


def connections() -> Mapping[int, Measured]:
    with _place() as (stack, folder):
        square, requests = _usual(stack, folder)
        gateway = stack.enter_context(contenders.gateway(square))
        measures = {count: partial(measure, gateway, requests, count) for count in AT_ONCE}
        return in_turn(measures, _SECONDS)


def workers() -> Workers:
    with _place() as (stack, folder):
        square, requests = _usual(stack, folder)
        beside = stack.enter_context(vendor.answering(folder, USUAL_LINES, cores=BOTH))
        one = stack.enter_context(contenders.gateway(square))
        two = stack.enter_context(contenders.gateway(beside, workers=2, cores=BOTH))
        shares: list[float] = []

        def both(seconds: float) -> Measured:
            with _share(beside, shares):
                return measure(two, requests, USUAL_CONNECTIONS, seconds, BOTH)

        alone = partial(measure, one, requests, USUAL_CONNECTIONS)
        found = in_turn({1: alone, 2: both}, SECONDS)
        return Workers(found[1], found[2], sorted(shares)[len(shares) // 2])


@contextmanager
def _share(square: Server, shares: list[float]) -> Iterator[None]:
    """Note how much of the cores the vendor and the load generator, a child, took meanwhile."""
    began, before = time.perf_counter(), square.cpu() + _children()
    yield
    took = square.cpu() + _children() - before
    shares.append(took / (time.perf_counter() - began) / _CORES)


def _children() -> float:
    """Give the CPU seconds of the processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


@contextmanager
def _place() -> Iterator[tuple[ExitStack, Path]]:
    need("taskset", "wrk", "nginx")
    with ExitStack() as stack:
        yield stack, Path(stack.enter_context(tempfile.TemporaryDirectory()))


def _usual(stack: ExitStack, folder: Path) -> tuple[Server, Path]:
    square = stack.enter_context(vendor.answering(folder, USUAL_LINES))
    bodies = checkouts.bodies(USUAL_LINES)
    return square, checkouts.requests(folder / "requests", bodies)
