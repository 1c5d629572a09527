"""Outbound HMAC: a header that the vendor can check with the shared secret."""

from __future__ import annotations

import base64
import hmac

import pytest

BLOCK = {"type": "hmac", "secret": {"env": "SIGNING"}, "header": "X-Signature"}
BODY = b'{"a":1}'


@pytest.fixture
def signing(call_with, vendor, fixed):
    vendor.always({})
    return lambda **keys: call_with(
        {**BLOCK, **keys}, url=f"{vendor.url}/v1", environment={"SIGNING": "shared"}, clock=fixed
    )


def code(text: bytes, algorithm: str = "sha256") -> hmac.HMAC:
    return hmac.new(b"shared", text, algorithm)


async def test_the_body_is_signed_in_hex_unless_told_otherwise(signing, vendor) -> None:
    await signing()("/orders", method="POST", body=BODY)
    assert vendor.heard[0].headers["x-signature"] == code(BODY).hexdigest()


async def test_algorithm_encoding_and_prefix_are_settings(signing, vendor) -> None:
    call = signing(algorithm="sha512", encoding="base64", prefix="v1=")
    await call("/", method="POST", body=BODY)
    expected = base64.b64encode(code(BODY, "sha512").digest()).decode()
    assert vendor.heard[0].headers["x-signature"] == f"v1={expected}"


async def test_the_whole_request_can_be_signed_with_the_time(signing, vendor) -> None:
    """The path is the one that goes over the wire, that of `base_url` included."""
    text = "{method}\n{path}\n{query}\n{timestamp}\n{body}"
    call = signing(signs=text, timestamp_header="X-Timestamp")
    await call("/orders?a=b%20c", method="POST", body=BODY)
    heard = vendor.heard[0]
    assert heard.target == "/v1/orders?a=b%20c"
    assert heard.headers["x-timestamp"] == "1795348800"
    signed = b"POST\n/v1/orders\na=b%20c\n1795348800\n" + BODY
    assert heard.headers["x-signature"] == code(signed).hexdigest()
