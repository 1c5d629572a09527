"""A hostile mix: one caller posts giant checkouts, one after the other, among many small ones."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench import checkouts, contenders, vendor
from bench.load import Load, run
from bench.rounds import ROUNDS, SECONDS, WARMING
from bench.servers import Server, need

GIANT: Final = 3_000
ARTICLES: Final = 1_000
"""How many articles the lines of the giant share: what Square takes in one call."""
SMALL: Final = 3
CONNECTIONS: Final = (4, 32)
"""How many callers post small ones."""
_DIFFERENT: Final = 10


@dataclass(frozen=True, slots=True)
class Mix:
    """Medians of p99: the small by themselves, and among the giants; and the giants' own median."""

    alone: float
    among: float
    giant: float

    @property
    def times(self) -> float:
        return self.among / self.alone


def measured() -> Mapping[int, Mix]:
    need("taskset", "wrk", "nginx")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (
            vendor.answering(folder, SMALL, many=ARTICLES) as square,
            contenders.gateway(square) as gateway,
        ):
            small = checkouts.requests(folder / "small", checkouts.bodies(SMALL))
            articles = [number % ARTICLES for number in range(GIANT)]
            bodies = checkouts.bodies_of(articles, _DIFFERENT)
            contenders.compare([gateway], bodies[:1])
            giant = checkouts.requests(folder / "giant", bodies)
            run(gateway, small, max(CONNECTIONS), WARMING)
            return {count: _mix(gateway, small, giant, count) for count in CONNECTIONS}


def _mix(gateway: Server, small: Path, giant: Path, connections: int) -> Mix:
    alone: list[Load] = []
    among: list[Load] = []
    giants: list[Load] = []
    with ThreadPoolExecutor(1) as beside:
        for _ in range(ROUNDS):
            alone.append(run(gateway, small, connections, SECONDS))
            # The giants begin before the small ones and end after them.
            big = beside.submit(run, gateway, giant, 1, SECONDS + 2)
            among.append(run(gateway, small, connections, SECONDS))
            giants.append(big.result())
    return Mix(
        statistics.median(each.p99 for each in alone),
        statistics.median(each.p99 for each in among),
        statistics.median(each.median for each in giants),
    )
