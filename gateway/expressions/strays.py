"""Characters that an expression has no use for, in the words of whoever typed them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gateway.expressions.tokens import ExpressionSyntax

if TYPE_CHECKING:
    from jmespath.exceptions import LexerError

_ARITHMETIC = {"+": "add", "-": "subtract", "/": "divide"}
_SIGNS = (
    ("??", "JMESPath has no `??`.", "Write value || other, or not_null(value, other)."),
    ("?.", "JMESPath has no `?.`.", "Write . alone: a field of null is null."),
)
_HYPHENATED = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)+")
_WORD = re.compile(r"[^\W\d]\w*")


def of_lexer_error(text: str, error: LexerError) -> ExpressionSyntax:
    start = error.lexer_position
    if error.message.startswith("Unclosed"):
        quote = text[start]
        what = {"'": "text", '"': "name", "`": "literal"}[quote]
        message = f"The {what} that begins here is never closed."
        return ExpressionSyntax(message, start, len(text), f"Close it with {quote}.")
    if error.message == "Too many digits":
        return ExpressionSyntax("The number has too many digits.", start, start + 1)
    char = text[start]
    if char == '"':
        message = f"The name in double quotes is no JSON text: {error.message}."
        return ExpressionSyntax(message, start, start + len(error.lexer_value))
    quotable = hyphenated_at(text, start) or _foreign_at(text, start)
    if quotable is not None:
        return quotable
    for sign, said, instead in _SIGNS:
        if text.startswith(sign, start):
            return ExpressionSyntax(said, start, start + len(sign), instead)
    message, advice = _stray(char)
    return ExpressionSyntax(message, start, start + 1, advice)


def _stray(char: str) -> tuple[str, str | None]:
    if char == "=":
        return "A single `=` compares nothing.", "Write == to compare."
    if char in _ARITHMETIC:
        name = _ARITHMETIC[char]
        return f"JMESPath has no operator `{char}`.", f"Write {name}(…, …)."
    if char == "?":
        return "JMESPath has no `? :`.", "Write condition && value || other."
    if char in "\u2018\u2019\u201c\u201d":
        return "These are typographic quotes.", "Write text in straight single quotes: '…'."
    if char == "$":
        return "JMESPath has no `$`.", "Begin with a name of the scope."
    return f"`{char}` has no meaning in an expression.", None


def hyphenated_at(text: str, position: int) -> ExpressionSyntax | None:
    for match in _HYPHENATED.finditer(text):
        if match.start() < position < match.end() and text[position] == "-":
            name = match[0]
            return ExpressionSyntax(
                f"A name with a hyphen needs double quotes: `{name}`.",
                match.start(),
                match.end(),
                f"Write \"{name}\" for the field, '{name}' for text.",
            )
    return None


def _foreign_at(text: str, position: int) -> ExpressionSyntax | None:
    for match in _WORD.finditer(text):
        if match.start() <= position < match.end():
            name = match[0]
            return ExpressionSyntax(
                f"A name with letters beyond a to z needs double quotes: `{name}`.",
                match.start(),
                match.end(),
                f"Write \"{name}\" for the field, '{name}' for text.",
            )
    return None
