"""Time and randomness, injected so that a test or a repeat can fix them."""

from __future__ import annotations

import random
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def _now() -> datetime:
    return datetime.now(UTC)


def _new_id() -> str:
    return secrets.token_hex(8)


@dataclass(frozen=True, slots=True)
class Clock:
    """Where an exchange gets its time and its id from.

    `now` is UTC wall time; `monotonic` seconds for deadlines and durations; `new_id` 16 hex digits;
    `random` a number from 0 up to 1, to spread waits.
    """

    now: Callable[[], datetime] = _now
    monotonic: Callable[[], float] = time.monotonic
    new_id: Callable[[], str] = _new_id
    random: Callable[[], float] = random.random


def rfc3339(moment: datetime) -> str:
    """Write a UTC moment as RFC 3339 with milliseconds, as in `2026-11-22T20:05:00.000Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
