"""What is wrong with an expression, as values that carry a stretch of its text."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gateway.errors import GatewayError


@dataclass(frozen=True, slots=True)
class ExpressionProblem:
    """One problem: a stable code, what is wrong from `start` to `end`, and the way out."""

    code: str
    message: str
    start: int
    end: int
    advice: str | None = None

    def at(self, start: int, end: int) -> ExpressionProblem:
        """Give the same problem at another stretch of the text."""
        return replace(self, start=start, end=end)

    def shifted(self, offset: int) -> ExpressionProblem:
        """Give the problem's place within a text in which the expression begins at `offset`."""
        return replace(self, start=self.start + offset, end=self.end + offset)


class ExpressionProblems(GatewayError):
    """An expression that can't be compiled, with every problem found."""

    def __init__(self, problems: tuple[ExpressionProblem, ...]) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems
