"""One message over one wire: whatever goes wrong becomes a fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.vendors.client import Answer, Fault
from gateway.vendors.transport.body import BadAnswer
from gateway.vendors.transport.faults import translate

if TYPE_CHECKING:
    from gateway.vendors.message import Message
    from gateway.vendors.transport.flight import Flight
    from gateway.vendors.transport.wire import Wire


async def send_over(wire: Wire, message: Message, flight: Flight) -> Answer | Fault:
    """Send within the flight's time. Never raises but for cancellation."""
    try:
        async with flight.timer:
            return await wire.exchange(message, flight)
    except BadAnswer as bad:
        return Fault(bad.kind, flight.sent, str(bad))
    except Exception as error:  # noqa: BLE001 - the seam promises a value for whatever goes wrong
        if flight.timer.expired():
            return flight.overdue()
        return translate(error, wire.kinds, flight)
