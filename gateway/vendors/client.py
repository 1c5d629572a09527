"""The seam to a vendor: `send(request, deadline) → Answer | Fault`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

Sent = Literal["no", "yes", "unknown"]

FaultKind = Literal[
    "connect",  # no connection: refused, no route, no such host
    "connect_timeout",
    "auth",  # there are no credentials to send: no token could be had
    "tls",  # the certificate isn't trusted or the handshake failed
    "timeout",  # connected, but the answer did not come in time
    "disconnected",  # the connection broke before the whole answer was there
    "protocol",  # what came is no HTTP
    "too_large",  # the answer is over the size cap
    "deadline",  # the exchange's own time was up
    "invalid_request",  # the request can't be sent as it is (a header value with a line break, say)
]


@dataclass(frozen=True, slots=True)
class Request:
    """One vendor request, ready to go.

    `target` is the path with its query, already percent-encoded, and is appended to the vendor's
    base URL; `headers` are the mapping's own (the vendor's fixed and auth headers are added when it
    is sent); `effect` is true where sending it twice would do something twice.
    """

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    effect: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What the vendor said: header names in lower case, the body whole and decompressed."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Fault:
    """No answer. `sent` says whether the vendor may have got the request: no, yes or unknown.

    `detail` is for the log only.
    """

    kind: FaultKind
    sent: Sent
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment of the monotonic clock (`time.monotonic`, seconds) by which everything is over."""

    at: float


class Vendor(Protocol):
    """One vendor, ready to be called; made once from its settings."""

    def open(self) -> None:
        """Get ready in the running event loop. Raises OSError for a TLS file of no use."""
        ...

    async def send(self, request: Request, deadline: Deadline) -> Answer | Fault:
        """Send once. Never raises but for cancellation."""
        ...

    async def close(self) -> None: ...
