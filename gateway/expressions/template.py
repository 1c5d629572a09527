"""Texts with `{expression}` inserts; `{{` and `}}` are the braces themselves."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from jmespath.exceptions import LexerError

from gateway.errors import ExpressionFailed
from gateway.expressions import exact
from gateway.expressions.compiler import Program, compile_expression, of_syntax
from gateway.expressions.problems import ExpressionProblem, ExpressionProblems
from gateway.expressions.strays import of_lexer_error
from gateway.expressions.syntax import MAX_LENGTH
from gateway.expressions.tokens import ExpressionSyntax, Lexer
from gateway.expressions.types.algebra import without_null
from gateway.expressions.types.words import described
from gateway.expressions.values import NUMBERS, a_type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gateway.expressions.frame import Frame
    from gateway.expressions.scope import Scope

_BRACE = re.compile(r"\{\{|\}\}|[{}]")
_DOUBLED = re.compile(r"\{\{\s*(?P<root>[A-Za-z_][A-Za-z0-9_]*)[^{}]*\}\}")
_LITERALLY = "For the brace itself write it twice."


@dataclass(frozen=True, slots=True)
class NullInsert:
    """The insert whose value was null, so that there is no text."""

    insert: Program


@dataclass(frozen=True, slots=True)
class Template:
    """A text with inserts, in order; `roots` are the scope names that the inserts read."""

    text: str
    parts: tuple[str | Program, ...]
    roots: frozenset[str]

    @property
    def inserts(self) -> tuple[Program, ...]:
        return tuple(part for part in self.parts if isinstance(part, Program))

    def telling(self, tell: Callable[[object], None]) -> Template:
        """Make the same text, whose inserts also tell what they give."""
        parts = (part if isinstance(part, str) else part.telling(tell) for part in self.parts)
        return replace(self, parts=tuple(parts))

    def render(self, frame: Frame, escape: Callable[[str], str]) -> str | NullInsert:
        """Fill in the inserts, each one's text through `escape`; the first null one ends it.

        Numbers come with all their digits and no exponent, booleans as `true` and `false`. Raises
        ExpressionFailed, also for an insert that gives an array or an object.
        """
        written: list[str] = []
        for part in self.parts:
            if isinstance(part, str):
                written.append(part)
                continue
            value = part(frame)
            if value is None:
                return NullInsert(part)
            text = as_text(value)
            if text is None:
                raise ExpressionFailed(part.text, _why_no_text(value))
            written.append(escape(text))
        return "".join(written)


def _why_no_text(value: object) -> str:
    if type(value) in NUMBERS:
        return f"a number has {exact.NumberTooLong()}"
    return f"gives {a_type(value)}, which is no text"


def as_text(value: object) -> str | None:
    """Write a text, number or boolean as text; None for what isn't one or has too many digits."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if type(value) not in NUMBERS:
        return None
    try:
        return exact.plain(value)  # type: ignore[arg-type] # mypy doesn't follow the set
    except exact.NumberTooLong:
        return None


def compile_template(text: str, scope: Scope) -> Template:
    """Compile against a scope's names; `{` begins an insert, which ends where its expression does.

    Raises ExpressionProblems with everything that is wrong, placed within the whole text.
    """
    reader = _Reader(text, scope)
    reader.read()
    if reader.problems:
        raise ExpressionProblems(tuple(reader.problems))
    roots = frozenset[str]().union(
        *(part.roots for part in reader.parts if isinstance(part, Program))
    )
    return Template(text, tuple(reader.parts), roots)


def inserts_in(text: str) -> Iterator[tuple[int, int]]:
    """Give from where to where each insert's expression stands, in a text that compiles."""
    position = 0
    while match := _BRACE.search(text, position):
        position = match.end()
        end = _closing_brace(text[position:]) if match[0] == "{" else None
        if end is not None:
            yield position, position + end
            position += end + 1


class _Reader:
    """Reads a template from left to right."""

    def __init__(self, text: str, scope: Scope) -> None:
        self._text = text
        self._scope = scope
        self._literal: list[str] = []
        self.parts: list[str | Program] = []
        self.problems: list[ExpressionProblem] = []

    def read(self) -> None:
        position = 0
        while match := _BRACE.search(self._text, position):
            self._literal.append(self._text[position : match.start()])
            if match[0] == "{":
                position = self._insert(match.start())
                continue
            if match[0] == "}":
                message = "This `}` closes no insert."
                self._report("template-brace", message, match.start(), match.end(), _LITERALLY)
            elif match[0] == "{{":
                self._check_doubled(match.start())
            self._literal.append(match[0][0])
            position = match.end()
        self._literal.append(self._text[position:])
        self._flush()

    def _flush(self) -> None:
        literal = "".join(self._literal)
        if literal:
            self.parts.append(literal)
        self._literal = []

    def _report(self, code: str, message: str, start: int, end: int, advice: str) -> None:
        self.problems.append(ExpressionProblem(code, message, start, end, advice))

    def _check_doubled(self, start: int) -> None:
        """Catch `{{order.id}}`, which other languages' habits write for an insert."""
        match = _DOUBLED.match(self._text, start)
        if match and match["root"] in self._scope.names:
            inner = match[0][2:-2].strip()
            message = "Doubled braces write the braces, not the value."
            advice = f"For the value write {{{inner}}}."
            self._report("template-doubled-braces", message, start, match.end(), advice)

    def _insert(self, opening: int) -> int:
        """Compile the insert that opens here and give the place after its closing brace."""
        begin = opening + 1
        try:
            end = _closing_brace(self._text[begin : begin + MAX_LENGTH + 1])
        except ExpressionSyntax as error:
            problem = of_syntax(error).shifted(begin)
            self.problems.append(problem)
            return self._after_brace(problem.end)
        if end is None:
            message = "This `{` is never closed."
            self._report("template-brace", message, opening, begin, f"Close it. {_LITERALLY}")
            return len(self._text)
        self._compile(begin, begin + end)
        return begin + end + 1

    def _after_brace(self, start: int) -> int:
        """Find where to read on after an insert that has no end that could be told."""
        brace = self._text.find("}", start)
        return len(self._text) if brace < 0 else brace + 1

    def _compile(self, begin: int, end: int) -> None:
        expression = self._text[begin:end]
        if not expression.strip():
            message = "There is no expression between these braces."
            self._report("template-brace", message, begin - 1, end + 1, _LITERALLY)
            return
        try:
            program = compile_expression(expression, self._scope)
        except ExpressionProblems as error:
            self.problems.extend(problem.shifted(begin) for problem in error.problems)
            return
        given = without_null(program.type)
        if given.kinds and not given.unknown and given.kinds <= {"array", "object"}:
            message = f"An insert is text, a number or a boolean, and this is {described(given)}."
            advice = "Take one value of it, or join(', ', …) texts."
            self._report("type-mismatch", message, begin, end, advice)
            return
        self._flush()
        self.parts.append(program)


def _closing_brace(text: str) -> int | None:
    """Find the brace that closes the insert, past braces within the expression and its quotes."""
    depth = 0
    if "}" not in text:
        return None
    try:
        for token in Lexer().tokenize(text):
            if token["type"] == "lbrace":
                depth += 1
            elif token["type"] == "rbrace" and depth == 0:
                return token["start"]
            elif token["type"] == "rbrace":
                depth -= 1
    except LexerError as error:
        raise of_lexer_error(text, error) from error
    return None
