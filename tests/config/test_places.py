"""An offset in a scalar's text leads to its character in the file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.places import place_inside
from gateway.config.problems import Problems
from gateway.config.source import Mapping, Scalar, read_yaml
from gateway.config.text import SourceText

WRITTEN = {
    "plain": ["k: one two", "k:\n  one\n  two\n\n  three", "k: {a: one\n two}"],
    "single": ["k: 'it''s  one'", "k: 'one  \n\n  two'", "k: ''"],
    "double": [
        'k: "a\\tb\\x41\\u00e9\\"c"',
        'k: "one \\\n   two\n\n  three"',
        'k: "one\\\n\n  two"',
    ],
    "literal": ["k: |\n  one\n    two\n\n  three\n", "k: |+\n  one\n\n", "k: |2-\n    one\n  two"],
    "folded": ["k: >\n  one\n  two\n\n  three\n   four\n  five\n", "k: >-\n\n  one\n  two"],
}
CASES = [(style, text) for style, texts in WRITTEN.items() for text in texts]


def scalar_in(text: str) -> Scalar:
    problems = Problems()
    node = read_yaml("f.yaml", text.encode(), problems)
    while isinstance(node, Mapping):
        node = node.entries[0][1]
    assert isinstance(node, Scalar)
    return node


def stands_at(scalar: Scalar, start: int, end: int, text: str) -> str:
    source = SourceText("f.yaml", text)
    place = place_inside(scalar, start, end, source)
    begin = source.offset(place.line, place.column)
    return text[begin : source.offset(place.end_line, place.end_column)]


def check(text: str) -> None:
    scalar = scalar_in(text)
    for at, character in enumerate(scalar.text):
        found = stands_at(scalar, at, at + 1, text)
        if character.isspace():
            assert not found.strip() or found.startswith("\\"), (scalar.text, at, found)
        else:
            assert found == character or found[0] in "\\'", (scalar.text, at, found)
    whole = place_inside(scalar, 0, len(scalar.text), SourceText("f.yaml", text))
    assert (scalar.place.line, scalar.place.column) <= (whole.line, whole.column)
    assert whole.end_line <= scalar.place.end_line


@pytest.mark.parametrize(("style", "text"), CASES)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_each_style_leads_from_offset_to_character(style: str, text: str, line_end: str) -> None:
    text = text.replace("\n", line_end)
    assert scalar_in(text).style == style
    check(text)


WORDS = st.lists(st.sampled_from(["ab", "c.d", "e-f", "(g)", "日本"]), min_size=1, max_size=5)
BREAKS = st.sampled_from([" ", "  ", "\n  ", "\n\n  ", "  \n\n\n  "])


@given(st.data())
def test_flow_scalars_with_any_folds_lead_to_their_characters(data: st.DataObject) -> None:
    words = data.draw(WORDS)
    text = words[0] + "".join(data.draw(BREAKS) + word for word in words[1:])
    for written in (text, f"'{text}'", f'"{text}"', f"'{text}''x'", f'"{text}\\n\\\\x"'):
        check(f"k: {written}\n")


@given(
    st.sampled_from("|>"),
    st.sampled_from(["", "-", "+"]),
    st.lists(st.sampled_from(["ab cd", " ef", "", "(g)  ", "\tz", "日本"]), min_size=1, max_size=6),
    st.integers(1, 4),
)
def test_block_scalars_of_any_shape_lead_to_their_characters(
    sign: str, chomp: str, lines: list[str], indent: int
) -> None:
    body = "\n".join(" " * indent + line if line else "" for line in lines)
    check(f"k: {sign}{indent}{chomp}\n{body}\n")


def test_an_escape_is_pointed_at_whole() -> None:
    assert stands_at(scalar_in('k: "a\\u00e9b"'), 1, 2, 'k: "a\\u00e9b"') == "\\u00e9"
    assert stands_at(scalar_in("k: 'it''s'"), 2, 3, "k: 'it''s'") == "''"


def test_a_value_that_was_corrected_is_still_pointed_into() -> None:
    text = "k: [0].id\n"
    assert stands_at(scalar_in(text), 4, 6, text) == "id"


def test_a_text_that_cannot_be_followed_is_pointed_at_whole() -> None:
    scalar = scalar_in("k: one")
    other = SourceText("f.yaml", "k: two")
    assert place_inside(scalar, 1, 2, other) == scalar.place


def test_beyond_the_end_is_right_behind_the_last_character() -> None:
    place = place_inside(scalar_in("k: one"), 3, 3, SourceText("f.yaml", "k: one"))
    assert (place.column, place.end_column) == (7, 7)
