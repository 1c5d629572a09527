"""BigCommerce's V3 inventory API, faked: stock by location, and relative adjustments.

Written from BigCommerce's OpenAPI document and its page about rate limits. Paths are below
`/stores/{hash}/v3`, every request carries `X-Auth-Token`:

- `GET /inventory/items?variant_id:in=1,2&location_id:in=1&page=1&limit=50`
- `POST /inventory/adjustments/relative` `{"reason", "items": [{"location_id", "variant_id" or
  "sku", "quantity"}]}`, at most 2,000 items; all are applied or none. It knows no idempotency key:
  the same request twice takes twice.

Errors are `{"status", "title", "type", "errors"}`. An item that was never stocked at a location
must be given a count before it can be adjusted.

Run it with `python -m simulators.bigcommerce --port 9008`.
"""

from __future__ import annotations

import argparse
import json
import uuid
from typing import TYPE_CHECKING, cast

import msgspec
from jsonschema import Draft202012Validator
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulators.kit import Simulator, serve

if TYPE_CHECKING:
    from starlette.requests import Request

_LARGEST_PAGE = 1000
_ABOUT = "https://developer.bigcommerce.com/api-docs/getting-started/api-status-codes"
_INTEGER = {"type": "integer"}
_ITEM = {
    "type": "object",
    "required": ["location_id", "quantity"],
    "properties": {
        "location_id": _INTEGER,
        "quantity": _INTEGER,
        "variant_id": _INTEGER,
        "sku": {"type": "string"},
    },
    "oneOf": [{"required": ["variant_id"]}, {"required": ["sku"]}],
    "additionalProperties": False,
}
_ADJUSTMENTS = Draft202012Validator(
    {
        "type": "object",
        "required": ["items"],
        "properties": {
            "reason": {"type": "string"},
            "items": {"type": "array", "minItems": 1, "maxItems": 2000, "items": _ITEM},
        },
        "additionalProperties": False,
    }
)
Key = tuple[int, int]
"""A variant and a location."""


class Level(msgspec.Struct, forbid_unknown_fields=True):
    """One entry of `PUT /_simulator/stock`; without a quantity it is in the catalogue only."""

    variant_id: int
    quantity: int | None = None
    location_id: int = 1
    safety_stock: int = 0


class Refused(Exception):
    """BigCommerce says no: a status, a title and what is wrong with which field."""

    def __init__(self, status: int, title: str, errors: dict[str, str] | None = None) -> None:
        super().__init__(status, title)
        self.status = status
        self.title = title
        self.errors = errors or {}


