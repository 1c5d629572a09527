"""Which directives there are, and what is wrong with how they are written."""

from __future__ import annotations

from gateway.config.problems import Problems
from gateway.config.source import Mapping, Node
from gateway.config.wording import nearest, start_of, suggestion

DIRECTIVES = {
    "$each": ("$each", "$as", "$do"),
    "$if": ("$if", "$then", "$else"),
    "$concat": ("$concat",),
    "$text": ("$text",),
    "$file": ("$file",),
}
_OPTIONAL = {"$else"}
_EXAMPLES = {"$each": "lines", "$as": "line", "$do": "…", "$if": "…", "$then": "…"}


def is_directive_key(key: str) -> bool:
    """Tell a key that directs, or is meant to, from one with `$$`, which is itself."""
    return key.startswith("$") and not key.startswith("$$")


def is_directive(node: Mapping) -> bool:
    return any(name.text in DIRECTIVES for name, _ in node.entries)


def misspelt(node: Mapping, problems: Problems) -> bool:
    """Report the first of the keys with `$` where none of them begins a directive."""
    strange = [name for name, _ in node.entries if is_directive_key(name.text)]
    if not strange or is_directive(node):
        return False
    known = {key for keys in DIRECTIVES.values() for key in keys}
    name = next((name for name in strange if name.text not in known), strange[0])
    if name.text in known:
        first = next(first for first, keys in DIRECTIVES.items() if name.text in keys)
        message, advice = f"`{name.text}` needs `{first}` beside it.", f"Add `{first}: …`."
    else:
        message = f"`{name.text}` is no directive."
        advice = suggestion(name.text, DIRECTIVES)
        advice += f" For a key of that name type `${name.text}`."
    problems.error("unknown-directive", message, name.place, advice)
    return True


def directive(node: Mapping, problems: Problems) -> tuple[str, dict[str, Node]] | None:
    """Give the key that begins a directive, and its parts; None where one is missing, reported."""
    first = next(name.text for name, _ in node.entries if name.text in DIRECTIVES)
    parts = _parts(node, first, problems)
    missing = [key for key in DIRECTIVES[first] if key not in _OPTIONAL and key not in parts]
    for key in missing:
        problems.error(
            "missing-key",
            f"`{first}` needs `{key}` beside it.",
            start_of(node),
            f"Add `{key}: {_EXAMPLES[key]}`.",
        )
    return None if missing else (first, parts)


def _parts(node: Mapping, first: str, problems: Problems) -> dict[str, Node]:
    """Give a directive's parts; a misspelt one counts as the one that was probably meant."""
    allowed = DIRECTIVES[first]
    parts: dict[str, Node] = {}
    for name, child in node.entries:
        key = name.text
        if key not in allowed:
            free = [other for other in allowed if node.get(other) is None]
            meant = nearest(key, free)
            problems.error(
                "unknown-key",
                f"`{key}` can't stand beside `{first}`.",
                name.place,
                f"Did you mean `{meant}`?" if meant else suggestion(key, allowed),
            )
            key = meant or key
        parts[key] = child
    return parts
