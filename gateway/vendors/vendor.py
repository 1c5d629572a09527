"""One vendor: composes the message, picks the transport, keeps the time."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from gateway.telemetry.watch import NoWatch
from gateway.vendors.auth.make import keeps_tokens, make_scheme
from gateway.vendors.calls import Calls
from gateway.vendors.check import check_vendor
from gateway.vendors.client import Answer, Deadline, Fault, Request, Vendor
from gateway.vendors.message import Composer, Message
from gateway.vendors.resilience.around import Told
from gateway.vendors.resilience.shield import shield
from gateway.vendors.tls import no_tls, tls_context
from gateway.vendors.transport.fast import FastWire
from gateway.vendors.transport.faults import describe
from gateway.vendors.transport.flight import Flight
from gateway.vendors.transport.send import send_over

if TYPE_CHECKING:
    from ssl import SSLContext

    from gateway.config.vendor_spec import VendorSpec
    from gateway.storage.database import Database
    from gateway.telemetry.clock import Clock
    from gateway.telemetry.watch import Watch
    from gateway.vendors.auth.scheme import Scheme
    from gateway.vendors.transport.wire import Wire

_NO_WATCH: Final = NoWatch()


def make_vendor(
    spec: VendorSpec,
    clock: Clock,
    *,
    name: str = "vendor",
    watch: Watch = _NO_WATCH,
    storage: Database | None = None,
    retries: bool = False,
) -> Vendor:
    """Make a vendor from its settings; reads no file and opens nothing.

    `name` is what the log and `watch` call it; `storage` is needed where `needs_storage`
    says so; `retries` says that some call has a `retry` of its own. `shield` says what is put
    around it, and in which order. Raises ValueError with all that `check_vendor` finds.
    """
    problems = check_vendor(spec)
    if problems:
        raise ValueError("; ".join(problem.message for problem in problems))
    scheme = make_scheme(spec, name, clock, watch, storage)
    vendor = HttpVendor(spec, clock, scheme, Calls(name, spec.base_url, clock, watch))
    return shield(vendor, spec, clock, Told(watch, name), retries=retries, storage=storage)


def needs_storage(spec: VendorSpec) -> bool:
    """Say whether anything of this vendor is kept in the storage: tokens, or limits."""
    return keeps_tokens(spec) or (spec.limits is not None and spec.limits.shared)


class _Wires:
    """The two ways to a vendor; the one for effects is made when something goes over it."""

    def __init__(self, origin: str, context: SSLContext, cap: int) -> None:
        self.fast: Wire = FastWire(origin, context, cap)
        self._make = (origin, context, cap)
        self._once: Wire | None = None

    @property
    def once(self) -> Wire:
        if self._once is None:
            # Imported where needed: a deployment that only reads doesn't pay for it.
            from gateway.vendors.transport.once import OnceWire  # noqa: PLC0415

            self._once = OnceWire(*self._make)
        return self._once

    async def close(self) -> None:
        await self.fast.close()
        if self._once is not None:
            await self._once.close()


class HttpVendor:
    """A vendor over HTTP/1.1: requests without effect on the fast wire, effects on the other.

    Belongs to the event loop in which it is opened.
    """

    def __init__(self, spec: VendorSpec, clock: Clock, scheme: Scheme, calls: Calls) -> None:
        self._spec = spec
        self._clock = clock
        self._scheme = scheme
        self._calls = calls
        self._composer = Composer(spec)
        self._timeout = spec.timeout
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
            self._wires = _Wires(self._composer.origin, context, self._spec.max_answer)
        return self._wires

    async def send(self, request: Request, deadline: Deadline) -> Answer | Fault:
        """Send once, and once more after a 401 where the credentials can be renewed.

        A 401 says that nothing was done, so that holds for an effect too. Never raises but for
        cancellation.
        """
        signed = self._signed(request) or await self._prepared(request, deadline)
        if isinstance(signed, Fault):
            return signed
        version = self._scheme.version
        outcome = await self._exchange(signed, request, deadline)
        if isinstance(outcome, Fault) or outcome.status != HTTPStatus.UNAUTHORIZED:
            return outcome
        renewed = await self._scheme.renew(version, deadline)
        if renewed is False:
            return outcome
        again = renewed if isinstance(renewed, Fault) else self._signed(request)
        if again is None or isinstance(again, Fault):
            return again or outcome
        return await self._exchange(again, request, deadline)

    def _signed(self, request: Request) -> Message | Fault | None:
        message = self._composer.compose(request)
        if isinstance(message, str):
            return Fault("invalid_request", "no", message)
        return self._scheme.sign(message)

    async def _prepared(self, request: Request, deadline: Deadline) -> Message | Fault:
        fault = self._unready(deadline) or await self._scheme.prepare(deadline)
        if fault is not None:
            return fault
        return self._signed(request) or Fault("auth", "no", "the new token has ended already")

    def _unready(self, deadline: Deadline) -> Fault | None:
        if deadline.last_start <= self._clock.monotonic():
            return Fault("deadline", "no", "the time was up before anything was sent")
        return Fault("connect", "no", "the vendor is closed") if self._closed else None

    async def _exchange(
        self, message: Message, request: Request, deadline: Deadline
    ) -> Answer | Fault:
        fault = self._unready(deadline)
        if fault is not None:
            return fault
        try:
            wires = self._open()
        except OSError as error:
            return Fault("tls", "no", describe(error))
        left = deadline.at - self._clock.monotonic()
        timeout = request.timeout or self._timeout
        total = timeout.total.seconds
        flight = Flight(
            connect=timeout.connect.seconds,
            total=min(left, total),
            last="deadline" if left < total else "timeout",
        )
        wire = wires.once if request.effect else wires.fast
        return await self._calls.told(message, lambda: send_over(wire, message, flight))

    async def close(self) -> None:
        self._closed = True
        await self._scheme.close()
        if self._wires is not None:
            await self._wires.close()
