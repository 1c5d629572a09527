"""The stock of the faked Square: counts per variation, location and state."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, cast

from simulators.square_bodies import Flaw, Refused
from simulators.square_changes import Change, Key, accept, stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from simulators.ledger import Ledger


def _digits(quantity: Decimal) -> str:
    """Write a quantity as Square does: plain digits, no trailing zeros after the point."""
    return f"{quantity.normalize():f}" if quantity else "0"


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are; `order` tells apart what was counted at the same moment."""

    key: Key
    quantity: Decimal
    calculated_at: datetime
    order: int

    def row(self) -> dict[str, str]:
        catalog_object_id, location_id, state = self.key
        return {
            "catalog_object_id": catalog_object_id,
            "catalog_object_type": "ITEM_VARIATION",
            "state": state,
            "location_id": location_id,
            "quantity": _digits(self.quantity),
            "calculated_at": stamp(self.calculated_at),
        }


@dataclass(slots=True)
class Stock:
    """All counts, and the catalogue: a variation that was never put into it is not found."""

    ledger: Ledger
    now: Callable[[], datetime]
    catalogue: set[str] = field(default_factory=set)
    counts: dict[Key, Count] = field(default_factory=dict)
    _order: int = 0

    def clear(self) -> None:
        self.catalogue.clear()
        self.counts.clear()

    def put(self, key: Key, quantity: Decimal) -> None:
        """Set a count; the ledger doesn't hear of it."""
        self._order += 1
        self.catalogue.add(key[0])
        self.counts[key] = Count(key, quantity, self.now(), self._order)

    def newest_first(self) -> list[Count]:
        return sorted(
            self.counts.values(), key=lambda count: (count.calculated_at, count.order), reverse=True
        )

    def change(self, body: Mapping[str, object]) -> dict[str, object]:
        """Apply every change of a BatchChangeInventory body, or none. Raises `Refused`."""
        asked = cast("list[dict[str, object] | None]", body.get("changes") or [])
        changes = [accept(change or {}, index, self.now()) for index, change in enumerate(asked)]
        for change in changes:
            if change.catalog_object_id not in self.catalogue:
                detail = f"No catalog object has the id {change.catalog_object_id}."
                raise Refused(404, Flaw("NOT_FOUND", detail, f"{change.place}.catalog_object_id"))
        every = body.get("ignore_unchanged_counts") is False
        done = [change for change in changes if self._news(change) or every]
        told = [self._apply(change) for change in done]
        touched = {(change.catalog_object_id, change.location_id) for change in changes}
        rows = [count.row() for count in self.newest_first() if count.key[:2] in touched]
        return {"counts": rows, "changes": told}

    def _news(self, change: Change) -> bool:
        """Say whether a change changes anything: a count may find what was known."""
        return not change.counts or any(
            key not in self.counts or self.counts[key].quantity != quantity
            for key, quantity in change.quantities
        )

    def _apply(self, change: Change) -> dict[str, object]:
        for key, quantity in change.quantities:
            self._move(key, quantity, counts=change.counts)
        return change.answer(self._order, self.now())

    def take(self, key: Key, quantity: Decimal) -> None:
        """Take a quantity, as a completed order does."""
        self._move(key, -quantity, counts=False)

    def _move(self, key: Key, quantity: Decimal, *, counts: bool) -> None:
        had = self.counts.get(key)
        before = None if had is None else had.quantity
        after = quantity if counts else (before or Decimal(0)) + quantity
        self.put(key, after)
        was = None if before is None else _digits(before)
        self.ledger.effect("stock", "/".join(key), before=was, after=_digits(after))
