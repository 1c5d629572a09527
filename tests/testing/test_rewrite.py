"""A value in a YAML file is changed, and the rest of the text stays."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.config.nodes import Mapping
from gateway.config.problems import Problems
from gateway.config.source import read_yaml
from gateway.config.text import SourceText
from gateway.expressions.equality import identity
from gateway.lossless import Json
from gateway.testing.rewrite import Rewriter, plain
from gateway.testing.yaml_text import block

keys = st.sampled_from(["a", "b", "c d", "e:", "7"])
values: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("ab #:\n", max_size=60),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)
objects = st.dictionaries(keys, values, max_size=4)


def rewritten(text: str, value: dict[str, Json]) -> str:
    node = read_yaml("cases", text.encode(), Problems())
    assert isinstance(node, Mapping)
    return Rewriter(SourceText("cases", text)).with_value(node, value)


def read(text: str) -> Json:
    problems = Problems()
    node = read_yaml("cases", text.encode(), problems)
    assert node is not None, problems.found
    assert problems.found == []
    return plain(node)


@given(objects, objects, st.sampled_from(["", "# a comment\n"]))
def test_the_text_holds_the_new_value(
    before: dict[str, Json], after: dict[str, Json], comment: str
) -> None:
    """`same` stays, as something of a case does."""
    text = block({**before, "same": 1}, 0) + "\n"
    text = "".join(comment + line for line in text.splitlines(keepends=True))
    made = rewritten(text, {**after, "same": 1})
    assert identity(read(made)) == identity({**after, "same": 1})


@given(objects)
def test_what_stays_the_same_is_not_touched(value: dict[str, Json]) -> None:
    text = "a:   {b: 1,\n  c: [x,y]}   # odd\n" + block({"rest": value}, 0)
    assert rewritten(text, {"rest": value, "a": {"c": ["x", "y"], "b": 1}}) == text


BEFORE = """\
# above
one:   # what is one
  - {a: 1, b: two}     # first
  - a: 1               # second
    # inside
    b: 'two'
  - last
gone: [1]
other: {x: 1,   y: [2,
        3]}            # odd
text: |
  a
  b
"""
AFTER = """\
# above
one:   # what is one
  - {a: 1, b: three}     # first
  - b: four
    c: [5]
  - last
  - more
other: {x: 9,   y: [2,
        4]}            # odd
text: c
new: {k: v}
"""


def test_comments_and_layout_stay_around_what_changes() -> None:
    after: dict[str, Json] = {
        "one": [{"a": 1, "b": "three"}, {"b": "four", "c": [5]}, "last", "more"],
        "other": {"x": 9, "y": [2, 4]},
        "text": "c",
        "new": {"k": "v"},
    }
    assert rewritten(BEFORE, after) == AFTER
