"""Faults to order: what a simulator shall do wrong with the next requests."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Annotated, Literal

import msgspec

Count = Annotated[int, msgspec.Meta(ge=1)]
Milliseconds = Annotated[int, msgspec.Meta(ge=0)]


class _Order(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="fault"
):
    """What every fault has: which requests it meets, how many of them, and how long it waits.

    `method` None is any; `path` is a prefix. The wait comes after the effect and before the answer,
    and ends when the client hangs up.
    """

    method: str | None = None
    path: str = "/"
    times: Count = 1
    delay_ms: Milliseconds = 0

    def meets(self, method: str, path: str) -> bool:
        return self.method in (None, method) and path.startswith(self.path)


class Delay(_Order, frozen=True, kw_only=True, tag="delay"):
    """The right answer, late: give `delay_ms`."""


class Status(_Order, frozen=True, kw_only=True, tag="status"):
    """Another answer: `body` is sent as text where it is a string, else as JSON.

    `applied` true lets the vendor do its work first and only then answers wrongly.
    """

    status: Annotated[int, msgspec.Meta(ge=200, le=599)]
    body: str | dict[str, object] | list[object] = ""
    headers: dict[str, str] = {}
    applied: bool = False


class Throttle(_Order, frozen=True, kw_only=True, tag="throttle"):
    """Refused for now, and told to come back in `seconds`, in one of the ways of real vendors.

    `says` is `seconds` or `date` (`Retry-After`), `reset` (`X-RateLimit-Reset`, a moment since
    1970), `reset_ms` (BigCommerce's `X-Rate-Limit-Time-Reset-Ms`) or `nothing`.
    """

    status: Literal[429, 503] = 429
    seconds: Count = 1
    says: Literal["seconds", "date", "reset", "reset_ms", "nothing"] = "seconds"

    def as_status(self) -> Status:
        """Give the answer as it is at this moment."""
        moment = datetime.now(UTC) + timedelta(seconds=self.seconds)
        headers = {
            "seconds": {"retry-after": str(self.seconds)},
            "date": {"retry-after": format_datetime(moment, usegmt=True)},
            "reset": {"x-ratelimit-reset": str(int(moment.timestamp()))},
            "reset_ms": {"x-rate-limit-time-reset-ms": str(self.seconds * 1000)},
            "nothing": {},
        }
        return Status(status=self.status, headers=headers[self.says])


class Hold(_Order, frozen=True, kw_only=True, tag="hold"):
    """The right answer, but only after `POST /_simulator/release`."""


class ResetBeforeRead(_Order, frozen=True, kw_only=True, tag="reset_before_read"):
    """The connection is reset (RST) once the request line is known; the body is never read."""


class ResetAfterRead(_Order, frozen=True, kw_only=True, tag="reset_after_read"):
    """The connection is reset (RST) after the whole request; `applied` says if it had an effect."""

    applied: bool


class Drip(_Order, frozen=True, kw_only=True, tag="drip"):
    """The right answer, its body in pieces of `piece` bytes, `pause_ms` apart."""

    pause_ms: Milliseconds
    piece: Count = 1


class Truncate(_Order, frozen=True, kw_only=True, tag="truncate"):
    """The right headers with half of the body; then the connection is closed."""


class WrongContentType(_Order, frozen=True, kw_only=True, tag="wrong_content_type"):
    """The right answer under another media type."""

    content_type: str = "text/html; charset=utf-8"


class Huge(_Order, frozen=True, kw_only=True, tag="huge"):
    """The right status with a JSON body of at least `size` bytes, in chunks of unknown number."""

    size: Count


Fault = (
    Delay
    | Status
    | Throttle
    | Hold
    | ResetBeforeRead
    | ResetAfterRead
    | Drip
    | Truncate
    | WrongContentType
    | Huge
)


def name_of(fault: Fault) -> str:
    """Give the fault's name as it is ordered, `reset_after_read` for one."""
    return str(fault.__struct_config__.tag)


def read(document: bytes) -> list[Fault]:
    """Read a JSON list of faults: `[{"fault": "status", "status": 429, "times": 2}]`.

    Raises `msgspec.ValidationError` or `msgspec.DecodeError`.
    """
    return msgspec.json.decode(document, type=list[Fault])


@dataclass(slots=True)
class _Pending:
    fault: Fault
    left: int


@dataclass(slots=True)
class Faults:
    """The orders that stand. A request takes the first that meets it; others go on waiting."""

    released: asyncio.Event = field(default_factory=asyncio.Event)
    """What answers on hold wait for; each release has its own."""
    _pending: list[_Pending] = field(default_factory=list)

    def order(self, *faults: Fault) -> None:
        self._pending.extend(_Pending(fault, fault.times) for fault in faults)

    def take(self, method: str, path: str) -> Fault | None:
        for pending in self._pending:
            if pending.fault.meets(method, path):
                pending.left -= 1
                if not pending.left:
                    self._pending.remove(pending)
                return pending.fault
        return None

    def release(self) -> None:
        """Let go all answers on hold. Call it in the simulator's own thread."""
        self.released.set()
        self.released = asyncio.Event()

    def clear(self) -> None:
        self._pending.clear()
