"""The log line of an exchange: one for each, whatever became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateway.telemetry.logs import logger

if TYPE_CHECKING:
    from gateway.telemetry.clock import Clock


@dataclass(slots=True)
class Record:
    """Gathers what the line says. No payloads, no secrets: names, numbers and durations only."""

    clock: Clock
    contract: str
    id: str = ""
    mapping: str | None = None
    key: str | None = None
    lines: int | None = None
    steps: dict[str, float] = field(default_factory=dict)
    """Milliseconds by step."""
    calls: list[dict[str, object]] = field(default_factory=list)
    """One entry for each request to a vendor: call, vendor, outcome, milliseconds."""
    notes: list[str] = field(default_factory=list)
    failed: list[dict[str, object]] = field(default_factory=list)
    """Reads that failed and that the mapping could do without: call, reason, cause."""
    started: float = 0.0

    def __post_init__(self) -> None:
        self.id = self.clock.new_id()
        self.started = self.clock.monotonic()

    def write(self, status: int, reason: str | None = None, cause: str | None = None) -> None:
        """Write the line."""
        fields: dict[str, object] = {
            "exchange": self.id,
            "contract": self.contract,
            "mapping": self.mapping,
            "status": status,
            "reason": reason,
            "cause": cause,
            "key": self.key,
            "lines": self.lines,
            "ms": milliseconds(self.clock.monotonic() - self.started),
            "steps": self.steps or None,
            "calls": self.calls or None,
            "notes": self.notes or None,
            "failed": self.failed or None,
        }
        told = {name: value for name, value in fields.items() if value is not None}
        log = logger()
        if status >= 500:  # noqa: PLR2004 - HTTP's line between the caller's trouble and ours
            log.error("exchange", **told)
        else:
            (log.warning if self.failed else log.info)("exchange", **told)


def milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 2)
