"""Words for problems: what stands there, what was probably meant, sentences."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from gateway.config import source
from gateway.config.problems import Place
from gateway.config.source import Node, Scalar, Sequence

_MOST_LISTED = 12


def describe(node: Node) -> str:
    """Name what stands there, for messages: `a list`, `the number 5`, `the text "x"`."""
    if isinstance(node, source.Mapping):
        return "a block of keys"
    if isinstance(node, Sequence):
        return "a list"
    if isinstance(node.value, bool):
        return f"the boolean {node.text}"
    if node.value is None:
        return "null" if node.text else "nothing"
    return f'the text "{node.text}"' if isinstance(node.value, str) else f"the number {node.text}"


def is_blank(node: Node) -> bool:
    """Tell whether nothing follows a key, as in `settings:` where all below is commented out."""
    return isinstance(node, Scalar) and node.style == "plain" and not node.text


def or_empty(node: Node) -> Node:
    """Take nothing for an empty block."""
    return source.Mapping((), node.place) if is_blank(node) else node


def start_of(node: source.Mapping) -> Place:
    """Give where a block begins: problems with all of it aren't underlined over many lines."""
    one_line = node.place.line == node.place.end_line or not node.entries
    return node.place if one_line else node.entries[0][0].place


def sentence(text: str) -> str:
    """Make a sentence of a fragment: a capital letter at its start, a full stop at its end."""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?")) else ".")


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Find the name that was probably meant."""
    known = list(known)
    lowered = {name.lower().replace("-", "_"): name for name in known}
    hits = difflib.get_close_matches(word.lower().replace("-", "_"), lowered, n=1, cutoff=0.6)
    return lowered[hits[0]] if hits else None


def suggestion(word: str, known: Iterable[str]) -> str:
    """Say what to type instead of an unknown name."""
    known = sorted(known)
    hit = nearest(word, known)
    if hit:
        return f"Did you mean `{hit}`?"
    if len(known) > _MOST_LISTED:
        return f"Known here: {', '.join(f'`{name}`' for name in known[:_MOST_LISTED])} and others."
    return f"Known here: {listed(known)}." if known else "There is none to choose from."


def listed(words: Iterable[str], last: str = "and") -> str:
    """Write words as `a`, `b` and `c`."""
    *most, final = [f"`{word}`" for word in words]
    return f"{', '.join(most)} {last} {final}" if most else final


def apart(said: str) -> tuple[str, str | None]:
    """Part what is wrong from what to type, which follows the first colon outside of quotes."""
    found = re.match(r"((?:`[^`]*`|[^`])*?): (.*)", said, re.DOTALL)
    return (sentence(found[1]), sentence(found[2])) if found else (sentence(said), None)
