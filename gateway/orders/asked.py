"""How people name a moment: as it stands in a log, or how long ago it was."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from gateway.config.units import parse_duration

MOMENT: Final = "2026-11-22T20:05:00Z, 2026-11-22 or 2h"


def parse_moment(text: str, now: float) -> float:
    """Give a moment in seconds since 1970; `2h` is two hours ago. Raises ValueError."""
    try:
        return now - parse_duration(text).seconds
    except ValueError:
        moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
