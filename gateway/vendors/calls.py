"""Each request to a vendor, as it is told to what counts and to the trace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from gateway.telemetry.trace import ERROR, HEADER, HOST, METHOD, PORT, STATUS, current
from gateway.vendors.client import Answer, Fault

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gateway.telemetry.clock import Clock
    from gateway.telemetry.watch import Watch
    from gateway.vendors.message import Message

_PORTS: Final = {"http": 80, "https": 443}
_NO_SUCCESS: Final = 400


class Calls:
    """Stands around the calls of one vendor."""

    def __init__(self, vendor: str, base_url: str, clock: Clock, watch: Watch) -> None:
        self._vendor = vendor
        self._clock = clock
        self._watch = watch
        base = urlsplit(base_url)
        self._attributes: dict[str, str | int] = {
            "gateway.vendor": vendor,
            HOST: base.hostname or "",
            PORT: base.port or _PORTS[base.scheme],
        }

    async def told(
        self, message: Message, send: Callable[[], Awaitable[Answer | Fault]]
    ) -> Answer | Fault:
        """Send a message, which passes the trace on; the target may hold secrets and isn't told."""
        attributes = {**self._attributes, METHOD: message.method}
        with current().child(message.method, "call", attributes) as span:
            if span.traceparent is not None:
                message.headers.setdefault(HEADER, span.traceparent)
            outcome = "cancelled"
            started = self._clock.monotonic()
            try:
                came = await send()
                outcome = came.kind if isinstance(came, Fault) else f"{came.status // 100}xx"
            finally:
                self._watch.vendor_call(self._vendor, outcome, self._clock.monotonic() - started)
            if isinstance(came, Fault):
                span.note({ERROR: came.kind})
            elif came.status >= _NO_SUCCESS:
                span.note({STATUS: came.status, ERROR: str(came.status)})
            else:
                span.note({STATUS: came.status})
            return came
