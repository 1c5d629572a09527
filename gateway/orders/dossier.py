"""An order as JSON: in short, and with all that is kept of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gateway.lossless import Json, loads
from gateway.orders.advice import Advice, advice_of
from gateway.orders.masked import Eyes, eyes_for, said
from gateway.telemetry.clock import rfc3339

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.orders.desk import Desk
    from gateway.storage.folder import Earlier, Folder, Intent, Paper
    from gateway.storage.order import Order

Block = dict[str, Json]


def summary_of(order: Order, eyes: Eyes | None = None) -> Block:
    """Say in short where an order stands; what is null isn't said."""
    told: Block = {
        "id": order.id,
        "mapping": order.mapping,
        "key": order.key,
        "contract": order.contract,
        "vendor": order.vendor,
        "state": order.state,
        "effect": order.effect,
        "attempt": order.attempt,
        "tries": order.tries,
        "received_at": _at(order.received_at),
        "changed_at": _at(order.changed_at),
        "due_at": _at(order.due_at),
        "reason": order.reason,
        "error": eyes.text(order.error) if eyes is not None else order.error,
        "reference": order.reference,
    }
    return {name: value for name, value in told.items() if value is not None}


async def dossier_of(
    desk: Desk, seen: Folder, secrets: tuple[str, ...], *, unmask: bool = False
) -> Block:
    """Tell all that is kept of an order, with personal data and secrets masked unless `unmask`."""
    eyes = None if unmask else eyes_for(seen, desk.known_plans, secrets)
    undoable = await desk.undoable(seen)
    present = _attempt(seen.order, seen, eyes)
    return {
        **summary_of(seen.order, eyes),
        "advice": _advice(advice_of(seen, undoable=undoable)),
        "attempts": [*(_attempt(each, seen, eyes) for each in seen.earlier), present],
        "acts": [_deed(deed.attempt, deed.at, deed.act, deed.by, deed.note) for deed in seen.deeds],
    }


def _advice(advice: Advice) -> Block:
    can: list[Json] = [{"command": each.command, "what": each.what} for each in advice.can]
    return {"happened": advice.happened, "follows": advice.follows, "can": can}


def _deed(attempt: int, at: float, act: str, by: str, note: str | None) -> Block:
    return {"at": _at(at), "act": act, "by": by, "attempt": attempt, "note": note}


def _attempt(each: Order | Earlier, seen: Folder, eyes: Eyes | None) -> Block:
    papers = [paper for paper in seen.papers if paper.attempt == each.attempt]
    intents = [intent for intent in seen.intents if intent.attempt == each.attempt]
    received = [_told(paper, eyes) for paper in papers if paper.kind == "received"]
    reads: list[Json] = [
        {"call": paper.call, "answer": _told(paper, eyes)}
        for paper in papers
        if paper.kind == "read"
    ]
    return {
        "attempt": each.attempt,
        "state": each.state,
        "effect": each.effect,
        "received_at": _at(each.received_at),
        "changed_at": _at(each.changed_at),
        "reason": each.reason,
        "error": eyes.text(each.error) if eyes is not None else each.error,
        "reference": each.reference,
        "received": received[0] if received else None,
        "reads": reads,
        "effects": [_effect(intent, papers, eyes) for intent in intents],
        "reply": _reply(each.reply, eyes),
    }


def _effect(intent: Intent, papers: Sequence[Paper], eyes: Eyes | None) -> Block:
    kinds = ("unsend", "unsaid") if intent.undo else ("request", "answer")
    told = {
        paper.kind: _told(paper, eyes)
        for paper in papers
        if (paper.call, paper.element) == (intent.call, intent.element) and paper.kind in kinds
    }
    return {
        "call": intent.call,
        "element": None if intent.element < 0 else intent.element,
        "undo": intent.undo,
        "sent_at": _at(intent.sent_at),
        "sends": intent.sends,
        "verdict": intent.verdict,
        "said": intent.said,
        "reference": intent.reference,
        "request": told.get(kinds[0]),
        "answer": told.get(kinds[1]),
    }


def _told(paper: Paper, eyes: Eyes | None) -> Json:
    if eyes is not None:
        return eyes.told(paper)
    return loads(paper.body.encode()) if paper.kind == "received" else said(paper)


def _reply(text: str | None, eyes: Eyes | None) -> Json:
    reply = None if text is None else loads(text.encode())
    return reply if eyes is None else eyes.masker.masked(reply, ())


def _at(seconds: float | None) -> str | None:
    return None if seconds is None else rfc3339(datetime.fromtimestamp(seconds, UTC))
