"""What people may do about an order, decided here for the command line and the port alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from gateway.errors import GatewayError, Refusal
from gateway.orders.plans import KnownPlans
from gateway.orders.written import read_refusal, write_refusal
from gateway.plan.group import calls_in
from gateway.storage import acts, folder, orders
from gateway.storage.acts import Act, Mapped, Onward
from gateway.storage.database import Database
from gateway.storage.folder import Folder, Search
from gateway.storage.order import FREE, Order
from gateway.telemetry.clock import Clock

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import Connection

    from gateway.plan.build import Equipped

T = TypeVar("T")

_PERFORMED: Final = ("done", "found")


class CannotAct(GatewayError):
    """An order doesn't allow this as it stands; the text says why, and names the way out."""


class NoSuchOrder(GatewayError):
    """There is no order of that key or id, or there are several of that key."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who acts, and why."""

    by: str
    note: str | None = None

    def does(self, act: str) -> Act:
        return Act(act, self.by, self.note)


@dataclass(frozen=True, slots=True)
class Desk:
    """Orders as people see to them, while the gateway runs. All methods raise StorageFailed.

    What acts raises CannotAct, and gives in words what becomes of the order.
    """

    database: Database
    known_plans: KnownPlans
    clock: Clock
    reread: Callable[[], KnownPlans] | None = None
    """Gives today's mappings where `known_plans` may be older. Raises CannotAct."""

    async def listed(self, search: Search, most: int, skipped: int = 0) -> list[Order]:
        return await self._read(lambda c: folder.listed(c, search, most, skipped))

    async def counted(self, search: Search) -> dict[str, int]:
        return await self._read(lambda c: folder.counted(c, search))

    async def ids_of(self, search: Search) -> list[int]:
        return await self._read(lambda c: folder.ids_of(c, search))

    async def folder(self, order_id: int) -> Folder:
        """Give all that is kept of an order. Raises NoSuchOrder."""
        found = await self._read(lambda c: folder.folder(c, order_id))
        if found is None:
            raise NoSuchOrder(f"There is no order {order_id}.")
        return found

    async def find(self, key: str, mapping: str | None = None) -> Folder:
        """Find an order by its key and, where several mappings have it, the mapping.

        Raises NoSuchOrder.
        """
        found = await self._read(lambda c: folder.with_key(c, key, mapping))
        if not found:
            where = f" in the mapping {mapping}" if mapping else ""
            advice = "`gateway orders list --key PART` finds orders by a part of their keys."
            raise NoSuchOrder(f"There is no order with the key {key}{where}. {advice}")
        if len(found) > 1:
            names = ", ".join(order.mapping for order in found)
            raise NoSuchOrder(f"Several mappings have an order {key}: say --mapping ({names}).")
        return await self.folder(found[0].id)

    async def retry(self, seen: Folder, person: Person, *, current: bool = False) -> str:
        """Let an order go again: what is settled of it isn't repeated.

        With `current` it goes on with today's mapping instead of the one that it began with.
        """
        order = seen.order
        onward = Onward(self._patience(order), self._today(order) if current else None)
        _check_retry(seen, current=current)
        anew = order.state != "waiting" and order.effect in FREE
        work = acts.begin_anew if anew else acts.go_on
        await self._act(lambda c: work(c, order, onward, person.does("retry"), self.now))
        number = order.attempt + 1 if anew else order.attempt
        return f"It goes on now, as attempt {number}"

    async def cancel(self, seen: Folder, person: Person) -> str:
        """Stop an order of which nothing is at a vendor, until somebody retries it."""
        order = seen.order
        if order.state not in {"waiting", "held"}:
            raise CannotAct(f"Only an order that waits or is held can be cancelled: {_is(order)}.")
        if order.effect not in FREE:
            raise CannotAct(
                "Something of it is at the vendor, or may be: it can't be cancelled. Once it is "
                "held, `undo` takes back what is done, and `release` says what became of it."
            )
        await self._settled(order, {"state": "cancelled"}, person.does("cancel"))
        return "It is cancelled, and stays so until somebody retries it"

    async def undo(self, seen: Folder, person: Person) -> str:
        """Take back what was done of an order, as its mapping's `undo` says."""
        order = seen.order
        _check_undo(seen)
        spared = await self._without_undo(seen)
        if spared:
            raise CannotAct(
                f"The mapping has no `undo` for {', '.join(spared)}. Take it back at the vendor"
                + ("." if order.state == "done" else ", then `release --not-done`.")
            )
        why = f"{person.by} had the order taken back"
        reason = Refusal(422, "cancelled", "A person had this order taken back", cause=why)
        onward = Onward(self._patience(order), undoing=write_refusal(reason))
        await self._act(lambda c: acts.go_on(c, order, onward, person.does("undo"), self.now))
        return "What was done of it is taken back now"

    async def release(self, seen: Folder, person: Person, *, done: bool) -> str:
        """Say what became of a held order of which nobody could know."""
        order = seen.order
        if order.state != "held":
            raise CannotAct(f"Only a held order can be released: {_is(order)}.")
        if order.effect in FREE:
            raise CannotAct("Nothing of it is at a vendor, surely: `retry` it, or `cancel` it.")
        if done:
            kept = dict.fromkeys(("reason", "error", "reply", "undoing"))
            await self._settled(
                order, {**kept, "state": "done", "effect": "done"}, person.does("done")
            )
            return "It counts as done: a repeat of it is answered with 200"
        began = any(each.verdict in _PERFORMED for each in seen.present if not each.undo)
        state, effect = ("undone", "undone") if began else ("refused", "none")
        values = {"state": state, "effect": effect, "undoing": None}
        await self._settled(order, values, person.does("not-done"))
        return "Its key is free: `retry` sends it anew, and so does a repeat from Nacelle"

    async def undoable(self, seen: Folder) -> bool:
        """Say whether `undo` would be begun."""
        try:
            _check_undo(seen)
            return not await self._without_undo(seen)
        except CannotAct:
            return False

    async def _without_undo(self, seen: Folder) -> list[str]:
        """Name the calls that were done and that the mapping can't take back."""
        equipped = await self._equipped(seen.order)
        if equipped is None:
            raise CannotAct("The mapping that it began with can't be read any more.")
        calls = [call for step in equipped.plan.steps for call in calls_in(step)]
        can = {call.call for call in calls if call.effect is not None and call.effect.undo}
        done = [each.call for each in seen.present if each.verdict in _PERFORMED and not each.undo]
        return [name for name in dict.fromkeys(done) if name not in can]

    async def _equipped(self, order: Order) -> Equipped | None:
        known = self.known_plans.known(order)
        if known is not None:
            return known
        content = await self._read(lambda c: orders.snapshot(c, order.snapshot))
        return None if content is None else self.known_plans.build(order, content)

    def _today(self, order: Order) -> Mapped:
        known_plans = self.known_plans if self.reread is None else self.reread()
        equipped = known_plans.today(order.mapping)
        snapshot = equipped.plan.snapshot if equipped is not None else None
        if snapshot is None:
            raise CannotAct(f"No mapping {order.mapping} is loaded today: leave --current out.")
        return Mapped(snapshot.digest, snapshot.content)

    def _patience(self, order: Order) -> float:
        """Say how long it is tried from now on."""
        equipped = self.known_plans.today(order.mapping)
        delivery = equipped.plan.delivery if equipped is not None else None
        return order.give_up_at - order.received_at if delivery is None else delivery.give_up_after

    async def _settled(self, order: Order, values: Mapping[str, object], act: Act) -> None:
        await self._act(lambda c: acts.settle(c, order, values, act, self.now))

    async def _act(self, work: Callable[[Connection], bool]) -> None:
        if not await self.database.run(work):
            raise CannotAct("It has changed meanwhile: look at it again.")

    async def _read(self, work: Callable[[Connection], T]) -> T:
        return await self.database.run(work, lasting=False)

    def now(self) -> float:
        """Give the present moment in seconds since 1970."""
        return self.clock.now().timestamp()


