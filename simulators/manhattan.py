"""Manhattan Active Omni, faked: tokens, saving orders, availability by location.

Written from public documentation and samples. `POST /oauth/token` wants the client in HTTP Basic
and a user's name and password as a form; at Manhattan it is on a host of its own. Every other
answer is an envelope, `{"success", "data", "messages": {"Message": […]}, …}`, and may say
`success: false` beside a status of 200.

Saving is an upsert on `OrderId`: what comes a second time changes what is there. Lines are known by
`OrderLineId`, payment methods by `PaymentMethodId`, charges by `ChargeDetailId`; the harsh reading
is that one without such an id is added once more.

Run it with `python -m simulators.manhattan --port 9013`.
"""

from __future__ import annotations

import argparse
import base64
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, cast
from urllib.parse import parse_qsl

from msgspec.json import Decoder
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulators.kit import Simulator, serve
from simulators.manhattan_bodies import (
    AVAILABILITY,
    ORDER,
    Body,
    Message,
    Refused,
    envelope,
    read,
)
from simulators.passwords import TokenDesk
from simulators.plain import answer, ordered

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from starlette.requests import Request

_LIFETIME = 3600


@dataclass(frozen=True, slots=True)
class Stock:
    """How many of an item there are at a location."""

    item: str
    location: str
    quantity: Decimal


_STOCK: Decoder[list[Stock]] = Decoder(list[Stock])
_ITEMS: Decoder[frozenset[str] | None] = Decoder(frozenset[str] | None)


class ManhattanSimulator(Simulator):
    """The faked Manhattan Active Omni.

    `items` are the ids that orders may name; None is any. `views` and `organizations` are the names
    that are known. `orders` are those saved, by `OrderId`.
    """

    def __init__(
        self,
        *,
        client: tuple[str, str] = ("omnicomponent.1.0.0", "omni-secret"),
        user: tuple[str, str] = ("omni-user", "omni-password"),
        items: Iterable[str] | None = None,
        views: Iterable[str] = ("Web",),
        organizations: Iterable[str] = ("ACME",),
    ) -> None:
        super().__init__(
            routes=[
                Route("/oauth/token", self._token, methods=["POST"]),
                Route("/order/api/order/order/save", self._save, methods=["POST"]),
                Route(
                    "/inventory/api/availability/location/availabilitydetail",
                    self._availability,
                    methods=["POST"],
                ),
            ],
            control=[
                Route("/stock", self._put_stock, methods=["PUT"]),
                Route("/items", self._put_items, methods=["PUT"]),
                Route("/tokens/revoke", self._revoke, methods=["POST"]),
            ],
            exception_handlers={Refused: _refused, HTTPException: _no_route},
        )
        self.tokens = TokenDesk(client, user, _LIFETIME)
        self._items_at_start = None if items is None else frozenset(items)
        self.views, self._organizations = frozenset(views), frozenset(organizations)
        self.items = self._items_at_start
        self.stock: list[Stock] = []
        self.orders: dict[str, Body] = {}

    def reset(self) -> None:
        super().reset()
        self.tokens.clear()
        self.items = self._items_at_start
        self.stock.clear()
        self.orders.clear()

    async def _token(self, request: Request) -> Response:
        fields = dict(parse_qsl((await request.body()).decode()))
        status, body = self.tokens.answer(_basic(request), fields)
        return JSONResponse(body, status)

    async def _save(self, request: Request) -> Response:
        order = await self._read(request, ORDER)
        unknown = [
            Message("unknown_item", f"Item {item} not found", f"OrderLine[{index}].ItemId")
            for index, item in enumerate(line["ItemId"] for line in _rows(order, "OrderLine"))
            if self.items is not None and item not in self.items
        ]
        if unknown:
            raise Refused(200, *unknown)
        key = str(order["OrderId"])
        before = self.orders.get(key)
        self.orders[key] = _merged(before or {}, order)
        if before != self.orders[key]:
            self.ledger.effect("order", key, what="created" if before is None else "changed")
        return answer(envelope(self.orders[key]))

    async def _availability(self, request: Request) -> Response:
        asked = await self._read(request, AVAILABILITY)
        view = str(asked["ViewName"])
        if view not in self.views:
            raise Refused(200, Message("unknown_view", f"View {view} not found", "ViewName"))
        locations = cast("list[str] | None", asked.get("Locations"))
        rows = [
            _row(stock, view)
            for stock in self.stock
            if stock.item in cast("list[str]", asked["Items"])
            and (locations is None or stock.location in locations)
        ]
        return answer(envelope(rows))

    async def _read(self, request: Request, accepted: Draft202012Validator) -> Body:
        if not self.tokens.knows(request.headers.get("authorization")):
            message = Message("invalid_token", "Cannot convert access token to JSON")
            raise Refused(401, message, key="error.401")
        organization = request.headers.get("organization")
        if organization is not None and organization not in self._organizations:
            message = Message("access_denied", f"No access to organization {organization}")
            raise Refused(403, message, key="error.403")
        return read(await request.body(), accepted)

    async def _put_stock(self, request: Request) -> Response:
        self.stock = await ordered(request, _STOCK)
        return Response(status_code=204)

    async def _put_items(self, request: Request) -> Response:
        self.items = await ordered(request, _ITEMS)
        return Response(status_code=204)

    async def _revoke(self, _: Request) -> Response:
        self.tokens.revoke()
        return Response(status_code=204)


