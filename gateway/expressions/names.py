"""How names and texts are written in an expression."""

from __future__ import annotations

import json
import re

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def is_plain(name: str) -> bool:
    """Tell whether a field's name needs no double quotes."""
    return _PLAIN.fullmatch(name) is not None


def as_name(name: str) -> str:
    """Write a field's name: with double quotes where it isn't plain."""
    return name if is_plain(name) else json.dumps(name, ensure_ascii=False)


def as_text(text: str) -> str:
    """Write text as JMESPath's literal."""
    escaped = text.replace("'", "\\'")
    return f"'{escaped}'"
