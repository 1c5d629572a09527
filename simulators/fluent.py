"""Fluent Commerce, faked: tokens and GraphQL, for creating orders and reading virtual positions.

Written from Fluent's public documentation. `POST /oauth/token` takes the client's and the user's
credentials as a form and gives a token for about a day, and a refresh token that can be used once.
`POST /graphql` answers with 200 whatever is wrong with the operation: then there are `errors`, each
with a code under `extensions`. A bad token is a 401, a request over 2 MB a 413.

On no page is what an unreadable body is answered with, that the products of an order must be known,
that each item of an order with several fulfilment choices must name one of them, and which of two
errors comes first: here a customer's user name is looked at before the order's
`ref`.

Creating an order changes no virtual position: at Fluent a workflow does that, later.

Run it with `python -m simulators.fluent --port 9012`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast
from urllib.parse import parse_qsl

from graphql import GraphQLError, GraphQLFormattedError, graphql_sync
from msgspec.json import Decoder
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulators.fluent_schema import SCHEMA
from simulators.fluent_state import Position, State
from simulators.kit import Simulator, serve
from simulators.passwords import TokenDesk
from simulators.plain import ordered

if TYPE_CHECKING:
    from starlette.requests import Request

_LARGEST = 2 * 1024 * 1024
_LIFETIME = 86_386
_OK, _UNAUTHORIZED = 200, 401
_POSITIONS: Decoder[list[Position]] = Decoder(list[Position])
_PRODUCTS: Decoder[frozenset[str] | None] = Decoder(frozenset[str] | None)


class FluentSimulator(Simulator):
    """The faked Fluent Commerce.

    `products` are the product references that it knows; None is all of them. The customer with the
    id 1 is there from the start. `now` stamps orders.
    """

    def __init__(
        self,
        *,
        client: tuple[str, str] = ("fluent-client", "fluent-secret"),
        user: tuple[str, str] = ("fluent-user", "fluent-password"),
        retailer: str = "1",
        products: Iterable[str] | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(
            routes=[
                Route("/oauth/token", self._token, methods=["POST"]),
                Route("/graphql", self._graphql, methods=["POST"]),
            ],
            control=[
                Route("/positions", self._put_positions, methods=["PUT"]),
                Route("/products", self._put_products, methods=["PUT"]),
                Route("/tokens/revoke", self._revoke, methods=["POST"]),
            ],
            exception_handlers={HTTPException: _refused},
        )
        self.tokens = TokenDesk(client, user, _LIFETIME, scope="api")
        self._products = None if products is None else frozenset(products)
        self.state = State(self.ledger, retailer, self._products, {"1": "guest"}, now=now)

    def reset(self) -> None:
        super().reset()
        self.tokens.clear()
        self.state.orders.clear()
        self.state.positions.clear()
        self.state.products = self._products
        self.state.customers = {"1": "guest"}

    async def _token(self, request: Request) -> Response:
        fields = dict(request.query_params) | dict(parse_qsl((await request.body()).decode()))
        client = (fields.get("client_id"), fields.get("client_secret"))
        status, body = self.tokens.answer(client, fields)
        return JSONResponse(body | ({"scope": "api"} if status == _OK else {}), status)

    async def _graphql(self, request: Request) -> Response:
        if not self.tokens.knows(request.headers.get("authorization")):
            raise HTTPException(_UNAUTHORIZED, "Invalid access token")
        body = await request.body()
        if len(body) > _LARGEST:
            raise HTTPException(413, "Request Entity Too Large")
        query, variables = _operation(body)
        result = graphql_sync(
            SCHEMA, query, root_value=self.state.resolvers(), variable_values=variables
        )
        answer: dict[str, object] = {"data": result.data}
        if result.errors:
            answer["errors"] = [_formatted(error) for error in result.errors]
        return JSONResponse(answer)

    async def _put_positions(self, request: Request) -> Response:
        self.state.positions = await ordered(request, _POSITIONS)
        return Response(status_code=204)

    async def _put_products(self, request: Request) -> Response:
        self.state.products = await ordered(request, _PRODUCTS)
        return Response(status_code=204)

    async def _revoke(self, _: Request) -> Response:
        self.tokens.revoke()
        return Response(status_code=204)


def _operation(body: bytes) -> tuple[str, dict[str, object]]:
    try:
        document: object = json.loads(body)
    except ValueError as broken:
        raise HTTPException(400, "The body is no JSON.") from broken
    if not isinstance(document, dict) or not isinstance(document.get("query"), str):
        raise HTTPException(400, "The body has no query.")
    return document["query"], cast("dict[str, object]", document.get("variables") or {})


def _formatted(error: GraphQLError) -> GraphQLFormattedError:
    """Write an error as Fluent does; one without a code is about the operation's form."""
    formatted = error.formatted
    if "extensions" not in formatted:
        formatted["extensions"] = {"code": "C0140E", "classification": "ValidationError"}
    return formatted


async def _refused(_: Request, refused: Exception) -> Response:
    if not isinstance(refused, HTTPException):
        raise refused
    if refused.status_code == _UNAUTHORIZED:
        body: object = {"error": "invalid_token", "error_description": refused.detail}
    else:
        body = {"errors": [{"message": refused.detail}]}
    return JSONResponse(body, refused.status_code)


def main() -> None:
    parser = argparse.ArgumentParser(description="Fluent Commerce, faked on loopback.")
    parser.add_argument("--port", type=int, default=9012)
    serve(FluentSimulator(), parser.parse_args().port)


if __name__ == "__main__":
    main()
