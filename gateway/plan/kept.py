"""Rows that vendors brought, kept by key for a while, within a bound of memory."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Final

from gateway.lossless import Json

_ENTRY_BYTES: Final = 300
"""What an entry takes beside its rows."""
_GROWTH: Final = 8
"""How much more memory JSON takes as values than as text, at most."""


@dataclass(frozen=True, slots=True)
class Entry:
    """The rows of one key, asked for at `at` (monotonic seconds), and about how much they take."""

    rows: list[Json]
    at: float
    size: int


class Kept:
    """What is kept, the longest unused first; that goes first when there is no more room."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._size = 0
        self._entries: dict[Hashable, Entry] = {}

    def get(self, where: Hashable) -> Entry | None:
        entry = self._entries.pop(where, None)
        if entry is not None:
            self._entries[where] = entry
        return entry

    def put(self, where: Hashable, rows: list[Json], at: float, answered: float) -> None:
        """Keep rows that were `answered` bytes of JSON."""
        self._drop(where)
        entry = Entry(rows, at, _ENTRY_BYTES + round(answered * _GROWTH))
        self._entries[where] = entry
        self._size += entry.size
        while self._size > self._most:
            self._drop(next(iter(self._entries)))

    def _drop(self, where: Hashable) -> None:
        entry = self._entries.pop(where, None)
        if entry is not None:
            self._size -= entry.size
