"""Orders as JSON, on a port of their own: to look at, and to act on as the command line does."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.lossless import BadJson, Json, dumps, loads
from gateway.orders.asked import MOMENT, parse_moment
from gateway.orders.desk import CannotAct, Desk, NoSuchOrder, Person
from gateway.orders.dossier import dossier_of, summary_of
from gateway.storage.database import StorageFailed
from gateway.storage.folder import Search
from gateway.storage.order import STATES
from gateway.telemetry.logs import logger

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from gateway.config.secrets import Secret
    from gateway.storage.folder import Folder

_MOST: Final = 500
_USUAL: Final = 50
_LARGEST_BODY: Final = 65_536
_PARAMETERS: Final = frozenset(
    {"contract", "mapping", "vendor", "state", "key", "error", "since", "until", "limit", "offset"}
)


class _Wrong(Exception):
    """The request says something that can't be; the text says what."""


@dataclass(frozen=True, slots=True)
class Api:
    """Answers those who know the token; `secrets` are masked wherever they stand."""

    desk: Desk
    token: Secret
    secrets: tuple[str, ...]

    def app(self) -> Starlette:
        """Make the application."""
        routes = [
            Route("/orders", self._guarded(self._list), methods=["GET"]),
            Route("/orders/{id:int}", self._guarded(self._show), methods=["GET"]),
            Route("/orders/{id:int}/{act}", self._guarded(self._act), methods=["POST"]),
        ]
        return Starlette(routes=routes, exception_handlers={404: _nothing, 405: _nothing})

    def _guarded(
        self, handler: Callable[[Request], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def handle(request: Request) -> Response:
            if not self._may(request):
                headers = {"www-authenticate": "Bearer"}
                return _answer(401, {"error": "The token is missing or wrong."}, headers)
            try:
                return await handler(request)
            except _Wrong as error:
                return _answer(400, {"error": str(error)})
            except NoSuchOrder as error:
                return _answer(404, {"error": str(error)})
            except CannotAct as error:
                return _answer(409, {"error": str(error)})
            except StorageFailed:
                return _answer(503, {"error": "The gateway's database can't be used."})

        return handle

    def _may(self, request: Request) -> bool:
        given = request.headers.get("authorization", "").encode()
        wanted = f"Bearer {self.token.reveal()}".encode()
        return hmac.compare_digest(given, wanted)

    async def _list(self, request: Request) -> Response:
        search, most, skipped = _search(request.query_params, self.desk.now())
        found = await self.desk.listed(search, most, skipped)
        counts = await self.desk.counted(search)
        orders: list[Json] = [summary_of(order) for order in found]
        states: dict[str, Json] = {**counts}
        return _answer(200, {"orders": orders, "total": sum(counts.values()), "states": states})

    async def _show(self, request: Request) -> Response:
        seen = await self.desk.folder(request.path_params["id"])
        unmask = request.query_params.get("unmask") == "true"
        if unmask:
            logger().info("order unmasked", order=seen.order.id, by="admin")
        return _answer(200, await dossier_of(self.desk, seen, self.secrets, unmask=unmask))

    async def _act(self, request: Request) -> Response:
        act = _ACTS.get(request.path_params["act"])
        if act is None:
            raise NoSuchOrder(f"There is nothing under this path; acts are {', '.join(_ACTS)}.")
        order_id = request.path_params["id"]
        said = _said(await request.body())
        person = Person(_text(said, "by") or "admin", _text(said, "note"))
        done = await act(self.desk, await self.desk.folder(order_id), person, said)
        seen = await self.desk.folder(order_id)
        return _answer(200, {"done": done, "order": summary_of(seen.order)})


async def _retry(desk: Desk, seen: Folder, person: Person, said: Mapping[str, Json]) -> str:
    return await desk.retry(seen, person, current=_flag(said, "current", default=False))


async def _cancel(desk: Desk, seen: Folder, person: Person, _: Mapping[str, Json]) -> str:
    return await desk.cancel(seen, person)


async def _undo(desk: Desk, seen: Folder, person: Person, _: Mapping[str, Json]) -> str:
    return await desk.undo(seen, person)


async def _release(desk: Desk, seen: Folder, person: Person, said: Mapping[str, Json]) -> str:
    if not person.note:
        raise _Wrong("A release needs a `note`: how it is known what became of the order.")
    return await desk.release(seen, person, done=_flag(said, "done", default=None))


_ACTS: Final = {"retry": _retry, "cancel": _cancel, "undo": _undo, "release": _release}


def _search(given: Mapping[str, str], now: float) -> tuple[Search, int, int]:
    unknown = given.keys() - _PARAMETERS
    if unknown:
        raise _Wrong(f"There is no parameter {min(unknown)}.")
    states = tuple(each for each in given.get("state", "").split(",") if each)
    if wrong := [each for each in states if each not in STATES]:
        raise _Wrong(f"There is no state {wrong[0]}: there are {', '.join(STATES)}.")
    search = Search(
        contract=given.get("contract"),
        mapping=given.get("mapping"),
        vendor=given.get("vendor"),
        states=states,
        key=given.get("key"),
        error=given.get("error"),
        since=_moment(given, "since", now),
        until=_moment(given, "until", now),
    )
    most, skipped = _number(given, "limit", _USUAL), _number(given, "offset", 0)
    return search, min(most, _MOST), skipped


def _number(given: Mapping[str, str], name: str, usual: int) -> int:
    text = given.get(name, str(usual))
    if not text.isascii() or not text.isdigit():
        raise _Wrong(f"`{name}` is a whole number.")
    return int(text)


def _moment(given: Mapping[str, str], name: str, now: float) -> float | None:
    text = given.get(name)
    if text is None:
        return None
    try:
        return parse_moment(text, now)
    except ValueError as error:
        raise _Wrong(f"`{name}` is a moment: {MOMENT}.") from error


def _said(data: bytes) -> dict[str, Json]:
    if not data:
        return {}
    try:
        said = loads(data) if len(data) <= _LARGEST_BODY else None
    except BadJson as error:
        raise _Wrong("The body is no JSON.") from error
    if not isinstance(said, dict):
        raise _Wrong("The body is no JSON object of a sensible size.")
    if unknown := said.keys() - {"by", "note", "current", "done"}:
        raise _Wrong(f"The body has a key that nobody knows: {min(unknown)}.")
    return said


def _text(said: Mapping[str, Json], name: str) -> str | None:
    value = said.get(name)
    if value is not None and not isinstance(value, str):
        raise _Wrong(f"`{name}` is a text.")
    return value


def _flag(said: Mapping[str, Json], name: str, *, default: bool | None) -> bool:
    value = said.get(name, default)
    if not isinstance(value, bool):
        raise _Wrong(f"`{name}` is true or false.")
    return value


async def _nothing(_: Request, error: Exception) -> Response:
    status = cast("int", getattr(error, "status_code", 404))
    return _answer(status, {"error": "There is nothing under this path and method."})


def _answer(status: int, body: Json, headers: Mapping[str, str] | None = None) -> Response:
    return Response(dumps(body), status, headers, "application/json")
