"""What the transports have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Protocol

from gateway.vendors.client import Answer, FaultKind

if TYPE_CHECKING:
    from gateway.vendors.message import Message
    from gateway.vendors.transport.flight import Flight

MAX_CONNECTIONS = 256
"""Connections to one vendor over one transport; the gateway's own limits are meant to be lower."""

Kinds = Mapping[type[BaseException], FaultKind]


class Wire(Protocol):
    """One way to a vendor."""

    kinds: Kinds
    """What each exception of the library means, each class by itself."""

    async def exchange(self, message: Message, flight: Flight) -> Answer:
        """Send and read the whole answer, telling `flight` how far it is.

        Raises BadAnswer and whatever the library raises. A transport that is left by an exception,
        cancellation included, has closed the connection.
        """
        ...

    async def close(self) -> None: ...


def join_headers(pairs: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Give the headers by lower-case name, several of one name joined with a comma."""
    joined: dict[str, str] = {}
    for raw_name, raw_value in pairs:
        name = raw_name.decode("ascii", "replace").lower()
        value = raw_value.decode("utf-8", "replace")
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return joined
