"""What can be said against a tree without data: names, functions, and what can't be meant."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, cast

from gateway.expressions import suspicions
from gateway.expressions.context import is_var, var_name, where_of_child
from gateway.expressions.functions import FUNCTIONS
from gateway.expressions.habits import instead_of
from gateway.expressions.names import as_text
from gateway.expressions.problems import ExpressionProblem

if TYPE_CHECKING:
    from gateway.expressions.context import Where
    from gateway.expressions.scope import Scope
    from gateway.expressions.signature import Function
    from gateway.expressions.syntax import Node

_LITERAL_WORDS = frozenset({"true", "false", "null"})
_TWO = (0, 1)


@dataclass(slots=True)
class Checker:
    """Walks a tree once and collects its problems and the scope names that it reads."""

    text: str
    scope: Scope | None
    problems: list[ExpressionProblem] = field(default_factory=list)
    roots: set[str] = field(default_factory=set)

    def check(self, node: Node, where: Where) -> None:
        self.problems.extend(suspicions.of(node, self.text, where))
        if node.kind == "function_expression":
            self._call(node, where)
            return
        if where == "root":
            self._at_root(node)
        if node.kind == "expref":
            self._report(
                "misplaced-expression",
                "`&` only makes sense as a function's argument.",
                node,
                "Take the & out.",
            )
        for index, child in enumerate(node.children):
            self.check(child, where_of_child(node, index, where))

    def _report(self, code: str, message: str, node: Node, advice: str | None = None) -> None:
        self.problems.append(ExpressionProblem(code, message, node.start, node.end, advice))

    def _at_root(self, node: Node) -> None:
        if node.kind == "field":
            self._name(cast("str", node.value), node)
        elif node.kind == "current":
            message = "There is no current value here, outside of projections, filters and pipes."
            self._report("no-current-value", message, node, self._some_name())
        elif node.kind in {"identity", "index", "slice"}:
            message = "There is no value here to take a part of."
            self._report("no-current-value", message, node, self._some_name())

    def _some_name(self) -> str:
        names = sorted(self.scope.names) if self.scope else []
        return f"Begin with a name: {', '.join(names)}."

    def _name(self, name: str, node: Node) -> None:
        """Note the reading of a scope name, or report that there is none such."""
        names = self.scope.names if self.scope else frozenset[str]()
        if name in names:
            self.roots.add(name)
            return
        close = get_close_matches(name, sorted(names), 1)
        if name in _LITERAL_WORDS:
            advice = f"Write `{name}` in backticks for the value."
        elif close:
            advice = f"Did you mean {close[0]}?"
        elif self.text[node.end :].lstrip()[:1] in (".", "["):
            advice = self._some_name()
        else:
            quoted = as_text(name)
            advice = f'For text write {quoted}; as the whole of a YAML value, "{quoted}".'
        self._report("unknown-name", f"`{name}` is no name that can be used here.", node, advice)

    def _call(self, node: Node, where: Where) -> None:
        if is_var(node):
            self._var(node)
            return
        function = FUNCTIONS.get(cast("str", node.value))
        if function is None:
            self._unknown_function(node)
        elif not function.takes(len(node.children)):
            self._argument_count(node, function)
        elif self._swapped(node, function):
            return
        for index, child in enumerate(node.children):
            expression = function is not None and "expression" in function.parameter(index).types
            if child.kind == "expref" and (expression or function is None):
                self.check(child.children[0], "element")
            elif expression:
                self._expression_wanted(child, cast("Function", function))
            else:
                self.check(child, where)

    def _var(self, node: Node) -> None:
        name = var_name(node)
        if self.scope is None:
            self._report("no-scope", "var() needs a scope, and here is only a document.", node)
        elif name is None:
            message = "var() takes one name, written as text."
            self._report("var-name", message, node, "Write var('name').")
        else:
            self._name(name, node.children[0])

    def _unknown_function(self, node: Node) -> None:
        name = cast("str", node.value)
        self.problems.append(
            ExpressionProblem(
                "unknown-function",
                f"There is no function {name}().",
                node.start,
                node.start + len(name),
                instead_of(name),
            )
        )

    def _argument_count(self, node: Node, function: Function) -> None:
        wanted, given = len(function.parameters), len(node.children)
        least = "at least " if function.variadic else ""
        plural = "" if wanted == 1 else "s"
        message = f"{function.name}() takes {least}{wanted} argument{plural}, not {given}."
        self._report("argument-count", message, node, f"Write {function.signature}.")

    def _swapped(self, node: Node, function: Function) -> bool:
        """Report the two arguments of `map` and its like in the wrong order."""
        if len(node.children) != len(_TWO):
            return False
        first, second = (child.kind == "expref" for child in node.children)
        wanted = ["expression" in function.parameter(at).types for at in _TWO]
        if wanted != [second, first] or first == second:
            return False
        one, two = (self.text[child.start : child.end] for child in node.children)
        message = f"The arguments of {function.name}() stand the other way round."
        advice = f"Write {function.name}({two}, {one})."
        start, end = node.children[0].start, node.children[1].end
        self.problems.append(ExpressionProblem("argument-type", message, start, end, advice))
        return True

    def _expression_wanted(self, node: Node, function: Function) -> None:
        written = self.text[node.start : node.end]
        message = f"{function.name}() takes an expression here, not a value."
        self._report("argument-type", message, node, f"Write &{written}.")
