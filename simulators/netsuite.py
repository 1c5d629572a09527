"""NetSuite's REST web services, faked: SuiteQL over stock, inventory adjustments, sales orders.

Written from Oracle's public documentation of SuiteTalk REST Web Services: both ways to log in,
`Prefer: transient`, pages by limit and offset, numbers as text and NULL columns left out, 204 with
the new id in `Location`, external ids (`eid:`), lines that a PUT appends, `o:errorDetails`, and the
limit on requests at the same time. Where the documentation is silent this fake chooses the harsher
reading: its parts say where.

Run it with `python -m simulators.netsuite --port 9007`.
"""

from __future__ import annotations

import argparse
from decimal import Decimal
from pathlib import Path
from urllib.parse import parse_qsl

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from simulators.kit import Simulator, serve
from simulators.netsuite_auth import TOKEN_PATH, Door, Integration, NotGranted, address
from simulators.netsuite_bodies import KINDS, Body, Kind, lines_of, read
from simulators.netsuite_books import Books, Kept, Level
from simulators.netsuite_errors import Flaw, Refused, no_route, refused
from simulators.netsuite_sql import parse

_QUERY = "/services/rest/query/v1/suiteql"
_RECORDS = "/services/rest/record/v1/{kind}"
_LARGEST_PAGE = 1000
_MOST_ROWS = 100_000
_MEDIA_TYPE = "application/vnd.oracle.resource+json; type={}; charset=UTF-8"
_PLAIN = msgspec.json.Encoder(decimal_format="number")


class StockLevel(msgspec.Struct, forbid_unknown_fields=True):
    """One entry of `PUT /_simulator/stock`; without a quantity the item isn't stocked there."""

    item: str
    quantity: Decimal | None = None
    location: str = "1"


class NetSuiteSimulator(Simulator):
    """The faked account.

    `known` is who may call it; `concurrency` is how many requests it takes at the same time, from
    everybody together; one more is refused with 429.
    """

    def __init__(self, known: Integration | None = None, *, concurrency: int = 5) -> None:
        super().__init__(
            routes=[
                Route(TOKEN_PATH, self._token, methods=["POST"]),
                Route(_QUERY, self._suiteql, methods=["POST"]),
                Route(_RECORDS, self._create, methods=["POST"]),
                Route(_RECORDS + "/{name}", self._record, methods=["GET", "PUT", "DELETE"]),
            ],
            control=[Route("/stock", self._put_stock, methods=["PUT"])],
            exception_handlers={
                Refused: refused,
                NotGranted: _not_granted,
                HTTPException: no_route,
            },
        )
        self._known = known or Integration()
        self.concurrency = concurrency
        self._begin()

    def _begin(self) -> None:
        self.door = Door(self._known)
        self.books = Books(self.ledger)

    def reset(self) -> None:
        super().reset()
        self._begin()

    def set_stock(self, item: str, location: str, quantity: int | str | Decimal | None) -> None:
        """Put an item and a location into the account and, unless it is None, what is on hand."""
        self.books.items.add(item)
        self.books.locations.add(location)
        self.books.levels.pop((item, location), None)
        if quantity is not None:
            self.books.levels[item, location] = Level(Decimal(quantity))

    def stock_of(self, item: str, location: str = "1") -> Decimal | None:
        """Give what is available, None where the item isn't stocked."""
        level = self.books.levels.get((item, location))
        return None if level is None else level.available

    def records(self, kind: str) -> list[Body]:
        """Give the bodies of all records of a kind, oldest first."""
        return [kept.body for (name, _), kept in self.books.records.items() if name == kind]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"]["ahead"] = self.ledger.running
        await super().__call__(scope, receive, send)

    async def _token(self, request: Request) -> Response:
        fields = dict(parse_qsl((await request.body()).decode()))
        return JSONResponse(self.door.grant(fields, address(request)))

    async def _suiteql(self, request: Request) -> Response:
        self._admit(request)
        if request.headers.get("prefer", "").lower() != "transient":
            detail = "The required request header 'Prefer' is missing or isn't 'transient'."
            raise Refused(400, Flaw("INVALID_HEADER", detail, "Prefer", "Header"))
        limit = _parameter(request, "limit", _LARGEST_PAGE)
        offset = _parameter(request, "offset", 0)
        if not 1 <= limit <= _LARGEST_PAGE:
            raise _bad_parameter("limit", "The limit must be between 1 and 1000.")
        if offset % limit:
            raise _bad_parameter("offset", "The offset must be divisible by the limit.")
        query = read(await request.body()).get("q")
        if not isinstance(query, str):
            raise Refused(400, Flaw("INVALID_CONTENT", "The query is missing.", "q"))
        rows = parse(query).run(self.books.rows())[:_MOST_ROWS]
        page = rows[offset : offset + limit]
        answer: Body = {
            "links": [{"rel": "self", "href": address(request)}],
            "count": len(page),
            "hasMore": offset + limit < len(rows),
            "items": page,
            "offset": offset,
            "totalResults": len(rows),
        }
        return JSONResponse(answer, media_type=_MEDIA_TYPE.format("collection"))

    async def _create(self, request: Request) -> Response:
        self._admit(request)
        kept = self.books.add(_kind(request), await _body(request))
        return _created(request, kept)

    async def _record(self, request: Request) -> Response:
        self._admit(request)
        kind, name = _kind(request), request.path_params["name"]
        if request.method == "PUT":
            return await self._upsert(request, kind, name)
        kept = self.books.find(kind, name)
        if request.method == "DELETE":
            self.books.delete(kept)
            return Response(status_code=204)
        shown = kept.body | {"id": kept.id, kind.sublist: _sublist(request, kept), "links": []}
        return Response(_PLAIN.encode(shown), media_type=_MEDIA_TYPE.format("singular"))

    async def _upsert(self, request: Request, kind: Kind, name: str) -> Response:
        if not name.startswith("eid:"):
            raise HTTPException(405, "Upsert needs an external id.")
        body = await _body(request) | {"externalId": name.removeprefix("eid:")}
        try:
            kept = self.books.find(kind, name)
        except Refused:
            return _created(request, self.books.add(kind, body))
        replaced = request.query_params.get("replace", "").split(",")
        self.books.change(kept, body, replace=kind.sublist in replaced)
        return _created(request, kept)

    def _admit(self, request: Request) -> None:
        """Raises `Refused`: 429 before anything else is looked at, 401 for strangers."""
        if request.state.ahead >= self.concurrency:
            detail = "Concurrent request limit exceeded. Request blocked."
            raise Refused(429, Flaw("CONCURRENCY_LIMIT_EXCEEDED", detail))
        self.door.check(request)

    async def _put_stock(self, request: Request) -> Response:
        try:
            levels = msgspec.json.decode(await request.body(), type=list[StockLevel])
        except msgspec.DecodeError as error:
            raise HTTPException(400, str(error)) from error
        for level in levels:
            self.set_stock(level.item, level.location, level.quantity)
        return Response(status_code=204)


