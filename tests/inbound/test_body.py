"""A request's body: its caps, its declared type, its wrapping."""

import asyncio
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers as Sent
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive

from gateway.contracts import ObjectName
from gateway.errors import Refusal
from gateway.inbound.body import check_content_type, parse_body, read_body, unwrap
from gateway.inbound.headers import Headers
from gateway.lossless import Json


def body_of(*messages: Message, late: bool = False) -> Receive:
    """Make what gives these ASGI messages, each `late` or at once, and then waits for ever."""
    coming = iter(messages)

    async def receive() -> Message:
        for message in coming:
            for _ in range(2 * late):
                await asyncio.sleep(0)
            return message
        await asyncio.Event().wait()
        raise AssertionError

    return receive


def pieces(chunks: Iterable[bytes], *, more: bool = False) -> list[Message]:
    messages: list[Message] = [
        {"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks
    ]
    return messages if more else [*messages, {"type": "http.request", "body": b""}]


@given(
    chunks=st.lists(st.binary(max_size=5), max_size=6),
    max_bytes=st.integers(0, 30),
    late=st.booleans(),
)
async def test_a_body_is_read_whole_up_to_the_cap_and_refused_beyond(
    *, chunks: list[bytes], max_bytes: int, late: bool
) -> None:
    whole = b"".join(chunks)
    receive = body_of(*pieces(chunks), late=late)
    if len(whole) <= max_bytes:
        read = await read_body(receive, content_length="", max_bytes=max_bytes, timeout=60)
        assert read == whole
    else:
        with pytest.raises(Refusal) as caught:
            await read_body(receive, content_length="", max_bytes=max_bytes, timeout=60)
        assert (caught.value.status, caught.value.reason) == (413, "too_large")


async def test_a_body_over_the_cap_is_refused_before_it_has_ended() -> None:
    receive = body_of(*pieces([b"12345", b"6"], more=True))
    with pytest.raises(Refusal) as caught:
        await read_body(receive, content_length="", max_bytes=5, timeout=60)
    assert caught.value.status == 413
    assert caught.value.headers == {"connection": "close"}


@pytest.mark.parametrize("length", ["6", "006", "9" * 5000])
async def test_a_content_length_over_the_cap_is_refused_unread(length: str) -> None:
    """The body never comes; waiting for it would end in 408."""
    with pytest.raises(Refusal) as caught:
        await read_body(body_of(), content_length=length, max_bytes=5, timeout=0)
    assert (caught.value.status, caught.value.reason) == (413, "too_large")


@pytest.mark.parametrize("length", ["5", "0005", "1", "", "-6", "²", "six", "+9"])
async def test_a_content_length_that_says_nothing_against_it_leaves_it_to_the_reading(
    length: str,
) -> None:
    receive = body_of(*pieces([b"12345"]))
    assert await read_body(receive, content_length=length, max_bytes=5, timeout=60) == b"12345"


@pytest.mark.parametrize("come", [[], [b"12"]], ids=["nothing", "a part"])
async def test_a_body_that_stops_coming_is_refused_as_slow(come: list[bytes]) -> None:
    receive = body_of(*pieces(come, more=True))
    with pytest.raises(Refusal) as caught:
        await read_body(receive, content_length="5", max_bytes=5, timeout=0)
    assert (caught.value.status, caught.value.reason) == (408, "slow_body")
    assert caught.value.headers == {"connection": "close"}


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("come", [[], [b"12"]], ids=["nothing", "a part"])
async def test_a_client_that_goes_away_is_no_refusal(come: list[bytes], *, late: bool) -> None:
    receive = body_of(*pieces(come, more=True), {"type": "http.disconnect"}, late=late)
    with pytest.raises(ClientDisconnect):
        await read_body(receive, content_length="5", max_bytes=5, timeout=60)


async def test_what_waits_for_a_body_is_over_with_its_time() -> None:
    left = False

    async def receive() -> Message:
        nonlocal left
        try:
            await asyncio.Event().wait()
        finally:
            left = True
        raise AssertionError

    with pytest.raises(Refusal):
        await read_body(receive, content_length="", max_bytes=5, timeout=0)
    assert left


@pytest.mark.parametrize(
    "value",
    [
        "application/json",
        "Application/JSON",
        " application/json ; charset=UTF-8",
        'application/json;charset="utf-8"',
        "application/json; version=1; charset=utf-8",
        "application/vnd.nacelle.checkout+json",
    ],
)
def test_json_in_utf_8_is_accepted(value: str) -> None:
    check_content_type(Headers(Sent({"Content-Type": value, "Content-Encoding": "Identity"}).raw))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-type": ""},
        {"content-type": "text/json"},
        {"content-type": "application/jsonp"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "text/plain+json"},
        {"content-type": "application/json; charset=latin-1"},
        {"content-type": "application/json; charset"},
        {"content-type": "application/json", "content-encoding": "gzip"},
        {"content-type": "application/json", "content-encoding": "gzip, identity"},
    ],
)
def test_every_other_media_type_charset_and_encoding_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(Refusal) as caught:
        check_content_type(Headers(Sent(headers).raw))
    assert (caught.value.status, caught.value.reason) == (415, "unsupported_media_type")


def test_broken_json_is_refused_with_its_place() -> None:
    with pytest.raises(Refusal) as caught:
        parse_body(b'{"a": 1, "a": 2}')
    assert (caught.value.status, caught.value.reason) == (400, "bad_json")
    assert "the same key twice in one object (byte 9)" in caught.value.message


@pytest.mark.parametrize("body", [b"[]", b"3", b'"text"', b"null", b"true", b"1.5"])
def test_a_document_that_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(Refusal) as caught:
        parse_body(body)
    assert (caught.value.status, caught.value.reason) == (400, "not_an_object")


@pytest.mark.parametrize("name", ["checkout", "order"])
@given(inner=st.dictionaries(st.text(), st.none()), beside=st.dictionaries(st.text(), st.none()))
def test_a_wrapped_object_comes_out_as_it_went_in(
    name: ObjectName, inner: dict[str, Json], beside: dict[str, Json]
) -> None:
    if beside.keys() & {"items", "order_items", "orders"}:
        return
    assert unwrap({**beside, name: inner}, name) is inner


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"id": "1"},
        {"items": []},
        {"checkout": None},
        {"checkout": "chk_1"},
        {"checkout": []},
        {"checkout": {"id": "the one before"}, "items": []},
        {"checkout": {"id": "the one before"}, "order_items": None},
        {"checkout": {"id": "the one before"}, "orders": []},
    ],
)
def test_a_bare_object_stays_as_it_is(document: dict[str, Json]) -> None:
    assert unwrap(document, "checkout") is document


def test_the_other_object_is_refused() -> None:
    """An order answered as an empty checkout would look like a success."""
    with pytest.raises(Refusal, match="takes the checkout, not the order"):
        unwrap({"order": {"order_items": []}}, "checkout")
