"""A vendor's token endpoint: asked over the wire that never sends anything twice."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gateway.vendors.auth.grants import Denied, Granted, read_answer, token_request
from gateway.vendors.client import Fault
from gateway.vendors.tls import no_tls, tls_context
from gateway.vendors.transport.faults import describe
from gateway.vendors.transport.flight import Flight
from gateway.vendors.transport.once import OnceWire
from gateway.vendors.transport.send import send_over

if TYPE_CHECKING:
    from gateway.config.oauth2_spec import OAuth2Auth
    from gateway.config.vendor_spec import VendorSpec
    from gateway.telemetry.clock import Clock


class TokenEndpoint:
    """Asks for tokens, with the vendor's certificates and timeouts."""

    def __init__(self, spec: VendorSpec, token_url: str, clock: Clock) -> None:
        self._spec = spec
        self._url = urlsplit(token_url)
        self._clock = clock
        self._wire: OnceWire | None = None

    @property
    def patience(self) -> float:
        """The seconds that one request may take."""
        return self._spec.timeout.total.seconds

    async def ask(self, auth: OAuth2Auth, refresh_token: str | None = None) -> Granted | Denied:
        """Ask once. Never raises but for cancellation."""
        try:
            wire = self._open()
        except OSError as error:
            return Denied(f"token endpoint: {describe(error)}", settled=True)
        now = self._clock.now()
        flight = Flight(self._spec.timeout.connect.seconds, self.patience, "timeout")
        outcome = await send_over(wire, token_request(auth, refresh_token, now), flight)
        if isinstance(outcome, Fault):
            detail = f"token endpoint: {outcome.kind} {outcome.detail}".rstrip()
            return Denied(detail, settled=outcome.sent == "no")
        return read_answer(outcome, auth.answer, now)

    def _open(self) -> OnceWire:
        if self._wire is None:
            secure = self._url.scheme == "https"
            context = tls_context(self._spec.tls) if secure else no_tls()
            origin = f"{self._url.scheme}://{self._url.netloc}"
            self._wire = OnceWire(origin, context, self._spec.max_answer)
        return self._wire

    async def close(self) -> None:
        if self._wire is not None:
            await self._wire.close()
