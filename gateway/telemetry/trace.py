"""Where a piece of work stands in a distributed trace, whether anybody records it or not.

Source: W3C Trace Context, https://www.w3.org/TR/trace-context/. Only `traceparent` is taken and
passed on: `tracestate` is between the caller and its tools, and no vendor's business.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextvars import ContextVar, Token
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, Protocol, Self

if TYPE_CHECKING:
    from types import TracebackType

HEADER: Final = "traceparent"
# Names of OpenTelemetry's semantic conventions.
METHOD: Final = "http.request.method"
ROUTE: Final = "http.route"
STATUS: Final = "http.response.status_code"
HOST: Final = "server.address"
PORT: Final = "server.port"
ERROR: Final = "error.type"

Kind = Literal["step", "call"]
Attributes = Mapping[str, str | int]

_PARENT = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})")


@dataclass(frozen=True, slots=True)
class Parent:
    """The span of a caller: what its `traceparent` says, in hex digits."""

    trace_id: str
    span_id: str
    flags: str

    def __str__(self) -> str:
        return f"00-{self.trace_id}-{self.span_id}-{self.flags}"


def read_parent(header: str) -> Parent | None:
    """Read a `traceparent`; None where it is none, and a trace begins here."""
    found = _PARENT.fullmatch(header)
    return Parent(*found.groups()) if found else None


class Span(Protocol):
    """One piece of work: it lasts as long as its `with`, and is the current one within."""

    @property
    def trace_id(self) -> str | None:
        """32 hex digits; None where there is no trace."""
        ...

    @property
    def traceparent(self) -> str | None:
        """What whoever is called from here is told."""
        ...

    def child(self, name: str, kind: Kind, attributes: Attributes) -> Span: ...

    def note(self, attributes: Attributes) -> None:
        """Add attributes: names and numbers, no payloads. `error.type` marks it as failed."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class Tracer(Protocol):
    """Begins a span for each exchange. Nothing of it raises or waits, but for `close`."""

    def begin(self, name: str, parent: Parent | None, attributes: Attributes) -> Span: ...

    def close(self) -> None:
        """Send what is left; takes a few seconds at the most."""
        ...


class Unrecorded:
    """A span that nobody records; it still knows the caller's trace."""

    __slots__ = ("trace_id", "traceparent")

    def __init__(self, parent: Parent | None) -> None:
        self.trace_id = parent.trace_id if parent else None
        self.traceparent = str(parent) if parent else None

    def child(self, name: str, kind: Kind, attributes: Attributes) -> Unrecorded:  # noqa: ARG002 - the seam's signature
        return self

    def note(self, attributes: Attributes) -> None:
        """Nobody is told."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing ends."""


NOWHERE: Final = Unrecorded(None)
_CURRENT: ContextVar[Span] = ContextVar("span", default=NOWHERE)


def current() -> Span:
    """Give the span that the running code is part of."""
    return _CURRENT.get()


def enter(span: Span) -> Token[Span]:
    """Make a span the current one."""
    return _CURRENT.set(span)


def leave(token: Token[Span]) -> None:
    """Make the one before it the current one again."""
    _CURRENT.reset(token)


class _PassedOn(Unrecorded):
    """An exchange that is not recorded, whose caller's `traceparent` goes on to the vendors."""

    __slots__ = ("_part", "_token")
    _token: Token[Span]

    def __init__(self, parent: Parent) -> None:
        super().__init__(parent)
        self._part = Unrecorded(parent)

    def child(self, name: str, kind: Kind, attributes: Attributes) -> Unrecorded:  # noqa: ARG002 - the seam's signature
        return self._part

    def __enter__(self) -> Self:
        self._token = enter(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        leave(self._token)


class NoTracer:
    """Records nothing, and passes on what came."""

    def begin(self, name: str, parent: Parent | None, attributes: Attributes) -> Span:  # noqa: ARG002 - the seam's signature
        return _PassedOn(parent) if parent else NOWHERE

    def close(self) -> None:
        """Nothing is left."""
