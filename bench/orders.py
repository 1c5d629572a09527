"""Orders a second, CPU time for each, and latency: ours, bare DBOS, and two bare commits."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import create_engine, text

from bench.shipped import ROOT
from chaos.servers import Postgres

_ORDERS: Final = 400
_ROUNDS: Final = 3
_STORED: Final = 100_000
_FILL: Final = text(
    "INSERT INTO orders (mapping, key, contract, vendor, state, effect, stored, attempt, digest, "
    "snapshot, received_at, changed_at, give_up_at, run, tries) "
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count) "
    "SELECT 'take', 'old-' || i, 'inventory.consume', 'acme', 'done', 'done', false, 1, 'd', 's', "
    "i, i, i, 1, 1 FROM n"
)


@dataclass(frozen=True, slots=True)
class Figures:
    """What one way of delivering took: medians over the rounds; `processes` side by side."""

    kind: str
    storage: str
    processes: int
    rate: float
    cpu: float
    latency: float


@dataclass(frozen=True, slots=True)
class _Run:
    kind: str
    storage: str
    processes: int
    url: str


def measured() -> Iterator[Figures]:
    """Measure all ways in turn, several times, so that a busy machine disturbs all alike."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(Postgres()).url
        runs = [
            *(_Run(kind, "SQLite", 1, f"sqlite:///{folder}/{kind}.db") for kind in _KINDS),
            *(_Run(kind, "PostgreSQL", 1, server) for kind in _KINDS),
            *(_Run("gateway", "PostgreSQL", number, server) for number in (2, 3)),
            *(_Run("full", "SQLite", 1, f"sqlite:///{folder}/full.db"),),
        ]
        _fill(runs[-1].url)
        found: dict[_Run, list[Figures]] = {run: [] for run in runs}
        for number in range(_ROUNDS):
            for run in runs:
                found[run].append(_once(run, f"{run.kind}-{run.processes}-{number}"))
    for run, figures in found.items():
        yield Figures(
            run.kind,
            run.storage,
            run.processes,
            statistics.median(each.rate for each in figures),
            statistics.median(each.cpu for each in figures),
            statistics.median(each.latency for each in figures),
        )


_KINDS: Final = ("commits", "dbos", "gateway")


def _fill(url: str) -> None:
    """Put finished orders into a store that has its tables."""
    _once(_Run("gateway", "SQLite", 1, url), "first")
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(_FILL, {"count": _STORED})
    engine.dispose()


def _once(run: _Run, name: str) -> Figures:
    kind = "gateway" if run.kind == "full" else run.kind
    processes = [
        subprocess.Popen(  # noqa: S603 - our own
            [sys.executable, "-m", "bench.order_child", kind, run.url, str(_ORDERS), f"{name}-{n}"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
        )
        for n in range(run.processes)
    ]
    told = [json.loads(process.communicate()[0].splitlines()[-1]) for process in processes]
    orders = sum(each["orders"] for each in told)
    return Figures(
        run.kind,
        run.storage,
        run.processes,
        sum(each["orders"] / each["seconds"] for each in told),
        sum(each["cpu"] for each in told) / orders,
        statistics.median(each["median"] for each in told),
    )
