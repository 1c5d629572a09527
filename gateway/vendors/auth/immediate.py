"""What the schemes have in common that ask nobody: only their secret files can change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic

from gateway.vendors.auth.live import AuthT

if TYPE_CHECKING:
    from gateway.vendors.auth.live import Live
    from gateway.vendors.client import Deadline, Fault


class Immediate(Generic[AuthT]):
    """A scheme that is always ready; `version` moves on when a secret file has changed."""

    def __init__(self, live: Live[AuthT]) -> None:
        self.version = 0
        self._live = live
        self._fixed = not live.files

    def _changed(self) -> None:
        """Make anew what was made of the old secrets."""

    def _look(self, *, now: bool = False) -> None:
        if self._live.look(now=now):
            self.version += 1
            self._changed()

    async def prepare(self, deadline: Deadline) -> Fault | None:  # noqa: ARG002 - the seam's signature
        return None

    async def renew(self, version: int, deadline: Deadline) -> Fault | bool:  # noqa: ARG002 - the seam's signature
        if not self._fixed:
            self._look(now=True)
        return version != self.version

    async def close(self) -> None:
        """Nothing is open."""
