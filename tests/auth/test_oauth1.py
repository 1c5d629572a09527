"""OAuth 1.0a: RFC 5849's own examples, and the whole header before an independent verifier."""

from __future__ import annotations

import base64
import hashlib
import hmac as hmac_of
import re
from urllib.parse import quote, unquote

import pytest
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256, RequestValidator, SignatureOnlyEndpoint
from oauthlib.oauth1.rfc5849 import signature

ENVIRONMENT = {
    "CONSUMER_KEY": "consumer",
    "CONSUMER_SECRET": "consumer&secret ä",
    "TOKEN": "token",
    "TOKEN_SECRET": "token+secret",
}
BLOCK = {
    "type": "oauth1",
    "realm": "1234567_SB1",
    "consumer_key": {"env": "CONSUMER_KEY"},
    "consumer_secret": {"env": "CONSUMER_SECRET"},
    "token": {"env": "TOKEN"},
    "token_secret": {"env": "TOKEN_SECRET"},
}


@pytest.fixture
def netsuite(call_with, vendor):
    vendor.always({})
    return lambda **keys: call_with({**BLOCK, **keys}, url=vendor.url, environment=ENVIRONMENT)


def fields_of(header: str) -> dict[str, str]:
    assert header.startswith("OAuth ")
    pairs = re.findall(r'([a-z_]+)="([^"]*)"', header)
    return {name: unquote(value) for name, value in pairs}


def test_the_base_string_is_that_of_rfc_5849_section_3_4_1_1() -> None:
    """The library under the scheme makes it; this is what it is held to."""
    collected = signature.collect_parameters(
        uri_query="b5=%3D%253D&a3=a&c%40=&a2=r%20b",
        body="c2&a3=2+q",
        headers={
            "Authorization": 'OAuth realm="Example",oauth_consumer_key="9djdj82h48djs9d2",'
            'oauth_token="kkk9d7dh3k39sjv7",oauth_signature_method="HMAC-SHA1",'
            'oauth_timestamp="137131201",oauth_nonce="7d8f3e4a",'
            'oauth_signature="bYT5CMsGcbgUdFHObYMEfcx6bsw%3D"'
        },
    )
    base = signature.signature_base_string(
        "POST",
        signature.base_string_uri("http://EXAMPLE.COM:80/request"),
        signature.normalize_parameters(collected),
    )
    assert base == (
        "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D"
        "%25253D%26c%2540%3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3"
        "e4a%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk"
        "9d7dh3k39sjv7"
    )


async def test_the_signature_is_hmac_sha256_over_method_address_query_and_the_headers_fields(
    netsuite, vendor
) -> None:
    """Computed here from RFC 5849 alone: realm and JSON body stay out of it."""
    await netsuite()("/record/a%20b?limit=10&q=%C3%A4+c&b=", method="POST", body=b'{"a":1}')
    heard = vendor.heard[0]
    fields = fields_of(heard.headers["authorization"])
    assert fields.pop("realm") == "1234567_SB1"
    given = fields.pop("oauth_signature")
    parameters = [*fields.items(), ("limit", "10"), ("q", "ä c"), ("b", "")]
    encoded = sorted((quote(name, safe="~"), quote(text, safe="~")) for name, text in parameters)
    normal = "&".join(f"{name}={text}" for name, text in encoded)
    address = quote(f"{vendor.url}/record/a%20b", safe="~")
    base = f"POST&{address}&{quote(normal, safe='~')}"
    secrets = (ENVIRONMENT["CONSUMER_SECRET"], ENVIRONMENT["TOKEN_SECRET"])
    key = "&".join(quote(secret, safe="~") for secret in secrets)
    expected = hmac_of.new(key.encode(), base.encode(), hashlib.sha256).digest()
    assert given == base64.b64encode(expected).decode()
    assert sorted(fields) == [
        "oauth_consumer_key",
        "oauth_nonce",
        "oauth_signature_method",
        "oauth_timestamp",
        "oauth_token",
        "oauth_version",
    ]


class _Validator(RequestValidator):
    """Knows the one client; nonces may be of any length."""

    enforce_ssl = False
    allowed_signature_methods = (SIGNATURE_HMAC_SHA256,)
    dummy_client = "nobody"
    check_client_key = check_nonce = check_access_token = lambda *_: True

    def validate_client_key(self, client_key, _request):
        return client_key == ENVIRONMENT["CONSUMER_KEY"]

    def validate_timestamp_and_nonce(self, *_, **__):
        return True

    def get_client_secret(self, *_):
        return ENVIRONMENT["CONSUMER_SECRET"]


class _TokenEndpoint(SignatureOnlyEndpoint):
    """oauthlib's verifier leaves the token's secret out; here it is part of the key."""

    def _check_signature(self, request, **_):
        request.signature_method = SIGNATURE_HMAC_SHA256
        return signature.verify_hmac_sha256(
            request,
            client_secret=ENVIRONMENT["CONSUMER_SECRET"],
            resource_owner_secret=ENVIRONMENT["TOKEN_SECRET"],
        )


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("target", ["/api", "/api?a=b&a=a&c=%2B%25", "/a%2Fb?x=%E2%82%AC"])
async def test_oauthlibs_own_server_takes_each_request(netsuite, vendor, method, target) -> None:
    await netsuite()(target, method=method)
    header = vendor.heard[0].headers["authorization"]
    endpoint = _TokenEndpoint(_Validator())
    valid, _ = endpoint.validate_request(
        vendor.url + target, http_method=method, headers={"Authorization": header}
    )
    assert valid
    forged, _ = endpoint.validate_request(
        vendor.url + target + "x", http_method=method, headers={"Authorization": header}
    )
    assert not forged


async def test_two_requests_have_two_nonces(netsuite, vendor) -> None:
    call = netsuite()
    await call()
    await call()
    nonces = {fields_of(heard.headers["authorization"])["oauth_nonce"] for heard in vendor.heard}
    assert len(nonces) == 2


async def test_a_body_hash_is_added_where_it_is_set(netsuite, vendor) -> None:
    await netsuite(body_hash=True)(method="POST", body=b'{"a":1}')
    fields = fields_of(vendor.heard[0].headers["authorization"])
    expected = base64.b64encode(hashlib.sha1(b'{"a":1}').digest()).decode()  # noqa: S324 - as the extension has it
    assert fields["oauth_body_hash"] == expected


async def test_a_query_that_cant_be_signed_is_not_sent(netsuite, vendor) -> None:
    outcome = await netsuite()("/api?a=%zz")
    assert (outcome.kind, outcome.sent, vendor.heard) == ("invalid_request", "no", [])
    assert "zz" not in outcome.detail
