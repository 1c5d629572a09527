"""A vendor that is called only in turn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway.vendors.client import Answer, Deadline, Fault, FaultKind, Request, Vendor
from gateway.vendors.resilience.around import Around, Told

if TYPE_CHECKING:
    from gateway.vendors.resilience.line import Line

WHY: Final[dict[FaultKind, str]] = {
    "breaker_open": "it failed too often",
    "deadline": "the time was up before its turn came",
    "queue_full": "too many calls are waiting already",
    "rate_limited": "its turn would come after the deadline",
}


class Limited(Around):
    """Each call stands in line first; one that gets no turn is a fault, surely unsent."""

    def __init__(self, vendor: Vendor, line: Line, told: Told) -> None:
        super().__init__(vendor, told)
        self._line = line

    async def send(self, request: Request, deadline: Deadline) -> Answer | Fault:
        refusal = await self._line.enter(deadline.last_start)
        if refusal is not None:
            self._told.refused(refusal)
            return Fault(refusal, "no", WHY[refusal])
        try:
            return await self._vendor.send(request, deadline)
        finally:
            self._line.leave()