def is_guessing(order: Order) -> bool:
    """Say whether sending it again is a guess: the vendor can't be asked, nor tell a repeat."""
    details = read_refusal(order.reply).details if order.reply is not None else {}
    return order.effect == "doubt" and details.get("repeat") != "safe"


def _check_retry(seen: Folder, *, current: bool) -> None:
    order = seen.order
    if order.state == "running":
        raise CannotAct("It is being delivered right now: look again in a moment.")
    if order.state == "done":
        raise CannotAct("It is done: there is nothing left to send. `undo` would take it back.")
    _check_papers(seen)
    if order.state == "held" and is_guessing(order) and not current:
        raise CannotAct(
            "It was sent and never answered, and the vendor neither knows repeats nor can be "
            "asked: sending it again could do it twice. Look at the vendor, then say what became "
            "of it: `release --done` or `release --not-done`."
        )


def _check_undo(seen: Folder) -> None:
    order = seen.order
    if order.undoing is not None:
        raise CannotAct("It is being taken back already: `retry` goes on with that.")
    if order.state != "done" and (order.state, order.effect) != ("held", "part"):
        raise CannotAct(f"Only what is done can be taken back: {_is(order)}.")
    if not all(each.settled for each in seen.present):
        raise CannotAct("The vendor's answer to it isn't known: take it back at the vendor.")
    if not any(each.verdict in _PERFORMED for each in seen.present):
        raise CannotAct("It has changed nothing at a vendor: there is nothing to take back.")
    _check_papers(seen)


def why_closed(seen: Folder) -> str | None:
    """Say why nothing can be sent for an order any more; None where it can."""
    if seen.received is None:
        return "its payloads have been deleted, as `storage.keep` says"
    return "its personal data have been erased" if seen.erased else None


def _check_papers(seen: Folder) -> None:
    why = why_closed(seen)
    if why is not None:
        raise CannotAct(f"The gateway can't send anything for it any more: {why}.")


def _is(order: Order) -> str:
    words = {"running": "this one is being delivered right now", "waiting": "this one still waits"}
    return words.get(order.state, f"this one is {order.state}")
