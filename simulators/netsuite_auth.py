"""Who may call the faked NetSuite: token-based authentication, and OAuth 2.0 for machines.

Token-based authentication is OAuth 1.0a with HMAC-SHA256 and the account as realm, verified here by
oauthlib's resource endpoint: signature, timestamp, a nonce that is used once. OAuth 2.0 is the
client credentials flow: a JWT, signed with the private key of a certificate that was uploaded
before, is exchanged for a token of one hour.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, GuestProtocol, RSAKey
from oauthlib.common import Request as Signed
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256, OAuth1Error, RequestValidator, ResourceEndpoint
from starlette.requests import Request

from simulators.netsuite_errors import Flaw, Refused

TOKEN_PATH: Final = "/services/rest/auth/oauth2/v1/token"  # noqa: S105 - an address
_ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ALGORITHMS: Final = ["PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
_LONGEST_ASSERTION: Final = 3600
_LIFETIME: Final = 3600
_SCOPE: Final = "rest_webservices"


@dataclass(frozen=True)
class Integration:
    """What was created in the account: an integration, a token, a certificate.

    `certificates` are public keys as PEM by the certificate's id.
    """

    account: str = "1234567_SB1"
    consumer_key: str = "consumer-key"
    consumer_secret: str = "consumer-secret"  # noqa: S105 - opens nothing but this fake
    token: str = "token-id"  # noqa: S105 - neither does this
    token_secret: str = "token-secret"  # noqa: S105 - nor this
    client_id: str = "client-id"
    certificates: Mapping[str, str] = field(default_factory=dict)


class NotGranted(Exception):
    """The token endpoint says no, in RFC 6749's words."""

    def __init__(self, status: int, error: str) -> None:
        super().__init__(status, error)
        self.status = status
        self.error = error


class _Validator(RequestValidator):
    """Tells oauthlib what the account knows."""

    enforce_ssl = False
    allowed_signature_methods = (SIGNATURE_HMAC_SHA256,)
    timestamp_lifetime = 300
    dummy_client = dummy_access_token = "nobody"  # noqa: S105 - known to nobody

    def __init__(self, known: Integration) -> None:
        super().__init__()
        self._known = known
        self._seen: set[tuple[str, str]] = set()

    def check_client_key(self, client_key: str) -> bool:
        return bool(client_key)

    def check_access_token(self, request_token: str) -> bool:
        return bool(request_token)

    def check_nonce(self, nonce: str) -> bool:
        return bool(nonce)

    def validate_client_key(self, client_key: str, _: object) -> bool:
        return client_key == self._known.consumer_key

    def validate_access_token(self, _: str, token: str, __: object) -> bool:
        return token == self._known.token

    def validate_realms(
        self,
        client_key: str,  # noqa: ARG002 - oauthlib's signature, as below
        token: str,  # noqa: ARG002
        request: Signed,
        uri: str | None = None,  # noqa: ARG002
        realms: list[str] | None = None,  # noqa: ARG002 - the endpoint's, not the header's
    ) -> bool:
        return bool(request.realm == self._known.account)

    def validate_timestamp_and_nonce(
        self,
        client_key: str,  # noqa: ARG002
        timestamp: str,
        nonce: str,
        request: Signed,  # noqa: ARG002
        request_token: str | None = None,  # noqa: ARG002
        access_token: str | None = None,  # noqa: ARG002
    ) -> bool:
        known = (timestamp, nonce) in self._seen
        self._seen.add((timestamp, nonce))
        return not known

    def get_client_secret(self, *_: object) -> str:
        return self._known.consumer_secret

    def get_access_token_secret(self, *_: object) -> str:
        return self._known.token_secret


class Door:
    """Lets in who shows what the integration allows."""

    def __init__(self, known: Integration) -> None:
        self.known = known
        self._endpoint = ResourceEndpoint(_Validator(known))
        self.given: list[str] = []
        """Every token that the token endpoint gave."""
        self.valid: set[str] = set()

    def check(self, request: Request) -> None:
        """Raises `Refused` (401) for everybody else."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if not (token in self.valid if scheme == "Bearer" else self._signed(request)):
            detail = (
                "Invalid login attempt. For more details, see the Login Audit Trail in the "
                "NetSuite UI at Setup > Users/Roles > User Management > View Login Audit Trail."
            )
            raise Refused(401, Flaw("INVALID_LOGIN", detail))

    def _signed(self, request: Request) -> bool:
        header = request.headers.get("authorization", "")
        try:
            valid, _ = self._endpoint.validate_protected_resource_request(
                address(request), http_method=request.method, headers={"Authorization": header}
            )
        except (OAuth1Error, ValueError):  # oauthlib raises ValueError for a header that is none
            return False
        return bool(valid)

    def grant(self, fields: Mapping[str, str], audience: str) -> dict[str, str]:
        """Give a token for a form with a signed assertion. Raises `NotGranted`."""
        if fields.get("grant_type") != "client_credentials":
            raise NotGranted(400, "unsupported_grant_type")
        if fields.get("client_assertion_type") != _ASSERTION_TYPE:
            raise NotGranted(400, "invalid_request")
        self._check_assertion(fields.get("client_assertion", ""), audience)
        token = f"access-{len(self.given) + 1}"
        self.given.append(token)
        self.valid.add(token)
        return {"access_token": token, "expires_in": str(_LIFETIME), "token_type": "bearer"}

    def _check_assertion(self, assertion: str, audience: str) -> None:
        claims = self._verified(assertion)
        if claims.get("iss") != self.known.client_id:
            raise NotGranted(401, "invalid_client")
        scope = claims.get("scope")
        scopes = scope.split(",") if isinstance(scope, str) else scope
        if not isinstance(scopes, list) or _SCOPE not in scopes:
            raise NotGranted(400, "invalid_scope")
        issued, expires = claims.get("iat"), claims.get("exp")
        if not isinstance(issued, int) or not isinstance(expires, int):
            raise NotGranted(400, "invalid_request")
        in_time = issued - 60 <= time.time() < expires
        if claims.get("aud") != audience or not in_time or expires - issued > _LONGEST_ASSERTION:
            raise NotGranted(400, "invalid_grant")

    def _verified(self, assertion: str) -> dict[str, object]:
        """Give the claims of an assertion that one of the certificates signed."""
        try:
            return jwt.decode(assertion, self._key, algorithms=_ALGORITHMS).claims
        except (JoseError, KeyError, ValueError) as error:
            raise NotGranted(401, "invalid_client") from error

    def _key(self, guest: GuestProtocol) -> RSAKey | ECKey:
        header = guest.headers()
        kind = RSAKey if header["alg"].startswith("PS") else ECKey
        return kind.import_key(self.known.certificates[header["kid"]])


def address(request: Request) -> str:
    """Give the whole URL as it was asked for: its path still percent-encoded."""
    path = request.scope["raw_path"].decode("latin-1")
    query = request.scope["query_string"].decode("latin-1")
    return f"{request.url.scheme}://{request.url.netloc}{path}{'?' if query else ''}{query}"
