"""The gateway's own notes in `meta_data`: what the checkout had to do without."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.lossless import Json
from gateway.plan.exchange import Exchange


@dataclass(frozen=True, slots=True)
class NotesStep:
    """Adds a note for each read that failed, and for each whose rows are from before it did."""

    name: str = "notes"

    async def run(self, exchange: Exchange) -> None:
        notes: list[Json] = [
            {"gateway": note} for call in exchange.answers for note in _notes(exchange, call)
        ]
        if notes:
            there = exchange.document.get("meta_data")
            exchange.document["meta_data"] = [*(there if isinstance(there, list) else []), *notes]


def _notes(exchange: Exchange, call: str) -> Iterator[dict[str, Json]]:
    failed = [each for each in exchange.failed if each.call == call]
    for each in sorted(failed, key=lambda one: one.index or 0):
        index: dict[str, Json] = {} if each.index is None else {"index": each.index}
        yield {"call": call, "reason": each.refusal.reason, **index}
    for share in exchange.shares:
        if share.call == call and share.age is not None:
            yield {"call": call, "stale_seconds": int(share.age)}
