"""What the faked NetSuite keeps: items, stock by location, records, and what records do to stock.

An adjustment changes what is on hand. A sales order commits its quantities at once, as one that is
pending fulfillment does; where more is ordered than there is, what is missing is on back order.
Available is what is on hand less what is committed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product

from simulators.ledger import Ledger
from simulators.netsuite_bodies import (
    ADJUSTMENT,
    Body,
    Kind,
    check,
    lines_of,
    number,
    reference,
)
from simulators.netsuite_errors import ACCESSING, Flaw, Refused, invalid
from simulators.netsuite_sql import Row, digits

Place = tuple[str, str]
"""An item and a location, by their internal ids."""


@dataclass(slots=True)
class Level:
    """What there is of an item at a location."""

    on_hand: Decimal
    ordered: Decimal = Decimal(0)

    @property
    def committed(self) -> Decimal:
        return min(self.ordered, max(self.on_hand, Decimal(0)))

    @property
    def available(self) -> Decimal:
        return self.on_hand - self.committed


@dataclass(frozen=True, slots=True)
class Kept:
    """A record as it was sent; `id` is the internal one."""

    id: str
    kind: Kind
    body: Body


@dataclass(slots=True)
class Books:
    """The account's data. What isn't in one of the sets can't be referred to."""

    ledger: Ledger
    items: set[str] = field(default_factory=set)
    locations: set[str] = field(default_factory=lambda: {"1"})
    subsidiaries: set[str] = field(default_factory=lambda: {"1"})
    accounts: set[str] = field(default_factory=lambda: {"58"})
    customers: set[str] = field(default_factory=lambda: {"107"})
    currencies: set[str] = field(default_factory=lambda: {"1"})
    levels: dict[Place, Level] = field(default_factory=dict)
    records: dict[tuple[str, str], Kept] = field(default_factory=dict)
    _last_id: int = 1000

    def rows(self) -> list[Row]:
        """Give `aggregateitemlocation`: a row for each item at each location, stocked or not."""
        places = sorted(product(self.items, self.locations))
        return [self._row(item, location) for item, location in places]

    def _row(self, item: str, location: str) -> Row:
        level = self.levels.get((item, location))
        short = None if level is None else level.ordered - level.committed
        return {
            "item": Decimal(item),
            "location": Decimal(location),
            "quantityavailable": None if level is None else level.available,
            "quantityonhand": None if level is None else level.on_hand,
            "quantitycommitted": None if level is None else level.committed,
            "quantityonorder": None,
            "quantitybackordered": short or None,
            "quantityintransit": None,
        }

    def find(self, kind: Kind, name: str) -> Kept:
        """Find a record by its id or by `eid:` and its external id. Raises `Refused` (404)."""
        external = name.removeprefix("eid:") if name.startswith("eid:") else None
        found = self.records.get((kind.name, name))
        if external is not None:
            found = self._by_external_id(kind, external)
        if found is None:
            detail = "The record instance does not exist. Provide a valid record instance ID."
            raise Refused(404, Flaw("NONEXISTENT_ID", detail, name, "Url"))
        return found

    def add(self, kind: Kind, body: Body) -> Kept:
        """Keep a new record. Raises `Refused` (400), also for an external id that is taken."""
        self._check(kind, body)
        external = body.get("externalId")
        if external is not None and self._by_external_id(kind, str(external)) is not None:
            detail = f"{ACCESSING}This record already exists."
            raise Refused(400, Flaw("DUP_RCRD", detail))
        self._last_id += 1
        kept = Kept(str(self._last_id), kind, body)
        told = None if external is None else str(external)
        self.ledger.effect(kind.name, kept.id, externalId=told)
        self._keep(kept)
        return kept

    def change(self, kept: Kept, body: Body, *, replace: bool) -> None:
        """Update a record. Lines without a key are appended, unless their sublist is replaced."""
        self._check(kept.kind, body)
        new = lines_of(kept.kind, body)
        lines = new if replace else [*lines_of(kept.kind, kept.body), *new]
        self._move(kept, back=True)
        self.ledger.effect(kept.kind.name, kept.id, lines=str(len(lines)))
        merged = kept.body | body | {kept.kind.sublist: {"items": lines}}
        self._keep(Kept(kept.id, kept.kind, merged))

    def delete(self, kept: Kept) -> None:
        del self.records[kept.kind.name, kept.id]
        self.ledger.effect(kept.kind.name, kept.id, deleted="yes")
        self._move(kept, back=True)

    def _keep(self, kept: Kept) -> None:
        self.records[kept.kind.name, kept.id] = kept
        self._move(kept, back=False)

    def _by_external_id(self, kind: Kind, external: str) -> Kept | None:
        kept = (each for each in self.records.values() if each.kind is kind)
        return next((each for each in kept if each.body.get("externalId") == external), None)

    def _move(self, kept: Kept, *, back: bool) -> None:
        for line in lines_of(kept.kind, kept.body):
            item = reference(line, "item") or ""
            location = reference(line, "location") or reference(kept.body, "location")
            if location is not None:
                quantity = number(line[kept.kind.quantity])
                self._shift(kept.kind, (item, location), -quantity if back else quantity)

    def _shift(self, kind: Kind, place: Place, quantity: Decimal) -> None:
        level = self.levels.setdefault(place, Level(Decimal(0)))
        before = level.available
        if kind is ADJUSTMENT:
            level.on_hand += quantity
        else:
            level.ordered += quantity
        change = {"before": digits(before), "after": digits(level.available)}
        self.ledger.effect("stock", "/".join(place), **change)

    def _check(self, kind: Kind, body: Body) -> None:
        check(kind, body)
        for path, value in self._unknown(kind, body):
            name = path.rpartition(".")[2]
            detail = f"Invalid Field Value {value} for the following field: {name}"
            raise invalid(f"You have entered an {detail}", path)

    def _unknown(self, kind: Kind, body: Body) -> Iterator[tuple[str, str]]:
        """Give each reference that leads nowhere: its place and its id."""
        known = {
            "subsidiary": self.subsidiaries,
            "account": self.accounts,
            "entity": self.customers,
            "currency": self.currencies,
            "adjLocation": self.locations,
            "location": self.locations,
        }
        for name, ids in known.items():
            value = reference(body, name)
            if value is not None and value not in ids:
                yield name, value
        for index, line in enumerate(lines_of(kind, body)):
            for name, ids in (("item", self.items), ("location", self.locations)):
                value = reference(line, name)
                if value is not None and value not in ids:
                    yield f"{kind.sublist}.items[{index}].{name}", value
