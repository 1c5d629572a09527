"""Bodies in parts of any size come out whole, and never larger than the cap."""

from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.vendors.transport.body import BadAnswer, Body
from gateway.vendors.transport.wire import join_headers


def pieces(data: bytes, sizes: list[int]) -> list[bytes]:
    cut = []
    for size in sizes:
        cut.append(data[:size])
        data = data[size:]
    return [*cut, data]


def whole(collected: Body, parts: list[bytes]) -> bytes:
    for part in parts:
        collected.feed(part)
    return collected.whole()


@given(
    st.binary(max_size=3000),
    st.sampled_from(["", "identity", "gzip", "deflate"]),
    st.lists(st.integers(1, 50), max_size=30),
    st.integers(1, 3000),
)
def test_a_body_is_whole_or_too_large(body: bytes, coding: str, sizes: list[int], cap: int) -> None:
    packed = {"gzip": gzip.compress, "deflate": zlib.compress}.get(coding, bytes)(body)
    collected = Body(cap, 200, {"content-encoding": coding}, "GET")
    if max(len(body), len(packed)) > cap:
        with pytest.raises(BadAnswer) as caught:
            whole(collected, pieces(packed, sizes))
        assert caught.value.kind == "too_large"
    else:
        assert whole(collected, pieces(packed, sizes)) == body


def test_empty_gzip_parts_without_end_are_cut_off() -> None:
    """The cap holds for what comes over the wire too: nothing may come out of very much."""
    collected = Body(1000, 200, {"content-encoding": "gzip"}, "GET")
    head = zlib.compressobj(wbits=31).flush(zlib.Z_FULL_FLUSH)
    with pytest.raises(BadAnswer) as caught:
        whole(collected, [head, *[b"\x00\x00\x00\xff\xff"] * 1000])
    assert caught.value.kind == "too_large"


@pytest.mark.parametrize("length", ["1001", "9" * 5000])
def test_a_length_over_the_cap_is_refused_at_once(length: str) -> None:
    with pytest.raises(BadAnswer):
        Body(1000, 200, {"content-length": length}, "GET")


def test_header_names_are_lower_and_repeated_ones_joined() -> None:
    pairs = [(b"X-A", b"1"), (b"x-b", b"2"), (b"x-a", b"3")]
    assert join_headers(pairs) == {"x-a": "1, 3", "x-b": "2"}


def test_header_bytes_that_are_no_text_do_no_harm() -> None:
    assert join_headers([(b"X-\xff", b"caf\xe9")]) == {"x-\ufffd": "caf\ufffd"}
