"""Whatever a file holds and however it is written, its layout loses nothing and is the last one."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from gateway.config.layout.file import lay_out
from gateway.config.problems import Problems
from gateway.config.source import read_yaml

if TYPE_CHECKING:
    from gateway.lossless import Json

SCHEMA: dict[str, Json] = {
    "properties": {
        "first": {"additionalProperties": {"properties": {"a": {}, "b": {}}}},
        "list": {"items": {"anyOf": [{"type": "string"}, {"properties": {"a": {}, "b": {}}}]}},
        "a": {},
    }
}
TRICKY = """it's|say "no"|!x|12|1.50|yes|null|~|2025-08-20||a: b|a #b|- x|{x}|[x]|'text'|x:|*a|&a|%
@|lines[?a == 'b']|>|a\\b|ä|=|0x10|1_000|12:30|?|? x|`2`|a, b|#|-|---|x, y: z""".replace("\n", "|")
words = st.sampled_from(["one", "two three", "x" * 60, *TRICKY.split("|"), "|"])
texts = st.lists(
    st.sampled_from(["one", "two three", "# none", " in", "", "it's"]), min_size=2, max_size=4
).map(lambda lines: "\n".join([*lines, "end"]))
keys = st.sampled_from(["list", "b", "z", "a", "first", "a b", "x?", "12", "$do", "it's"])
values = st.recursive(
    words | texts | st.none() | st.integers(0, 99) | st.booleans(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=15,
)
contents = st.dictionaries(keys, values, min_size=1, max_size=5)


class Hand:
    """Writes a file as people might: indented so or so, with quotes, braces and comments or not."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw
        self._comments = 0

    def file(self, value: dict[str, Json]) -> str:
        start = self._pick("", "", "---\n", f"{self._comment()}\n\n")
        end = self._pick("", "\n", f"{self._comment()}\n") if self._now_and_then() else ""
        return start + "\n".join(self._block(value, 0)) + "\n" + end

    def _pick(self, *choices):
        return self._draw(st.sampled_from(choices))

    def _now_and_then(self, of: int = 2) -> bool:
        return self._pick(*range(of)) == of - 1

    def _comment(self) -> str:
        self._comments += 1
        return f"# {self._comments} it's: [a] {{b}} - c"

    def _block(self, value: Json, indent: int) -> list[str]:
        lines: list[str] = []
        parts = value.items() if isinstance(value, dict) else ((None, item) for item in value)
        for key, item in parts:
            while self._now_and_then(3):
                lines.append("" if self._now_and_then() else f"{' ' * indent}{self._comment()}")
            mark = "-" if key is None else f"{self._word(key)}:"
            lines += self._entry(f"{' ' * indent}{mark}", item, indent, listed=key is None)
        return lines

    def _entry(self, head: str, item: Json, indent: int, *, listed: bool) -> list[str]:
        end = f"{self._pick(' ', '   ')}{self._comment()}" if self._now_and_then(5) else ""
        if item and isinstance(item, dict | list) and not self._now_and_then(3):
            least = 1 if listed or isinstance(item, dict) else 0
            return [f"{head}{end}", *self._block(item, indent + self._pick(least, 1, 2, 4))]
        if isinstance(item, dict | list):
            return [f"{head} {self._braces(item)}{end}"]
        first, *rest = self._scalar(item, indent)
        lines = [f"{head} {first}", *rest]
        lines[0 if first[:1] in "|>" else -1] += end
        return lines

    def _braces(self, item: Json) -> str:
        gap = self._pick("", " ")
        if isinstance(item, dict):
            inner = [f"{json.dumps(key)}: {self._braces(value)}" for key, value in item.items()]
            return f"{{{gap}{', '.join(inner)}{gap}}}"
        if isinstance(item, list):
            return f"[{gap}{f',{gap}'.join(self._braces(each) for each in item)}{gap}]"
        return self._word(item) if self._now_and_then() else json.dumps(item)

    def _word(self, item: Json) -> str:
        """Write on one line, with quotes of some kind, or without where that says the same."""
        choices = [json.dumps(item, ensure_ascii=False)]
        if isinstance(item, str) and item.isprintable():
            choices.append("'" + item.replace("'", "''") + "'")
            choices += [item] if _is_plain(item) else []
        return self._pick(*choices)

    def _scalar(self, item: Json, indent: int) -> list[str]:
        choices = [[self._word(item)]]
        if isinstance(item, str) and "\n" in item:
            choices += 2 * [["|2-", *(f"{' ' * (indent + 2)}{line}" for line in item.split("\n"))]]
            if not item.startswith((" ", "\n")):
                more = " " * (indent + self._pick(1, 4))
                choices += 2 * [["|-", *(f"{more}{line}" for line in item.split("\n"))]]
        if item == "two three":
            more = " " * (indent + self._pick(1, 4))
            choices += [[">-", f"{more}{item}"], [">-", f"{more}two", f"{more}three"]]
            choices += [['"two', f'{more}three"'], ["two", f"{more}three"]]
        return self._pick(*choices)


def _is_plain(text: str) -> bool:
    try:
        return (
            yaml.safe_load(f"{{{text}: {text}}}")
            == yaml.safe_load(f"{text}: {text}")
            == {text: text}
        )
    except (yaml.YAMLError, ValueError, TypeError):
        return False


@st.composite
def files(draw: st.DrawFn) -> str:
    """Give a file that can be read."""
    text = Hand(draw).file(draw(contents))
    problems = Problems()
    read_yaml("", text.encode(), problems)
    assume(not problems.fatal)
    return text


unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def comments_in(text: str) -> list[str]:
    return re.findall(r"# \d+ it's: \[a\] \{b\} - c$", text, re.MULTILINE)


@given(files())
@unhurried
def test_without_an_order_everything_stays_in_its_place(text: str) -> None:
    new = lay_out(text.encode(), {})
    assert json.dumps(yaml.safe_load(new), default=str) == json.dumps(
        yaml.safe_load(text), default=str
    )
    assert comments_in(new) == comments_in(text)


@given(files())
@unhurried
def test_with_an_order_nothing_is_lost(text: str) -> None:
    new = lay_out(text.encode(), SCHEMA)
    assert yaml.safe_load(new) == yaml.safe_load(text)
    assert sorted(comments_in(new)) == sorted(comments_in(text))


@given(files())
@unhurried
def test_a_file_that_is_laid_out_is_left_as_it_is(text: str) -> None:
    new = lay_out(text.encode(), SCHEMA)
    assert lay_out(new.encode(), SCHEMA) == new
