"""Retry, limits and breaker around a vendor: the one place where they are put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.vendors.resilience.breaker import Breaking, Circuit
from gateway.vendors.resilience.limited import Limited
from gateway.vendors.resilience.line import Line
from gateway.vendors.resilience.retry import Retrying

if TYPE_CHECKING:
    from gateway.config.vendor_spec import VendorSpec
    from gateway.telemetry.clock import Clock
    from gateway.telemetry.watch import Watch
    from gateway.vendors.client import Vendor


def shield(vendor: Vendor, spec: VendorSpec, clock: Clock, name: str, watch: Watch) -> Vendor:
    """Put around a vendor what its settings ask for: `retry( limits( breaker( vendor )))`.

    From the outside in:

    - **Retry** is outermost, so that a call that waits to be tried again holds no place, and each
      attempt stands in line and meets the breaker anew.
    - **Limits** are one line for both: a call first gets a place, then its turn by the rate. The
      other way round, turns would be used up while waiting for places, and then come in a burst.
    - **The breaker** is innermost: it sees what the vendor did, never what the line refused, and
      lets a single call through as its probe, at the moment at which that call goes out. The line
      asks it too, when a call comes and whenever one leaves: while it is open nobody waits, and no
      turn of the rate is spent.

    A retry may be a single call's own, so that layer is always there; without anything to retry
    it hands out the inner vendor's own coroutine. The others are there only where they are set.
    """
    circuit = None
    if spec.breaker is not None:
        circuit = Circuit(spec.breaker, clock.monotonic, lambda state: watch.breaker(name, state))
        vendor = Breaking(vendor, circuit, name, watch)
    if spec.limits is not None:
        line = Line(
            spec.limits,
            clock.monotonic,
            refuses=circuit.refuses if circuit is not None else _never,
            tell=lambda running, waiting: watch.queue(name, running, waiting),
        )
        vendor = Limited(vendor, line, name, watch)
    return Retrying(vendor, spec.retry, clock, name, watch)


def _never() -> bool:
    return False
