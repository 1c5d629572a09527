"""Durations, rates and sizes: one way to write each, and help with the others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.units import (
    Duration,
    DurationRange,
    Rate,
    parse_duration,
    parse_range,
    parse_rate,
    parse_size,
)

if TYPE_CHECKING:
    from collections.abc import Callable


def refusal(parse: Callable[[str], object], text: str) -> str:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the text is what is tested
        parse(text)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [("250ms", 250), ("3s", 3000), ("5m", 300_000), ("1h", 3_600_000), ("30d", 2_592_000_000)],
)
def test_a_duration_is_a_whole_number_and_a_unit(text: str, milliseconds: int) -> None:
    assert parse_duration(text) == Duration(milliseconds)
    assert parse_duration(text).seconds == milliseconds / 1000


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("3 s", "`3s`"),
        ("3sec", "`3s`"),
        ("3 minutes", "`3m`"),
        ("3S", "`3s`"),
        ("1.5s", "`1500ms`"),
        ("1.5h", "`90m`"),
        ("0.5ms", "whole numbers only"),
        ("3", "`3ms` or `3s`"),
        ("3w", "the units are ms, s, m, h, d"),
        ("-3s", "can't be negative"),
        ("0s", "at least 1s"),
        ("367d", "366d is the most"),
        ("9" * 400 + "s", "not a duration"),
        ("", "an empty text is not a duration such as `250ms` or `3s`"),
        ("soon", "`soon` is not a duration such as `250ms` or `3s`"),
        ("٣s", "not a duration"),
    ],
)
def test_a_duration_that_is_refused_says_what_to_type(text: str, advice: str) -> None:
    assert advice in refusal(parse_duration, text)


@given(st.integers(1, 366 * 86_400), st.sampled_from(["ms", "s"]))
def test_every_whole_number_of_a_unit_is_read_exactly(count: int, unit: str) -> None:
    factor = {"ms": 1, "s": 1000}[unit]
    assert parse_duration(f"{count}{unit}").milliseconds == count * factor


@given(st.text("0123456789. smhdkKMGBi/%-", max_size=8))
def test_what_the_advice_says_to_type_is_accepted(text: str) -> None:
    for parse in (parse_duration, parse_size, parse_rate):
        try:
            parse(text)
        except ValueError as error:
            _, typed, advice = str(error).partition("type `")
            if typed:
                parse_again(parse, advice.split("`")[0])


def parse_again(parse: Callable[[str], object], advice: str) -> None:
    """Advice about the form may still name too large a number."""
    try:
        parse(advice)
    except ValueError as error:
        assert re.search("is the most|out of bounds", str(error))  # noqa: PT017 - or no error at all


def test_a_range_has_the_shorter_duration_first() -> None:
    assert parse_range("100ms..2s") == DurationRange(Duration(100), Duration(2000))
    assert "`100ms..2s`" in refusal(parse_range, "2s..100ms")
    assert "`100ms..2s`" in refusal(parse_range, "100ms .. 2s")
    assert "such as `100ms..2s`" in refusal(parse_range, "2s")
    assert "`2s`" in refusal(parse_range, "100ms..2sec")


def test_a_rate_counts_in_a_unit_of_time() -> None:
    assert parse_rate("50/s") == Rate(50, Duration(1000))
    assert parse_rate("600/m").per_second == 10
    assert "`50/s`" in refusal(parse_rate, "50 / sec")
    assert "`50/m`" in refusal(parse_rate, "50 per minute")
    assert "such as `50/s`" in refusal(parse_rate, "50")
    assert "at least 1" in refusal(parse_rate, "0/s")
    assert "1000000/s is the most" in refusal(parse_rate, "1000001/s")


@pytest.mark.parametrize(
    ("text", "size"),
    [("100B", 100), ("512KB", 512_000), ("2MB", 2_000_000), ("2MiB", 2_097_152), ("1GB", 10**9)],
)
def test_a_size_counts_bytes_in_powers_of_1000_or_1024(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("2mb", "`2MB`"),
        ("2 mb", "`2MB`"),
        ("2M", "`2MB`"),
        ("2 bytes", "`2B`"),
        ("1.5MB", "`1500KB`"),
        ("1.5B", "whole numbers only"),
        ("2", "`2KB` or `2MB`"),
        ("0B", "at least 1B"),
        ("11GB", "10GB is the most"),
    ],
)
def test_a_size_that_is_refused_says_what_to_type(text: str, advice: str) -> None:
    assert advice in refusal(parse_size, text)
