"""Shopify's GraphQL Admin API, faked: stock by location, and its adjustment, as of 2026-04.

Written from the reference on shopify.dev. `POST /admin/api/2026-04/graphql.json` with
`X-Shopify-Access-Token`. As at Shopify almost everything is an HTTP 200: mistakes in the document
and throttling come as `errors`, refused changes as `userErrors`. `extensions.cost` says what a call
cost and what is left in the bucket, which is refilled as time goes by; a query may ask for 1,000
points at most, an array of the input has 250 elements at most.

Where the documentation is silent this fake chooses the harsher reading: a refused adjustment
leaves its idempotency key free, and an id that isn't a global id makes the whole call an error.

Run it with `python -m simulators.shopify --port 9007`.
"""

from __future__ import annotations

import argparse
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

import msgspec
from graphql import (
    GraphQLError,
    GraphQLResolveInfo,
    OperationDefinitionNode,
    execute_sync,
    get_directive_values,
    parse,
    validate,
)
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulators.kit import Simulator, serve
from simulators.shopify_schema import SCHEMA, cost_of
from simulators.shopify_stock import MOST_AT_ONCE, Input, Stock, Variant, gid

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

_VERSION = "2026-04"
_GLOBAL_ID = re.compile(r"gid://shopify/[A-Za-z]+/[0-9]+")
_DEAREST = 1000


class Level(msgspec.Struct, forbid_unknown_fields=True):
    """One entry of `PUT /_simulator/stock`: ids are the numbers in Shopify's global ids."""

    variant: str
    quantity: int | None = None
    location: str = "1"
    tracked: bool = True
    policy: str = "DENY"


