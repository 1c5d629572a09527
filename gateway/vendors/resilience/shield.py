"""Retry, limits and breaker around a vendor: the one place where they are put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.vendors.resilience.breaker import Breaking, Circuit
from gateway.vendors.resilience.limited import Limited
from gateway.vendors.resilience.line import Line
from gateway.vendors.resilience.retry import Retrying

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.config.resilience_spec import Limits
    from gateway.config.vendor_spec import VendorSpec
    from gateway.storage.database import Database
    from gateway.telemetry.clock import Clock
    from gateway.vendors.client import Vendor
    from gateway.vendors.resilience.around import Told


def shield(
    vendor: Vendor,
    spec: VendorSpec,
    clock: Clock,
    told: Told,
    *,
    retries: bool,
    storage: Database | None = None,
) -> Vendor:
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

    A layer that isn't asked for isn't there. `retries` asks for the first where the vendor has no
    `retry` but a call has one of its own; `storage` is needed for limits that are shared.
    """
    circuit = None
    if spec.breaker is not None:
        circuit = Circuit(spec.breaker, clock.monotonic, told.breaker)
        vendor = Breaking(vendor, circuit, told)
    if spec.limits is not None:
        refuses = circuit.refuses if circuit is not None else _never
        if spec.limits.shared:
            vendor = _shared(vendor, spec.limits, clock, told, refuses, storage)
        else:
            line = Line(spec.limits, clock.monotonic, refuses=refuses, tell=told.queue)
            vendor = Limited(vendor, line, told)
    if spec.retry is not None or retries:
        vendor = Retrying(vendor, spec.retry, clock, told)
    return vendor


def _shared(
    vendor: Vendor,
    limits: Limits,
    clock: Clock,
    told: Told,
    refuses: Callable[[], bool],
    storage: Database | None,
) -> Vendor:
    if storage is None:
        raise ValueError("`limits` with `shared: true` needs the storage")
    # Imported where needed: a deployment that shares nothing doesn't pay for it.
    from gateway.vendors.resilience.places import Places  # noqa: PLC0415
    from gateway.vendors.resilience.shared import Shared, SharedLine  # noqa: PLC0415

    places = Places(storage, told.vendor, limits, clock)
    line = SharedLine(limits, places, clock, refuses=refuses, tell=told.queue)
    return Shared(vendor, line, told)


def _never() -> bool:
    return False
