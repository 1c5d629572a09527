"""Who calls: the HMAC over the body, a shared secret, or both.

Nacelle signs with HMAC-SHA256 over the raw body, as `sha256=<hex>` in x-nacelle-signature-sha256
(mapper pages, "Request format"); their workflow samples show a plain `Secret` header as well. The
signature holds no time, so a repeat of an old request can't be told here: effects must be
idempotent.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateway.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.config.nacelle_spec import InboundSecret, SharedSecret, Signature
    from gateway.config.secrets import Secret
    from gateway.inbound.headers import Headers

SIGNATURE_HEADER = "x-nacelle-signature-sha256"


@dataclass(slots=True)
class _Key:
    """One secret as bytes, and the contracts it opens; None: every one."""

    secret: bytes = field(repr=False)
    contracts: frozenset[str] | None
    _mac: hmac.HMAC = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._mac = hmac.new(self.secret, digestmod="sha256")

    def signs(self, body: bytes) -> bytes:
        """Give its signature of a body, in hex digits."""
        mac = self._mac.copy()  # to begin anew takes twice as long
        mac.update(body)
        return mac.hexdigest().encode()

    def opens(self, contract: str) -> bool:
        return self.contracts is None or contract in self.contracts


class Guard:
    """Decides whether a request comes from Nacelle and may call this contract.

    Where a signature and a shared secret are configured, both must be right; where neither is,
    everything passes. Every secret is tried, in constant time, whether or not one has matched.
    """

    def __init__(self, signature: Signature | None, shared_secret: SharedSecret | None) -> None:
        self._signature_header = SIGNATURE_HEADER
        if signature is not None and signature.header is not None:
            self._signature_header = signature.header.text.lower()
        self._signature_keys = None if signature is None else _keys(signature.secrets)
        self._secret_header = "" if shared_secret is None else shared_secret.header.text.lower()
        self._shared_keys = None if shared_secret is None else _keys(shared_secret.secrets)

    def check(self, headers: Headers, body: bytes, contract: str) -> None:
        """Pass, or raise Refusal: 401 `unauthorized`, 403 `forbidden`.

        What was wrong is told to the log alone.
        """
        required: list[tuple[str, list[_Key]]] = []
        if self._signature_keys is not None:
            sent = (headers.only(self._signature_header) or b"").removeprefix(b"sha256=").lower()
            required.append((self._signature_header, _signed(self._signature_keys, sent, body)))
        if self._shared_keys is not None:
            sent = headers.only(self._secret_header) or b""
            required.append((self._secret_header, _shared(self._shared_keys, sent)))
        for header, matching in required:
            if not matching:
                cause = f"the header {header} is absent, repeated or matches no secret"
                raise Refusal(401, "unauthorized", "The request isn't authenticated", cause=cause)
        for header, matching in required:
            if not any(key.opens(contract) for key in matching):
                cause = f"the secret behind the header {header} is not for {contract}"
                raise Refusal(403, "forbidden", "This caller may not do this", cause=cause)


def _keys(secrets: Iterable[InboundSecret]) -> tuple[_Key, ...]:
    return tuple(
        _Key(
            each.secret.reveal().encode(),
            None if each.contracts is None else frozenset(each.contracts),
        )
        for each in secrets
    )


def sign(secret: Secret, body: bytes) -> str:
    """Make the signature header's value for a body, as Nacelle does."""
    return "sha256=" + hmac.digest(secret.reveal().encode(), body, "sha256").hex()


def _signed(keys: Iterable[_Key], sent: bytes, body: bytes) -> list[_Key]:
    return [key for key in keys if hmac.compare_digest(key.signs(body), sent)]


def _shared(keys: Iterable[_Key], sent: bytes) -> list[_Key]:
    """Compare digests, so that not even a secret's length shows; an empty value never matches."""
    digest = hashlib.sha256(sent).digest()
    matching = [
        key for key in keys if hmac.compare_digest(hashlib.sha256(key.secret).digest(), digest)
    ]
    return matching if sent else []
