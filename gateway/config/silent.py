"""Traps that YAML reads without a complaint, found once the parser has read a scalar."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gateway.config import brackets, traps
from gateway.config.flow import flow_repair

if TYPE_CHECKING:
    import yaml

    from gateway.config.repair import Repair

_COLON = re.compile(r"\s*:")
_EXPRESSION_TAG = re.compile(
    r"!(?!<|![A-Za-z])(?:"
    r"[^\s#]*[.\[(=\'\"`]"  # !body.errors, !contains(…)
    r"|[^\s#]+[ ]*(?:[=<>&|#].*)?$"  # !found, !found && more
    r"|[ ][^\n]*$)"  # ! found
)


def value_trap(text: str, start: int, end: int, *, flow: bool) -> Repair | None:
    """Give what was meant where a plain value ends too early or swallows a key."""
    value = text[start:end]
    if not brackets.balanced(value):
        if not flow:
            return traps.comment_repair(text, start, end)
        repair = flow_repair(text, start)
        if repair and any(edit.start <= start and edit.end > end for edit in repair.edits):
            return repair
        return None
    begin = text.rfind("\n", 0, start) + 1
    if flow or text[begin:start].strip(" ") or ":" not in value:
        return None
    return traps.spaced(text, begin, end)


def key_trap(text: str, start: int, end: int, *, flow: bool) -> Repair | None:
    """Give what was meant where `: ` inside an expression made a key of its first part."""
    if flow or brackets.balanced(text[start:end]):
        return None
    return traps.item_repair(text, start)


def lacks_value(text: str, key_end: int) -> bool:
    """Say whether no colon follows a key, as in `{key}`."""
    return _COLON.match(text, key_end) is None


def tag_trap(text: str, event: yaml.NodeEvent, start: int, *, flow: bool) -> Repair | None:
    """Give what was meant where an expression that starts with `!` became a tag."""
    end = text.find("\n", start)
    line = text[start : None if end < 0 else end].rstrip("\r")
    plain = getattr(event, "style", None) in {None, ""} and hasattr(event, "value")
    if not plain or not _EXPRESSION_TAG.match(line):
        return None
    return flow_repair(text, start) if flow else traps.value_repair(text, start)
