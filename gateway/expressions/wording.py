"""Syntax errors in the words of whoever typed the expression, with what to type instead."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from gateway.expressions.names import as_name
from gateway.expressions.strays import as_function, hyphenated_at
from gateway.expressions.tokens import ExpressionSyntax, Token

if TYPE_CHECKING:
    from collections.abc import Callable

    from jmespath.exceptions import ParseError

_CLOSERS = {"lparen": ")", "lbracket": "]", "filter": "]", "lbrace": "}"}
_OPENERS = {"rparen": "(", "rbracket": "[", "rbrace": "{"}
_PAIRS = {"rparen": ("lparen",), "rbracket": ("lbracket", "filter"), "rbrace": ("lbrace",)}
_OPERANDS = frozenset({"unquoted_identifier", "quoted_identifier", "literal", "number", "current"})
_ENDS = _OPERANDS | {"rparen", "rbracket", "rbrace", "flatten", "star"}
_NAMES = frozenset({"unquoted_identifier", "quoted_identifier"})
_WORDS = {
    "and": "Write && for and.",
    "or": "Write || for or.",
    "not": "Write ! for not.",
    "in": "Write contains(list, value) for in.",
    "is": "Write == for is.",
    "if": "Write condition && value || other.",
    "else": "Write condition && value || other.",
}
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")


def check_brackets(text: str, tokens: list[Token]) -> None:
    """Find the bracket that is never closed, or that closes nothing. Raises ExpressionSyntax."""
    opened: list[Token] = []
    for token in tokens:
        kind = token["type"]
        if kind in _CLOSERS:
            opened.append(token)
        elif kind in _PAIRS:
            if not opened:
                message = f"This `{token['value']}` closes nothing."
                advice = f"Take it out, or open it with {_OPENERS[kind]}."
                raise ExpressionSyntax(message, token["start"], token["end"], advice)
            opening = opened.pop()
            if opening["type"] not in _PAIRS[kind]:
                _never_closed(text, opening)
    if opened:
        _never_closed(text, opened[-1])


def _never_closed(text: str, opening: Token) -> NoReturn:
    start, end = opening["start"], opening["end"]
    closer = _CLOSERS[opening["type"]]
    message = f"This `{text[start:end]}` is never closed."
    raise ExpressionSyntax(message, start, end, f"Close it with {closer}.")


@dataclass(frozen=True, slots=True)
class _Spot:
    """The token that doesn't fit, and its neighbours."""

    text: str
    at: Token
    before: Token | None
    opened: str | None

    def shown(self, token: Token) -> str:
        return self.text[token["start"] : token["end"]]

    def follows(self, *kinds: str) -> bool:
        return self.before is not None and self.before["type"] in kinds


_Words = tuple[str, str | None]


def of_parse_error(text: str, tokens: list[Token], error: ParseError) -> ExpressionSyntax:
    index = next(
        (i for i, token in enumerate(tokens) if token["start"] >= error.lex_position),
        len(tokens) - 1,
    )
    if "Quoted identifier not allowed" in error.msg:
        index = _quoted_call(tokens)
    at = tokens[index]
    before = tokens[index - 1] if index else None
    spot = _Spot(text, at, before, _innermost(tokens[:index]))
    if at["type"] == "number" and before is not None and before["end"] == at["start"]:
        hyphenated = hyphenated_at(text, at["start"])
        if hyphenated is not None:
            return hyphenated
    for rule in _RULES:
        words = rule(spot)
        if words is not None:
            start, end = _span(spot)
            return ExpressionSyntax(words[0], start, end, words[1])
    return ExpressionSyntax(f"`{spot.shown(at)}` can't stand here.", at["start"], at["end"])


def _quoted_call(tokens: list[Token]) -> int:
    return next(
        i
        for i, token in enumerate(tokens[:-1])
        if token["type"] == "quoted_identifier" and tokens[i + 1]["type"] == "lparen"
    )


def _innermost(tokens: list[Token]) -> str | None:
    opened: list[str] = []
    for token in tokens:
        if token["type"] in _CLOSERS:
            opened.append(token["type"])
        elif token["type"] in _PAIRS:
            opened.pop()
    return opened[-1] if opened else None


def _span(spot: _Spot) -> tuple[int, int]:
    start, end = spot.at["start"], spot.at["end"]
    if spot.at["type"] == "eof" and spot.before is not None:
        return spot.before["start"], spot.before["end"]
    if spot.before is not None and spot.at["value"] not in _WORDS and _is_word(spot.before):
        return spot.before["start"], spot.before["end"]
    if spot.at["type"] == "number":
        number = _NUMBER.match(spot.text, start)
        end = number.end() if number else end
    return start, end


def _stops(spot: _Spot) -> _Words | None:
    if spot.at["type"] != "eof" or spot.before is None:
        return None
    if spot.follows("dot"):
        return "The expression stops after the dot.", "A field's name must follow it."
    shown = spot.shown(spot.before)
    return f"The expression stops after `{shown}`.", f"Something must follow {shown}."


def _is_word(token: Token) -> bool:
    return token["type"] == "unquoted_identifier" and token["value"] in _WORDS


def _word_operator(spot: _Spot) -> _Words | None:
    for token in (spot.at, spot.before):
        if token is not None and _is_word(token):
            word = str(token["value"])
            return f"JMESPath has no word `{word}`.", _WORDS[word]
    return None


