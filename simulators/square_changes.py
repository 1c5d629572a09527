"""One entry of BatchChangeInventory's `changes`: what it asks for, or why Square refuses it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from simulators.square_bodies import Flaw, Refused, moment

if TYPE_CHECKING:
    from collections.abc import Mapping

Key = tuple[str, str, str]
"""A catalogue object (an item variation), a location, a state."""

_UNTRACKED = frozenset({"NONE", "SOLD", "UNLINKED_RETURN"})
_WRITABLE = _UNTRACKED | {"IN_STOCK", "WASTE"}
_OLDEST = timedelta(hours=24)


def stamp(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class Change:
    """A change that is right in itself.

    `counts` true sets the quantity of each key, false adds it. `place` is where the request says
    it; `told` is the change as the answer repeats it.
    """

    counts: bool
    quantities: tuple[tuple[Key, Decimal], ...]
    catalog_object_id: str
    location_id: str
    place: str
    told: dict[str, object]

    def answer(self, number: int, now: datetime) -> dict[str, object]:
        kind = "PHYSICAL_COUNT" if self.counts else "ADJUSTMENT"
        made = {"id": f"CHANGE{number}", "created_at": stamp(now)}
        return {"type": kind, kind.lower(): {"occurred_at": stamp(now)} | self.told | made}


@dataclass(frozen=True, slots=True)
class _Fields:
    """The fields of one change and where they stand in the request."""

    fields: Mapping[str, object]
    place: str

    def required(self, name: str) -> str:
        value = self.fields.get(name)
        if not isinstance(value, str) or not value:
            raise Refused(400, Flaw("MISSING_REQUIRED_PARAMETER", "Required.", self.at(name)))
        return value

    def writable_state(self, name: str) -> str:
        state = self.required(name)
        if state not in _WRITABLE:
            raise self.invalid(name, f"Quantities can't be moved to or from {state}.")
        return state

    def at(self, name: str) -> str:
        return f"{self.place}.{name}"

    def invalid(self, name: str, detail: str) -> Refused:
        return Refused(400, Flaw("INVALID_VALUE", detail, self.at(name)))


def accept(change: Mapping[str, object], index: int, now: datetime) -> Change:
    """Read a change whose shape is right. Raises `Refused` (400)."""
    outer = _Fields(change, f"changes[{index}]")
    kind = outer.required("type")
    if kind == "TRANSFER":
        raise outer.invalid("type", "Transfers need a Retail Plus subscription.")
    told = change.get(kind.lower())
    if not isinstance(told, dict):
        flaw = Flaw("MISSING_REQUIRED_PARAMETER", "Required.", outer.at(kind.lower()))
        raise Refused(400, flaw)
    inner = _Fields(told, outer.at(kind.lower()))
    thing, location = inner.required("catalog_object_id"), inner.required("location_id")
    _check_time(inner, now)
    states = _count(inner) if kind == "PHYSICAL_COUNT" else _adjustment(inner)
    return Change(
        counts=kind == "PHYSICAL_COUNT",
        quantities=tuple(((thing, location, state), quantity) for state, quantity in states),
        catalog_object_id=thing,
        location_id=location,
        place=inner.place,
        told={name: value for name, value in told.items() if value is not None},
    )


def _check_time(change: _Fields, now: datetime) -> None:
    """Refuse a time that is over 24 hours old or to come; none at all is now, as it is optional."""
    text = change.fields.get("occurred_at")
    if isinstance(text, str):
        age = now - moment(text, change.at("occurred_at"))
        if not timedelta() <= age <= _OLDEST:
            detail = "Older than 24 hours or in the future."
            raise change.invalid("occurred_at", detail)


def _count(change: _Fields) -> list[tuple[str, Decimal]]:
    state = change.writable_state("state")
    if state in _UNTRACKED:
        raise change.invalid("state", f"{state} isn't counted.")
    return [(state, Decimal(change.required("quantity")))]


def _adjustment(change: _Fields) -> list[tuple[str, Decimal]]:
    states = change.writable_state("from_state"), change.writable_state("to_state")
    if states[0] == states[1]:
        raise change.invalid("to_state", "The same as from_state.")
    quantity = Decimal(change.required("quantity"))
    if quantity <= 0:
        raise change.invalid("quantity", "Not above zero.")
    signed = zip(states, (-quantity, quantity), strict=True)
    return [(state, moved) for state, moved in signed if state not in _UNTRACKED]
