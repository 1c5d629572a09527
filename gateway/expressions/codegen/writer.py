"""The source under way: lines, blocks, names of variables, and what is known by then."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gateway.expressions.context import Where
    from gateway.expressions.syntax import Node

_INDENT = "    "


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a node is evaluated: against the scope, or against the value of a variable."""

    where: Where
    value: str


@dataclass(slots=True)
class Writer:
    """Writes the functions of one expression; `emit` writes a node and gives its variable.

    A variable has its value for good once it may be read, so equal code has an equal value.
    """

    emit: Callable[[Node, Spot, Writer], str]
    depth: int = 1
    lines: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    """The lines of whole functions that the one under way calls."""
    constants: dict[str, object] = field(default_factory=dict)
    uses_run: bool = False
    _count: int = 0
    _known: dict[str, str] = field(default_factory=dict)
    _learned: list[str] = field(default_factory=list)
    _booleans: set[str] = field(default_factory=set)

    def name(self, kind: str) -> str:
        """Make a name that nothing else has."""
        self._count += 1
        return f"{kind}{self._count}"

    def line(self, code: str) -> None:
        self.lines.append(f"{_INDENT * self.depth}{code}")

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Indent what is written within; what is learned there is forgotten afterwards."""
        self.line(head)
        self.depth += 1
        before = len(self._learned)
        yield
        while len(self._learned) > before:
            del self._known[self._learned.pop()]
        self.depth -= 1

    def part(self, node: Node, at: Spot) -> str:
        """Write a node as a function of its own, and give the variable with what it returns."""
        outer = (self.lines, self.depth, self._known, self._learned)
        self.lines, self.depth, self._known, self._learned = [], 1, {}, []
        name = self.name("part")
        inner = at if at.where == "root" else Spot(at.where, "value")
        self.line(f"return {self.emit(node, inner, self)}")
        self.parts += [f"def {name}(value, root, run):", *self.lines]
        self.lines, self.depth, self._known, self._learned = outer
        self.uses_run = True
        return self.let("value", f"{name}({at.value}, root, run)")

    def let(self, kind: str, code: str) -> str:
        """Give a new variable the code's value."""
        variable = self.name(kind)
        self.line(f"{variable} = {code}")
        return variable

    def once(self, kind: str, code: str) -> str:
        """Give the variable that has the code's value, a new one where there is none yet."""
        variable = self._known.get(code)
        if variable is None:
            variable = self._known[code] = self.let(kind, code)
            self._learned.append(code)
        return variable

    def truth(self, code: str) -> str:
        """Give the variable of what can only be true, false or null."""
        variable = self.once("truth", code)
        self._booleans.add(variable)
        return variable

    def is_truth(self, variable: str) -> bool:
        return variable in self._booleans

    def as_object(self, value: str) -> str:
        """Give a variable that has the value where that is an object, else an empty one."""
        return self.once("object", f"{value} if isinstance({value}, dict) else EMPTY")

    def test(self, value: str) -> str:
        """Write what tells whether a value counts as true: 0 does; what is empty doesn't."""
        return value if self.is_truth(value) else f"({value} or type({value}) in NUMBERS)"

    def constant(self, kind: str, value: object) -> str:
        """Let the source reach a value under a new name."""
        name = self.name(kind)
        self.constants[name] = value
        return name

    def spend(self, steps: str) -> None:
        self.uses_run = True
        self.line(f"run.spend({steps})")
