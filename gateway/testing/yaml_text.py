"""JSON values as YAML, as people write cases: on one line where they fit, else a line for each."""

from __future__ import annotations

import re
from decimal import Decimal

from gateway.config.repair import quoted, reads_as_one
from gateway.config.scalars import resolve, surprise
from gateway.lossless import Json

WIDTH = 100

_PLAIN = re.compile(r"(?! )[\d/ ]*[A-Za-z_][\w ,./@%+'()|\[\]{}$-]*", re.ASCII)
_UNPRINTABLE = re.compile(
    r"[\u2028\u2029]|[^\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)


def on_one_line(value: Json) -> str:
    """Write a value in flow style."""
    if isinstance(value, dict):
        return (
            "{"
            + ", ".join(f"{_text(k, flow=True)}: {on_one_line(v)}" for k, v in value.items())
            + "}"
        )
    if isinstance(value, list):
        return "[" + ", ".join(map(on_one_line, value)) + "]"
    if isinstance(value, str):
        return _text(value, flow=True)
    if isinstance(value, bool) or value is None:
        return {None: "null", True: "true", False: "false"}[value]
    return _number(value)


def in_block(value: Json) -> str:
    """Write a value on one line of a block, where text may hold what ends it in flow style."""
    return _text(value, flow=False) if isinstance(value, str) else on_one_line(value)


def after_key(value: Json, indent: int, used: int) -> str:
    """Write what stands behind a `key:` or a `-`, on its line or below it.

    `used` columns of that line are taken; what goes below it is indented by `indent`.
    """
    line = in_block(value)
    if used + 1 + len(line) <= WIDTH or not value or not isinstance(value, dict | list):
        return f" {line}"
    return f"\n{block(value, indent)}"


def block(value: dict[str, Json] | list[Json], indent: int) -> str:
    """Write an object or a list with a line for each of its parts, without the last line break."""
    return "\n".join(" " * indent + part for part in _parts(value, indent))


def entry(key: str, value: Json, indent: int) -> str:
    """Write a key with its value; `indent` is the column of the key."""
    name = f"{_text(key, flow=True)}:"
    return name + after_key(value, indent + 2, indent + len(name))


def item(value: Json, indent: int) -> str:
    """Write an item of a list; `indent` is the column of its dash."""
    line = after_key(value, indent + 2, indent + 1)
    # The first key of an object stands beside the dash.
    return "-" + (line if line.startswith(" ") else f" {line.lstrip()}")


def _parts(value: dict[str, Json] | list[Json], indent: int) -> list[str]:
    if isinstance(value, dict):
        return [entry(key, inner, indent) for key, inner in value.items()]
    return [item(inner, indent) for inner in value]


def _number(value: float | Decimal) -> str:
    """Write a number without the last zeros, which YAML's readers would lose."""
    if isinstance(value, int):
        return str(value)
    text = f"{Decimal(str(value)):f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def _text(text: str, *, flow: bool) -> str:
    plain = _PLAIN.fullmatch(text) and isinstance(resolve(text), str) and not surprise(text)
    if plain and reads_as_one(text, flow=flow):
        return text
    if _UNPRINTABLE.search(text):
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        return '"' + _UNPRINTABLE.sub(lambda found: f"\\U{ord(found[0]):08X}", escaped) + '"'
    return quoted(text)
