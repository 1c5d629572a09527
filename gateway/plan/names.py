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
    """One name: its origin, the calls whose answers it needs, and what is known of its value."""

    origin: Origin
    needs: frozenset[str] = frozenset()
    type: Type = field(default=UNKNOWN, compare=False)

    def typed(self, type_: Type) -> Meaning:
        return replace(self, type=type_)


INDEX = "index"
"""Where an element stands in its list, from 0: means something wherever an `$each` does."""

LATER = frozenset({"status", "headers", "body", "fault", "page", "keys", "line", "row", "rows"})
"""Names that come into scope further in, so that nothing outside may take them."""

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
        return replace(self, known={**self.known, **names})

    def after(self, answered: Iterable[str]) -> Names:
        return replace(self, answered=frozenset(answered))

    def meaning(self, programs: Iterable[Program]) -> Meaning:
        """Join what several expressions mean into the meaning of a value made from them."""
        programs = tuple(programs)
        roots = {root for program in programs for root in program.roots}
        meanings = [self.known[root] for root in roots if root in self.known]
        origin = max((meaning.origin for meaning in meanings), default=Origin.SETTINGS)
        direct = (self.calls_of(program) for program in programs)
        return Meaning(origin, frozenset().union(*direct, *(m.needs for m in meanings)))

    def calls_of(self, program: Program) -> frozenset[str]:
        """Name the calls that an expression reads as `calls.<name>`; all for a bare `calls`."""
        if "calls" not in program.roots:
            return frozenset()
        named = [
            str(child.value)
            for node in program.ast.walk()
            if node.kind == "subexpression"
            for root, child in [node.children[:2]]
            if _is_calls(root) and child.kind == "field"
        ]
        every = sum(_is_calls(node) for node in program.ast.walk()) > len(named)
        return frozenset(self.calls if every else named)


def _is_calls(node: Node) -> bool:
    is_var = node.kind == "function_expression" and node.value == "var"
    if is_var:
        return [child.value for child in node.children] == ["calls"]
    return node.kind == "field" and node.value == "calls"
