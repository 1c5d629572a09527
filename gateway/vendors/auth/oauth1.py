"""OAuth 1.0a (RFC 5849): each request is signed with HMAC-SHA256."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256, Client

from gateway.config.auth_spec import OAuth1Auth
from gateway.vendors.auth.immediate import Immediate
from gateway.vendors.client import Fault

if TYPE_CHECKING:
    from gateway.telemetry.clock import Clock
    from gateway.vendors.auth.live import Live
    from gateway.vendors.message import Message

_FORM: Final = "application/x-www-form-urlencoded"


class OAuth1(Immediate[OAuth1Auth]):
    """Signs the requests to one origin (`https://host`)."""

    def __init__(self, live: Live[OAuth1Auth], origin: str, clock: Clock) -> None:
        super().__init__(live)
        self._origin = origin
        self._clock = clock

    def sign(self, message: Message) -> Message | Fault:
        if not self._fixed:
            self._look()
        body, headers = self._signed_body(message)
        try:
            _, signed, _ = self._client().sign(
                self._origin + message.target,
                message.method,  # type: ignore[arg-type]  # any method can be signed
                body,
                headers,
            )
        except ValueError:  # its text quotes the URL or the body
            detail = "oauth1 can't sign this query or body"
            return Fault("invalid_request", "no", detail)
        message.headers["authorization"] = signed["Authorization"]
        return message

    def _client(self) -> Client:
        auth = self._live.value
        return Client(
            auth.consumer_key.reveal(),
            client_secret=auth.consumer_secret.reveal(),
            resource_owner_key=auth.token.reveal(),
            resource_owner_secret=auth.token_secret.reveal(),
            signature_method=SIGNATURE_HMAC_SHA256,
            realm=auth.realm,
            nonce=self._clock.new_id(),
            timestamp=str(int(self._clock.now().timestamp())),
        )

    def _signed_body(self, message: Message) -> tuple[str | None, dict[str, str]]:
        """Give the body and its type as far as they are signed: a form, or what is hashed."""
        media_type = message.headers.get("content-type", "").partition(";")[0].strip().lower()
        if not message.body:
            return None, {}
        if media_type == _FORM:
            return message.body.decode("latin-1"), {"Content-Type": _FORM}
        if self._live.value.body_hash:
            return message.body.decode(errors="surrogateescape"), {"Content-Type": media_type}
        return None, {}
