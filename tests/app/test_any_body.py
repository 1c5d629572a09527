"""Whatever is signed and sent, the gateway answers in the envelope and never with a bug."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.lossless import dumps

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.lossless import Json

SIGNED = {"signature": {"secrets": [{"env": "SECRET"}]}}
PATHS = ["/inventory/validate", "/inventory/consume"]

numbers = (
    st.integers()
    | st.integers(-(10**80), 10**80)
    | st.decimals(
        allow_nan=False, allow_infinity=False, min_value=Decimal(-(10**90)), max_value=10**90
    )
)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
scalars = st.none() | st.booleans() | numbers | texts
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
NAMES = ["items", "order_items", "orders", "id", "order_id", "created_at", "checkout", "order"]
LINE_NAMES = ["product_id", "variant_id", "quantity", "available", "price", "sku"]


@st.composite
def lines(draw: st.DrawFn) -> Json:
    """A line as it should be, with some of its fields replaced."""
    line: dict[str, Json] = {"product_id": "p", "variant_id": "A", "quantity": 1}
    odd = st.dictionaries(st.sampled_from(LINE_NAMES), values, max_size=2)
    return {**line, **draw(odd)}


@st.composite
def documents(draw: st.DrawFn) -> Json:
    """A checkout or an order, with some of its fields replaced."""
    listed = st.lists(lines(), max_size=4)
    document: dict[str, Json] = {"id": "o-1", "items": draw(listed)}
    odd = st.dictionaries(st.sampled_from(NAMES), values | listed, max_size=3)
    return {**document, **draw(odd)}


@pytest.fixture(scope="module")
def post(start, message_of, check_envelope) -> Callable[[bytes, str], None]:
    gateway = start(**SIGNED)

    def check(body: bytes, path: str) -> None:
        answer = gateway.send(message_of(body, path=path))
        check_envelope(answer)
        assert answer.status in {200, 400, 422, 500}
        if answer.status == 500:
            assert answer.details["reason"] not in {"internal", "reply_invalid"}
        else:
            assert ("error" in answer.json) == (answer.status != 200)

    return check


@settings(deadline=None)
@given(body=st.binary(max_size=200), path=st.sampled_from(PATHS))
def test_any_bytes(post, body: bytes, path: str) -> None:
    post(body, path)


@settings(deadline=None)
@given(value=values, path=st.sampled_from(PATHS))
def test_any_json(post, value: Json, path: str) -> None:
    post(dumps(value), path)


@settings(deadline=None, max_examples=150)
@given(document=documents(), path=st.sampled_from(PATHS))
def test_any_checkout_or_order(post, document: Json, path: str) -> None:
    post(dumps(document), path)
