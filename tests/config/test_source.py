"""YAML becomes nodes with places; what YAML has beyond plain data is refused at its place."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.problems import Place, Problems
from gateway.config.source import Mapping, Node, Scalar, Sequence, read_yaml, surprise_problem


def read(text: str | bytes) -> tuple[Node | None, Problems]:
    problems = Problems()
    data = text if isinstance(text, bytes) else text.encode()
    return read_yaml("f.yaml", data, problems), problems


def sound(text: str) -> Node:
    node, problems = read(text)
    assert problems.found == []
    assert node is not None
    return node


def value_of(plain: str) -> Scalar:
    node, _ = read(f"key: {plain}\n")
    assert isinstance(node, Mapping)
    value = node.get("key")
    assert isinstance(value, Scalar)
    return value


def places(text: str | bytes) -> list[tuple[str, int, int]]:
    found = read(text)[1].sorted()
    return [(problem.code, problem.place.line, problem.place.column) for problem in found]


@pytest.mark.parametrize(
    ("plain", "value"),
    [
        ("null", None),
        ("~", None),
        ("", None),
        ("true", True),
        ("false", False),
        ("0", 0),
        ("-12", -12),
        ("123456789012345678901234567890", 123456789012345678901234567890),
        ("19.990000000000000001", Decimal("19.990000000000000001")),
        ("-0.5", Decimal("-0.5")),
        ("1.5e3", Decimal("1.5e3")),
        ("2026-01-31", "2026-01-31"),
        ("09:30", "09:30"),
        ("y", "y"),
        ("1.2.3", "1.2.3"),
        ("body.items[0].id", "body.items[0].id"),
        ('"5"', "5"),
        ("'true'", "true"),
        ('""', ""),
        ("|-\n  5", "5"),
        (">-\n  true", "true"),
    ],
)
def test_scalars_resolve_by_the_core_schema_and_quotes_make_text(plain: str, value: object) -> None:
    scalar = value_of(plain)
    assert scalar.value == value
    assert type(scalar.value) is type(value)
    assert scalar.surprise is None


@pytest.mark.parametrize(
    ("plain", "value", "meant"),
    [
        ("NO", "NO", "false"),
        ("on", "on", "true"),
        ("True", "True", "true"),
        ("NULL", "NULL", "null"),
        ("1.10", Decimal("1.10"), "1.1"),
        ("2.0", Decimal("2.0"), "2"),
        ("0.0", Decimal("0.0"), "0"),
        ("012", "012", "12"),
        ("12:30", "12:30", "750"),
        ("0x1F", "0x1F", "31"),
        ("0o17", "0o17", "15"),
        ("0b11", "0b11", "3"),
        ("1_000", "1_000", "1000"),
        (".5", ".5", "0.5"),
        ("5.", "5.", "5"),
        ("+5", "+5", "5"),
        ("1e3", Decimal("1e3"), "1000"),
        (".inf", ".inf", None),
        (".nan", ".nan", None),
        ("1e99999", "1e99999", None),
        ("9" * 1001, "9" * 1001, None),
    ],
)
def test_a_surprise_says_what_to_type_for_the_text_and_for_the_other_meaning(
    plain: str, value: object, meant: str | None
) -> None:
    scalar = value_of(plain)
    assert scalar.value == value
    assert scalar.surprise is not None
    problem = surprise_problem(scalar)
    assert problem.code == "yaml-surprise"
    assert problem.place == scalar.place
    assert problem.advice is not None
    assert f'"{plain}" for the text' in problem.advice
    assert (f"Type {meant} for" in problem.advice) == (meant is not None)
    if meant is not None:
        assert value_of(meant).surprise is None


@given(st.text("0123456789+-._:eExobfnaNOyYsStTrRuUlLFi~", min_size=1, max_size=9))
def test_whatever_yaml_11_reads_as_something_else_is_a_surprise(plain: str) -> None:
    try:
        node = yaml.compose(f"key: {plain}", Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return
    if not isinstance(node, yaml.MappingNode):
        return
    theirs = node.value[0][1]
    kind = theirs.tag.rpartition(":")[2]
    if not isinstance(theirs, yaml.ScalarNode) or theirs.value != plain or theirs.style:
        return
    if kind in {"timestamp", "merge", "value"}:
        kind = "str"
    ours = value_of(plain)
    kinds = {str: "str", int: "int", Decimal: "float", bool: "bool", type(None): "null"}
    if ours.surprise is None:
        assert kinds[type(ours.value)] in {kind, "float"}
        assert (kind == "str") <= (kinds[type(ours.value)] == "str" or "e" in plain.lower())


def test_nodes_know_their_places_with_the_end_exclusive() -> None:
    node = sound("# first\na: one two\nb:\n  - [x, 'y']\n  - |\n    z\n    z\n\nc:\n")
    assert isinstance(node, Mapping)
    assert node.place == Place("f.yaml", 2, 1, 9, 3)
    first = node.get("a")
    assert first is not None
    assert first.place == Place("f.yaml", 2, 4, 2, 11)
    items = node.get("b")
    assert isinstance(items, Sequence)
    assert items.place == Place("f.yaml", 4, 3, 7, 6)
    assert items.items[0].place == Place("f.yaml", 4, 5, 4, 13)
    assert items.items[1].place == Place("f.yaml", 5, 5, 7, 6)
    empty = node.get("c")
    assert empty is not None
    assert empty.place == Place("f.yaml", 9, 3, 9, 3)


def test_windows_line_ends_change_nothing() -> None:
    unix = "a: one\nb:\n  - {c: d}\n  - |\n    z\n"
    assert sound(unix.replace("\n", "\r\n")) == sound(unix)


def test_a_plain_scalar_keeps_the_comment_that_follows_it() -> None:
    assert value_of("body.id # the id").cut == "# the id"
    assert value_of("body.id#5").cut is None
    assert value_of("'x' # y").cut is None


REFUSED = {
    "a: 1\nb: 2\na: 3\n": [("duplicate-key", 3, 1)],
    "a: {b: 1, b: 2}\n": [("duplicate-key", 1, 11)],
    "a: &x 1\nb: *x\n": [("yaml-alias", 1, 4), ("yaml-alias", 2, 4)],
    "<<: {a: 1}\n": [("yaml-alias", 1, 1)],
    "a: !!str 1\nb: !env HOME\n": [("yaml-tag", 1, 4), ("yaml-tag", 2, 4)],
    "a:\n\tb: 1\n\tc: 2\n": [("yaml-tab", 2, 1), ("yaml-tab", 3, 1)],
    "a: 1\t# one\n": [("yaml-tab", 1, 5)],
    "": [("empty-file", 1, 1)],
    "# only a comment\n": [("empty-file", 1, 1)],
    "---\n": [("empty-file", 1, 1)],
    "a: 1\n---\nb: 1\n": [("yaml-documents", 2, 1)],
    "a: 1\n...\nb: 1\n": [("yaml-documents", 3, 1)],
    "%YAML 1.1\n---\na: 1\n": [("yaml-syntax", 1, 1)],
    "[a]: 1\n": [("yaml-key", 1, 1)],
    "404: 1\ntrue: 1\n": [("yaml-key", 1, 1), ("yaml-key", 2, 1)],
    "on: 1\n1.10: 2\n": [("yaml-surprise", 1, 1), ("yaml-surprise", 2, 1)],
    "a: {b, c: d}\n": [("yaml-quote", 1, 5)],
    "a: 'open\nb: 1\n": [("yaml-syntax", 1, 4)],
    "a: [b, c\n": [("yaml-syntax", 1, 4)],
    "a: 1\nsome words\nb: 2\n": [("yaml-syntax", 2, 1)],
    'a: "\\ud800"\n': [("yaml-syntax", 1, 4)],
    "- " * 51 + "x": [("too-large", 1, 101)],
    "[" * 60: [("too-large", 1, 51)],
    "\ufeffa: 1": [("not-utf8", 1, 1)],
    "a: 1\nb: \x00": [("not-utf8", 2, 4)],
    "a: x\u2028y": [("not-utf8", 1, 5)],
    b"a: 1\nb: caf\xe9\n": [("not-utf8", 2, 7)],
    "a: 1".encode("utf-16"): [("not-utf8", 1, 1)],
    b"a" * 1_000_001: [("too-large", 1, 1)],
}


@pytest.mark.parametrize(("text", "expected"), REFUSED.items(), ids=lambda it: repr(it)[:30])
def test_each_refusal_has_its_code_its_place_and_a_way_out(
    text: str | bytes, expected: list[tuple[str, int, int]]
) -> None:
    assert places(text) == expected
    for problem in read(text)[1].found:
        assert problem.advice


def test_all_problems_of_a_file_come_at_once_and_the_rest_is_read() -> None:
    text = "a: [0].id\na: 1\nb: !!int 5\non: x\nc: {d: f(x, y)}\ne:f\ng: h\n"
    assert [code for code, _, _ in places(text)] == [
        "yaml-quote",
        "duplicate-key",
        "yaml-tag",
        "yaml-surprise",
        "yaml-quote",
        "yaml-space",
    ]
    node, _ = read(text)
    assert isinstance(node, Mapping)
    assert [key.text for key, _ in node.entries] == ["a", "b", "on", "c", "e", "g"]


def test_a_duplicate_says_where_the_first_one_is_and_is_left_out() -> None:
    node, problems = read("a: 1\nb: 2\na: 3\n")
    assert "line 1" in problems.found[0].message
    assert isinstance(node, Mapping)
    assert [value.value for _, value in node.entries if isinstance(value, Scalar)] == [1, 2]


def test_nested_aliases_are_refused_without_being_unfolded() -> None:
    levels = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 40))
    node, problems = read("a0: &a0 x\n" + levels)
    assert node is None
    assert {problem.code for problem in problems.found} == {"yaml-alias"}


@given(st.text("ab0[]{}(),:'\"`#&*!|>%@-?.\\ \n\t", max_size=60))
def test_no_text_breaks_the_reader_and_none_is_refused_in_silence(text: str) -> None:
    node, problems = read(text)
    assert node is not None or problems.fatal


@given(st.one_of(st.binary(max_size=60), st.text(max_size=60).map(str.encode)))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    node, problems = read(data)
    assert node is not None or problems.fatal


TEXTS = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=12
)
TREES = st.recursive(
    TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


def shape(node: yaml.Node) -> object:
    if isinstance(node, yaml.MappingNode):
        return [(key.value, shape(value)) for key, value in node.value]
    if isinstance(node, yaml.SequenceNode):
        return [shape(item) for item in node.value]
    return node.value


def our_shape(node: Node) -> object:
    if isinstance(node, Mapping):
        return [(key.text, our_shape(value)) for key, value in node.entries]
    if isinstance(node, Sequence):
        return [our_shape(item) for item in node.items]
    return node.text


@given(TREES, st.sampled_from([True, False]), st.sampled_from(["'", '"']))
def test_a_sound_document_reads_as_pyyaml_composes_it(
    tree: object,
    flow: bool,  # noqa: FBT001 - Hypothesis passes arguments by name
    style: str,
) -> None:
    text = yaml.safe_dump(
        tree, default_flow_style=flow, default_style=style, allow_unicode=True, sort_keys=False
    )
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    assert node is not None
    assert our_shape(sound(text)) == shape(node)


EXAMPLES = Path(__file__).parents[3] / "shared" / "design" / "examples"


@pytest.mark.skipif(not EXAMPLES.is_dir(), reason="the design's examples aren't here")
def test_the_examples_of_the_design_read_without_a_problem() -> None:
    found = [
        problem for file in EXAMPLES.glob("*.yaml") for problem in read(file.read_bytes())[1].found
    ]
    assert found == []
