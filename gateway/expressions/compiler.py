"""The seam: `compile_expression(text, scope) → Program`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from gateway.errors import ExpressionFailed
from gateway.expressions.checks import Checker
from gateway.expressions.codegen.generator import Generated, generate
from gateway.expressions.exact import NumberTooLong
from gateway.expressions.problems import ExpressionProblem, ExpressionProblems
from gateway.expressions.syntax import KEPT, ExpressionSyntax, Node, parse, too_deep
from gateway.expressions.types.infer import infer
from gateway.expressions.types.model import UNKNOWN, Type
from gateway.expressions.values import Misfit

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.expressions.context import Where
    from gateway.expressions.frame import Frame
    from gateway.expressions.scope import Scope


@dataclass(frozen=True, slots=True)
class Program:
    """A compiled expression; values go in and out as JSON values and are never changed.

    `roots` are the scope names that it reads, `ast` is its tree with offsets into `text`, `type` is
    what it gives as far as the scope's types tell, `source` the Python that it became.
    """

    text: str
    roots: frozenset[str]
    ast: Node
    type: Type
    source: str = field(repr=False, compare=False)
    _evaluate: Callable[[object], object] = field(repr=False, compare=False)

    def __call__(self, frame: Frame) -> object:
        """Evaluate in a scope. Raises ExpressionFailed."""
        try:
            return self._evaluate(frame)
        except _FAILURES as error:
            raise ExpressionFailed(self.text, _reason(error)) from error

    def search(self, document: object) -> object:
        """Evaluate against a document (compiled without a scope). Raises ExpressionFailed."""
        try:
            return self._evaluate(document)
        except _FAILURES as error:
            raise ExpressionFailed(self.text, _reason(error)) from error

    def telling(self, tell: Callable[[object], None]) -> Program:
        """Make the same expression, which also tells what it gives: null where it fails."""

        def evaluate(given: object) -> object:
            value = None
            try:
                value = self._evaluate(given)
            finally:
                tell(value)
            return value

        return replace(self, _evaluate=evaluate)


_FAILURES = (Misfit, RecursionError, ArithmeticError, LookupError, TypeError, ValueError)


def _reason(error: Exception) -> str:
    if isinstance(error, Misfit):
        return str(error)
    if isinstance(error, NumberTooLong):
        return f"a number has {error}"
    if isinstance(error, RecursionError):
        return "values are nested too deep"
    # Its text may quote data: only its class is told.
    return f"can't work with this value ({type(error).__name__})"


def compile_expression(text: str, scope: Scope | None) -> Program:
    """Compile against a scope's names or, without one, against a document.

    Raises ExpressionProblems with everything that is wrong.
    """
    try:
        return _compile(text, scope)
    except ExpressionSyntax as error:
        raise ExpressionProblems((of_syntax(error),)) from error
    except RecursionError as error:  # the caller itself stands deep
        raise ExpressionProblems((of_syntax(too_deep(0, len(text))),)) from error


def _compile(text: str, scope: Scope | None) -> Program:
    tree = parse(text)
    where: Where = "element" if scope is None else "root"
    checker = Checker(text, scope)
    checker.check(tree, where)
    type_, misfits = infer(tree, text, scope.types if scope else {}, None if scope else UNKNOWN)
    # A document's expression is JMESPath as it is: there, what can't fit gives null.
    problems = [*checker.problems, *_apart(misfits if scope else [], checker.problems)]
    if problems:
        raise ExpressionProblems(tuple(sorted(problems, key=lambda each: (each.start, each.end))))
    roots = frozenset(checker.roots)
    made = _generated(text, where)
    return Program(text, roots, tree, type_, made.source, made.evaluate)


@lru_cache(maxsize=KEPT)
def _generated(text: str, where: Where) -> Generated:
    """Give the function of an expression that has been checked."""
    return generate(parse(text), where)


def _apart(
    misfits: list[ExpressionProblem], others: list[ExpressionProblem]
) -> list[ExpressionProblem]:
    """Leave out what is told once already, or follows from what is told of the same stretch."""
    return [
        each
        for each in dict.fromkeys(misfits)
        if not any(other.start < each.end and each.start < other.end for other in others)
    ]


def of_syntax(error: ExpressionSyntax) -> ExpressionProblem:
    return ExpressionProblem(
        "expression-syntax", error.message, error.start, error.end, error.advice
    )
