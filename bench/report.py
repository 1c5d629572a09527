"""The figures as Markdown, the same on the screen and in docs/performance.md."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from bench.measure import geometric_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bench.expressions import Timed
    from bench.orders import Figures

_LIBRARIES = ("jmespath", "uvicorn", "uvloop", "starlette", "aiohttp", "httpx2", "dbos")
_LEAST_SHOWN = 5
_WIDEST = 60


def origin(section: str, programs: Iterable[str] = ()) -> str:
    """Say when, on what and with which command it was measured."""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    system = f"{platform.system()} {platform.release().partition('-')[0]}"
    parts = [python, *(f"{name} {version(name)}" for name in _LIBRARIES), *programs]
    return (
        f"*Measured on {datetime.now(UTC):%Y-%m-%d} with `python -m bench {section}` on "
        f"{_processor()}, {os.cpu_count()} cores, {system}; "
        f"{', '.join(parts)}.*"
    )


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    models = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()


def gains(shipped: Sequence[Timed], suite: Sequence[Timed]) -> Iterator[str]:
    """Tell how many times faster than the interpreter, by size and over all."""
    yield from head("expressions", "document", "measured", "geometric mean", "least")
    for lines in sorted({timed.lines for timed in shipped if timed.lines}):
        of_size = [timed for timed in shipped if timed.lines == lines]
        yield _gain("shipped mappings", f"{lines:,} lines", of_size)
    if suite:
        yield _gain("compliance suite's benchmarks", "its own", suite)
    yield _gain("**all**", "", [*shipped, *suite])
    yield ""
    yield "Where the gain is least:"
    yield ""
    yield from head("expression", "lines", "jmespath", "compiled", "gain")
    for timed in _least([*shipped, *suite]):
        pair = timed.pair
        yield row(
            f"`{_shortened(timed.expression).replace('|', chr(92) + '|')}`",
            f"{timed.lines:,}" if timed.lines else "",
            _micro(pair.theirs),
            _micro(pair.ours),
            f"{pair.ratio:.1f} ×",
        )


def by_hand(stock: Iterable[tuple[Timed, Timed]]) -> Iterator[str]:
    yield from head("lines", "jmespath", "compiled", "by hand", "gain", "compiled : by hand")
    for interpreted, written in stock:
        yield row(
            f"{interpreted.lines:,}",
            _micro(interpreted.pair.theirs),
            _micro(interpreted.pair.ours),
            _micro(written.pair.theirs),
            f"{interpreted.pair.ratio:.1f} ×",
            f"{1 / written.pair.ratio:.1f}",
        )


def compiling(figures: Iterable[tuple[int, float]]) -> Iterator[str]:
    yield from head("expressions", "seconds", "each")
    for count, seconds in figures:
        yield row(f"{count:,}", f"{seconds:.2f}", _micro(seconds / count))


_WORDS = {
    "commits": "two bare commits",
    "dbos": "bare DBOS, one step",
    "gateway": "the gateway",
    "full": "the gateway, 100,000 orders stored",
}


def orders(figures: Iterable[Figures]) -> Iterator[str]:
    """Tell of each way how it compares with bare DBOS on the same storage."""
    found = list(figures)
    bare = {each.storage: each.rate for each in found if each.kind == "dbos"}
    yield from head(
        "delivered by", "storage", "processes", "orders/s", "CPU each", "median", "DBOS"
    )
    for each in found:
        yield row(
            _WORDS[each.kind],
            each.storage,
            str(each.processes),
            f"{each.rate:,.0f}",
            f"{each.cpu * 1000:.2f} ms",
            f"{each.latency * 1000:.0f} ms",
            f"{each.rate / bare[each.storage]:.2f} ×",
        )


def _gain(name: str, document: str, timed: Sequence[Timed]) -> str:
    ratios = [each.pair.ratio for each in timed]
    mean, least = geometric_mean(ratios), min(ratios)
    return row(name, document, str(len(ratios)), f"{mean:.1f} ×", f"{least:.1f} ×")


def _least(timed: Sequence[Timed]) -> list[Timed]:
    """Give the expressions with the least gains, each at its worst."""
    worst: dict[str, Timed] = {}
    for each in sorted(timed, key=lambda each: each.pair.ratio):
        worst.setdefault(each.expression, each)
    return list(worst.values())[:_LEAST_SHOWN]


def _shortened(expression: str) -> str:
    return expression if len(expression) <= _WIDEST else f"{expression[: _WIDEST - 2]} …"


def _micro(seconds: float) -> str:
    micro = seconds * 1e6
    return f"{micro:,.0f} µs" if micro >= 100 else f"{micro:.2g} µs"  # noqa: PLR2004 - digits


def head(*titles: str) -> Iterator[str]:
    yield row(*titles)
    yield f"|{'---|' * len(titles)}"


def row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
