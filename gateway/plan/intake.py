"""A document becomes an exchange: its lines, its orders, its key, its scope."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gateway.config.schemas import Schema
from gateway.errors import Refusal
from gateway.expressions.frame import Frame
from gateway.lossless import Json
from gateway.plan.exchange import Exchange, Line, Observer, OrderAttempt, Plan, Ports
from gateway.telemetry.clock import rfc3339
from gateway.vendors.client import Deadline

_LINE_KEYS = ("items", "order_items")
_FIRST: Final = OrderAttempt()


def lines_of(document: Mapping[str, Json]) -> list[Line]:
    """Collect the lines wherever they are: `items`, `order_items`, and those of `orders[]`."""
    lines = [line for key in _LINE_KEYS for line in _lines(document, key)]
    return lines + _lines_of_parts(document) if "orders" in document else lines


def _lines_of_parts(document: Mapping[str, Json]) -> list[Line]:
    orders = [order for order in _list(document, "orders") if isinstance(order, dict)]
    return [line for order in orders for key in _LINE_KEYS for line in _lines(order, key)]


def _lines(home: Mapping[str, Json], key: str) -> list[Line]:
    return [line for line in _list(home, key) if isinstance(line, dict)]


def _told_twice(document: Mapping[str, Json]) -> bool:
    """Say whether one variant stands in two places: then nobody knows how many were bought."""
    seen: set[Json] = set()
    for home in (*(_lines(document, key) for key in _LINE_KEYS), _lines_of_parts(document)):
        here = {line.get("variant_id") for line in home}
        if seen & here:
            return True
        seen |= here
    return False


def orders_of(document: dict[str, Json]) -> list[Json]:
    """Give `orders[]`, or the object itself as the only order."""
    orders = _list(document, "orders")
    return orders or [document]


def _list(document: Mapping[str, Json], key: str) -> list[Json]:
    value = document.get(key)
    return value if isinstance(value, list) else []


@dataclass(frozen=True, slots=True)
class Intake:
    """Checks a document against its contract and makes an exchange of it."""

    settings: Mapping[str, Json]
    key_paths: tuple[tuple[str, ...], ...]
    schemas: Mapping[str, Schema]
    """By object: `checkout` and `order`."""

    def check(self, plan: Plan, document: dict[str, Json]) -> None:
        """Refuse a document that lacks what the contract needs."""
        schema = self.schemas[plan.contract.object]
        if schema.is_valid(document):
            if plan.contract.effect and _told_twice(document):
                message = "The order names the same variant in two places"
                raise Refusal(400, "invalid", message, cause="items, order_items, orders[]")
            return
        found: list[Json] = [
            {"path": v.path, "message": v.message} for v in schema.explain(document)
        ]
        raise Refusal(
            400,
            "invalid",
            f"The {plan.contract.object} lacks required data",
            details={"problems": found},
        )

    def exchange(
        self,
        plan: Plan,
        document: dict[str, Json],
        ports: Ports,
        deadline: Deadline,
        observer: Observer,
        attempt: OrderAttempt = _FIRST,
    ) -> Exchange:
        """Make the exchange: every name that the mapping's expressions may use."""
        lines = lines_of(document)
        answers: dict[str, object] = dict.fromkeys(plan.calls)  # as in the file, whoever is first
        values: dict[str, object] = {
            plan.contract.object: document,
            "lines": lines,
            "orders": orders_of(document),
            "order_key": self._key(document),
            "settings": self.settings,
            "attempt": attempt.number,
            "calls": answers,
        }
        received_at = attempt.received_at or ports.clock.now()
        # Seldom used, and long to write.
        lazy = {**plan.lets, "received_at": lambda _: rfc3339(received_at)}
        frame = Frame(values, lazy)
        return Exchange(
            plan.mapping,
            document,
            lines,
            frame,
            deadline,
            ports,
            observer,
            attempt.journal,
            attempt.patient,
            attempt.grace,
            answers=answers,
        )

    def _key(self, document: dict[str, Json]) -> Json:
        for path in self.key_paths:
            value: Json = document
            for key in path:
                value = value.get(key) if isinstance(value, dict) else None
            if isinstance(value, bool) or not isinstance(value, (str, int)):
                continue
            if value != 0 and str(value).strip():  # neither 0 nor blanks tell orders apart
                return str(value)
        return None
