"""One vendor: composes the message, picks the transport, keeps the time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit

from gateway.telemetry.watch import NoWatch, Watch
from gateway.vendors.calls import Calls
from gateway.vendors.check import check_vendor
from gateway.vendors.client import Answer, Deadline, Fault, Request
from gateway.vendors.message import Composer, Message
from gateway.vendors.tls import no_tls, tls_context
from gateway.vendors.transport.body import BadAnswer
from gateway.vendors.transport.fast import FastWire
from gateway.vendors.transport.faults import describe, translate
from gateway.vendors.transport.flight import Flight
from gateway.vendors.transport.once import OnceWire

if TYPE_CHECKING:
    from gateway.config.vendor_spec import VendorSpec
    from gateway.telemetry.clock import Clock
    from gateway.vendors.transport.wire import Wire

_NO_WATCH: Final = NoWatch()


def make_vendor(
    spec: VendorSpec, clock: Clock, *, name: str = "", watch: Watch = _NO_WATCH
) -> HttpVendor:
    """Make a vendor from its settings; reads no file and opens nothing.

    `watch` is told of its calls under the vendor's `name`. Raises ValueError with all that
    `check_vendor` finds.
    """
    problems = check_vendor(spec)
    if problems:
        raise ValueError("; ".join(problems))
    return HttpVendor(spec, clock, name=name, watch=watch)


class _Wires(NamedTuple):
    fast: Wire
    once: Wire


class HttpVendor:
    """A vendor over HTTP/1.1: requests without effect on the fast wire, effects on the other.

    Belongs to the event loop in which it is opened.
    """

    def __init__(
        self, spec: VendorSpec, clock: Clock, *, name: str = "", watch: Watch = _NO_WATCH
    ) -> None:
        self._spec = spec
        self._clock = clock
        self._calls = Calls(name, spec.base_url, clock, watch)
        self._composer = Composer(spec)
        self._connect = spec.timeout.connect.seconds
        self._total = spec.timeout.total.seconds
        self._wires: _Wires | None = None
        self._closed = False

    def open(self) -> None:
        """Read the TLS files and make the transports; the first `send` does it otherwise.

        Raises OSError (of which ssl.SSLError is one) where a file can't be used.
        """
        self._open()

    def _open(self) -> _Wires:
        if self._wires is None:
            secure = urlsplit(self._spec.base_url).scheme == "https"
            context = tls_context(self._spec.tls) if secure else no_tls()
            origin, cap = self._composer.origin, self._spec.max_answer
            self._wires = _Wires(FastWire(origin, context, cap), OnceWire(origin, context, cap))
        return self._wires

    async def send(self, request: Request, deadline: Deadline) -> Answer | Fault:
        """Send once. Never raises but for cancellation."""
        message = self._composer.compose(request)
        if isinstance(message, str):
            return Fault("invalid_request", "no", message)
        left = deadline.at - self._clock.monotonic()
        if left <= 0:
            return Fault("deadline", "no", "the time was up before anything was sent")
        if self._closed:
            return Fault("connect", "no", "the vendor is closed")
        try:
            wires = self._open()
        except OSError as error:
            return Fault("tls", "no", describe(error))
        flight = Flight(
            connect=self._connect,
            total=min(left, self._total),
            last="deadline" if left < self._total else "timeout",
        )
        wire = wires.once if request.effect else wires.fast
        return await self._calls.told(message, lambda: _exchange(wire, message, flight))

    async def close(self) -> None:
        self._closed = True
        if self._wires is not None:
            await self._wires.fast.close()
            await self._wires.once.close()


async def _exchange(wire: Wire, message: Message, flight: Flight) -> Answer | Fault:
    try:
        async with flight.timer:
            return await wire.exchange(message, flight)
    except BadAnswer as bad:
        return Fault(bad.kind, flight.sent, str(bad))
    except Exception as error:  # noqa: BLE001 - the seam promises a value for whatever goes wrong
        if flight.timer.expired():
            return flight.overdue()
        return translate(error, wire.kinds, flight)
