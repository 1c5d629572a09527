"""What a name means at a place of a mapping: whose data it is, and which calls it waits for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum

from gateway.expressions.compiler import Program
from gateway.expressions.scope import Scope
from gateway.expressions.syntax import Node
from gateway.expressions.types.model import UNKNOWN, Type


class Origin(IntEnum):
    """Whose data a value comes from; the greatest of its roots' answers for a null in it."""

    SETTINGS = 0
    CONTRACT = 1
    VENDOR = 2


@dataclass(frozen=True, slots=True)
class Meaning:
    """One name: its origin, the calls whose answers it needs, and what is known of its value.

    `varies` where it differs from element to element of a call's `each`, `renewed` where it does
    from one attempt to deliver an order to the next. `bases` are the names that it is made from in
    the end, through every `let`; None: it is such a name itself.
    """

    origin: Origin
    needs: frozenset[str] = frozenset()
    varies: bool = False
    renewed: bool = False
    bases: frozenset[str] | None = None
    type: Type = field(default=UNKNOWN, compare=False)

    def typed(self, type_: Type) -> Meaning:
        return replace(self, type=type_)


def joined(meanings: Iterable[Meaning], bases: frozenset[str] | None = None) -> Meaning:
    """Give the meaning of a value that is made from several."""
    meanings = tuple(meanings)
    return Meaning(
        max((meaning.origin for meaning in meanings), default=Origin.SETTINGS),
        frozenset().union(*(meaning.needs for meaning in meanings)),
        any(meaning.varies for meaning in meanings),
        any(meaning.renewed for meaning in meanings),
        bases,
    )


INDEX = "index"
"""Where an element stands in its list, from 0: means something wherever an `$each` does."""

LATER = frozenset(
    {"status", "headers", "body", "fault", "page", "keys", "line", "row", "rows", "result"}
)
"""Names that come into scope further in, so that nothing outside may take them."""

_WHOLES = frozenset({"filter_projection", "flatten", "index_expression", "projection"})
"""Nodes that begin with their first child."""

VENDOR = Meaning(Origin.VENDOR)
CONTRACT = Meaning(Origin.CONTRACT)
SETTINGS = Meaning(Origin.SETTINGS)


@dataclass(frozen=True, slots=True)
class Names:
    """The closed set of names at a place, each with its meaning."""

    known: Mapping[str, Meaning]
    calls: tuple[str, ...] = ()
    """The mapping's calls."""
    answered: frozenset[str] = frozenset()
    """Those whose answers are there when this place is reached."""

    @property
    def scope(self) -> Scope:
        types = {name: meaning.type for name, meaning in self.known.items()}
        return Scope(frozenset(self.known), types)

    def adding(self, names: Mapping[str, Meaning]) -> Names:
        return Names({**self.known, **names}, self.calls, self.answered)

    def after(self, answered: Iterable[str]) -> Names:
        return Names(self.known, self.calls, frozenset(answered))

    def meaning(self, programs: Iterable[Program]) -> Meaning:
        """Join what several expressions mean into the meaning of a value made from them."""
        programs = tuple(programs)
        roots = {root for program in programs for root in program.roots}
        meanings = [self.known[root] for root in roots if root in self.known]
        direct = (self.calls_of(program) for program in programs)
        needs = Meaning(Origin.SETTINGS, frozenset().union(*direct))
        bases = frozenset(base for root in roots for base in self.bases_of(root))
        return joined([needs, *meanings], bases)

    def bases_of(self, root: str) -> frozenset[str]:
        """Name what a name is made from in the end."""
        meaning = self.known.get(root)
        return frozenset({root}) if meaning is None or meaning.bases is None else meaning.bases

    def calls_of(self, program: Program) -> frozenset[str]:
        """Name the calls that an expression reads as `calls.<name>`; all for a bare `calls`."""
        named = fields_read(program, "calls")
        return frozenset(self.calls) if named is None else named


def fields_read(program: Program, root: str) -> frozenset[str] | None:
    """Name the fields of a scope name that an expression reads; None where it may read them all."""
    if root not in program.roots:
        return frozenset()
    named = [
        name
        for node in program.ast.walk()
        if node.kind == "subexpression" and _is_name(node.children[0], root)
        for name in _field(node.children[1])
    ]
    every = sum(_is_name(node, root) for node in program.ast.walk()) > len(named)
    return None if every else frozenset(named)


def _is_name(node: Node, name: str) -> bool:
    is_var = node.kind == "function_expression" and node.value == "var"
    if is_var:
        return [child.value for child in node.children] == [name]
    return node.kind == "field" and node.value == name


def _field(node: Node) -> list[str]:
    """Name the field that a part begins with: `x` of `x`, of `x[0]` and of `x[*].y`."""
    while node.kind in _WHOLES:
        node = node.children[0]
    return [str(node.value)] if node.kind == "field" else []
