"""The gateway's own notes in `meta_data`: what the checkout had to do without."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.lossless import Json
from gateway.plan.exchange import Exchange


@dataclass(frozen=True, slots=True)
class NotesStep:
    """Adds one note for each read that failed and that the mapping could do without."""

    name: str = "notes"

    async def run(self, exchange: Exchange) -> None:
        if not exchange.failed:
            return
        notes: list[Json] = []
        for call in exchange.answers:
            failed = [each for each in exchange.failed if each.call == call]
            for each in sorted(failed, key=lambda one: one.index or 0):
                note: dict[str, Json] = {"call": call, "reason": each.refusal.reason}
                if each.index is not None:
                    note["index"] = each.index
                notes.append({"gateway": note})
        there = exchange.document.get("meta_data")
        exchange.document["meta_data"] = [*(there if isinstance(there, list) else []), *notes]
