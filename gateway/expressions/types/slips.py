"""Projections of one list, picked from by index side by side: without nulls they slip."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from gateway.expressions.syntax import Node

_PROJECTIONS = frozenset({"projection", "filter_projection", "value_projection"})


def slipping(
    parts: Sequence[Node], leaves_out: Collection[int], text: str
) -> list[tuple[Node, str]]:
    """Give the parts that may be of another element than their neighbours, with the list's text.

    `leaves_out` holds the ids of the projections in which a value may be null.
    """
    picked: dict[str, list[tuple[Node, Node]]] = {}
    for part in parts:
        projection = _picked_from(part)
        if projection is not None:
            source = projection.children[0]
            inner = source.children[0] if source.kind == "flatten" else source
            listed = text[part.start : inner.end].lstrip("(")
            picked.setdefault(listed, []).append((part, projection))
    found: list[tuple[Node, str]] = []
    for listed, several in picked.items():
        slips = [part for part, each in several if id(each) in leaves_out]
        if len(several) > 1:
            found.extend((part, listed) for part in slips[:1])
    return found


def _picked_from(part: Node) -> Node | None:
    """Give the projection that `… | [0]` or `(…)[0]` picks from."""
    if part.kind not in ("pipe", "index_expression"):
        return None
    last = part.children[-1]
    if last.kind == "index_expression" and last.children[0].kind == "identity":
        last = last.children[-1]
    first = part.children[0]
    projection = first.children[-1] if first.kind == "subexpression" else first
    return projection if last.kind == "index" and projection.kind in _PROJECTIONS else None
