"""Intents: effects that are written down before they are sent. One transaction's work each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from gateway.storage.moment import moment
from gateway.storage.statements import (
    CONCLUDE,
    END,
    INTEND,
    PUT_INTENT,
    PUT_PAYLOAD,
    TAKE_BACK,
    held,
)
from gateway.storage.tables import INTENTS, PAYLOADS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from gateway.storage.order import Ending, Fence, Order

ALONE: Final = -1
"""The `element` of a call without `each`."""


@dataclass(frozen=True, slots=True)
class Place:
    """Which effect of an attempt: the call, the element of its `each`, and whether it undoes."""

    call: str
    element: int = ALONE
    undo: bool = False


@dataclass(frozen=True, slots=True)
class Payload:
    """Something that was said, as JSON; see `tables.PAYLOADS`."""

    kind: str
    place: Place
    number: int
    body: str


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What came of an effect: the verdict, the answer or fault in a word and as JSON."""

    place: Place
    verdict: str
    said: str
    body: str
    reference: str | None


@dataclass(frozen=True, slots=True)
class Stored:
    """An intent as it stands, with its request and, where there is one, the answer, as JSON."""

    place: Place
    sent_at: float
    verdict: str | None
    request: str
    answer: str | None


@dataclass(frozen=True, slots=True)
class News:
    """What is to be written with the next commit: reads that effects build on, and conclusions."""

    reads: tuple[Payload, ...] = ()
    conclusions: tuple[Conclusion, ...] = ()


def intend(
    connection: Connection,
    fence: Fence,
    place: Place,
    request: str,
    news: News,
    now: Callable[[], float],
) -> bool:
    """Write down that a request is about to be sent; False where the order has another owner."""
    time = moment(connection, now)
    values = {"effect": "doubt", "changed_at": time}
    if connection.execute(INTEND, {**values, **held(fence)}).rowcount != 1:
        return False
    _tell(connection, fence, news, time)
    row = {
        **_placed(fence, place),
        "undo": place.undo,
        "sent_at": time,
        "sends": 1,
        "verdict": None,
        "said": None,
        "reference": None,
    }
    connection.execute(PUT_INTENT, row)
    kind = "unsend" if place.undo else "request"
    _write(connection, fence, [Payload(kind, place, 0, request)], time)
    return True


def _tell(connection: Connection, fence: Fence, news: News, time: float) -> None:
    """Write down what came of effects, and what they were built on."""
    _write(connection, fence, news.reads, time)
    for concluded in news.conclusions:
        place = concluded.place
        values = {
            "of_order": fence.order_id,
            "of_attempt": fence.attempt,
            "of_call": place.call,
            "of_element": place.element,
            "of_undo": place.undo,
            "verdict": concluded.verdict,
            "said": concluded.said,
            "reference": concluded.reference,
        }
        connection.execute(CONCLUDE, values)
        kind = "unsaid" if place.undo else "answer"
        _write(connection, fence, [Payload(kind, place, 0, concluded.body)], time)


def take_back(
    connection: Connection,
    fence: Fence,
    refusal: str,
    news: News,
    now: Callable[[], float],
) -> bool:
    """Write down that all that was done is to be undone; False as in `intend`."""
    time = moment(connection, now)
    values = {"undoing": refusal, "changed_at": time}
    if connection.execute(TAKE_BACK, {**values, **held(fence)}).rowcount != 1:
        return False
    _tell(connection, fence, news, time)
    return True


def end(
    connection: Connection,
    fence: Fence,
    ending: Ending,
    news: News,
    now: Callable[[], float],
) -> bool:
    """End the run of an order; False where it isn't the owner's any more."""
    time = moment(connection, now)
    values = {
        "state": ending.state,
        "effect": ending.effect,
        "tries": ending.tries,
        "due_at": None if ending.wait is None else time + ending.wait,
        "reason": ending.reason,
        "error": ending.error,
        "reply": ending.reply,
        "reference": ending.reference,
        "owner": None,
        "changed_at": time,
    }
    if connection.execute(END, {**values, **held(fence)}).rowcount != 1:
        return False
    _tell(connection, fence, news, time)
    return True


def recall(connection: Connection, order: Order) -> tuple[list[Stored], list[Payload]]:
    """Give the intents of the present attempt, and what its reads brought."""
    mine = (PAYLOADS.c.order_id == order.id) & (PAYLOADS.c.attempt == order.attempt)
    bodies: dict[tuple[str, Place], str] = {}
    reads: list[Payload] = []
    for row in connection.execute(select(PAYLOADS).where(mine).order_by(PAYLOADS.c.number)):
        undo = row.kind in {"unsend", "unsaid"}
        place = Place(row.call, row.element, undo)
        if row.kind == "read":
            reads.append(Payload("read", place, row.number, row.body))
        elif row.kind != "received":
            bodies["request" if row.kind in {"request", "unsend"} else "answer", place] = row.body
    known = (INTENTS.c.order_id == order.id) & (INTENTS.c.attempt == order.attempt)
    stored = []
    for row in connection.execute(select(INTENTS).where(known)):
        place = Place(row.call, row.element, row.undo)
        request, answer = bodies.get(("request", place)), bodies.get(("answer", place))
        if request is not None:
            stored.append(Stored(place, row.sent_at, row.verdict, request, answer))
    return stored, reads


def _placed(fence: Fence, place: Place) -> dict[str, object]:
    return {
        "order_id": fence.order_id,
        "attempt": fence.attempt,
        "call": place.call,
        "element": place.element,
    }


def _write(connection: Connection, fence: Fence, payloads: Sequence[Payload], time: float) -> None:
    rows = [
        {
            **_placed(fence, payload.place),
            "kind": payload.kind,
            "number": payload.number,
            "at": time,
            "body": payload.body,
        }
        for payload in payloads
    ]
    if rows:
        connection.execute(PUT_PAYLOAD, rows)
