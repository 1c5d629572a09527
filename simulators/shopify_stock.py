"""The stock of the faked Shopify: variants, their inventory items, quantities by location."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from graphql import GraphQLError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from simulators.ledger import Ledger

_REASONS = frozenset(
    {"correction", "cycle_count_available", "damaged", "movement_canceled", "movement_created"}
    | {"movement_received", "movement_updated", "other", "promotion", "quality_control"}
    | {"received", "reservation_created", "reservation_deleted", "reservation_updated"}
    | {"restock", "safety_stock", "shrinkage"}
)
MOST_AT_ONCE = 250
_BOUND = 2_000_000_000

Input = dict[str, object]


def gid(kind: str, number: str) -> str:
    """Write a global id: `gid://shopify/Location/1`."""
    return f"gid://shopify/{kind}/{number}"


@dataclass(frozen=True, slots=True)
class Variant:
    """What is sold. Its stock is kept under `item`, which has an id of its own."""

    number: str
    tracked: bool = True
    policy: str = "DENY"

    @property
    def item(self) -> str:
        return gid("InventoryItem", f"9{self.number}")


@dataclass(frozen=True, slots=True)
class Flaw:
    """One of the `userErrors`."""

    code: str
    message: str
    field: tuple[str, ...] | None = None

    def told(self) -> dict[str, object]:
        return {"code": self.code, "message": self.message, "field": self.field}


@dataclass(slots=True)
class Stock:
    """What there is; `levels` are quantities by inventory item and location."""

    ledger: Ledger
    variants: dict[str, Variant] = field(default_factory=dict)
    locations: set[str] = field(default_factory=set)
    levels: dict[tuple[str, str], int] = field(default_factory=dict)
    _repeats: dict[str, tuple[Input, dict[str, object]]] = field(default_factory=dict)

    def clear(self) -> None:
        self.variants.clear()
        self.locations.clear()
        self.levels.clear()
        self._repeats.clear()

    def adjust(self, asked: Input, key: str) -> dict[str, object]:
        """Apply every change or none, once for each key; give the mutation's payload."""
        if key in self._repeats:
            first, payload = self._repeats[key]
            if first != asked:
                said = "The same idempotency key cannot be used with different parameters."
                return _payload(None, Flaw("IDEMPOTENCY_KEY_PARAMETER_MISMATCH", said))
            return payload
        changes = cast("list[Input]", asked["changes"])
        if len(changes) > MOST_AT_ONCE:
            said = f"The input array size of {len(changes)} is greater than the maximum allowed."
            raise GraphQLError(said, extensions={"code": "MAX_INPUT_SIZE_EXCEEDED"})
        if flaws := [*self._flaws(asked, changes)]:
            return _payload(None, *flaws)
        for change in changes:
            self._apply(change)
        group = {
            "id": gid("InventoryAdjustmentGroup", str(len(self._repeats) + 1)),
            "createdAt": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "reason": asked["reason"],
            "referenceDocumentUri": asked.get("referenceDocumentUri"),
            "__typename": "InventoryAdjustmentGroup",
        }
        self._repeats[key] = asked, _payload(group)
        return self._repeats[key][1]

    def _flaws(self, asked: Input, changes: list[Input]) -> Iterator[Flaw]:
        if asked["name"] != "available":
            yield Flaw("INVALID_QUANTITY_NAME", "This name is invalid.", ("input", "name"))
        if asked["reason"] not in _REASONS:
            yield Flaw("INVALID_REASON", "This reason is invalid.", ("input", "reason"))
        document = asked.get("referenceDocumentUri")
        if isinstance(document, str) and not urlsplit(document).scheme:
            place = ("input", "referenceDocumentUri")
            yield Flaw("INVALID_REFERENCE_DOCUMENT", "This is no URI.", place)
        for index, change in enumerate(changes):
            flaw = self._flaw(change)
            if flaw is not None:
                inside = ("input", "changes", str(index), *(flaw.field or ()))
                yield Flaw(flaw.code, flaw.message, inside)

    def _flaw(self, change: Input) -> Flaw | None:
        if "changeFromQuantity" not in change:
            raise GraphQLError("changeFromQuantity must be given, if only as null.")
        item, location = str(change["inventoryItemId"]), str(change["locationId"])
        if item not in {variant.item for variant in self.variants.values()}:
            said = "The specified inventory item could not be found."
            return Flaw("INVALID_INVENTORY_ITEM", said, ("inventoryItemId",))
        if location not in self.locations:
            said = "The specified location could not be found."
            return Flaw("INVALID_LOCATION", said, ("locationId",))
        if (item, location) not in self.levels:
            said = "The inventory item is not stocked at the location."
            return Flaw("ITEM_NOT_STOCKED_AT_LOCATION", said, ("locationId",))
        if change.get("ledgerDocumentUri") is not None:
            said = "A ledger document URI is not allowed when adjusting available."
            return Flaw("INVALID_AVAILABLE_DOCUMENT", said, ("ledgerDocumentUri",))
        expected, there = change["changeFromQuantity"], self.levels[item, location]
        if expected is not None and expected != there:
            said = "The changeFromQuantity argument no longer matches the persisted quantity."
            return Flaw("CHANGE_FROM_QUANTITY_STALE", said, ("changeFromQuantity",))
        if there + cast("int", change["delta"]) < -_BOUND:
            return Flaw("INVALID_QUANTITY_TOO_LOW", "The quantity is too low.", ("delta",))
        return None

    def _apply(self, change: Mapping[str, object]) -> None:
        key = str(change["inventoryItemId"]), str(change["locationId"])
        before = self.levels[key]
        self.levels[key] = before + cast("int", change["delta"])
        names = "/".join(each.rsplit("/", 1)[1] for each in key)
        self.ledger.effect("stock", names, before=str(before), after=str(self.levels[key]))


def _payload(group: dict[str, object] | None, *flaws: Flaw) -> dict[str, object]:
    return {
        "inventoryAdjustmentGroup": group,
        "userErrors": [flaw.told() for flaw in flaws],
    }
