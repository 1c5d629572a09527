"""Whose fault a missing value is, and how the log words it."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.config.problems import Place
from gateway.errors import ExpressionFailed, Refusal
from gateway.expressions.compiler import Program, compile_expression
from gateway.expressions.frame import Frame
from gateway.expressions.mishap import why_failed
from gateway.expressions.scope import Scope
from gateway.expressions.shown import part
from gateway.expressions.why import why_null
from gateway.plan.names import Origin


@dataclass(frozen=True, slots=True)
class Blame:
    """Where a value stands and whose data it is made from."""

    origin: Origin
    place: Place
    scope: Scope

    @property
    def where(self) -> str:
        return f"{self.place.file}:{self.place.line}:{self.place.column}"

    def absent(self, program: Program, frame: Frame) -> Refusal:
        """Word the refusal for a required value that is null."""
        return self._refusal(program.text, null_in_words(program, frame))

    def failed(self, error: ExpressionFailed, frame: Frame) -> Refusal:
        """Word the refusal for an expression that can't work with its data."""
        what = f"{part(error.expression)}: {error.reason}"
        more = why_failed(compile_expression(error.expression, self.scope), frame)
        return self._refusal(error.expression, f"{what}; {more}" if more else what)

    def unfit(self, text: str, what: str) -> Refusal:
        """Word the refusal for a value that can't be used where it stands."""
        return self._refusal(text, f"`{text}` {what}")

    def _refusal(self, text: str, what: str) -> Refusal:
        cause = f"{self.where}: {what}"
        if self.origin is Origin.VENDOR:
            message = "The vendor's answer can't be used"
            return Refusal(500, "vendor_answer", message, cause=cause)
        if self.origin is Origin.CONTRACT:
            message = f"Required data is missing or can't be used: {text}"
            return Refusal(400, "missing_data", message, cause=cause)
        return Refusal(500, "config", "The gateway's settings are incomplete", cause=cause)


def null_in_words(program: Program, frame: Frame) -> str:
    """Say that an expression is null, and which part of it vanished."""
    whole, why = part(program.text), why_null(program, frame)
    return why if why.startswith(whole) else f"{whole} is null: {why}"
