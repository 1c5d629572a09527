"""The seam to a vendor: `send(request, deadline) → Answer | Fault`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple, Protocol

from gateway.config.resilience_spec import Retry
from gateway.config.vendor_spec import Timeout

Sent = Literal["no", "yes", "unknown"]

_TOO_SHORT_SECONDS: Final = 0.05
"""No answer is to be hoped for within so little time."""

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
    "breaker_open",  # the vendor failed so often that it is spared
    "queue_full",  # the vendor's limits: no place to wait either
    "rate_limited",  # the vendor's limits: its turn would come after the deadline
    "invalid_request",  # the request can't be sent as it is (a header value with a line break, say)
]


@dataclass(frozen=True, slots=True)
class Request:
    """One vendor request, ready to go.

    `target` is the path with its query, already percent-encoded, and is appended to the vendor's
    base URL; `headers` are the mapping's own (the vendor's fixed and auth headers are added when it
    is sent); `effect` is true where sending it twice would do something twice, unless it is
    `idempotent`: then the vendor knows a repeat by what the request carries. `retry` and `timeout`
    are the call's own, None where the vendor's hold. `passing` knows answers after which it may be
    sent again though their status doesn't say so.
    """

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    effect: bool = False
    idempotent: bool = False
    retry: Retry | None = None
    timeout: Timeout | None = None
    passing: Callable[[Answer], bool] | None = field(default=None, compare=False)


class Answer(NamedTuple):
    """What the vendor said: header names in lower case, the body whole and decompressed.

    It is the answer to the last of `attempts`; `doubtful` is true where an earlier one may have
    done what this one says no to.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    attempts: int = 1
    doubtful: bool = False


class Fault(NamedTuple):
    """No answer. `sent` says whether the vendor may have got the request: no, yes or unknown.

    `kind` is of the last of `attempts`, `sent` of all together; `doubtful` is true where an earlier
    one may have had an effect. `detail` is for the log only.
    """

    kind: FaultKind
    sent: Sent
    detail: str = ""
    attempts: int = 1
    doubtful: bool = False


def in_doubt(outcome: Answer | Fault) -> Answer | Fault:
    """Give an outcome with the doubt that an earlier sending has left."""
    if isinstance(outcome, Answer):
        return outcome._replace(doubtful=True)
    sent = "unknown" if outcome.sent == "no" else outcome.sent
    return outcome._replace(sent=sent, doubtful=True)


class Deadline(NamedTuple):
    """A moment of the monotonic clock (`time.monotonic`, seconds) by which everything is over."""

    at: float

    @property
    def last_start(self) -> float:
        """The moment from which on nothing is sent any more.

        Calls that wait for a place get one just when those before them are cut off by the same
        deadline: sent then, an effect that was surely not done would be in doubt.
        """
        return self.at - _TOO_SHORT_SECONDS


class Vendor(Protocol):
    """One vendor, ready to be called; made once from its settings."""

    def open(self) -> None:
        """Get ready in the running event loop. Raises OSError for a TLS file of no use."""
        ...

    async def send(self, request: Request, deadline: Deadline) -> Answer | Fault:
        """Send, and give what came of it. Never raises but for cancellation."""
        ...

    async def close(self) -> None: ...
