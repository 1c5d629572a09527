"""Why an expression is null: which part of it vanished, and how.

Works by evaluating the tree part by part, so it is for the way to an error only. It names fields,
types and counts; of the data it quotes short texts, numbers and booleans that a filter compared,
so what it says is for the log and the terminal, never for a client.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast, runtime_checkable

from gateway.expressions import matches, shown
from gateway.expressions.context import is_var, var_name
from gateway.expressions.functions import FUNCTIONS
from gateway.expressions.probe import TROUBLE, Probe, Spot, elements_of, whole
from gateway.expressions.values import is_true

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.expressions.compiler import Program
    from gateway.expressions.frame import Frame

MAX_LENGTH = 600
_ELEMENT = "the first of them"


@runtime_checkable
class Explained(Protocol):
    """A value of `let` that can say why it is null or an empty list."""

    def why(self, frame: Frame) -> str | None: ...


def why_null(program: Program, given: object) -> str:
    """Say why an expression is null, or an empty list: at most 600 characters.

    `given` is the frame of its scope or, of an expression without one, the document.
    """
    probe, spot = whole(program, given)
    why = Why(probe)
    try:
        result = probe.evaluate(spot)
        said = why.empty(spot) if result == [] else why.null(spot)
    except TROUBLE:  # its steps are used up, say
        said = f"{probe.quoted(program.ast)} is null"
    return shortened(said)


def shortened(text: str) -> str:
    return text if len(text) <= MAX_LENGTH else f"{text[: MAX_LENGTH - 1]}…"


class Why:
    """Explains parts that are known to be null, or an empty list."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self._nulls: dict[str, Callable[[Spot], str]] = {
            "and_expression": self._null_and,
            "comparator": self._null_ordering,
            "field": self._null_field,
            "filter_projection": self._null_projection,
            "flatten": self._null_projection,
            "function_expression": self._null_call,
            "index": self._null_index,
            "index_expression": self._null_chain,
            "or_expression": self._null_or,
            "pipe": self._null_chain,
            "projection": self._null_projection,
            "slice": self._null_index,
            "subexpression": self._null_chain,
            "value_projection": self._null_projection,
        }
        self._empties: dict[str, Callable[[Spot], str]] = {
            "filter_projection": self._empty_filter,
            "flatten": self._empty_flatten,
            "function_expression": self._empty_call,
            "index_expression": self._empty_chain,
            "pipe": self._empty_chain,
            "projection": self._empty_projection,
            "subexpression": self._empty_chain,
            "value_projection": self._empty_projection,
        }

    def null(self, spot: Spot) -> str:
        explain = self._nulls.get(spot.node.kind)
        return explain(spot) if explain else f"{self._probe.written(spot)} is null"

    def empty(self, spot: Spot) -> str:
        root = _root_name(spot)
        if root is not None:
            return self._from_let(root) or f"`{root}` is an empty list"
        explain = self._empties.get(spot.node.kind)
        return explain(spot) if explain else f"{self._probe.written(spot)} is an empty list"

    def _from_let(self, name: str) -> str | None:
        """Follow a name into the expression that gives it."""
        found = self._probe.frame.declared(name)
        if found is None or not isinstance(found[0], Explained):
            return None
        said = found[0].why(found[1])
        return f"`{name}` is made at {said}" if said else None

    def _null_root(self, name: str) -> str:
        return self._from_let(name) or f"`{name}` is null"

    def _null_field(self, spot: Spot) -> str:
        root = _root_name(spot)
        if root is not None:
            return self._null_root(root)
        name, written = cast("str", spot.node.value), self._probe.written(spot)
        of = spot.of or "the document"
        if not isinstance(spot.value, dict):
            wrong = "" if spot.value is None else ", not an object"
            return f"{written}: {of} is {shown.in_words(spot.value)}{wrong}"
        if name in spot.value:
            return f"{written} is null"
        return f"{written} is missing: {of} has {shown.names(spot.value, name)}"

    def _null_index(self, spot: Spot) -> str:
        written, of = self._probe.written(spot), spot.of or "the document"
        if not isinstance(spot.value, list):
            return f"{written}: {of} is {shown.in_words(spot.value)}, not a list"
        index = cast("int", spot.node.value)
        count = len(spot.value)
        if not -count <= index < count:
            return f"{written}: the list has {_counted(count, 'element')}"
        return f"{written} is null"

    def _null_chain(self, spot: Spot) -> str:
        before: Spot | None = None
        for link, value in self._probe.links(spot):
            if value is None:
                nothing_in_it = link.value == [] and before is not None
                return self.empty(before) if nothing_in_it and before else self.null(link)
            before = link
        return f"{self._probe.written(spot)} is null"

    def _null_projection(self, spot: Spot) -> str:
        left = spot.child(0)
        value = self._probe.evaluate(left)
        if value is None:
            return self.null(left)
        wanted = "an object" if spot.node.kind == "value_projection" else "a list"
        return f"{self._probe.written(left)} is {shown.in_words(value)}, not {wanted}"

    def _null_ordering(self, spot: Spot) -> str:
        sides = [spot.child(index) for index in (0, 1)]
        for side in sides:
            if self._probe.evaluate(side) is None:
                return self.null(side)
        kinds = (shown.in_words(self._probe.evaluate(side)) for side in sides)
        return f"{self._probe.written(spot)} is null: it can't order {' and '.join(kinds)}"

    def _null_or(self, spot: Spot) -> str:
        left, right = spot.child(0), spot.child(1)
        value = self._probe.evaluate(left)
        return f"{self._hollow(left, value)}; and {self.null(right)}"

    def _null_and(self, spot: Spot) -> str:
        left = spot.child(0)
        return self.null(spot.child(1) if is_true(self._probe.evaluate(left)) else left)

    def _hollow(self, spot: Spot, value: object) -> str:
        """Explain what counts as false: null, `[]`, or another value."""
        if value is None:
            return self.null(spot)
        if value == []:
            return self.empty(spot)
        said = "false" if value is False else f"{shown.in_words(value)} without content"
        return f"{self._probe.written(spot)} is {said}"

    def _null_call(self, spot: Spot) -> str:
        if is_var(spot.node):
            return self._null_root(cast("str", var_name(spot.node)))
        written = self._probe.written(spot)
        nulls = FUNCTIONS[cast("str", spot.node.value)].nulls
        told = f"{written} is null"
        for index, child in enumerate(spot.node.children):
            if child.kind == "expref":
                continue
            argument = spot.child(index)
            value = self._probe.evaluate(argument)
            if value is None and nulls != "refused":
                return self.null(argument)
            if value == []:
                return f"{told}: {self.empty(argument)}"
            if isinstance(value, dict):
                told += f": {self._probe.written(argument)} has {shown.names(value, '')}"
        return told

    def _empty_call(self, spot: Spot) -> str:
        for index, child in enumerate(spot.node.children):
            if child.kind != "expref" and self._probe.evaluate(spot.child(index)) == []:
                return self.empty(spot.child(index))
        return f"{self._probe.written(spot)} is an empty list"

    def _empty_chain(self, spot: Spot) -> str:
        for link, value in self._probe.links(spot):
            if value == []:
                return self.empty(link)
        return f"{self._probe.written(spot)} is an empty list"

    def _empty_flatten(self, spot: Spot) -> str:
        left = spot.child(0)
        value = self._probe.evaluate(left)
        if value == []:
            return self.empty(left)
        return f"{self._probe.written(left)} has only empty lists in it"

    def _empty_projection(self, spot: Spot) -> str:
        left = spot.child(0)
        elements = elements_of(spot.node, self._probe.evaluate(left))
        if not elements:
            return self.empty(left)
        return self._all_null(spot, elements, f"elements of {self._probe.written(left)}")

    def _empty_filter(self, spot: Spot) -> str:
        left, condition = spot.child(0), spot.node.children[2]
        rows = self._probe.evaluate(left)
        if not isinstance(rows, list) or not rows:
            return self.empty(left)
        passed = self._probe.evaluate_each(condition, rows)
        matched = [row for row, truth in zip(rows, passed, strict=True) if is_true(truth)]
        close = self._probe.text.find("]", condition.end) + 1
        begin = spot.node.start if spot.begin is None else spot.begin
        sifted = shown.part(self._probe.text[begin:close])
        said = f"{sifted} matched {len(matched)} of {_counted(len(rows), 'row')}"
        if matched:
            return f"{said}; {self._all_null(spot, matched, 'rows')}"
        return f"{said}: {matches.why_none(self._probe, condition, rows)}"

    def _all_null(self, spot: Spot, elements: list[object], what: str) -> str:
        right = spot.node.children[1]
        if right.kind == "identity":
            return f"all {len(elements)} {what} are null"
        first = Spot(right, "element", elements[0], _ELEMENT)
        said = f"{self._probe.quoted(right)} is null in all {len(elements)} {what}"
        return f"{said}: {self.null(first)}"


def _root_name(spot: Spot) -> str | None:
    if is_var(spot.node):
        return var_name(spot.node)
    at_root = spot.where == "root" and spot.node.kind == "field"
    return cast("str", spot.node.value) if at_root else None


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
