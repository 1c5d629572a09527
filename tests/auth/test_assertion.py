"""A client that shows a signed JWT instead of a secret, as NetSuite's machine-to-machine flow."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

KEYS = {
    "PS256": rsa.generate_private_key(65537, 2048),
    "ES256": ec.generate_private_key(ec.SECP256R1()),
}


def pem(key) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def public(algorithm: str):
    imported = RSAKey if algorithm == "PS256" else ECKey
    return imported.import_key(KEYS[algorithm].public_key())


@pytest.mark.parametrize("algorithm", KEYS)
async def test_the_assertion_is_verified_with_the_public_key(
    call_with, oauth2, endpoint, tmp_path, algorithm
) -> None:
    (tmp_path / "key.pem").write_text(pem(KEYS[algorithm]))
    shown: list[str] = []
    endpoint.assertion_ok = lambda text: not shown.append(text)
    assertion = {
        "key": {"file": "key.pem"},
        "algorithm": algorithm,
        "key_id": "certificate-1",
        "claims": {"scope": ["rest_webservices"]},
    }
    block = oauth2(client="assertion", client_secret=None, assertion=assertion)
    assert (await call_with(block)()).status == 200
    token = jwt.decode(shown[0], public(algorithm), algorithms=[algorithm])
    assert {"alg": algorithm, "kid": "certificate-1"}.items() <= token.header.items()
    claims = dict(token.claims)
    assert claims.pop("jti")
    begun = claims.pop("iat")
    assert abs(begun - datetime.now(UTC).timestamp()) < 60
    assert claims == {
        "iss": "client",
        "sub": "client",
        "aud": block["token_url"],
        "exp": begun + 300,
        "scope": ["rest_webservices"],
    }
    body = next(each.body for each in endpoint.ledger.requests if each.path == "/token")
    assert body.startswith(
        "grant_type=client_credentials&client_assertion_type="
        "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion="
    )


@pytest.mark.parametrize("content", ["no key", pem(KEYS["ES256"])], ids=["no PEM", "wrong kind"])
def test_a_key_that_doesnt_fit_is_a_problem_at_load(problems_of, oauth2, tmp_path, content) -> None:
    (tmp_path / "key.pem").write_text(content)
    assertion = {"key": {"file": "key.pem"}, "algorithm": "PS256"}
    block = oauth2(client="assertion", client_secret=None, assertion=assertion)
    mapping = (
        "mapping: stock\ncontract: inventory.validate\nvendor: acme\n"
        "call:\n  request: {method: GET, path: /stock}\n"
    )
    vendors = {"acme": {"base_url": "http://127.0.0.1:9", "auth": block}}
    assert "bad-value" in problems_of(mapping, vendors=vendors, environment={"CLIENT": "c"})