class ShopifySimulator(Simulator):
    """The faked Shopify.

    `token` is the only one accepted; `bucket` are the points that are there when nothing is used,
    `restore` those that come back each second of `now`, the clock.
    """

    def __init__(
        self,
        *,
        token: str = "shopify-token",  # noqa: S107 - opens nothing but this fake
        bucket: int = 2000,
        restore: int = 100,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(
            routes=[Route("/admin/api/{version}/graphql.json", self._serve, methods=["POST"])],
            control=[Route("/stock", self._put_stock, methods=["PUT"])],
            exception_handlers={HTTPException: _refused},
        )
        self.token = token
        self.stock = Stock(self.ledger)
        self._bucket, self._restore, self._now = bucket, restore, now
        self._left, self._since = float(bucket), now()

    def set_stock(
        self,
        variant: str,
        quantity: int | None,
        location: str = "1",
        *,
        tracked: bool = True,
        policy: str = "DENY",
    ) -> None:
        """Put a variant into the catalogue and, unless `quantity` is None, stock it."""
        sold = Variant(variant, tracked, policy)
        self.stock.variants[gid("ProductVariant", variant)] = sold
        self.stock.locations.add(gid("Location", location))
        if quantity is not None:
            self.stock.levels[sold.item, gid("Location", location)] = quantity

    def stock_of(self, variant: str, location: str = "1") -> int | None:
        return self.stock.levels.get((Variant(variant).item, gid("Location", location)))

    def reset(self) -> None:
        super().reset()
        self.stock.clear()
        self._left, self._since = float(self._bucket), self._now()

    async def _serve(self, request: Request) -> Response:
        if request.headers.get("x-shopify-access-token") != self.token:
            raise HTTPException(401, "[API] Invalid API key or access token")
        if request.path_params["version"] != _VERSION:
            raise HTTPException(404, "Not Found")
        try:
            asked = msgspec.json.decode(await request.body(), type=dict[str, object])
        except msgspec.DecodeError as broken:
            raise HTTPException(400, "Bad Request") from broken
        query, variables = asked.get("query"), asked.get("variables") or {}
        if not isinstance(query, str) or not isinstance(variables, dict):
            return JSONResponse({"errors": {"query": "Required parameter missing or invalid"}}, 400)
        return JSONResponse(self._answer(query, variables))

    def _answer(self, query: str, variables: dict[str, object]) -> dict[str, object]:
        try:
            document = parse(query)
        except GraphQLError as broken:
            return {"errors": [broken.formatted]}
        if found := validate(SCHEMA, document):
            return {"errors": [each.formatted for each in found]}
        operation = next(
            each for each in document.definitions if isinstance(each, OperationDefinitionNode)
        )
        cost = cost_of(document, operation, variables)
        if cost > _DEAREST:
            said = f"Query cost is {cost}, which exceeds the single query max cost limit (1000)."
            return _error(said, "MAX_COST_EXCEEDED")
        self._refill()
        if cost > self._left:
            return _error("Throttled", "THROTTLED") | {"extensions": self._told(cost, None)}
        self._left -= cost
        root = {"node": self._node, "nodes": self._nodes, "inventoryAdjustQuantities": self._adjust}
        done = execute_sync(SCHEMA, document, root, variable_values=variables)
        return cast("dict[str, object]", done.formatted) | {"extensions": self._told(cost, cost)}

    def _refill(self) -> None:
        now = self._now()
        self._left = min(
            self._bucket, self._left + self._restore * (now - self._since).total_seconds()
        )
        self._since = now

    def _told(self, asked: int, spent: int | None) -> dict[str, object]:
        status = {
            "maximumAvailable": self._bucket,
            "currentlyAvailable": int(self._left),
            "restoreRate": self._restore,
        }
        cost = {"requestedQueryCost": asked, "actualQueryCost": spent, "throttleStatus": status}
        return {"cost": cost}

    def _nodes(self, info: GraphQLResolveInfo[object], ids: list[str]) -> list[object]:
        if len(ids) > MOST_AT_ONCE:
            said = f"The input array size of {len(ids)} is greater than the maximum allowed of 250."
            raise GraphQLError(said, extensions={"code": "MAX_INPUT_SIZE_EXCEEDED"})
        return [self._node(info, each) for each in ids]

    def _node(self, _: GraphQLResolveInfo[object], id: str) -> object:  # noqa: A002 - GraphQL's name for it
        if not _GLOBAL_ID.fullmatch(id):
            raise GraphQLError(f"Invalid global id '{id}'")
        variant = self.stock.variants.get(id)
        return None if variant is None else self._variant(variant)

    def _variant(self, variant: Variant) -> dict[str, object]:
        def level(_: GraphQLResolveInfo[object], locationId: str) -> object:  # noqa: N803 - Shopify's name
            quantity = self.stock.levels.get((variant.item, locationId))
            return None if quantity is None else _level(variant.item, locationId, quantity)

        item = {"id": variant.item, "tracked": variant.tracked, "inventoryLevel": level}
        return {
            "__typename": "ProductVariant",
            "id": gid("ProductVariant", variant.number),
            "inventoryPolicy": variant.policy,
            "inventoryItem": item,
        }

    def _adjust(self, info: GraphQLResolveInfo[object], input: Input) -> dict[str, object]:  # noqa: A002
        directive = SCHEMA.get_directive("idempotent")
        given = directive and get_directive_values(
            directive, info.field_nodes[0], info.variable_values
        )
        if not given:
            said = "The @idempotent directive is required for this mutation but was not provided."
            raise GraphQLError(said, extensions={"code": "BAD_REQUEST"})
        return self.stock.adjust(input, str(given["key"]))

    async def _put_stock(self, request: Request) -> Response:
        try:
            levels = msgspec.json.decode(await request.body(), type=list[Level])
        except msgspec.DecodeError as refused:
            raise HTTPException(400, str(refused)) from refused
        for each in levels:
            self.set_stock(
                each.variant, each.quantity, each.location, tracked=each.tracked, policy=each.policy
            )
        return Response(status_code=204)


def _level(item: str, location: str, quantity: int) -> dict[str, object]:
    def quantities(_: GraphQLResolveInfo[object], names: list[str]) -> list[object]:
        return [{"name": name, "quantity": quantity} for name in names if name == "available"]

    number = item.rsplit("/", 1)[1]
    return {
        "id": gid("InventoryLevel", number),
        "location": {"id": location},
        "quantities": quantities,
    }


def _error(message: str, code: str) -> dict[str, object]:
    return {"errors": [{"message": message, "extensions": {"code": code}}]}


async def _refused(_: Request, refused: Exception) -> Response:
    if not isinstance(refused, HTTPException):
        raise refused
    return JSONResponse({"errors": refused.detail}, refused.status_code)


def main() -> None:
    parser = argparse.ArgumentParser(description="Shopify's stock, faked on loopback.")
    parser.add_argument("--port", type=int, default=9007)
    parser.add_argument("--token", default="shopify-token")
    arguments = parser.parse_args()
    serve(ShopifySimulator(token=arguments.token), arguments.port)


if __name__ == "__main__":
    main()
