"""Bytes in expressions, base64, and Link headers."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import ExpressionFailed
from gateway.expressions.compiler import compile_expression
from gateway.expressions.values import Bytes
from gateway.lossless import BadJson, dumps


def evaluate(expression: str, document: object) -> object:
    return compile_expression(expression, None).search(document)


@given(st.binary())
def test_base64_goes_both_ways(data: bytes) -> None:
    text = base64.b64encode(data).decode()
    assert evaluate("base64_encode(a)", {"a": Bytes(data)}) == text
    assert evaluate("base64_decode(a)", {"a": text}) == Bytes(data)
    wrapped = base64.encodebytes(data).decode()
    assert evaluate("base64_decode(a)", {"a": wrapped}) == Bytes(data)


def test_text_is_encoded_as_utf_8() -> None:
    assert evaluate("base64_encode('ü')", {}) == "w7w="


@pytest.mark.parametrize("text", ["a", "ab=c", "a-_b", "äöü=", "YWJj!"])
def test_what_is_no_base64_is_an_error(text: str) -> None:
    with pytest.raises(ExpressionFailed, match="no base64"):
        evaluate("base64_decode(a)", {"a": text})


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("type(a)", "bytes"),
        ("a == b", True),
        ("a == `null`", False),
        ("a && `1`", 1),
        ("empty && `1`", Bytes(b"")),
        ("empty || `1`", 1),
        ("[a, b][0]", Bytes(b"\x00")),
        ("a.field", None),
        ("a[0]", None),
    ],
)
def test_bytes_are_a_value_of_their_own(expression: str, result: object) -> None:
    document = {"a": Bytes(b"\x00"), "b": Bytes(b"\x00"), "empty": Bytes(b"")}
    assert evaluate(expression, document) == result


@pytest.mark.parametrize(
    "expression",
    ["length(a)", "upper(a)", "join('', [a])", "to_string(a)", "to_string([a])", "sort([a, a])"],
)
def test_functions_on_text_take_no_bytes(expression: str) -> None:
    with pytest.raises(ExpressionFailed):
        evaluate(expression, {"a": Bytes(b"\x00")})


def test_json_holds_no_bytes() -> None:
    with pytest.raises(BadJson, match="base64_encode"):
        dumps({"a": [Bytes(b"")]})  # type: ignore[list-item] # that is the point


NEXT = [
    ('<https://acme.example/a?b=c,d;e>; rel="next"', "https://acme.example/a?b=c,d;e"),
    ("</a>;rel=next", "/a"),
    ('</a>; rel="prev NEXT"', "/a"),
    ('</a>; rel=prev, </b> ; REL = "next" ; title="x, <y>; \\" rel=next"', "/b"),
    ('</a>; title="; rel=next", </b>; rel=next', "/b"),
    ("</a>; rel=prev; rel=next, </b>; rel=next", "/b"),
    ("</a>; rel=next, </b>; rel=next", "/a"),
    (", ,</a>; crossorigin; rel=next,", "/a"),
    ("< /a >; rel=next", "/a"),
    ("<>; rel=next", ""),
    ("</a>", None),
    ("</a>; rel", None),
    ("</a>; rel=nextpage", None),
    ("", None),
    (" , ", None),
]


@pytest.mark.parametrize(("header", "url"), NEXT)
def test_a_link_header_is_read_as_its_rfc_says(header: str, url: str | None) -> None:
    assert evaluate("link(a, 'next')", {"a": header}) == url


@pytest.mark.parametrize("header", ["/a", "</a", "</a> rel=next", '</a>; rel="next', "</a>; =,;x"])
def test_what_is_no_link_header_is_an_error(header: str) -> None:
    with pytest.raises(ExpressionFailed, match="no Link header"):
        evaluate("link(a, 'next')", {"a": header})


@given(
    st.lists(
        st.tuples(
            st.text(st.sampled_from('ab/?,;=&"'), max_size=6),
            st.sampled_from(["prev", "next", "last", "next last"]),
            st.text(st.sampled_from('ab ,;=<>"\\'), max_size=6),
        ),
        max_size=4,
    )
)
def test_links_come_apart_as_they_were_put_together(links: list[tuple[str, str, str]]) -> None:
    def quoted(text: str) -> str:
        return text.replace("\\", "\\\\").replace('"', '\\"')

    header = ", ".join(
        f'<{url}>; title="{quoted(title)}"; rel="{rel}"' for url, rel, title in links
    )
    expected = next((url for url, rel, _ in links if "next" in rel.split()), None)
    assert evaluate("link(a, 'next')", {"a": header}) == expected