def _basic(request: Request) -> tuple[str | None, str | None]:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None, None
    try:
        name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:  # neither base64 nor UTF-8
        return None, None
    return name, secret


def _merged(before: Body, order: Body) -> Body:
    """Change an order that is there: a list grows by what is new or has no id."""
    lists = {
        name: _grown(_rows(before, name), _rows(order, name), key)
        for name, key in (("OrderLine", "OrderLineId"), ("OrderChargeDetail", "ChargeDetailId"))
    }
    paid = _grown(_paid(before), _paid(order), "PaymentMethodId")
    return before | order | lists | {"Payment": [{"PaymentMethod": paid}]}


def _rows(order: Body, name: str) -> list[Body]:
    return cast("list[Body]", order.get(name) or [])


def _paid(order: Body) -> list[Body]:
    return [row for payment in _rows(order, "Payment") for row in _rows(payment, "PaymentMethod")]


def _grown(had: list[Body], came: list[Body], key: str) -> list[Body]:
    grown = [dict(row) for row in had]
    for row in came:
        same = next((each for each in grown if key in row and each.get(key) == row[key]), None)
        if same is None:
            grown.append(row)
        else:
            same |= row
    return grown


def _row(stock: Stock, view: str) -> Body:
    return {
        "ItemId": stock.item,
        "LocationId": stock.location,
        "Status": "IN_STOCK" if stock.quantity > 0 else "OUT_OF_STOCK",
        "StatusCode": 0,
        "Quantity": stock.quantity,
        "NextAvailabilityDate": None,
        "TransactionDateTime": None,
        "ViewName": view,
        "ViewId": view,
        "TotalIncludingSubstituteItems": stock.quantity,
        "SubstituteItemsAvailable": False,
    }


async def _refused(_: Request, refused: Exception) -> Response:
    if not isinstance(refused, Refused):
        raise refused
    return answer(envelope(None, refused.messages, refused.key), refused.status)


async def _no_route(request: Request, refused: Exception) -> Response:
    if not isinstance(refused, HTTPException):
        raise refused
    key = f"error.{refused.status_code}"
    message = Message(key, str(refused.detail))
    return await _refused(request, Refused(refused.status_code, message, key=key))


def main() -> None:
    parser = argparse.ArgumentParser(description="Manhattan Active Omni, faked on loopback.")
    parser.add_argument("--port", type=int, default=9013)
    serve(ManhattanSimulator(), parser.parse_args().port)


if __name__ == "__main__":
    main()
