"""What every vendor around another vendor has in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.telemetry.watch import Watch
    from gateway.vendors.client import Vendor


class Around:
    """Opens and closes the vendor inside; `name` is what `watch` is told."""

    def __init__(self, vendor: Vendor, name: str, watch: Watch) -> None:
        self._vendor = vendor
        self._name = name
        self._watch = watch

    def open(self) -> None:
        self._vendor.open()

    async def close(self) -> None:
        await self._vendor.close()
