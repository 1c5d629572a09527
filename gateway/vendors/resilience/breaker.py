"""A vendor that fails is spared for a while: the circuit breaker."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from gateway.vendors.client import Answer, Deadline, Fault, FaultKind, Request, Vendor
from gateway.vendors.resilience.around import Around, Told

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.config.resilience_spec import Breaker
    from gateway.telemetry.watch import BreakerState

_SERVER: Final = 500
_NOT_ITS_FAULT: Final[frozenset[FaultKind]] = frozenset(
    {
        "auth",
        "breaker_open",
        "deadline",
        "invalid_request",
        "queue_full",
        "rate_limited",
        "too_large",
    }
)
"""What says nothing of the vendor's health: `deadline` may leave it a few milliseconds only."""


class Circuit:
    """Closed, it counts the last calls; open, it refuses; half open, it lets one try.

    Only calls that began in the present stretch of time count: an answer to a call from before it
    opened neither closes it nor opens it again.
    """

    def __init__(
        self, spec: Breaker, monotonic: Callable[[], float], tell: Callable[[BreakerState], None]
    ) -> None:
        self._spec = spec
        self._monotonic = monotonic
        self._tell = tell
        self._failed: deque[bool] = deque(maxlen=spec.of_last)
        self._state: BreakerState = "closed"
        self._until = 0.0
        self._probing = False
        self._stretch = 0

    def refuses(self) -> bool:
        """Say whether a call that came now would be refused."""
        if self._state == "open":
            return self._monotonic() < self._until
        return self._probing

    def begin(self) -> int | None:
        """Let a call go and give what `end` needs; None where it is refused."""
        if self.refuses():
            return None
        if self._state != "closed":
            self._enter("half_open")
            self._probing = True
        return self._stretch

    def end(self, begun: int, *, failed: bool | None) -> None:
        """Note what came of a call; `failed` None is an outcome that says nothing."""
        if begun != self._stretch:
            return
        if self._state == "half_open":
            self._probing = False
            if failed is not None:
                self._enter("open" if failed else "closed")
        elif failed is not None:
            self._failed.append(failed)
            if sum(self._failed) >= self._spec.failures:
                self._enter("open")

    def _enter(self, state: BreakerState) -> None:
        if state == self._state:
            return
        self._state = state
        self._stretch += 1
        self._failed.clear()
        self._until = self._monotonic() + self._spec.for_.seconds
        self._tell(state)


class Breaking(Around):
    """Calls the vendor as long as the circuit lets it; what it refuses is surely unsent."""

    def __init__(self, vendor: Vendor, circuit: Circuit, told: Told) -> None:
        super().__init__(vendor, told)
        self._circuit = circuit

    async def send(self, request: Request, deadline: Deadline) -> Answer | Fault:
        begun = self._circuit.begin()
        if begun is None:
            self._told.refused("breaker_open")
            return Fault("breaker_open", "no", "it failed too often")
        failed: bool | None = None
        try:
            outcome = await self._vendor.send(request, deadline)
            failed = _failed(outcome)
        finally:
            self._circuit.end(begun, failed=failed)
        return outcome


def _failed(outcome: Answer | Fault) -> bool | None:
    """Say whether the vendor failed: 4xx, and 429 among them, is an answer of one that works."""
    if isinstance(outcome, Answer):
        return outcome.status >= _SERVER
    return None if outcome.kind in _NOT_ITS_FAULT else True
