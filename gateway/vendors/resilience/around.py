"""What every vendor around another vendor has in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.telemetry.logs import logger

if TYPE_CHECKING:
    from gateway.telemetry.watch import BreakerState, Watch
    from gateway.vendors.client import Vendor


@dataclass(frozen=True, slots=True)
class Told:
    """A watch that is told of one vendor."""

    watch: Watch
    vendor: str

    def retried(self, cause: str) -> None:
        self.watch.retried(self.vendor, cause)

    def breaker(self, state: BreakerState) -> None:
        if state != "half_open":
            logger().warning("breaker", vendor=self.vendor, state=state)
        self.watch.breaker(self.vendor, state)

    def queue(self, running: int, waiting: int) -> None:
        self.watch.queue(self.vendor, running, waiting)

    def refused(self, cause: str) -> None:
        self.watch.refused(self.vendor, cause)


class Around:
    """Opens and closes the vendor inside."""

    def __init__(self, vendor: Vendor, told: Told) -> None:
        self._vendor = vendor
        self._told = told

    def open(self) -> None:
        self._vendor.open()

    async def close(self) -> None:
        await self._vendor.close()
