"""Whatever a vendor writes into its headers, a wait comes out."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from gateway.telemetry.clock import Clock
from gateway.vendors.client import Answer
from gateway.vendors.resilience.hints import wait_told

NAMES = [
    "retry-after",
    "ratelimit",
    "ratelimit-reset",
    "x-ratelimit-reset",
    "x-rate-limit-time-reset-ms",
]
DATES = st.from_regex(
    r"(Mon|Xyz), ?[0-9]{1,3} (Nov|Foo) [0-9]{1,5} [0-9]{1,3}(:[0-9]{1,3}){0,3}"
    r" ?(GMT|[+-][0-9]{0,9})?"
)


@given(st.dictionaries(st.sampled_from(NAMES), st.text() | DATES | st.integers().map(str)))
def test_no_header_breaks_the_reading(headers: dict[str, str]) -> None:
    wait = wait_told(Answer(429, headers, b""), Clock())
    assert wait >= 0
    assert math.isfinite(wait)
