"""Measuring servers in turn: each for a few seconds, round after round, and the medians of it."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from bench.load import run
from bench.servers import LOAD, Server

ROUNDS: Final = 9
SECONDS: Final = 2.0
WARMING: Final = 2.0

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Measured:
    """What a server did: answers a second, and seconds of CPU and of waiting for one answer."""

    rate: float
    cpu: float
    median: float
    p99: float


def measure(
    server: Server, requests: Path, connections: int, seconds: float, cores: str = LOAD
) -> Measured:
    """Load the server once, and read beside what CPU time it took."""
    before = server.cpu()
    load = run(server, requests, connections, seconds, cores)
    cpu = (server.cpu() - before) / load.answered
    return Measured(load.rate, cpu, load.median, load.p99)


def rounds(
    measures: Mapping[K, Callable[[float], Measured]], seconds: float
) -> dict[K, list[Measured]]:
    """Warm up each once, then measure all in turn, so that a busy machine disturbs all alike."""
    for each in measures.values():
        each(WARMING)
    found: dict[K, list[Measured]] = {key: [] for key in measures}
    for _ in range(ROUNDS):
        for key, each in measures.items():
            found[key].append(each(seconds))
    return found


def in_turn(measures: Mapping[K, Callable[[float], Measured]], seconds: float) -> dict[K, Measured]:
    """Do so, and give the medians."""
    return {key: median(several) for key, several in rounds(measures, seconds).items()}


def median(several: Sequence[Measured]) -> Measured:
    """Give the median of each figure by itself."""
    return Measured(
        statistics.median(each.rate for each in several),
        statistics.median(each.cpu for each in several),
        statistics.median(each.median for each in several),
        statistics.median(each.p99 for each in several),
    )