async def _body(request: Request) -> Body:
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        flaw = Flaw("INVALID_HEADER", "Content-Type: application/json.", "Content-Type", "Header")
        raise Refused(400, flaw)
    return read(await request.body())


def _kind(request: Request) -> Kind:
    name = request.path_params["kind"]
    if name not in KINDS:
        raise HTTPException(404, f"Record type '{name}' does not exist.")
    return KINDS[name]


def _created(request: Request, kept: Kept) -> Response:
    """Answer as NetSuite does: no body, and the id only in the address of what was made."""
    place = f"{request.url.scheme}://{request.url.netloc}"
    path = _RECORDS.format(kind=kept.kind.name)
    return Response(status_code=204, headers={"Location": f"{place}{path}/{kept.id}"})


def _sublist(request: Request, kept: Kept) -> Body:
    """Show a sublist as a link, or whole where the request asks for subresources."""
    if request.query_params.get("expandSubResources") == "true":
        return {"items": lines_of(kept.kind, kept.body), "links": []}
    href = address(request).partition("?")[0]
    return {"links": [{"rel": "self", "href": f"{href}/{kept.kind.sublist}"}]}


def _parameter(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, str(default))
    if not (text.isascii() and text.isdigit()):
        raise _bad_parameter(name, f"{name} must be a whole number.")
    return int(text)


def _bad_parameter(name: str, detail: str) -> Refused:
    return Refused(400, Flaw("INVALID_PARAMETER", detail, name, "QueryParam"))


async def _not_granted(_: Request, error: Exception) -> Response:
    if not isinstance(error, NotGranted):
        raise error
    return JSONResponse({"error": error.error}, error.status)


def main() -> None:
    parser = argparse.ArgumentParser(description="NetSuite's REST web services, faked on loopback.")
    parser.add_argument("--port", type=int, default=9007)
    parser.add_argument("--account", default=Integration.account)
    parser.add_argument("--concurrency", type=int, default=5)
    parser.add_argument(
        "--certificate", type=Path, help="a public key (PEM); its id is certificate-1"
    )
    given = parser.parse_args()
    keys = {} if given.certificate is None else {"certificate-1": given.certificate.read_text()}
    known = Integration(account=given.account, certificates=keys)
    serve(NetSuiteSimulator(known, concurrency=given.concurrency), given.port)


if __name__ == "__main__":
    main()
