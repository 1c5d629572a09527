"""What the load benches found, as Markdown."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from bench.batching import OFF, ON, Batched
from bench.contenders import GATEWAY
from bench.curves import Laden, Workers
from bench.footprint import Footprint
from bench.hostile import Mix
from bench.report import head, row
from bench.rivals import GOALS, Rivals
from bench.rounds import Measured, median

_AIOHTTP: Final = "Starlette + aiohttp"
_NODE: Final = Path(__file__).with_name("peers") / "node" / "package.json"
_P99: Final = (1.3, 1.0)
_ADDED: Final = (0.7, 0.4)
_TWO: Final = (1.6, 1.8)
_BATCHED: Final = (20, 100)
_MEMORY: Final = (110, 80)
_START: Final = (1.5, 0.8)
_HOSTILE: Final = 5


def programs() -> Iterator[str]:
    """Name the programs that make the load, with their versions."""
    for command in (["wrk", "-v"], ["nginx", "-v"]):
        done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 - fixed
        said = (done.stdout or done.stderr).splitlines()[0]
        yield said.removeprefix("nginx version: ").replace("/", " ").partition(" [")[0]


def peers() -> Iterator[str]:
    """Name what the peers in Node are made of, with their versions."""
    done = subprocess.run(["node", "--version"], check=True, capture_output=True, text=True)  # noqa: S607 - Debian's
    found = json.loads(_NODE.read_text())["dependencies"]
    several = ", ".join(f"{name} {version}" for name, version in found.items())
    yield f"Node.js {done.stdout.strip().removeprefix('v')} with {several}"


def rivals(found: Rivals) -> Iterator[str]:
    medians = {name: median(several) for name, several in found.loaded.items()}
    yield from head(
        "served by", "answers/s", "CPU each", "median", "p99", "the gateway does", "at least", "aim"
    )
    for name, each in sorted(medians.items(), key=lambda item: item[1].rate):
        goal = GOALS.get(name)
        yield row(
            f"**{name}**" if name == GATEWAY else name,
            *_figures(each),
            "" if name == GATEWAY else f"{found.rate_times(name):.2f} ×",
            f"{goal.least:g} ×" if goal else "",
            f"{goal.aim:g} ×" if goal else "",
        )
    yield ""
    yield from head("latency", "found", "at most", "aim")
    yield row(
        f"p99, against {_AIOHTTP}",
        f"{found.p99_times(_AIOHTTP):.2f} ×",
        *(f"{goal:g} ×" for goal in _P99),
    )
    yield row(
        "median added to the vendor's, one connection",
        _ms(found.added),
        *(f"{goal:g} ms" for goal in _ADDED),
    )


def lines(found: Mapping[int, Measured]) -> Iterator[str]:
    yield from _curve("lines", found)
    yield ""
    few, many = min(found), max(found)
    each = (found[many].cpu - found[few].cpu) / (many - few)
    yield f"Between {few:,} and {many:,} lines, one more takes {each * 1e6:.0f} µs of CPU."


def mappings(found: Mapping[int, Laden]) -> Iterator[str]:
    yield from head("mappings", "answers/s", "CPU each", "median", "p99", "memory", "ready after")
    for count, each in found.items():
        start = (f"{each.megabytes:.0f} MB", f"{each.seconds:.2f} s")
        yield row(f"{count:,}", *_figures(each.measured), *start)


def connections(found: Mapping[int, Measured]) -> Iterator[str]:
    yield from _curve("connections", found)


def workers(found: Workers) -> Iterator[str]:
    yield from head("workers", "cores", "answers/s", "CPU each", "median", "p99")
    yield row("1", "1, load and vendor on the other", *_figures(found.one))
    yield row("2", "2, shared with load and vendor", *_figures(found.two))
    yield ""
    yield (
        f"Load and vendor took {found.share:.0%} of the two cores. Without their share two "
        f"workers do {found.times:.2f} × what one does (at least {_TWO[0]:g} ×, aim {_TWO[1]:g} ×)."
    )


def batching(found: Mapping[str, Batched]) -> Iterator[str]:
    yield from head(
        *("`batch` gathers", "checkouts/s", "median", "p99"),
        *("vendor's calls/s", "refused by it", "one key was fetched"),
    )
    for kind, each in found.items():
        yield row(
            kind,
            f"{each.rate:,.0f}",
            _ms(each.median),
            _ms(each.p99),
            f"{each.calls:.1f}",
            f"{each.refused:,}",
            f"at most {each.most:,} times",
        )
    yield ""
    times = found[ON].rate / found[OFF].rate
    yield f"On does {times:.0f} × what off does (at least {_BATCHED[0]} ×, aim {_BATCHED[1]} ×)."


def footprint(found: Mapping[int, Footprint]) -> Iterator[str]:
    yield from head("mappings", "memory", "ready after")
    for count, each in found.items():
        yield row(f"{count:,}", f"{each.megabytes:.0f} MB", f"{each.seconds:.2f} s")
    yield row(
        "goal for 100",
        f"{_MEMORY[0]} MB, aim {_MEMORY[1]} MB",
        f"{_START[0]:g} s, aim {_START[1]:g} s",
    )


def hostile(found: Mapping[int, Mix]) -> Iterator[str]:
    yield from head(
        "callers of small ones", "p99 alone", "p99 among giants", "times", "at most", "a giant"
    )
    for count, each in found.items():
        yield row(
            f"{count}",
            _ms(each.alone),
            _ms(each.among),
            f"{each.times:.1f} ×",
            f"{_HOSTILE} ×",
            _ms(each.giant),
        )


def _curve(name: str, found: Mapping[int, Measured]) -> Iterator[str]:
    yield from head(name, "answers/s", "CPU each", "median", "p99")
    for count, each in found.items():
        yield row(f"{count:,}", *_figures(each))


def _figures(each: Measured) -> tuple[str, str, str, str]:
    return f"{each.rate:,.0f}", _ms(each.cpu), _ms(each.median), _ms(each.p99)


def _ms(seconds: float) -> str:
    """Tell milliseconds with the digits that mean something."""
    milliseconds = seconds * 1000
    return f"{milliseconds:,.0f} ms" if milliseconds >= 100 else f"{milliseconds:.2g} ms"  # noqa: PLR2004 - digits
