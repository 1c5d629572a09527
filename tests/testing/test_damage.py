"""Answers damaged at one place after the other."""

from __future__ import annotations

import pytest

from gateway.lossless import BadJson, loads
from gateway.testing.damage import (
    doubled_keys,
    fractional,
    negative,
    nulled,
    other_types,
    with_element_twice,
    without_element,
    without_key,
)

ANSWER = b'{"rows":[{"id":"A","count":"5.0"},{"id":"B","count":7}]}'


@pytest.mark.parametrize(
    ("damage", "made"),
    [
        (without_element, [b'{"rows":[{"id":"B","count":7}]}']),
        (
            with_element_twice,
            [b'{"rows":[{"id":"A","count":"5.0"},{"id":"A","count":"5.0"},{"id":"B","count":7}]}'],
        ),
        (
            negative,
            [
                b'{"rows":[{"id":"A","count":"-6.0"},{"id":"B","count":7}]}',
                b'{"rows":[{"id":"A","count":"5.0"},{"id":"B","count":-8}]}',
            ],
        ),
        (
            fractional,
            [
                b'{"rows":[{"id":"A","count":"5.5"},{"id":"B","count":7}]}',
                b'{"rows":[{"id":"A","count":"5.0"},{"id":"B","count":7.5}]}',
            ],
        ),
    ],
)
def test_rows_and_numbers_are_damaged_one_by_one(damage, made) -> None:
    assert list(damage(ANSWER)) == made


def test_each_key_is_left_out_once() -> None:
    assert list(without_key(b'{"a":{"b":1},"c":2}')) == [
        b'{"c":2}',
        b'{"a":{"b":1}}',
        b'{"a":{},"c":2}',
    ]


def test_each_value_becomes_null_and_one_of_each_other_type() -> None:
    assert list(nulled(b'{"a":null,"b":1}')) == [b"null", b'{"a":null,"b":null}']
    assert list(other_types(b'["x"]')) == [
        *(b'"text"', b"7", b"true", b"{}"),
        *(b"[7]", b"[true]", b"[[]]", b"[{}]"),
    ]


def test_each_key_given_twice_is_no_json_any_more() -> None:
    made = list(doubled_keys(b'{"a":1,"b":{"c":2}}'))
    assert made == [
        b'{"a":1,"a":1,"b":{"c":2}}',
        b'{"b":{"c":2},"a":1,"b":{"c":2}}',
        b'{"a":1,"b":{"c":2,"c":2}}',
    ]
    for each in made:
        with pytest.raises(BadJson):
            loads(each)


def test_what_is_no_json_has_no_such_place() -> None:
    assert list(other_types(b"<html>")) == []
