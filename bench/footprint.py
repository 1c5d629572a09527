"""What a worker takes before it has answered anything: memory, and the time until it is ready."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench import contenders, vendor
from bench.rounds import ROUNDS
from bench.servers import need

MAPPINGS: Final = (1, 100)
"""The goal speaks of 100, reads only."""


@dataclass(frozen=True, slots=True)
class Footprint:
    """Medians of several starts."""

    megabytes: float
    seconds: float


def measured() -> Mapping[int, Footprint]:
    need("taskset", "nginx")
    found: dict[int, list[Footprint]] = {count: [] for count in MAPPINGS}
    with tempfile.TemporaryDirectory() as name, vendor.answering(Path(name), 1) as square:
        for _ in range(ROUNDS):
            for count, several in found.items():
                with contenders.laden(square, Path(name), count) as worker:
                    several.append(Footprint(sum(worker.memory()), worker.seconds_to_start))
    return {count: _median(several) for count, several in found.items()}


def _median(several: list[Footprint]) -> Footprint:
    return Footprint(
        statistics.median(each.megabytes for each in several),
        statistics.median(each.seconds for each in several),
    )