class BigCommerceSimulator(Simulator):
    """The faked BigCommerce; `token` is the only one accepted, `store` the only store."""

    def __init__(self, *, token: str = "bigcommerce-token", store: str = "abc123") -> None:  # noqa: S107 - opens nothing but this fake
        base = f"/stores/{store}/v3/inventory"
        super().__init__(
            routes=[
                Route(f"{base}/items", self._items, methods=["GET"]),
                Route(f"{base}/adjustments/relative", self._adjust, methods=["POST"]),
            ],
            control=[Route("/stock", self._put_stock, methods=["PUT"])],
            exception_handlers={Refused: _refused, HTTPException: _no_route},
        )
        self.token = token
        self._catalogue: dict[int, str] = {}
        self._levels: dict[Key, Level] = {}

    def set_stock(
        self, variant_id: int, quantity: int | None, location_id: int = 1, safety_stock: int = 0
    ) -> None:
        """Put a variant into the catalogue and, unless `quantity` is None, stock it."""
        self._catalogue[variant_id] = f"SKU-{variant_id}"
        if quantity is not None:
            level = Level(variant_id, quantity, location_id, safety_stock)
            self._levels[variant_id, location_id] = level

    def stock_of(self, variant_id: int, location_id: int = 1) -> int | None:
        level = self._levels.get((variant_id, location_id))
        return None if level is None else level.quantity

    def reset(self) -> None:
        super().reset()
        self._catalogue.clear()
        self._levels.clear()

    async def _items(self, request: Request) -> Response:
        self._authorize(request)
        variants, places = _ids(request, "variant_id:in"), _ids(request, "location_id:in")
        size = min(_number(request, "limit", 50), _LARGEST_PAGE)
        page = _number(request, "page", 1)
        wanted = [each for each in sorted(self._catalogue) if variants is None or each in variants]
        shown = wanted[(page - 1) * size : page * size]
        meta = {
            "total": len(wanted),
            "count": len(shown),
            "per_page": size,
            "current_page": page,
            "total_pages": -(-len(wanted) // size),
        }
        rows = [self._row(each, places) for each in shown]
        return JSONResponse({"data": rows, "meta": {"pagination": meta}})

    def _row(self, variant_id: int, places: frozenset[int] | None) -> dict[str, object]:
        levels = [
            {
                "location_id": location,
                "location_enabled": True,
                "total_inventory_onhand": level.quantity,
                "available_to_sell": (level.quantity or 0) - level.safety_stock,
                "settings": {"safety_stock": level.safety_stock, "is_in_stock": True},
            }
            for (variant, location), level in self._levels.items()
            if variant == variant_id and (places is None or location in places)
        ]
        identity = {"variant_id": variant_id, "sku": self._catalogue[variant_id]}
        return {"identity": identity, "locations": levels}

    async def _adjust(self, request: Request) -> Response:
        self._authorize(request)
        body = await _body(request)
        items = cast("list[dict[str, int]]", body["items"])
        keys = [(self._variant(item), item["location_id"]) for item in items]
        if new := [key for key in keys if key not in self._levels]:
            names = ", ".join(f"variant_id {variant}" for variant, _ in new)
            title = f"Items with identity: [{names}] requires absolute adjustment before relative"
            raise Refused(422, title)
        for key, item in zip(keys, items, strict=True):
            level = self._levels[key]
            before = level.quantity or 0
            level.quantity = before + item["quantity"]
            name = "/".join(map(str, key))
            self.ledger.effect("stock", name, before=str(before), after=str(level.quantity))
        return JSONResponse({"transaction_id": str(uuid.uuid4())})

    def _variant(self, item: dict[str, int]) -> int:
        for variant, sku in self._catalogue.items():
            if item.get("variant_id", variant) == variant and item.get("sku", sku) == sku:
                return variant
        name = "variant_id" if "variant_id" in item else "sku"
        raise Refused(422, f"Items with identity: [{name} {item[name]}] were not found")

    def _authorize(self, request: Request) -> None:
        if request.headers.get("x-auth-token") != self.token:
            raise Refused(401, "You are not authorized to access this resource.")

    async def _put_stock(self, request: Request) -> Response:
        try:
            levels = msgspec.json.decode(await request.body(), type=list[Level])
        except msgspec.DecodeError as refused:
            raise HTTPException(400, str(refused)) from refused
        for each in levels:
            self.set_stock(each.variant_id, each.quantity, each.location_id, each.safety_stock)
        return Response(status_code=204)


async def _body(request: Request) -> dict[str, object]:
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        raise Refused(415, "Content-Type: application/json is required.")
    try:
        body: object = json.loads(await request.body())
    except ValueError as broken:
        raise Refused(400, "Input is invalid") from broken
    errors = {
        ".".join(map(str, error.absolute_path)) or "body": error.message
        for error in _ADJUSTMENTS.iter_errors(body)
    }
    if errors:
        raise Refused(422, "Payload contains invalid fields", errors)
    return cast("dict[str, object]", body)


def _ids(request: Request, name: str) -> frozenset[int] | None:
    """Read a comma-separated filter; None where it isn't given."""
    text = request.query_params.get(name)
    try:
        return None if text is None else frozenset(int(each) for each in text.split(","))
    except ValueError as wrong:
        raise Refused(422, f"{name} must be a list of integers") from wrong


def _number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, str(default))
    if not text.isdecimal() or int(text) < 1:
        raise Refused(422, f"{name} must be a number above zero")
    return int(text)


async def _refused(_: Request, refused: Exception) -> Response:
    if not isinstance(refused, Refused):
        raise refused
    problem = {
        "status": refused.status,
        "title": refused.title,
        "type": _ABOUT,
        "errors": refused.errors,
    }
    return JSONResponse(problem, refused.status, media_type="application/problem+json")


async def _no_route(request: Request, refused: Exception) -> Response:
    if not isinstance(refused, HTTPException):
        raise refused
    return await _refused(request, Refused(refused.status_code, refused.detail))


def main() -> None:
    parser = argparse.ArgumentParser(description="BigCommerce's stock, faked on loopback.")
    parser.add_argument("--port", type=int, default=9008)
    parser.add_argument("--token", default="bigcommerce-token")
    arguments = parser.parse_args()
    serve(BigCommerceSimulator(token=arguments.token), arguments.port)


if __name__ == "__main__":
    main()
