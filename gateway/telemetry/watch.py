"""What the vendor side and the exchanges tell as it happens, to whoever counts it."""

from __future__ import annotations

from typing import Literal, Protocol

BreakerState = Literal["closed", "open", "half_open"]


class Watch(Protocol):
    """Told of each event at once; never raises, never blocks. Times are in seconds."""

    def serves(self, configuration: str) -> None:
        """From now on this process answers as the configuration of this version says."""

    def vendor_call(self, vendor: str, outcome: str, seconds: float) -> None:
        """One request went out.

        `outcome` is a status class such as `2xx`, a fault's kind, or `cancelled` where nobody waits
        for the answer any more.
        """

    def retried(self, vendor: str, cause: str) -> None:
        """A call is made again because of a fault's kind or a status."""

    def breaker(self, vendor: str, state: BreakerState) -> None:
        """A circuit breaker changed its state."""

    def queue(self, vendor: str, running: int, waiting: int) -> None:
        """Calls began, ended, or began to wait."""

    def refused(self, vendor: str, cause: str) -> None:
        """A call was not sent: `breaker_open`, `queue_full`, `rate_limited` or `deadline`."""

    def token(self, vendor: str, outcome: str) -> None:
        """A token was asked for: `renewed`, `failed` or `shared` (another had it already)."""

    def exchange(
        self, contract: str, mapping: str, status: int, reason: str, seconds: float
    ) -> None:
        """A request was answered; `reason` is empty for a success, `mapping` where none was met."""

    def keys(self, vendor: str, source: str, count: int) -> None:
        """So many keys of a shared call were `asked`, `joined`, `kept` or `stale`."""

    def delivered(self, mapping: str, state: str) -> None:
        """A run of an order ended in a state."""

    def orders(self, state: str, count: int) -> None:
        """So many orders of the database are in a state: `waiting`, `running` or `held`."""


class NoWatch:
    """Counts nothing."""

    def serves(self, configuration: str) -> None: ...

    def vendor_call(self, vendor: str, outcome: str, seconds: float) -> None: ...

    def retried(self, vendor: str, cause: str) -> None: ...

    def breaker(self, vendor: str, state: BreakerState) -> None: ...

    def queue(self, vendor: str, running: int, waiting: int) -> None: ...

    def refused(self, vendor: str, cause: str) -> None: ...

    def token(self, vendor: str, outcome: str) -> None: ...

    def exchange(
        self, contract: str, mapping: str, status: int, reason: str, seconds: float
    ) -> None: ...

    def keys(self, vendor: str, source: str, count: int) -> None: ...

    def delivered(self, mapping: str, state: str) -> None: ...

    def orders(self, state: str, count: int) -> None: ...
