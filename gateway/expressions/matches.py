"""Why a filter let nothing through: what its rows had instead."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, cast

from gateway.expressions import shown
from gateway.expressions.probe import Spot
from gateway.expressions.values import is_true, type_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.expressions.probe import Probe
    from gateway.expressions.syntax import Node

_MOST_VALUES = 3
_MISSING = object()


def why_none(probe: Probe, condition: Node, rows: list[object]) -> str:
    """Say which part of a filter's condition no row fulfilled, and what the rows had there."""
    told: list[str] = []
    for each in _conjuncts(condition):
        count = sum(map(is_true, probe.evaluate_each(each, rows)))
        if count == 0:
            return _unfulfilled(probe, each, rows)
        told.append(f"{probe.quoted(each)} in {count}")
    return f"no row fulfils all: {', '.join(told)}"


def _conjuncts(node: Node) -> Iterator[Node]:
    if node.kind != "and_expression":
        yield node
        return
    for child in node.children:
        yield from _conjuncts(child)


def _unfulfilled(probe: Probe, condition: Node, rows: list[object]) -> str:
    if condition.kind == "or_expression":
        return " and ".join(_unfulfilled(probe, child, rows) for child in condition.children)
    subject = _subject(condition)
    if subject is None:
        return f"{probe.quoted(condition)} is true of none"
    values = _values(probe, subject, rows)
    said = f"{probe.quoted(subject)} was {_tally(values)}"
    if subject.kind == "field" and all(value is _MISSING for value in values):
        return said + _fields_instead(cast("str", subject.value), rows)
    return said + _never_equal(probe, condition, subject, values, rows[0])


def _subject(condition: Node) -> Node | None:
    """Give the part of a condition that reads the row: the compared field, say."""
    if condition.kind in {"field", "subexpression", "index_expression"}:
        return condition
    if condition.kind not in {"comparator", "function_expression", "not_expression"}:
        return None
    return next((child for child in condition.children if _reads_row(child)), None)


def _reads_row(node: Node) -> bool:
    return node.kind in {"field", "subexpression", "index_expression", "current"} and not any(
        child.kind == "function_expression" for child in node.children[:1]
    )


def _values(probe: Probe, subject: Node, rows: list[object]) -> list[object]:
    values = probe.evaluate_each(subject, rows)
    if subject.kind != "field":
        return values
    return [
        _MISSING if value is None and isinstance(row, dict) and subject.value not in row else value
        for value, row in zip(values, rows, strict=True)
    ]


def _tally(values: list[object]) -> str:
    counts = Counter("missing" if value is _MISSING else shown.quoted(value) for value in values)
    if len(counts) == 1:
        return f"{next(iter(counts))} in {'all' if len(values) > 1 else 'it'}"
    often = counts.most_common(_MOST_VALUES)
    told = [f"{value} in {count}" for value, count in often]
    others = len(values) - sum(count for _, count in often)
    return ", ".join([*told, *([f"others in {others}"] if others else [])])


def _fields_instead(name: str, rows: list[object]) -> str:
    keys = {key for row in rows if isinstance(row, dict) for key in row}
    return f"; the rows have {shown.names(keys, name)}"


def _never_equal(
    probe: Probe, condition: Node, subject: Node, values: list[object], row: object
) -> str:
    """Add that types differ, where that alone makes the two unequal."""
    if condition.kind != "comparator" or condition.value != "eq":
        return ""
    other = next(child for child in condition.children if child is not subject)
    wanted = probe.evaluate(Spot(other, "element", row))
    kinds = {type_name(value) for value in values if value is not None and value is not _MISSING}
    if len(kinds) != 1 or wanted is None or type_name(wanted) in kinds:
        return ""
    found = next(value for value in values if value is not None and value is not _MISSING)
    return f", {shown.in_words(found)}, which never equals {shown.in_words(wanted)}"
