"""What of a mapping no case runs: expressions, the ways of conditions and joins, error rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from gateway.config.call_spec import BatchSpec, CallSpec
from gateway.config.computed import Text, Tree
from gateway.config.effect_spec import ErrorSpec
from gateway.config.mapping_spec import DeliverySpec, LinesSpec, MappingSpec
from gateway.config.nodes import Node, Scalar, Sequence
from gateway.config.pages_spec import PagesSpec
from gateway.config.problems import Place
from gateway.config.records import Located, keys_of
from gateway.config.response_spec import ResponseSpec
from gateway.expressions.values import is_true
from gateway.plan.exchange import Exchange, Round

_APART = {(PagesSpec, "rows"), (BatchSpec, "rows"), (DeliverySpec, "same")}
"""Plain paths, which compute nothing; and what compares an order with an earlier one of its key."""

_DECIDING = {(CallSpec, "when"), (ResponseSpec, "succeeds")}
"""What has to be seen both true and false."""

_WAYS = {
    "unmatched": "In no case is a line unmatched.",
    "on_fault": "In no case does the call fail.",
    "shortage": "In no case is a line short.",
}
"""What a join may come to, by the key that says what then."""


@dataclass(slots=True)
class Seen:
    """What an expression gave so far."""

    ran: bool = False
    true: bool = False
    false: bool = False

    def note(self, value: object) -> None:
        self.ran = True
        if is_true(value):
            self.true = True
        else:
            self.false = True


@dataclass(slots=True)
class Coverage:
    """Listens to the expressions of all cases that run, and watches their joins."""

    seen: dict[Place, Seen] = field(default_factory=dict)
    ways: set[tuple[str, str, str]] = field(default_factory=set)
    """By mapping, step and key."""

    def listen(self, place: Place) -> Callable[[object], None]:
        return self.seen.setdefault(place, Seen()).note

    def sent(self, sent: Round) -> None: ...

    def step(self, name: str, seconds: float, exchange: Exchange) -> None:  # noqa: ARG002 - the seam's signature
        self.ways |= {(exchange.mapping, *way) for way in exchange.ways}

    def ended(self, exchange: Exchange) -> None: ...


@dataclass(frozen=True, slots=True)
class Unit:
    """One thing that cases should run; `told` says so where none does.

    It is `hushed` within what no case gets to: that says it all.
    """

    place: Place
    told: str | None
    hushed: bool


def units_of(spec: MappingSpec, coverage: Coverage) -> list[Unit]:
    """Say of each thing in a mapping whether the cases ran it, in the order of its keys."""
    return list(_Reader(spec, coverage).record(spec, hushed=False))


@dataclass(frozen=True, slots=True)
class _Reader:
    spec: MappingSpec
    coverage: Coverage

    def record(self, spec: Located, *, hushed: bool) -> Iterator[Unit]:
        closed = self._closed(spec)
        for key in (info.name for info in keys_of(type(spec))):
            value, here = getattr(spec, key, None), (type(spec), key)
            if isinstance(spec, LinesSpec) and key in _WAYS:
                yield from self._way(spec, key, hushed=hushed)
            if isinstance(value, Text) and here == (ErrorSpec, "when"):
                told = None if self._is_ever_true(value) else "This rule applies in no case."
                yield Unit(value.scalar.place, told, hushed)
            elif isinstance(value, Text) and here not in _APART:
                within = hushed or key in closed
                yield from self._scalar(value.scalar, decides=here in _DECIDING, hushed=within)
            else:
                yield from self._value(value, hushed=hushed or key in closed)

    def _closed(self, spec: Located) -> set[str]:
        """Name the keys of a block that no case gets to."""
        if isinstance(spec, LinesSpec):
            return {key for key in _WAYS if not self._took(spec, key)}
        condition = getattr(spec, "when", None)
        if not isinstance(condition, Text) or self._is_ever_true(condition):
            return set()
        return {info.name for info in keys_of(type(spec))} - {"when"}

    def _is_ever_true(self, text: Text) -> bool:
        seen = self.coverage.seen.get(text.scalar.place)
        return seen is not None and seen.true

    def _took(self, spec: LinesSpec, key: str) -> bool:
        several = len(self.spec.lines) > 1
        number = next(at for at, each in enumerate(self.spec.lines, start=1) if each is spec)
        step = f"lines {number}" if several else "lines"
        return (self.spec.mapping.text, step, key) in self.coverage.ways

    def _way(self, spec: LinesSpec, key: str, *, hushed: bool) -> Iterator[Unit]:
        if getattr(spec, key) not in {None, "report"}:
            yield Unit(spec.key_place(key), None if self._took(spec, key) else _WAYS[key], hushed)

    def _value(self, value: object, *, hushed: bool) -> Iterator[Unit]:
        if isinstance(value, Tree):
            yield from self._tree(value.node, hushed=hushed)
        elif isinstance(value, Located):
            yield from self.record(value, hushed=hushed)
        elif isinstance(value, Mapping | tuple):
            for inner in value.values() if isinstance(value, Mapping) else value:
                yield from self._value(inner, hushed=hushed)

    def _tree(self, node: Node, *, hushed: bool, decides: bool = False) -> Iterator[Unit]:
        if isinstance(node, Scalar):
            yield from self._scalar(node, decides=decides, hushed=hushed)
        elif isinstance(node, Sequence):
            for item in node.items:
                yield from self._tree(item, hushed=hushed)
        else:
            condition = node.get("$if")
            seen = self.coverage.seen.get(condition.place) if condition is not None else None
            closed = {"$then": not seen.true, "$else": not seen.false} if seen else {}
            for name, child in node.entries:
                within = hushed or closed.get(name.text, False)
                yield from self._tree(child, hushed=within, decides=name.text == "$if")

    def _scalar(self, scalar: Scalar, *, decides: bool, hushed: bool) -> Iterator[Unit]:
        """Give a unit for each way that an expression goes; what doesn't compute has none."""
        seen = self.coverage.seen.get(scalar.place)
        if seen is None:
            return
        if decides and seen.ran:
            yield Unit(scalar.place, None if seen.true else "In no case is this true.", hushed)
            yield Unit(scalar.place, None if seen.false else "In no case is this false.", hushed)
            return
        yield Unit(scalar.place, None if seen.ran else "No case runs this.", hushed)
        if decides:  # both of its ways count, and are told once
            yield Unit(scalar.place, None if seen.ran else "No case runs this.", hushed=True)
