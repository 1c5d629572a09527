"""Values in a notation of their own: durations, sizes, paths, names of headers."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.config.kinds import BAD, Bad, Context, Unit, WordKind
from gateway.config.source import Node
from gateway.config.units import parse_duration, parse_size
from gateway.lossless import Json

DURATION = Unit(parse_duration, "a duration such as `250ms` or `3s`", r"^\d+(ms|s|m|h|d)$")
SIZE = Unit(parse_size, "a size such as `512KB` or `2MB`", r"^\d+(B|[KM]i?B)$")


def check_header(name: str) -> str | None:
    token = name.replace("-", "").replace("_", "")
    good = token.isascii() and token.isalnum()
    return None if good else f"`{name}` is no name of a header: letters, digits, `-` and `_` only"


def check_path(path: str) -> str | None:
    if path.startswith("/") and not any(mark in path for mark in "{}?# "):
        return None
    return f"`{path}` is no path: it starts with `/` and has no `?`, `#`, braces or spaces"


HEADER = WordKind("the name of a header", check_header)


@dataclass(frozen=True, slots=True)
class _HeaderText:
    """A header's name as plain text."""

    expected = "the name of a header"

    def read(self, node: Node, context: Context) -> str | Bad:
        word = HEADER.read(node, context)
        return BAD if word is BAD else word.text

    def json_schema(self) -> dict[str, Json]:
        return HEADER.json_schema()


HEADER_TEXT = _HeaderText()
