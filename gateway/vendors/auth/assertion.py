"""The signed JWT with which a client shows who it is (RFC 7523, section 2.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from authlib.oauth2.rfc7523 import (  # type: ignore[import-untyped]  # it has none
    sign_jwt_bearer_assertion,
)

if TYPE_CHECKING:
    from gateway.config.oauth2_spec import Assertion, OAuth2Auth

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_GOOD_FOR_SECONDS: Final = 300


class BadKey(Exception):
    """The private key can't sign; its text ends a sentence and holds nothing of the key."""


def signed_assertion(auth: OAuth2Auth, assertion: Assertion, now: int) -> str:
    """Sign a JWT that is good for five minutes from `now` (whole seconds since 1970).

    Raises BadKey where the key can't be read or doesn't fit the algorithm.
    """
    client = auth.client_id.reveal()
    header = {"kid": assertion.key_id} if assertion.key_id else {}
    try:
        signed = sign_jwt_bearer_assertion(
            assertion.key.reveal(),
            issuer=client,
            subject=client,
            audience=auth.token_url,
            issued_at=now or 1,  # 0 would mean "now" to the library
            expires_at=now + _GOOD_FOR_SECONDS,
            claims=dict(assertion.claims),
            header={"typ": "JWT", **header},
            alg=assertion.algorithm,
        )
    except Exception:  # noqa: BLE001 - several libraries' errors, any of which may quote the key
        raise BadKey(f"is no PEM of a private key for {assertion.algorithm}") from None
    return signed if isinstance(signed, str) else signed.decode()
