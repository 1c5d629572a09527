"""The words of an expression: jmespath's own lexer, with true ends and exact literals."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NoReturn, TypedDict

import jmespath.lexer
from jmespath.exceptions import LexerError

from gateway.errors import GatewayError
from gateway.expressions import exact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class ExpressionSyntax(GatewayError):
    """The text is no JMESPath: what is wrong from `start` to `end`, and what to type instead."""

    def __init__(self, message: str, start: int, end: int, advice: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = end
        self.advice = advice


class Token(TypedDict):
    """As jmespath's parser wants its tokens; `end` is exclusive."""

    type: str
    value: object
    start: int
    end: int


class Lexer(jmespath.lexer.Lexer):
    """jmespath's lexer; its own tokens carry a wrong `end` for text, names in quotes and pairs."""

    # What the stubs leave out of the parent.
    _position: int
    _current: str | None
    _length: int
    _consume_until: Callable[[str], str]

    def tokenize(self, expression: str) -> Iterator[Token]:  # type: ignore[override] # a value may be any JSON
        for token in super().tokenize(expression):
            kind, start = token["type"], token["start"]
            yield Token(type=kind, value=token["value"], start=start, end=self._end(kind, start))

    def _end(self, kind: str, start: int) -> int:
        # The parent yields these before it steps over their last character.
        if kind in _SINGLE:
            return start + 1
        if kind == "eq":
            return start + 2
        return self._length if self._current is None else self._position

    def _consume_literal(self) -> Token:
        start = self._position
        lexeme = self._consume_until("`").replace("\\`", "`")
        end = self._length if self._current is None else self._position
        return Token(type="literal", value=_literal(lexeme, start, end), start=start, end=end)

    def _consume_number(self) -> str:
        digits: str = super()._consume_number()  # type: ignore[misc] # not in the stubs
        if len(digits) > exact.MAX_DIGITS:
            raise LexerError(self._position, digits, "Too many digits")
        return digits


_SINGLE = frozenset(jmespath.lexer.Lexer.SIMPLE_TOKENS.values())


def _literal(lexeme: str, start: int, end: int) -> object:
    try:
        return json.loads(
            lexeme,
            parse_float=exact.parse_decimal,
            parse_int=_whole,
            parse_constant=_no_constant,
        )
    except exact.NumberTooLong as error:
        raise ExpressionSyntax(f"The number in backticks has {error}.", start, end) from error
    except RecursionError as error:
        raise ExpressionSyntax("The JSON in backticks is nested too deep.", start, end) from error
    except ValueError as error:
        text = lexeme.strip()
        advice = None
        if text and not set(text) & set("{}[]\"'`\\"):
            advice = f"For text write '{text}'."
        raise ExpressionSyntax(
            "Backticks hold JSON, and this is none.", start, end, advice
        ) from error


def _whole(digits: str) -> int:
    if len(digits) > exact.MAX_DIGITS:
        raise exact.NumberTooLong
    return int(digits)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)
