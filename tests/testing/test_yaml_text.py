"""Values written as YAML are read as they were."""

from __future__ import annotations

from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from gateway.config.kinds import Context
from gateway.config.problems import Problems
from gateway.config.source import read_yaml
from gateway.lossless import Json
from gateway.testing.case_spec import Plain, PlainKind
from gateway.testing.yaml_text import WIDTH, entry

texts = st.text(st.characters(codec="utf-8"), max_size=40)
values: st.SearchStrategy[Json] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.decimals(-(10**20), 10**20, places=6)
    | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


@given(values, st.integers(0, 12))
@example("2026-01-01", 0)
@example("yes", 0)
@example("0x1F", 0)
@example("12:30", 0)
@example("a: b", 0)
@example("a #b", 0)
@example("\x00\x85\u2028\U0001f600", 0)
@example("Stra\u00dfe", 0)
@example({"": [[]], "a": {}, "~": [{"b": 1.5}]}, 4)
def test_a_value_is_read_as_it_was_written(value: Json, indent: int) -> None:
    text = " " * indent + entry("key", value, indent) + "\n"
    problems = Problems()
    node = read_yaml("value", text.encode(), problems)
    assert node is not None
    read = PlainKind().read(node, Context(problems, {}, Path()))
    assert problems.found == []
    assert isinstance(read, Plain)
    assert read.value == {"key": value}


def test_what_fits_stands_on_one_line_and_the_rest_below() -> None:
    row: Json = {"sku": "A", "quantity": 1}
    assert entry("rows", [row], 0) == "rows: [{sku: A, quantity: 1}]"
    many = entry("rows", [row] * 5, 2)
    assert many == "rows:" + "\n    - {sku: A, quantity: 1}" * 5
    long = entry("rows", [{"text": "x" * 80, "quantity": 1}], 2)
    assert long == f"rows:\n    - text: {'x' * 80}\n      quantity: 1"
    assert max(map(len, long.splitlines())) <= WIDTH
