"""What became of an exchange: told once to the log, to what counts, and to the trace."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from gateway.telemetry.logs import logger
from gateway.telemetry.trace import ERROR, NOWHERE, STATUS, Span
from gateway.telemetry.watch import NoWatch, Watch

if TYPE_CHECKING:
    from gateway.telemetry.clock import Clock

_OURS = 500
"""From this status on it is our trouble, below it the caller's."""


class KeysFrom(NamedTuple):
    """How many keys of a shared call came from where: see `plan.pool.Shared`."""

    call: str
    vendor: str
    counts: dict[str, int]


@dataclass(slots=True)
class Record:
    """Gathers what the line says. No payloads, no secrets: names, numbers and durations only."""

    clock: Clock
    contract: str
    watch: Watch = field(default_factory=NoWatch)
    span: Span = NOWHERE
    id: str = ""
    mapping: str | None = None
    key: str | None = None
    lines: int | None = None
    steps: dict[str, float] = field(default_factory=dict)
    """Milliseconds by step."""
    calls: list[dict[str, object]] = field(default_factory=list)
    """One entry for each request to a vendor: call, vendor, outcome, milliseconds."""
    shares: list[KeysFrom] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    failed: list[dict[str, object]] = field(default_factory=list)
    """Reads that failed and that the mapping could do without: call, reason, cause."""
    started: float = 0.0

    def __post_init__(self) -> None:
        self.id = self.clock.new_id()
        self.started = self.clock.monotonic()

    def write(self, status: int, reason: str | None = None, cause: str | None = None) -> None:
        """Write the line, count the exchange, and note in its span what came of it."""
        seconds = self.clock.monotonic() - self.started
        self._log(status, reason, cause, seconds)
        self.watch.exchange(self.contract, self.mapping or "", status, reason or "", seconds)
        for share in self.shares:
            for source, count in share.counts.items():
                self.watch.keys(share.vendor, source, count)
        noted: dict[str, str | int] = {STATUS: status, "gateway.exchange": self.id}
        if self.mapping is not None:
            noted["gateway.mapping"] = self.mapping
        if reason is not None:
            noted[ERROR if status >= _OURS else "gateway.reason"] = reason
        self.span.note(noted)

    def _log(self, status: int, reason: str | None, cause: str | None, seconds: float) -> None:
        fields: dict[str, object] = {
            "exchange": self.id,
            "trace": self.span.trace_id,
            "contract": self.contract,
            "mapping": self.mapping,
            "status": status,
            "reason": reason,
            "cause": cause,
            "key": self.key,
            "lines": self.lines,
            "ms": milliseconds(seconds),
            "steps": self.steps or None,
            "calls": self.calls or None,
            "keys": [{"call": each.call, **each.counts} for each in self.shares] or None,
            "notes": self.notes or None,
            "failed": self.failed or None,
        }
        told = {name: value for name, value in fields.items() if value is not None}
        log = logger()
        if status >= _OURS:
            log.error("exchange", **told)
        else:
            stale = any("stale" in share.counts for share in self.shares)
            (log.warning if self.failed or stale else log.info)("exchange", **told)


def milliseconds(seconds: float) -> float:
    # round() goes through text, five times an exchange: as much as a fifth of the line.
    return int(seconds * 100_000 + 0.5) / 100
