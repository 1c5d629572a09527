"""A call of many exchanges, from the first key that it gathers to what it brings them all."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from gateway.errors import Refusal
from gateway.lossless import Json


class Brought(NamedTuple):
    """What one call brought: the rows of each key, and those of none that it asked for.

    `size` is the answer's, in bytes.
    """

    rows: dict[Json, list[Json]]
    others: list[Json]
    size: int


class Asker(NamedTuple):
    """Who needs keys, until when (monotonic seconds), and how it would ask the vendor for some."""

    ask: Callable[[list[Json]], Awaitable[Brought]]
    until: float
    now: Callable[[], float]


@dataclass(slots=True, eq=False)
class Flight:
    """One call: its keys, for whom, and what comes of it."""

    asker: Asker
    """Who came last: its time ends last."""
    keys: dict[Json, None] = field(default_factory=dict)
    mixed: bool = False
    """Whether its keys were gathered from several exchanges."""
    joined: int = 0
    """How many exchanges it is for, or was until they gave up."""
    waiting: int = 0
    began: float | None = None
    landed: asyncio.Future[Brought | Refusal | None] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    """None: it was given up, and each has to ask alone."""
    task: asyncio.Task[None] | None = None

    @property
    def merged(self) -> bool:
        """Whether it asks for the keys of several."""
        return self.joined > 1

    def joins(self, asker: Asker) -> None:
        self.joined += 1
        self.waiting += 1
        if self.task is None:
            self.asker = asker


@dataclass(slots=True, eq=False)
class Queue:
    """The flights of calls that are alike: one that gathers keys, some that wait, some that fly.

    A key is asked for at once where nothing flies. Otherwise it is gathered with others, until so
    many are there that they fill a call, or `window` seconds have passed, or nothing flies any
    more. At most `at_once` fly; then even what is due goes on gathering.
    """

    size: int
    at_once: int
    window: float
    fly: Callable[[Flight], Coroutine[None, None, None]]
    emptied: Callable[[], object]
    """Told when the last flight has gone."""
    gathering: Flight | None = None
    due: bool = False
    timer: asyncio.TimerHandle | None = None
    full: deque[Flight] = field(default_factory=deque)
    """Those that one exchange has filled alone."""
    mixed: deque[Flight] = field(default_factory=deque)
    """Those that several have filled."""
    flying: int = 0
    by_key: dict[Json, Flight] = field(default_factory=dict)
    full_is_next: bool = True

    @property
    def idle(self) -> bool:
        return not (self.flying or self.full or self.mixed or self.gathering is not None)

    def find(self, key: Json, *, since: float) -> Flight | None:
        """Give the flight that will bring a key, if none has begun by the moment `since`."""
        there = self.by_key.get(key)
        if there is None or (there.began is not None and there.began <= since):
            return None
        return there

    def gather(self, keys: list[Json], asker: Asker) -> Iterator[tuple[Flight, list[Json]]]:
        """Give the flights that keys have been added to: as many as it takes."""
        while keys:
            flight = self.gathering = self.gathering or Flight(asker)
            flight.mixed = flight.mixed or flight.asker is not asker
            room = self.size - len(flight.keys)
            part, keys = keys[:room], keys[room:]
            flight.keys.update(dict.fromkeys(part))
            self.by_key.update(dict.fromkeys(part, flight))
            if len(flight.keys) == self.size:
                self._closes()
                (self.mixed if flight.mixed else self.full).append(flight)
            yield flight, part

    async def lead(self, flight: Flight) -> None:
        """Let the only flight fly within the task of its only exchange, which costs less."""
        self._closes()
        self.flying += 1
        try:
            await self.fly(flight)
        finally:
            self._landed(flight)

    def depart(self, *, all_of_it: bool = False) -> None:
        """Let fly what can; with `all_of_it` also what has only begun to gather."""
        self.due = self.due or (all_of_it and self.gathering is not None)
        loop = asyncio.get_running_loop()
        while self.flying < self.at_once and (flight := self._next()) is not None:
            self.flying += 1
            flight.task = loop.create_task(self.fly(flight))
            # No `finally`: a task that is cancelled before it begins would never reach it.
            flight.task.add_done_callback(partial(self._landed, flight))
        if self.gathering is not None and self.timer is None and not self.due:
            self.timer = loop.call_later(self.window, self._is_due)

    def _next(self) -> Flight | None:
        # In turns, so that an exchange with very many keys doesn't keep all others waiting.
        turns = (self._next_full, self._next_mixed)
        for turn in turns if self.full_is_next else reversed(turns):
            flight = turn()
            if flight is not None:
                self.full_is_next = turn == self._next_mixed
                return flight
        return None

    def _next_full(self) -> Flight | None:
        return self.full.popleft() if self.full else None

    def _next_mixed(self) -> Flight | None:
        if self.mixed:
            return self.mixed.popleft()
        gathered = self.gathering if self.due or not self.flying else None
        if gathered is not None:
            self._closes()
        return gathered

    def _closes(self) -> None:
        self.gathering, self.due = None, False
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    def _is_due(self) -> None:
        self.due = True
        self.depart()

    def _landed(self, flight: Flight, _: asyncio.Task[None] | None = None) -> None:
        self.flying -= 1
        self._forget(flight)
        if not self.idle:
            self.depart()

    def leave(self, flight: Flight) -> None:
        """Call off a flight for which nobody waits any more."""
        if flight.task is not None:
            flight.task.cancel()
        elif flight is self.gathering:
            self._closes()
        else:
            (self.mixed if flight.mixed else self.full).remove(flight)
        self._forget(flight)

    def _forget(self, flight: Flight) -> None:
        if self.idle:
            self.by_key.clear()
            self.emptied()
            return
        for key in flight.keys:
            if self.by_key.get(key) is flight:
                del self.by_key[key]