def _after_dot(spot: _Spot) -> _Words | None:
    if not spot.follows("dot"):
        return None
    if spot.at["type"] == "literal" and isinstance(spot.at["value"], str):
        advice = f"Write .{as_name(spot.at['value'])}."
        return "After a dot stands a field's name, not text.", advice
    if spot.at["type"] == "number":
        return "After a dot stands a field's name, not a number.", f"Write [{spot.at['value']}]."
    return "After a dot stands a field's name.", None


def _subscript(spot: _Spot) -> _Words | None:
    if not spot.follows("lbracket") or spot.at["type"] not in _OPERANDS | {"filter", "not"}:
        return None
    message = "Square brackets after a value hold an index, a slice, * or a filter."
    value = spot.at["value"]
    if spot.at["type"] in {"literal", "quoted_identifier"} and isinstance(value, str):
        return message, f"For the field write .{as_name(value)}."
    if spot.at["type"] == "unquoted_identifier":
        return message, f"For the field write .{value}, for a computed key lookup(…, {value})."
    return message, None


def _hash_key(spot: _Spot) -> _Words | None:
    if spot.opened != "lbrace" or not spot.follows("lbrace", "comma"):
        return None
    if spot.at["type"] == "rbrace":
        if spot.follows("comma"):
            return "Nothing follows the comma.", "Take the comma out."
        return "Braces without a key.", "For an empty object write `{}` in backticks."
    advice = None
    if isinstance(spot.at["value"], str) and spot.at["type"] == "literal":
        advice = f"Write {as_name(spot.at['value'])}: …"
    return "A key must be a name.", advice


def _hash_colon(spot: _Spot) -> _Words | None:
    if spot.opened != "lbrace" or not spot.follows(*_NAMES) or spot.at["type"] == "colon":
        return None
    if spot.at["type"] in {"comma", "rbrace"} and spot.before is not None:
        name = spot.shown(spot.before)
        return "Each entry in braces is `name: expression`.", f"Write {name}: {name}."
    return None


def _bare_number(spot: _Spot) -> _Words | None:
    if spot.at["type"] != "number" or (spot.before and spot.before["type"] in _ENDS):
        return None
    number = _NUMBER.match(spot.text, spot.at["start"])
    shown = number[0] if number else spot.shown(spot.at)
    return "A bare number can only be an index.", f"Write `{shown}` in backticks."


def _arithmetic_star(spot: _Spot) -> _Words | None:
    if spot.at["type"] == "star" and spot.follows(*_ENDS):
        return "JMESPath has no operator `*`.", as_function(spot.text, spot.at["start"])
    return None


def _comma(spot: _Spot) -> _Words | None:
    if spot.at["type"] == "comma" and spot.opened is None and spot.before is not None:
        return "A comma belongs within brackets.", "For a list write […, …]."
    if spot.follows("comma") and spot.at["type"] in _OPENERS:
        return "Nothing follows the comma.", "Take the comma out."
    return None


def _colon(spot: _Spot) -> _Words | None:
    if spot.at["type"] != "colon":
        return None
    return "A colon belongs within braces or in a slice.", "Write {name: expression}."


def _empty_brackets(spot: _Spot) -> _Words | None:
    if spot.follows("lbracket") and spot.at["type"] == "rbracket":
        return "Brackets without anything.", "Write [] to flatten, `[]` for an empty list."
    if spot.follows("lparen") and spot.at["type"] == "rparen":
        return "Brackets without anything.", None
    if spot.follows("filter") and spot.at["type"] == "rbracket":
        return "A filter without a condition.", None
    return None


def _call(spot: _Spot) -> _Words | None:
    if spot.at["type"] == "lparen" or _next_char(spot) != "(":
        return None
    if spot.at["type"] == "quoted_identifier":
        return "A function's name has no quotes.", f"Write {spot.at['value']}(…)."
    if spot.at["type"] in _ENDS - {"unquoted_identifier"} and not spot.follows(*_ENDS):
        return f"`{spot.shown(spot.at)}` is no function's name.", None
    return None


def _next_char(spot: _Spot) -> str:
    return spot.text[spot.at["end"] :].lstrip()[:1]


def _side_by_side(spot: _Spot) -> _Words | None:
    if spot.at["type"] not in _OPERANDS | {"lparen", "lbrace"} or not spot.follows(*_ENDS):
        return None
    assert spot.before is not None  # noqa: S101 - follows() has seen it; for mypy
    message = f"Nothing joins `{spot.shown(spot.before)}` and `{spot.shown(spot.at)}`."
    if spot.opened in {"lbrace", "lbracket", "lparen"}:
        return message, f"Put a comma before {spot.shown(spot.at)}, or an operator."
    return message, "Put an operator between them."


def _no_left_side(spot: _Spot) -> _Words | None:
    if spot.at["type"] in _OPENERS and spot.before is not None:
        shown = spot.shown(spot.before)
        return f"Nothing follows `{shown}`.", None
    if spot.before is None or spot.before["type"] not in _ENDS:
        return f"Nothing stands before `{spot.shown(spot.at)}`.", None
    return None


_RULES: tuple[Callable[[_Spot], _Words | None], ...] = (
    _stops,
    _call,
    _word_operator,
    _after_dot,
    _subscript,
    _hash_key,
    _hash_colon,
    _bare_number,
    _arithmetic_star,
    _empty_brackets,
    _comma,
    _colon,
    _side_by_side,
    _no_left_side,
)
