"""The one loop that runs a plan; and where an order fails for good, what takes it back."""

from __future__ import annotations

import asyncio

from gateway.errors import Refusal
from gateway.lossless import Json
from gateway.plan import faults
from gateway.plan.exchange import STRETCH, Exchange, Performed, Plan, run_step


async def run(plan: Plan, exchange: Exchange) -> None:
    """Run the steps in order. Raises Refusal where one of them ends the exchange.

    Without a single line there is nothing to ask a vendor: a checkout goes back as it came, and an
    order, which must not vanish in silence, is refused (400 `no_lines`).
    """
    if not exchange.lines:
        if plan.contract.effect:
            raise Refusal(400, "no_lines", "The order has no lines")
        return
    try:
        await _run(plan, exchange)
    finally:
        exchange.observer.ended(exchange)


async def _run(plan: Plan, exchange: Exchange) -> None:
    try:
        for step in plan.steps:
            if len(exchange.lines) > STRETCH:
                await asyncio.sleep(0)
            await run_step(step, exchange)
    except Refusal as refusal:
        if not _is_final(refusal, exchange):
            raise
        raise await take_back(exchange, refusal) from refusal
    if exchange.journal.undoing is not None:
        raise await take_back(exchange, exchange.journal.undoing)


def _is_final(refusal: Refusal, exchange: Exchange) -> bool:
    """Say whether an order of which a part is done will surely not get any further."""
    verdict = faults.verdict_of(refusal)
    lasting = verdict == "no" or (verdict == "again" and not exchange.patient)
    return bool(exchange.performed) and (lasting or exchange.journal.undoing is not None)


async def take_back(exchange: Exchange, refusal: Refusal) -> Refusal:
    """Undo what was performed, the last first, and give the refusal of the order as a whole.

    Raises Refusal where that can't be or isn't done.

    All or nothing: where one effect has no `undo`, the others stay as well.
    """
    if any(done.undo is None for done in exchange.performed):
        if refusal.reason == "partly_done":
            raise refusal
        raise faults.of_part(refusal, [_told(done) for done in exchange.performed]) from refusal
    refusal = faults.of_whole(refusal)
    await exchange.journal.take_back(refusal)
    for done in reversed(exchange.performed):
        if done.undo is None:
            continue
        try:
            await done.undo.happen(exchange, done.frame, done.index)
        except Refusal as failed:
            raise faults.of_undo(failed, done.call) from failed
    exchange.undone = True
    refusal.details["undone"] = [_told(done) for done in exchange.performed]
    return refusal


def _told(done: Performed) -> Json:
    return done.call if done.index is None else f"{done.call}[{done.index}]"
