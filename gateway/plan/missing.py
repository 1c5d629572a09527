"""Whose fault a missing value is, and which part of an expression vanished."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.config.problems import Place
from gateway.errors import ExpressionFailed, Refusal
from gateway.expressions.compiler import Program, compile_expression
from gateway.expressions.frame import Frame
from gateway.expressions.problems import ExpressionProblems
from gateway.expressions.scope import Scope
from gateway.expressions.syntax import Node
from gateway.plan.names import Origin

_OF_ITS_OWN = frozenset({"multi_select_list", "multi_select_dict", "or_expression"})
"""Nodes whose value isn't null because their first child's is."""


@dataclass(frozen=True, slots=True)
class Blame:
    """Where a value stands and whose data it is made from."""

    origin: Origin
    place: Place
    scope: Scope

    def absent(self, program: Program, frame: Frame) -> Refusal:
        """Word the refusal for a required value that is null."""
        gone = vanished(program, self.scope, frame)
        what = f"`{program.text}` is null" + (f": `{gone}` is" if gone != program.text else "")
        return self._refusal(program.text, what)

    def failed(self, error: ExpressionFailed) -> Refusal:
        """Word the refusal for an expression that can't work with its data."""
        return self._refusal(error.expression, f"`{error.expression}`: {error.reason}")

    def unfit(self, text: str, what: str) -> Refusal:
        """Word the refusal for a value that can't be used where it stands."""
        return self._refusal(text, f"`{text}` {what}")

    def _refusal(self, text: str, what: str) -> Refusal:
        cause = f"{self.place.file}:{self.place.line}:{self.place.column}: {what}"
        if self.origin is Origin.VENDOR:
            message = "The vendor's answer can't be used"
            return Refusal(500, "vendor_answer", message, cause=cause)
        if self.origin is Origin.CONTRACT:
            message = f"Required data is missing or can't be used: {text}"
            return Refusal(400, "missing_data", message, cause=cause)
        return Refusal(500, "config", "The gateway's settings are incomplete", cause=cause)


def vanished(program: Program, scope: Scope, frame: Frame) -> str:
    """Name the smallest leading part of an expression that is null."""
    for start, end in _leading(program.ast):
        text = program.text[start:end]
        try:
            if compile_expression(text, scope)(frame) is None:
                return text
        except (ExpressionFailed, ExpressionProblems):  # brackets that open or close outside it
            continue
    return program.text


def _leading(node: Node) -> Iterator[tuple[int, int]]:
    """Give where the parts stand that are evaluated against the scope itself, innermost first."""
    if node.kind == "function_expression":
        for child in node.children:
            if child.kind != "expref":
                yield from _leading(child)
    elif node.children and node.kind not in _OF_ITS_OWN:
        yield from _leading(node.children[0])
    if node.kind in ("subexpression", "index_expression"):  # `a.b.c` is one node of three children
        yield from ((node.start, child.end) for child in node.children[1:-1])
    if node.kind not in ("literal", "identity", "current"):
        yield node.start, node.end
