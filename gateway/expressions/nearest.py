"""What was meant by a bare word that is no name of the scope."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from gateway.expressions.names import as_text
from gateway.expressions.types.model import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.expressions.scope import Scope

_LITERAL_WORDS = frozenset({"true", "false", "null"})
_FIRST = ("line", "row", "page")
_LAST = ("body", "checkout", "order", "settings")
_VERY_CLOSE = 0.8


def names_of(scope: Scope | None) -> str:
    """Say which names there are."""
    return f"Begin with a name: {', '.join(sorted(scope.names) if scope else [])}."


def advice_for(word: str, scope: Scope | None, *, taken_apart: bool) -> str:
    """Say what to write for the word; `taken_apart`: a part of it is taken, as in `word.x`."""
    if word in _LITERAL_WORDS:
        return f"Write `{word}` in backticks for the value."
    names = sorted(scope.names) if scope else []
    close = get_close_matches(word, names, 1, _VERY_CLOSE)
    if scope is not None and not close:
        holder = _holder(word, scope, (*_FIRST, *sorted(scope.names.difference(_FIRST, _LAST))))
        if holder is None and _is_blank("row", scope):
            return f"For the row's field write row.{word}; for text {as_text(word)}."
        if holder == f"line.{word}" and _is_blank("row", scope):
            return f"For the row's field write row.{word}; for the line's {holder}."
        close = [holder] if holder else get_close_matches(word, names, 1)
        close = close or [found for found in [_holder(word, scope, _LAST)] if found]
    if close:
        return f"Did you mean {close[0]}?"
    if taken_apart:
        return names_of(scope)
    quoted = as_text(word)
    return f'For text write {quoted}; as the whole of a YAML value, "{quoted}".'


def _holder(word: str, scope: Scope, names: Iterable[str]) -> str | None:
    """Find the first of the names whose value has a field of this name, and write its path."""
    for name in names:
        type_ = scope.types.get(name)
        if type_ is not None and any(word in shape.fields for shape in type_.objects):
            return f"{name}.{word}"
    return None


def _is_blank(name: str, scope: Scope) -> bool:
    return name in scope.names and not scope.types.get(name, UNKNOWN).kinds
