"""What the YAML parser complains about, in the words of people who write configuration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import yaml


@dataclass(frozen=True, slots=True)
class Complaint:
    """A complaint to show: from `start` to `end`, offsets in the text."""

    message: str
    advice: str
    start: int
    end: int


# Parts of the parser's sentences (its context and its problem, which are fixed in its source),
# what we say instead, and whether the trouble begins where it was reading from.
_COMPLAINTS: tuple[tuple[str, str, str, bool], ...] = (
    (
        "end of stream",
        "The quote that opens here is never closed.",
        "Close it with the same quote at the end of the value.",
        True,
    ),
    (
        "document separator",
        "The quote that opens here isn't closed before the `---` or `...` below.",
        "Close it with the same quote at the end of the value.",
        True,
    ),
    (
        "unknown escape",
        'Inside "…" a backslash starts an escape, and YAML doesn\'t know this one.',
        "Type `\\\\` for a backslash, or put the value into single quotes.",
        False,
    ),
    (
        "escape sequence",
        'This escape inside "…" has too few hexadecimal digits.',
        "Type `\\x` with 2, `\\u` with 4 or `\\U` with 8 of them.",
        False,
    ),
    (
        "flow mapping",
        "The `{` that opens here isn't closed, or its entries aren't separated by commas.",
        "Type it as in `{a: one, b: two}`; quote a value that holds brackets or commas.",
        True,
    ),
    (
        "flow sequence",
        "The `[` that opens here isn't closed, or its items aren't separated by commas.",
        "Type it as in `[one, two]`; quote an item that holds brackets or commas.",
        True,
    ),
    (
        "mapping values are not allowed",
        "A key can't start here: the line holds a value already, or is indented too far.",
        "Quote the value if `: ` belongs to it; else put the key in line with the one above.",
        False,
    ),
    (
        "sequence entries are not allowed",
        "A list item can't start here.",
        "Put each `- ` on a line of its own, below its key.",
        False,
    ),
    (
        "could not find expected ':'",
        "This line is no `key: value`.",
        "Add the colon and a space; or indent the line, if it belongs to the value above.",
        True,
    ),
    (
        "block scalar",
        "Behind `|` or `>` only `-`, `+` or a digit can stand; the text begins on the next line.",
        "Move the text to the next line and indent it; or quote it, if the sign belongs to it.",
        False,
    ),
    (
        "block end",
        "This line doesn't fit below the lines above.",
        "Indent it as far as the lines that it belongs to; quote a value that has quotes inside.",
        False,
    ),
    (
        "directive",
        "A line that starts with `%` gives orders to YAML; none are taken here.",
        "Remove the line; or quote the value, if it belongs to one.",
        False,
    ),
    (
        "cannot start any token",
        "A value can't start with this sign.",
        'Put the value into quotes, as in `key: "@"`.',
        False,
    ),
    (
        "expected the node content",
        "A value is expected here, not this sign.",
        'Put the value into quotes, as in `key: "}"`.',
        False,
    ),
)
_OTHERWISE = "YAML can't be read from here on."


def stop(error: yaml.MarkedYAMLError) -> yaml.Mark:
    """Give the mark where the parser stopped."""
    mark = error.problem_mark or error.context_mark
    if mark is None:
        raise AssertionError("a parser's error always has a mark") from error
    return mark


def explain(error: yaml.MarkedYAMLError, text: str) -> Complaint:
    """Reword an error of the parser."""
    said = f"{error.context}: {error.problem}"
    for part, message, advice, from_context in _COMPLAINTS:
        if part in said:
            mark = error.context_mark if from_context and error.context_mark else stop(error)
            return _at(message, advice, mark.index, text)
    advice = "Look for a missing quote, bracket, colon or space in this line or above."
    return _at(_OTHERWISE, advice, stop(error).index, text)


def _at(message: str, advice: str, start: int, text: str) -> Complaint:
    """Point at the place; at the end of a file, at its last character."""
    if start >= len(text.rstrip()):
        start = max(len(text.rstrip()) - 1, 0)
    return Complaint(message, advice, start, start + 1)
