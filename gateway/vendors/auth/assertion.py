"""The signed JWT with which a client shows who it is (RFC 7523, section 2.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from authlib.oauth2.rfc7523 import private_key_jwt_sign  # type: ignore[import-untyped]  # no types
from joserfc.jwk import ECKey, RSAKey

if TYPE_CHECKING:
    from gateway.config.oauth2_spec import Assertion, OAuth2Auth

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_GOOD_FOR_SECONDS: Final = 300
_KEYS: Final[dict[str, type[RSAKey | ECKey]]] = {"PS256": RSAKey, "ES256": ECKey}


class BadKey(Exception):
    """The private key can't sign; its text ends a sentence and holds nothing of the key."""


def signed_assertion(auth: OAuth2Auth, assertion: Assertion, now: int) -> str:
    """Sign a JWT that is good for five minutes from `now` (whole seconds since 1970).

    Raises BadKey where the key can't be read or doesn't fit the algorithm.
    """
    header = {"kid": assertion.key_id} if assertion.key_id else {}
    try:
        signed = private_key_jwt_sign(
            _KEYS[assertion.algorithm].import_key(assertion.key.reveal()),
            auth.client_id.reveal(),
            auth.token_url,
            assertion.algorithm,
            claims=dict(assertion.claims),
            header={"typ": "JWT", **header},
            issued_at=now,
            expires_at=now + _GOOD_FOR_SECONDS,
        )
    except Exception:  # noqa: BLE001 - several libraries' errors, any of which may quote the key
        raise BadKey(f"is no PEM of a private key for {assertion.algorithm}") from None
    return str(signed)
