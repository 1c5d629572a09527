"""What parses and runs, and can't be what was meant. Silent on everything that might be right."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from gateway.expressions.functions import FUNCTIONS
from gateway.expressions.names import as_text, is_plain
from gateway.expressions.problems import ExpressionProblem
from gateway.expressions.regex import BadPattern, compiled
from gateway.expressions.times import unknown_directive

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gateway.expressions.context import Where
    from gateway.expressions.syntax import Node

_TAKES_PART = frozenset({"subexpression", "value_projection", "filter_projection", "flatten"})
_LITERAL_WORDS = frozenset({"true", "false", "null"})


def of(node: Node, text: str, where: Where) -> Iterator[ExpressionProblem]:
    """Give what can't be meant about this node itself, not about those below it."""
    for rule in _RULES.get(node.kind, ()):
        yield from rule(node, text, where)


def _negation(node: Node, text: str, _where: Where) -> Iterator[ExpressionProblem]:
    if node.children[0].kind != "not_expression":
        return
    negation = node.children[0]
    operand = text[negation.start + 1 : node.end].strip()
    yield ExpressionProblem(
        "negation-first",
        "`!` binds tighter than what follows: this takes a part of true or false, always null.",
        negation.start,
        node.end,
        f"Write !({operand})." if node.start == negation.start else None,
    )


def _quoted_word(node: Node, text: str, where: Where) -> Iterator[ExpressionProblem]:
    word = node.children[1]
    # At the root it is a scope name, or reported as none.
    if word.kind != "field" or where == "root" or text[word.start] != '"':
        return
    name = cast("str", word.value)
    if is_plain(name):
        yield ExpressionProblem(
            "double-quotes",
            "Double quotes name a field; this compares two fields.",
            word.start,
            word.end,
            f"For text write {as_text(name)}; for the field, {name}.",
        )


def _literal_word(node: Node, text: str, where: Where) -> Iterator[ExpressionProblem]:
    if where == "root":
        return
    for word in node.children:
        if word.kind == "field" and word.value in _LITERAL_WORDS and text[word.start] != '"':
            yield ExpressionProblem(
                "literal-word",
                f"`{word.value}` without backticks names a field.",
                word.start,
                word.end,
                f"Write `{word.value}` in backticks for the value.",
            )


def _zero_step(node: Node, _text: str, _where: Where) -> Iterator[ExpressionProblem]:
    if cast("tuple[object, ...]", node.value)[2] == 0:
        yield ExpressionProblem(
            "slice-step", "A slice's step can't be 0.", node.start, node.end, "Write 1 or -1."
        )


def _written_out(node: Node, _text: str, _where: Where) -> Iterator[ExpressionProblem]:
    """Check what has to stand in the mapping itself: patterns, and formats of times."""
    place = _FIXED.get(cast("str", node.value))
    if place is None or len(node.children) <= place:
        return
    given = node.children[place]
    if given.kind != "literal" or not isinstance(given.value, str):
        what = FUNCTIONS[cast("str", node.value)].parameter(place).name
        message = f"The {what} of {node.value}() has to be written out, as text."
        yield ExpressionProblem("bad-pattern", message, given.start, given.end, "Write '…'.")
        return
    wrong = _no_pattern(given.value) if node.value == "regex_match" else _no_format(given.value)
    if wrong is not None:
        yield ExpressionProblem("bad-pattern", wrong, given.start, given.end)


def _no_pattern(pattern: str) -> str | None:
    try:
        compiled(pattern)
    except BadPattern as error:
        return f"This is no regular expression of RE2: {error}."
    return None


def _no_format(pattern: str) -> str | None:
    unknown = unknown_directive(pattern)
    return f"`{unknown}` is no directive of a format of times." if unknown else None


_FIXED = {"format_time": 1, "parse_time": 1, "regex_match": 1}

_RULES: dict[str, tuple[Callable[[Node, str, Where], Iterator[ExpressionProblem]], ...]] = {
    **dict.fromkeys(_TAKES_PART, (_negation,)),
    "comparator": (_quoted_word, _literal_word),
    "slice": (_zero_step,),
    "function_expression": (_written_out,),
}
