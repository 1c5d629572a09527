"""Where an order stands in plain words: what happened, what comes next, what a person can do."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from gateway.orders.desk import is_guessing, why_closed
from gateway.storage.order import FREE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.storage.folder import Folder
    from gateway.storage.order import Order


@dataclass(frozen=True, slots=True)
class Can:
    """A command, and what it is good for."""

    command: str
    what: str


@dataclass(frozen=True, slots=True)
class Advice:
    """What to tell somebody who has just been woken."""

    happened: str
    follows: str
    can: tuple[Can, ...] = ()


_NOTHING: Final = "Nothing: the gateway does no more about it by itself."
_WAITS: Final = "Nothing, until a person decides."

_SENDING: Final = ("gateway orders retry", "gateway orders undo")

_AGAIN: Final = ("retry", "sends it anew")
_CURRENT: Final = ("retry --current", "the same with today's mapping, once that is mended")
_DONE: Final = ("release --done --note …", "the vendor has all of it: a repeat gets 200")
_NOT_DONE: Final = ("release --not-done --note …", "the vendor has nothing of it: its key is free")
_UNDO: Final = ("undo", "takes back what was done, as the mapping says")
_CANCEL: Final = ("cancel", "stops it for good: nothing of it is at the vendor")


def advice_of(seen: Folder, *, undoable: bool) -> Advice:
    """Say what is to be said; `undoable` as `Desk.undoable` has it."""
    advice, why = _advice_of(seen, undoable=undoable), why_closed(seen)
    if why is None:
        return advice
    happened = f"{advice.happened} Nothing can be sent for it any more: {why}."
    can = tuple(each for each in advice.can if not each.command.startswith(_SENDING))
    return replace(advice, happened=happened, can=can)


def _advice_of(seen: Folder, *, undoable: bool) -> Advice:
    order = seen.order
    if order.state == "waiting":
        return _waiting(order)
    if order.state == "running":
        happened = "The gateway is taking it back." if order.undoing else "It is being delivered."
        return Advice(happened, "It ends within a minute or so, or waits for its next try.")
    if order.state == "held":
        return _held(seen, undoable=undoable)
    if order.state == "done":
        can = _can(order, [_UNDO] if undoable else [])
        return Advice("It is done: the vendor has it.", _NOTHING, can)
    return _ended(order)


def _waiting(order: Order) -> Advice:
    happened = f"It was tried {_times(order.tries)}, and waits." if order.tries else "It has come."
    if order.effect == "doubt":
        happened += (
            " Something was sent and not clearly answered. That is found out: the vendor can be "
            "asked, or knows repeats."
        )
    if order.undoing is not None:
        happened += " What was done of it is being taken back."
    due = "as soon as there is room" if order.due_at is None else f"at {moment_text(order.due_at)}"
    until = moment_text(order.give_up_at)
    follows = f"The gateway tries it {due}, and goes on until {until}; then it is held."
    can = [("retry", "tries it at once"), *([_CANCEL] if order.effect in FREE else [])]
    return Advice(happened, follows, _can(order, can))


def _held(seen: Folder, *, undoable: bool) -> Advice:
    order = seen.order
    if order.effect == "doubt":
        return _in_doubt(seen)
    if order.effect == "part":
        done = [each.call for each in seen.present if each.verdict in {"done", "found"}]
        happened = f"A part of it is done ({_listed(done)}), and the rest failed."
        again = ("retry", "goes on with what is left; what is done isn't repeated")
        if order.undoing is not None:
            happened = f"It was to be taken back ({_listed(done)}), and that failed."
            again = ("retry", "goes on with taking it back")
        can = [again, *([_UNDO] if undoable else []), _DONE, _NOT_DONE]
        return Advice(happened, _WAITS, _can(order, can))
    told = " Nacelle was told 200, and won't send it again." if order.stored else ""
    happened = f"It failed, and nothing of it is at the vendor.{told}"
    return Advice(happened, _WAITS, _can(order, [_AGAIN, _CURRENT, _CANCEL]))


def _in_doubt(seen: Folder) -> Advice:
    order = seen.order
    doubtful = [each for each in seen.present if not each.settled]
    sent = _listed(f"{each.call}, {moment_text(each.sent_at)}" for each in doubtful)
    happened = f"It was sent ({sent}), and no clear answer came: the vendor may have it or not."
    if is_guessing(order):
        happened += (
            " The vendor can't be asked by the gateway, and would take a repeat for another order."
        )
        look = (
            "show --unmask",
            "shows what was sent: look for it at the vendor, then say",
        )
        return Advice(happened, _WAITS, _can(order, [look, _DONE, _NOT_DONE]))
    happened += " The gateway tried to find out until its time was up."
    again = ("retry", "goes on finding out; the vendor isn't made to take it twice")
    return Advice(happened, _WAITS, _can(order, [again, _DONE, _NOT_DONE]))


def _ended(order: Order) -> Advice:
    happened = {
        "refused": "It ended without any change at the vendor, and Nacelle was told so.",
        "undone": "It failed after a part was done, or was taken back on request: all that was "
        "done has been undone at the vendor.",
        "cancelled": "A person cancelled it; nothing of it is at the vendor.",
    }[order.state]
    if order.state == "cancelled":
        return Advice(happened, "A repeat from Nacelle is refused.", _can(order, [_AGAIN]))
    follows = "Nothing by itself. A repeat from Nacelle begins a new attempt: the key is free."
    return Advice(happened, follows, _can(order, [_AGAIN, _CURRENT]))


def _can(order: Order, can: Iterable[tuple[str, str]]) -> tuple[Can, ...]:
    return tuple(Can(_command(order, words), what) for words, what in can)


def _command(order: Order, words: str) -> str:
    name, _, options = words.partition(" ")
    key, mapping = shlex.quote(order.key), shlex.quote(order.mapping)
    return f"gateway orders {name} {key} --mapping {mapping} {options}".rstrip()


def moment_text(seconds: float) -> str:
    """Write a moment for people: UTC, to the second."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def _times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number} times")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(names)) or "nothing known"
