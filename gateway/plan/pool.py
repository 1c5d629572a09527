"""The rows of one call, shared: asked for once, kept for a while, used when the vendor fails."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from gateway.errors import Refusal
from gateway.expressions.frame import Frame
from gateway.lossless import Json
from gateway.plan import faults
from gateway.plan.flight import Asker, Brought, Flight, Queue
from gateway.plan.kept import Entry, Kept
from gateway.plan.sharing import Sharing
from gateway.vendors.client import Fault

_TOUCHED: Final = 10_000
"""When so many keys were touched by orders, those are forgotten that no longer matter."""
_LONGEST_FLIGHT: Final = 300.0
_NEVER: Final = float("-inf")
_QUEUES: Final = 100
"""So many queues of calls that are alike stay there while nothing flies in them."""


@dataclass(slots=True)
class Shared:
    """What an exchange gets: its rows, in the order of its keys, and where they came from.

    `sources` counts keys: `asked` for it, `joined` where another had asked already, `kept`; and
    `stale` those of them that the vendor failed to bring, with the `age` in seconds of the oldest.
    """

    rows: list[Json] = field(default_factory=list)
    sources: dict[str, int] = field(default_factory=dict)
    age: float | None = None


class Pool:
    """One call's flights and kept rows. Belongs to one event loop.

    What an exchange gets is what it would get alone: where a call for several brings what can't be
    told apart, or fails for what may be another's key, each asks for its own keys.
    """

    def __init__(self, sharing: Sharing, kept: Kept) -> None:
        self._sharing = sharing
        self._kept = kept
        self._queues: dict[str, Queue] = {}
        self._touched: dict[str, float] = {}
        self._all_touched = _NEVER

    async def rows(self, keys: list[Json], alike: str, asker: Asker) -> Shared:
        """Give the rows of keys, each of which stands there once. Raises Refusal."""
        shared = Shared()
        found = self._fresh(keys, alike, asker) if self._sharing.ttl else {}
        shared.sources["kept"] = len(found)
        missing = [key for key in keys if key not in found]
        others: list[Json] = []
        for flight, part in (await self._flown(missing, alike, asker, shared)).items():
            came = await self._own(flight, part, asker)
            if isinstance(came, Refusal):
                came = self._stale(came, part, alike, asker, shared)
            found.update((key, came.rows[key]) for key in part)
            others.extend(came.others)
        shared.rows = [row for key in keys for row in found[key]] + others
        return shared

    def touch(self, frame: Frame, now: float) -> None:
        """From now on nothing counts that was asked before and that an order's lines are about."""
        keys = self._sharing.touched(frame)
        if keys is None:
            self._all_touched = now
            return
        self._touched.update((str(key), now) for key in keys)
        if len(self._touched) > _TOUCHED:
            since = now - self._sharing.ttl - self._sharing.stale - _LONGEST_FLIGHT
            self._touched = {key: at for key, at in self._touched.items() if at > since}

    async def _flown(
        self, keys: list[Json], alike: str, asker: Asker, shared: Shared
    ) -> dict[Flight, list[Json]]:
        """Give the flights that bring the keys, once they have landed or the time is up."""
        if not keys:
            return {}
        queue = self._queue(alike)
        idle = queue.idle
        there = {} if idle else self._there(queue, keys)
        new = [key for key in keys if key not in there]
        shared.sources |= {"asked": len(new), "joined": len(there)}
        for flight, part in queue.gather(new, asker):
            there.update(dict.fromkeys(part, flight))
        parts: dict[Flight, list[Json]] = {}
        for key in keys:
            parts.setdefault(there[key], []).append(key)
        for flight in parts:
            flight.joins(asker)
        try:
            if idle and queue.gathering is not None and len(parts) == 1:
                await queue.lead(queue.gathering)
                return parts
            queue.depart(all_of_it=idle)
            left = max(0.0, asker.until - asker.now())
            await asyncio.wait([flight.landed for flight in parts], timeout=left)
        finally:
            for flight in parts:
                flight.waiting -= 1
                if not flight.waiting and not flight.landed.done():
                    queue.leave(flight)
        return parts

    def _there(self, queue: Queue, keys: list[Json]) -> dict[Json, Flight]:
        """Give the flights that bring some of the keys anyway."""
        found = ((key, queue.find(key, since=self._touched_at(key))) for key in keys)
        return {key: flight for key, flight in found if flight is not None}

    def _queue(self, alike: str) -> Queue:
        queue = self._queues.get(alike)
        if queue is None:
            sharing = self._sharing
            queue = self._queues[alike] = Queue(
                sharing.size,
                sharing.at_once,
                sharing.window,
                partial(self._fly, alike),
                partial(self._emptied, alike),
            )
        return queue

    def _emptied(self, alike: str) -> None:
        if len(self._queues) > _QUEUES:
            self._queues.pop(alike, None)

    async def _fly(self, alike: str, flight: Flight) -> None:
        began = flight.began = flight.asker.now()
        try:
            came = await flight.asker.ask(list(flight.keys))
        except Refusal as refusal:
            flight.landed.set_result(refusal)
        except asyncio.CancelledError:
            flight.landed.set_result(None)
            raise
        except Exception as bug:  # noqa: BLE001 - raised again, by each that waits
            flight.landed.set_exception(bug)
        else:
            if self._sharing.ttl and not came.others:
                self._keep(came, alike, began)
            flight.landed.set_result(came)

    def _keep(self, came: Brought, alike: str, began: float) -> None:
        for key, rows in came.rows.items():
            if began > self._touched_at(key):
                self._kept.put((self, alike, key), rows, began, came.size / len(came.rows))

    async def _own(self, flight: Flight, part: list[Json], asker: Asker) -> Brought | Refusal:
        """Give what a flight brought for one of those that waited for it."""
        if not flight.landed.done():
            fault = Fault("deadline", "unknown", "the time was up while another asked")
            return faults.of_fault(fault, self._sharing.vendor, effect=False, idempotent=False)
        came = flight.landed.result()
        if came is not None and not (flight.merged and self._must_ask_alone(came, asker)):
            return came
        try:
            return await asker.ask(part)
        except Refusal as refusal:
            return refusal

    def _must_ask_alone(self, came: Brought | Refusal, asker: Asker) -> bool:
        if isinstance(came, Brought):
            return bool(came.others)
        if came.reason == "deadline":
            return asker.now() < asker.until
        return self._sharing.own_words or not faults.concerns_all(came)

    def _stale(
        self, refusal: Refusal, part: list[Json], alike: str, asker: Asker, shared: Shared
    ) -> Brought:
        """Give what is kept, though old, where the vendor failed; otherwise raise the refusal."""
        longest = self._sharing.ttl + self._sharing.stale
        entries = [self._entry(alike, key, asker, longest) for key in part]
        there = [entry for entry in entries if entry is not None]
        if not self._sharing.stale or len(there) < len(part) or not faults.is_the_vendors(refusal):
            raise refusal.anew()
        shared.sources["stale"] = shared.sources.get("stale", 0) + len(part)
        oldest = asker.now() - min(entry.at for entry in there)
        shared.age = max(shared.age or 0.0, oldest)
        return Brought({key: entry.rows for key, entry in zip(part, there, strict=True)}, [], 0)

    def _fresh(self, keys: list[Json], alike: str, asker: Asker) -> dict[Json, list[Json]]:
        """Give the rows that are kept and aren't old."""
        entries = ((key, self._entry(alike, key, asker, self._sharing.ttl)) for key in keys)
        return {key: entry.rows for key, entry in entries if entry is not None}

    def _entry(self, alike: str, key: Json, asker: Asker, longest: float) -> Entry | None:
        entry = self._kept.get((self, alike, key)) if longest else None
        if entry is None or entry.at <= self._touched_at(key):
            return None
        return entry if asker.now() - entry.at < longest else None

    def _touched_at(self, key: Json) -> float:
        return max(self._touched.get(str(key), _NEVER), self._all_touched)


class Pools:
    """The pools of one configuration's calls, and the memory that they have together."""

    def __init__(self, most_bytes: int) -> None:
        self._kept = Kept(most_bytes)
        self._pools: dict[Sharing, Pool] = {}

    def pool(self, sharing: Sharing) -> Pool:
        pool = self._pools.get(sharing)
        if pool is None:
            pool = self._pools[sharing] = Pool(sharing, self._kept)
        return pool

    def touch(self, frame: Frame, now: float) -> None:
        """An order's effect was sent: what was read before of its lines no longer counts."""
        for pool in self._pools.values():
            pool.touch(frame, now)
