"""The gateway against the same job by hand: all in one run, on one core each, in turn."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from bench import checkouts, contenders, vendor
from bench.contenders import GATEWAY, PEERS, UNSHARED
from bench.rounds import SECONDS, Measured, in_turn, measure, rounds
from bench.servers import Server, need

LINES: Final = 3
CONNECTIONS: Final = 32
PROGRAMS: Final = ("taskset", "wrk", "nginx", "node", "npm")
_COMPARED: Final = 20


@dataclass(frozen=True, slots=True)
class Goal:
    """How many times a peer's rate the gateway's is to be: at least, and better."""

    least: float
    aim: float


GOALS: Final[Mapping[str, Goal]] = {
    "Starlette + httpx2": Goal(3.5, 5),
    "Starlette + aiohttp": Goal(0.7, 1),
    "Express + axios": Goal(1.8, 2.5),
    "Fastify + undici + jmespath.js": Goal(0.3, 0.5),
    "Node-RED": Goal(3, 4),
}


@dataclass(frozen=True, slots=True)
class Rivals:
    """What each did in each round; and with one connection, the gateway and its vendor."""

    loaded: Mapping[str, Sequence[Measured]]
    alone: Measured
    vendor: Measured

    def rate_times(self, name: str) -> float:
        """How many times the peer's rate the gateway's is: the median of the rounds' own ratios."""
        both = zip(self.loaded[GATEWAY], self.loaded[name], strict=True)
        return statistics.median(ours.rate / theirs.rate for ours, theirs in both)

    def p99_times(self, name: str) -> float:
        """How many times the peer's p99 the gateway's is, likewise."""
        both = zip(self.loaded[GATEWAY], self.loaded[name], strict=True)
        return statistics.median(ours.p99 / theirs.p99 for ours, theirs in both)

    @property
    def added(self) -> float:
        """The seconds that the gateway adds to a vendor's call, with one connection."""
        return self.alone.median - self.vendor.median


def measured() -> Rivals:
    """Compare the answers, then measure."""
    need(*PROGRAMS)
    contenders.install()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        square = stack.enter_context(vendor.answering(folder, LINES))
        servers = {each.name: each for each in _entered(stack, square, folder)}
        bodies = checkouts.bodies(LINES)
        contenders.compare(servers.values(), bodies[:_COMPARED])
        # Nobody compares what it answers: it has no work but the wire's.
        servers[vendor.PROXY] = stack.enter_context(vendor.proxy(folder, square))
        requests = checkouts.requests(folder / "requests", bodies)
        many = {
            name: partial(measure, each, requests, CONNECTIONS) for name, each in servers.items()
        }
        loaded = rounds(many, SECONDS)
        both = (servers[GATEWAY], square)
        one = in_turn({each: partial(measure, each, requests, 1) for each in both}, SECONDS)
    return Rivals(loaded, one[servers[GATEWAY]], one[square])


def _entered(stack: ExitStack, square: Server, folder: Path) -> Iterator[Server]:
    yield stack.enter_context(contenders.gateway(square))
    unshared = contenders.written(folder / "unshared")
    yield stack.enter_context(contenders.gateway(square, UNSHARED, config=unshared))
    for name in PEERS:
        yield stack.enter_context(contenders.peer(name, square, folder))
