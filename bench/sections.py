"""The sections of docs/performance.md, in their one order: what is measured, told and drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from bench import (
    batching,
    charts,
    curves,
    expressions,
    footprint,
    hostile,
    orders,
    report,
    report_load,
    rivals,
)
from bench.contenders import GATEWAY
from bench.rounds import median


@dataclass(frozen=True, slots=True)
class Block:
    """One block of the page, and the picture below it."""

    name: str
    lines: Iterable[str]
    picture: str | None = None
    """As SVG."""


def _rivals() -> Iterator[Block]:
    found = rivals.measured()
    rates = [(name, median(found.loaded[name]).rate) for name in (GATEWAY, *rivals.GOALS)]
    picture = charts.bars("Answers a second, one core, 32 connections", rates, GATEWAY)
    yield Block("rivals", report_load.rivals(found), picture)


def _lines() -> Iterator[Block]:
    found = curves.lines()
    points = [(count, each.cpu * 1000) for count, each in found.items()]
    picture = charts.curve("CPU for a checkout, ms", "lines", points)
    yield Block("lines", report_load.lines(found), picture)


def _mappings() -> Iterator[Block]:
    found = curves.mappings()
    points = [(count, each.seconds) for count, each in found.items()]
    picture = charts.curve("Seconds until a worker is ready", "mappings", points)
    yield Block("mappings", report_load.mappings(found), picture)


def _connections() -> Iterator[Block]:
    found = curves.connections()
    points = [(count, each.rate) for count, each in found.items()]
    picture = charts.curve("Answers a second", "connections", points)
    yield Block("connections", report_load.connections(found), picture)


def _workers() -> Iterator[Block]:
    yield Block("workers", report_load.workers(curves.workers()))


def _batching() -> Iterator[Block]:
    yield Block("batching", report_load.batching(batching.measured()))


def _hostile() -> Iterator[Block]:
    yield Block("hostile", report_load.hostile(hostile.measured()))


def _footprint() -> Iterator[Block]:
    yield Block("footprint", report_load.footprint(footprint.measured()))


def _expressions() -> Iterator[Block]:
    gains = report.gains([*expressions.mappings()], [*expressions.suite()])
    yield Block("gains", gains)
    yield Block("by-hand", report.by_hand(expressions.stock()))
    yield Block("compiling", report.compiling(expressions.compiling()))
    yield Block("checking", report.compiling(expressions.checking()))


def _orders() -> Iterator[Block]:
    yield Block("orders", report.orders(orders.measured()))


def _all_of_it() -> Iterator[str]:
    yield from report_load.programs()
    yield from report_load.peers()


@dataclass(frozen=True, slots=True)
class Section:
    """What one name of the command stands for; `beside` names programs that matter to it."""

    blocks: Callable[[], Iterator[Block]]
    beside: Callable[[], Iterable[str]] = report_load.programs


SECTIONS: Final[Mapping[str, Section]] = MappingProxyType(
    {
        "rivals": Section(_rivals, _all_of_it),
        "lines": Section(_lines),
        "mappings": Section(_mappings),
        "connections": Section(_connections),
        "workers": Section(_workers),
        "batching": Section(_batching),
        "hostile": Section(_hostile),
        "footprint": Section(_footprint),
        "expressions": Section(_expressions, tuple),
        "orders": Section(_orders, tuple),
    }
)
