"""Square's inventory and orders, faked, as of Square-Version 2025-08-20.

Written from Square's public documentation and OpenAPI document: the paths that are not deprecated,
the bearer token, the version header, cursors, idempotency keys, `errors`. Where the documentation
is silent this fake chooses the harsher reading: a request without a `Square-Version` is refused
(Square falls back to the application's own), so are fields that the specification doesn't have.
Any location is taken for one of the merchant's.

Run it with `python -m simulators.square --port 9001`.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, cast

import msgspec
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulators.kit import Simulator, serve
from simulators.square_bodies import CHANGES, COUNTS, Flaw, Refused, moment, read
from simulators.square_orders import CANCELING, ORDER, Orders
from simulators.square_stock import Count, Stock

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jsonschema import Draft202012Validator
    from starlette.requests import Request

_VERSION = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LARGEST_PAGE = 1000
_BY_STATUS = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}


class StockLevel(msgspec.Struct, forbid_unknown_fields=True):
    """One entry of `PUT /_simulator/stock`; without a quantity it is catalogued, not counted."""

    catalog_object_id: str
    quantity: Decimal | None = None
    location_id: str = "L1"
    state: str = "IN_STOCK"


class SquareSimulator(Simulator):
    """The faked Square.

    `token` is the only one accepted; `page_size` caps every page below Square's 1000; `now` is the
    clock (UTC) that stamps counts and judges `occurred_at`.
    """

    def __init__(
        self,
        *,
        token: str = "square-token",  # noqa: S107 - opens nothing but this fake
        page_size: int = _LARGEST_PAGE,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(
            routes=[
                Route("/v2/inventory/counts/batch-retrieve", self._counts, methods=["POST"]),
                Route("/v2/inventory/changes/batch-create", self._change, methods=["POST"]),
                Route("/v2/orders", self._order, methods=["POST"]),
                Route("/v2/orders/{order}", self._cancel, methods=["PUT"]),
            ],
            control=[
                Route("/stock", self._put_stock, methods=["PUT"]),
                Route("/orders/{order}/complete", self._complete, methods=["POST"]),
            ],
            exception_handlers={Refused: _refused, HTTPException: _no_route},
        )
        self.token = token
        self._page_size = page_size
        self._answers: dict[str, tuple[Mapping[str, object], dict[str, object]]] = {}
        self.stock = Stock(self.ledger, now)
        self.orders = Orders(self.stock)

    def set_stock(
        self,
        catalog_object_id: str,
        location_id: str,
        quantity: int | str | Decimal | None,
        state: str = "IN_STOCK",
    ) -> None:
        """Put a variation into the catalogue and, unless `quantity` is None, count it."""
        if quantity is None:
            self.stock.catalogue.add(catalog_object_id)
        else:
            self.stock.put((catalog_object_id, location_id, state), Decimal(quantity))

    def stock_of(
        self, catalog_object_id: str, location_id: str = "L1", state: str = "IN_STOCK"
    ) -> Decimal | None:
        """Give a count, None where there never was one."""
        count = self.stock.counts.get((catalog_object_id, location_id, state))
        return None if count is None else count.quantity

    def reset(self) -> None:
        super().reset()
        self.stock.clear()
        self.orders.clear()
        self._answers.clear()

    async def _counts(self, request: Request) -> Response:
        body = await self._read(request, COUNTS)
        since = body.get("updated_after")
        after = moment(str(since), "updated_after") if since else datetime.min.replace(tzinfo=UTC)
        wanted = [
            count
            for count in self.stock.newest_first()
            if _chosen(count, body) and count.calculated_at > after
        ]
        query = {name: value for name, value in body.items() if name not in {"cursor", "limit"}}
        start = _position(body.get("cursor"), query)
        size = min(cast("int | None", body.get("limit")) or _LARGEST_PAGE, self._page_size)
        answer: dict[str, object] = {
            "counts": [count.row() for count in wanted[start : start + size]]
        }
        if start + size < len(wanted):
            answer["cursor"] = _cursor(start + size, query)
        return JSONResponse(answer)

    async def _change(self, request: Request) -> Response:
        body = await self._read(request, CHANGES)
        key = str(body["idempotency_key"])
        if key not in self._answers:
            self._answers[key] = (body, self.stock.change(body))
        first, answer = self._answers[key]
        if first != body:
            detail = "This idempotency key was used with another request."
            raise Refused(400, Flaw("IDEMPOTENCY_KEY_REUSED", detail, "idempotency_key"))
        return JSONResponse(answer)

    async def _order(self, request: Request) -> Response:
        body = await self._read(request, ORDER)
        return JSONResponse({"order": self.orders.create(body)})

    async def _cancel(self, request: Request) -> Response:
        body = await self._read(request, CANCELING)
        return JSONResponse({"order": self.orders.cancel(request.path_params["order"], body)})

    async def _complete(self, request: Request) -> Response:
        number = request.path_params["order"]
        if number not in self.orders.by_id:
            raise HTTPException(404, f"There is no order {number}.")
        self.orders.complete(number)
        return Response(status_code=204)

    async def _read(self, request: Request, accepted: Draft202012Validator) -> dict[str, object]:
        if request.headers.get("authorization") != f"Bearer {self.token}":
            raise Refused(401, Flaw("UNAUTHORIZED", "This request could not be authorized."))
        if not _VERSION.fullmatch(request.headers.get("square-version", "")):
            raise Refused(400, Flaw("INVALID_SQUARE_VERSION_FORMAT", "Square-Version: YYYY-MM-DD."))
        if request.headers.get("content-type", "").partition(";")[0] != "application/json":
            raise Refused(400, Flaw("INVALID_CONTENT_TYPE", "Content-Type: application/json."))
        return read(await request.body(), accepted)

    async def _put_stock(self, request: Request) -> Response:
        try:
            levels = msgspec.json.decode(await request.body(), type=list[StockLevel])
        except msgspec.DecodeError as refused:
            raise HTTPException(400, str(refused)) from refused
        for level in levels:
            self.set_stock(level.catalog_object_id, level.location_id, level.quantity, level.state)
        return Response(status_code=204)


def _chosen(count: Count, body: Mapping[str, object]) -> bool:
    """Say whether a count passes the filters; null and empty ones let everything pass."""
    filters = (body.get(name) for name in ("catalog_object_ids", "location_ids", "states"))
    return all(
        not wanted or value in cast("list[str]", wanted)
        for value, wanted in zip(count.key, filters, strict=True)
    )


def _cursor(start: int, query: Mapping[str, object]) -> str:
    """Make a cursor that is good for its own query only."""
    digest = hashlib.sha256(json.dumps(query, sort_keys=True).encode()).hexdigest()[:16]
    return base64.urlsafe_b64encode(f"{start}:{digest}".encode()).decode()


def _position(cursor: object, query: Mapping[str, object]) -> int:
    if not cursor:
        return 0
    try:
        start = int(base64.urlsafe_b64decode(str(cursor)).partition(b":")[0])
    except ValueError:
        start = -1
    if cursor != _cursor(start, query):
        raise Refused(400, Flaw("INVALID_CURSOR", "Not a cursor of this query.", "cursor"))
    return start


async def _refused(_: Request, refused: Exception) -> Response:
    if not isinstance(refused, Refused):
        raise refused
    errors = [
        {"category": flaw.category, "code": flaw.code, "detail": flaw.detail}
        | ({"field": flaw.field} if flaw.field else {})
        for flaw in refused.flaws
    ]
    return JSONResponse({"errors": errors}, refused.status)


async def _no_route(request: Request, refused: Exception) -> Response:
    if not isinstance(refused, HTTPException):
        raise refused
    code = _BY_STATUS.get(refused.status_code, "BAD_REQUEST")
    return await _refused(request, Refused(refused.status_code, Flaw(code, refused.detail)))


def main() -> None:
    parser = argparse.ArgumentParser(description="Square's inventory API, faked on loopback.")
    parser.add_argument("--port", type=int, default=9001)
    parser.add_argument("--token", default="square-token")
    parser.add_argument("--page-size", type=int, default=_LARGEST_PAGE)
    arguments = parser.parse_args()
    simulator = SquareSimulator(token=arguments.token, page_size=arguments.page_size)
    serve(simulator, arguments.port)


if __name__ == "__main__":
    main()
