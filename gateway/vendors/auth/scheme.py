"""The seam between a vendor and the ways in which it can be shown who we are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from gateway.vendors.client import Deadline, Fault
    from gateway.vendors.message import Message


class Scheme(Protocol):
    """Shows one vendor who we are.

    `version` counts the credentials: it moves on whenever they are others than before.
    """

    version: int

    def sign(self, message: Message) -> Message | Fault | None:
        """Put the credentials on a message; None where they have to be prepared first."""
        ...

    async def prepare(self, deadline: Deadline) -> Fault | None:
        """Get what `sign` needs. The time of the caller is kept, what was begun goes on."""
        ...

    async def renew(self, version: int, deadline: Deadline) -> Fault | bool:
        """After a 401 to what was signed with `version`: say whether there are others now."""
        ...

    async def close(self) -> None: ...
