"""Where an expression without quotes looks like YAML, the corrected line is shown, and is right."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from gateway.config.problems import Problems
from gateway.config.repair import quoted, reads_as_one
from gateway.config.source import Node, read_yaml


def read(text: str) -> tuple[Node | None, Problems]:
    problems = Problems()
    return read_yaml("f.yaml", text.encode(), problems), problems


TRAPS = [
    # the line, its code, the corrected line, what it reads as
    ("k: [0].id", "yaml-quote", 'k: "[0].id"', {"k": "[0].id"}),
    ("k: *.x", "yaml-quote", 'k: "*.x"', {"k": "*.x"}),
    ("k: !body.errors", "yaml-quote", 'k: "!body.errors"', {"k": "!body.errors"}),
    ("k: !a && b", "yaml-quote", 'k: "!a && b"', {"k": "!a && b"}),
    ("k: !contains(a, b)", "yaml-quote", 'k: "!contains(a, b)"', {"k": "!contains(a, b)"}),
    ("k: !found", "yaml-quote", 'k: "!found"', {"k": "!found"}),
    ("k: @", "yaml-quote", 'k: "@"', {"k": "@"}),
    ("k: %d", "yaml-quote", 'k: "%d"', {"k": "%d"}),
    ("k: &a.b", "yaml-quote", 'k: "&a.b"', {"k": "&a.b"}),
    ("k: > `5`", "yaml-quote", 'k: "> `5`"', {"k": "> `5`"}),
    ("k: `5`", "yaml-quote", 'k: "`5`"', {"k": "`5`"}),
    ("k: {a: b}.c", "yaml-quote", 'k: "{a: b}.c"', {"k": "{a: b}.c"}),
    ("k: [`1`]", "yaml-quote", 'k: ["`1`"]', {"k": ["`1`"]}),
    ("k: Vendor says: no", "yaml-quote", 'k: "Vendor says: no"', {"k": "Vendor says: no"}),
    ("k: a[?b == 'c: d']", "yaml-quote", "k: \"a[?b == 'c: d']\"", {"k": "a[?b == 'c: d']"}),
    ("k: {a: x[0]}", "yaml-quote", 'k: {a: "x[0]"}', {"k": {"a": "x[0]"}}),
    ("k: {a?: x}", "yaml-quote", 'k: {"a?": x}', {"k": {"a?": "x"}}),
    (
        "k: {a: {b: x[0]}, c: d}",
        "yaml-quote",
        'k: {a: {b: "x[0]"}, c: d}',
        {"k": {"a": {"b": "x[0]"}, "c": "d"}},
    ),
    ("k: [lines[].id]", "yaml-quote", 'k: ["lines[].id"]', {"k": ["lines[].id"]}),
    ("k: {a: f(x, y)}", "yaml-quote", 'k: {a: "f(x, y)"}', {"k": {"a": "f(x, y)"}}),
    (
        "k: {a: f('x, y', z), b: c}",
        "yaml-quote",
        "k: {a: \"f('x, y', z)\", b: c}",
        {"k": {"a": "f('x, y', z)", "b": "c"}},
    ),
    ("k: [f(x, y)]", "yaml-quote", 'k: ["f(x, y)"]', {"k": ["f(x, y)"]}),
    ("k: {order_key}", "yaml-quote", 'k: "{order_key}"', {"k": "{order_key}"}),
    ("k: {a:b}", "yaml-space", "k: {a: b}", {"k": {"a": "b"}}),
    ("k: 'x' == y", "yaml-quote", "k: \"'x' == y\"", {"k": "'x' == y"}),
    ('k: "x" == y', "yaml-quote", "k: '\"x\" == y'", {"k": '"x" == y'}),
    ("k: 'x' == \"y\"", "yaml-quote", 'k: "\'x\' == \\"y\\""', {"k": "'x' == \"y\""}),
    ('k: "a \\d+"', "yaml-quote", "k: 'a \\d+'", {"k": "a \\d+"}),
    ("k:b", "yaml-space", "k: b", {"k": "b"}),
    ("k: f('a # b')", "yaml-comment", "k: \"f('a # b')\"", {"k": "f('a # b')"}),
    ("- contains(x, 'a: b')", "yaml-quote", "- \"contains(x, 'a: b')\"", ["contains(x, 'a: b')"]),
    ("- [0].id", "yaml-quote", '- "[0].id"', ["[0].id"]),
    (
        "- {when: !body.x, then: fail}",
        "yaml-quote",
        '- {when: "!body.x", then: fail}',
        [{"when": "!body.x", "then": "fail"}],
    ),
]


@pytest.mark.parametrize(("line", "code", "corrected", "meaning"), TRAPS)
def test_a_trap_is_explained_with_a_corrected_line_that_reads_as_meant(
    line: str, code: str, corrected: str, meaning: object
) -> None:
    node, problems = read(line + "\n")
    assert [(found.code, found.advice) for found in problems.found] == [(code, corrected)]
    assert yaml.safe_load(corrected) == meaning
    assert node is not None


@pytest.mark.parametrize("line", [line for line, *_ in TRAPS])
def test_a_comment_behind_a_trap_stays_a_comment(line: str) -> None:
    _, problems = read(f"{line}   # note\n")
    assert [(found.advice or "").endswith("   # note") for found in problems.found] == [True]


@pytest.mark.parametrize(
    "line",
    [
        "k: body.items[?a == 'b'].c | [0]  # the first",
        "k: it's # isn't it",
        "k: don't (really) # or do",
        "k: https://example.com/a",
        "k: {url: https://example.com/a, n: 5}",
        "k: {error: don't, x: y}",
        'k: {"a":1, "b":[2]}',
        "k:\n  https://example.com",
        "k: [a, b, {c: d}]",
        "k: eid:{key}",
        "k: {a: , b: c}",
    ],
)
def test_what_reads_as_written_is_left_alone(line: str) -> None:
    assert read(line + "\n")[1].found == []


def test_inside_a_flow_over_several_lines_each_value_is_quoted() -> None:
    node, problems = read("k: {  # [\n  a: x[0],  # it's\n  b: f(x, y)\n}\nc: d\n")
    assert [found.advice for found in problems.found] == ['a: "x[0]",  # it\'s\nb: "f(x, y)"']
    assert node is not None


@pytest.mark.parametrize(
    ("text", "line", "spaces"),
    [("a: 1\n  b: 2\n", 2, 0), ("a:\n  b: 1\n c: 2\n", 3, 2), ("a:\n- b: 1\n c: d\n", 3, 2)],
)
def test_an_indentation_slip_names_the_indentation_that_fits(
    text: str, line: int, spaces: int
) -> None:
    _, problems = read(text)
    (found,) = problems.found
    assert (found.code, found.place.line) == ("yaml-indent", line)
    assert f"with {spaces} spaces" in (found.advice or "")


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")) | st.just(" "), min_size=1)
)
def test_a_quoted_text_reads_as_that_text_in_block_and_flow(text: str) -> None:
    assert yaml.safe_load(f"k: {quoted(text)}") == {"k": text}
    assert yaml.safe_load(f"[{quoted(text)}]") == [text]
    assert reads_as_one(quoted(text), flow=True)


EXPRESSIONS = st.recursive(
    st.sampled_from(["a", "'b'", "`1`", '"c"', "@", "'x: y'", "'p, q'", "'#'"]),
    lambda inner: st.one_of(
        inner.map("!{}".format),
        inner.map("[{}]".format),
        inner.map("({})".format),
        inner.map("a[?{}]".format),
        st.tuples(inner, inner).map(lambda two: f"f({two[0]}, {two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"{two[0]} == {two[1]}"),
        st.tuples(inner, inner).map(lambda two: f"{{x: {two[0]}, y: {two[1]}}}.z"),
    ),
    max_leaves=5,
)


@given(EXPRESSIONS)
def test_the_advice_for_any_expression_is_yaml_for_exactly_that_expression(text: str) -> None:
    """A value that YAML itself reads whole, as a list or as text, needs no advice."""
    assume("!!" not in text)  # a tag, and reported as one
    _, problems = read(f"k: {text}\n")
    for found in problems.found:
        assert found.code in {"yaml-quote", "yaml-comment"}
        assert found.advice is not None
        read_back = yaml.safe_load(found.advice)
        assert read_back == {"k": text} or text[0] in "[{"
        assert read(found.advice)[1].found == []
