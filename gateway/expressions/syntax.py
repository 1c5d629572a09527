"""Text to tree: jmespath's own parser, made to tell where each node stands and to be strict."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NoReturn, cast

import jmespath.parser
from jmespath.exceptions import LexerError, ParseError

from gateway.expressions import strays, wording
from gateway.expressions.tokens import ExpressionSyntax, Lexer, Token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["KEPT", "MAX_DEPTH", "MAX_LENGTH", "ExpressionSyntax", "Node", "parse"]

MAX_LENGTH = 16_000
MAX_DEPTH = 120
KEPT = 2_000
"""So many expressions are remembered: mappings have many in common, and a reload nearly all."""


@dataclass(frozen=True, slots=True)
class Node:
    """A node of jmespath's tree and the stretch of the text that it was made from.

    `kind` and `value` are jmespath's `type` and `value`; a slice's three numbers are its `value`.
    """

    kind: str
    value: object
    children: tuple[Node, ...]
    start: int
    end: int

    def walk(self) -> Iterator[Node]:
        """Give this node and all below it."""
        yield self
        for child in self.children:
            yield from child.walk()


@lru_cache(maxsize=KEPT)
def parse(text: str) -> Node:
    """Parse a JMESPath expression. Raises ExpressionSyntax."""
    if not text.strip():
        raise ExpressionSyntax("The expression is empty.", 0, len(text), "For no text write ''.")
    if len(text) > MAX_LENGTH:
        message = f"The expression is longer than {MAX_LENGTH} characters."
        raise ExpressionSyntax(message, MAX_LENGTH, len(text), "Name its parts with `let`.")
    try:
        return _node(_Parser(text, tokenize(text)).tree(), 0, len(text))
    except RecursionError as error:  # the caller itself stands deep
        raise too_deep(0, len(text)) from error


def too_deep(start: int, end: int) -> ExpressionSyntax:
    message = f"The expression is nested more than {MAX_DEPTH} levels deep."
    return ExpressionSyntax(message, start, end, "Name its parts with `let`.")


def tokenize(text: str) -> list[Token]:
    """Give all tokens of the text, the last one `eof`. Raises ExpressionSyntax."""
    try:
        return list(Lexer().tokenize(text))
    except LexerError as error:
        raise strays.of_lexer_error(text, error) from error


_Tree = dict[str, object]


class _Parser(jmespath.parser.Parser):
    """Adds `start`, `end` and `depth` to the parent's nodes, and is stricter.

    It refuses what the parent lets pass: a missing comma in `{…}` and `f(…)`, a comma before the
    closing bracket, and a key given twice. The parent's cache isn't used.
    """

    # What the stubs leave out of the parent.
    _tokens: list[Token]
    _index: int
    _current_token: Callable[[], str]
    _lookahead_token: Callable[[int], Token]
    _advance: Callable[[], None]
    _match: Callable[[str], None]
    _match_multiple_tokens: Callable[[list[str]], None]

    def __init__(self, text: str, tokens: list[Token]) -> None:
        super().__init__()
        self._text = text
        self._tokens = tokens
        self._index = 0
        self._nesting = 0

    def tree(self) -> _Tree:
        wording.check_brackets(self._text, self._tokens)
        try:
            tree = self._expression()
            if self._current_token() != "eof":
                self._refuse()
        except ParseError as error:
            raise wording.of_parse_error(self._text, self._tokens, error) from error
        return tree

    def _expression(self, binding_power: int = 0) -> _Tree:
        first = self._lookahead_token(0)
        self._nesting += 1
        self._check_depth(self._nesting, first)
        self._advance()
        nud: Callable[[Token], _Tree] = getattr(
            self, f"_token_nud_{first['type']}", self._error_nud_token
        )
        left = self._spanned(nud(first), first, fresh=False)
        while binding_power < self.BINDING_POWER[self._current_token()]:
            led: Callable[[_Tree], _Tree] | None = getattr(
                self, f"_token_led_{self._current_token()}", None
            )
            if led is None:
                self._refuse()
            self._advance()
            left = self._spanned(led(left), first, fresh=True)
        self._nesting -= 1
        return left

    def _spanned(self, tree: _Tree, first: Token, *, fresh: bool) -> _Tree:
        """Note where the node stands; one that came back from within brackets keeps its own."""
        if fresh or "start" not in tree:
            tree["start"] = first["start"]
            tree["end"] = self._tokens[self._index - 1]["end"]
            tree["depth"] = _depth_with_last(tree) if "depth" in tree else _depth(tree)
            self._check_depth(cast("int", tree["depth"]), first)
        return tree

    def _check_depth(self, depth: int, token: Token) -> None:
        if depth > MAX_DEPTH:
            raise too_deep(token["start"], token["end"])

    def _refuse(self) -> NoReturn:
        token = self._lookahead_token(0)
        raise ParseError(token["start"], str(token["value"]), token["type"])

    def _error_nud_token(self, token: Token) -> NoReturn:
        raise ParseError(token["start"], str(token["value"]), token["type"])

    def _parse_dot_rhs(self, binding_power: int) -> _Tree:
        first = self._lookahead_token(0)
        tree = super()._parse_dot_rhs(binding_power)  # type: ignore[misc] # not in the stubs
        return self._spanned(tree, first, fresh=False)

    def _parse_index_expression(self) -> _Tree:
        first = self._lookahead_token(-1)
        tree = super()._parse_index_expression()  # type: ignore[misc] # not in the stubs
        return self._spanned(tree, first, fresh=False)

    def _token_led_lparen(self, left: _Tree) -> _Tree:
        name = self._lookahead_token(-2)
        if name["type"] != "unquoted_identifier":
            raise ParseError(name["start"], str(name["value"]), name["type"])
        arguments: list[_Tree] = []
        while self._current_token() != "rparen" or arguments:
            arguments.append(self._expression())
            if self._current_token() != "comma":
                break
            self._advance()
        self._match("rparen")
        return {"type": "function_expression", "children": arguments, "value": left["value"]}

    def _parse_multi_select_hash(self) -> _Tree:
        pairs: list[_Tree] = []
        seen: set[object] = set()
        while True:
            key = self._lookahead_token(0)
            self._match_multiple_tokens(["quoted_identifier", "unquoted_identifier"])
            if key["value"] in seen:
                raise ExpressionSyntax(
                    f"The key `{key['value']}` is given twice.", key["start"], key["end"]
                )
            seen.add(key["value"])
            self._match("colon")
            pair = {"type": "key_val_pair", "children": [self._expression()], "value": key["value"]}
            pairs.append(self._spanned(pair, key, fresh=True))
            if self._current_token() != "comma":
                break
            self._advance()
        self._match("rbrace")
        return {"type": "multi_select_dict", "children": pairs}


def _depth_with_last(tree: _Tree) -> int:
    """Give the depth of a chain that has grown by one part: counting all again takes too long."""
    last = cast("list[_Tree]", tree["children"])[-1]
    return max(cast("int", tree["depth"]), 1 + cast("int", last.get("depth") or _depth(last)))


def _depth(tree: _Tree) -> int:
    below = [child for child in cast("list[object]", tree["children"]) if isinstance(child, dict)]
    return 1 + max((child.get("depth") or _depth(child) for child in below), default=0)


def _node(tree: _Tree, start: int, end: int) -> Node:
    """Freeze a tree; a node that the parser made on the side stands where its parent does."""
    start, end = cast("int", tree.get("start", start)), cast("int", tree.get("end", end))
    children = cast("list[object]", tree["children"])
    if tree["type"] == "slice":
        return Node("slice", tuple(children), (), start, end)
    below = tuple(_node(cast("_Tree", child), start, end) for child in children)
    return Node(str(tree["type"]), tree.get("value"), below, start, end)
