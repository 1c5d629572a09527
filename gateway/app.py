"""The edge: HTTP in, an exchange run, the envelope out."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.contracts import CONTRACTS, Contract
from gateway.errors import Refusal
from gateway.inbound.body import check_content_type, parse_body, read_body, unwrap
from gateway.inbound.headers import Headers
from gateway.inbound.signature import Guard
from gateway.lossless import Json, dumps
from gateway.plan.build import Equipped, Plans
from gateway.plan.exchange import Exchange, Observer, Plan, Ports, error_body
from gateway.plan.run import run
from gateway.plan.witness import Witness
from gateway.telemetry.clock import rfc3339
from gateway.telemetry.logs import logger
from gateway.telemetry.record import Record
from gateway.telemetry.trace import HEADER, METHOD, ROUTE, NoTracer, Parent, Tracer, read_parent
from gateway.telemetry.watch import NoWatch, Watch
from gateway.vendors.client import Deadline

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Receive, Scope, Send

    from gateway.config.load import Configuration
    from gateway.config.nacelle_spec import Nacelle

EXCHANGE_HEADER = "x-exchange-id"
_GATEWAY = "gateway"
"""The category of errors that belong to no contract."""
_CLIENT_GONE = 499
_SHOWN = 200
"""How much of an unknown path goes to the log."""


class Orders(Protocol):
    """Delivers orders once each; see `orders.deliveries`."""

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    @property
    def available(self) -> bool:
        """Whether orders can be taken."""
        ...

    def use(self, plans: Plans, configuration: Configuration, ports: Ports) -> None:
        """Deliver with these from now on."""
        ...

    async def drained(self) -> None:
        """Wait until what runs now has ended."""
        ...

    async def answer(
        self, equipped: Equipped, document: dict[str, Json], deadline: Deadline, observer: Observer
    ) -> Exchange: ...


@dataclass(slots=True)
class Edge:
    """Answers requests as one configuration says."""

    plans: Plans
    version: str
    nacelle: Nacelle
    ports: Ports
    orders: Orders | None = None
    """Needed where a mapping has effects."""
    debug: bool = False
    watch: Watch = field(default_factory=NoWatch)
    tracer: Tracer = field(default_factory=NoTracer)
    guard: Guard = field(init=False)
    loaded_at: str = field(init=False)
    in_flight: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.guard = Guard(self.nacelle.signature, self.nacelle.shared_secret)
        self.loaded_at = rfc3339(self.ports.clock.now())

    async def answer(self, contract: Contract, headers: Headers, receive: Receive) -> Response:
        """Run one exchange. Whatever happens, the answer is the contract's envelope."""
        attributes = {METHOD: "POST", ROUTE: self.plans.paths[contract.name]}
        with self.tracer.begin(contract.name, _parent(headers), attributes) as span:
            record = Record(self.ports.clock, contract.name, self.watch, span)
            return await self._told(contract, headers, receive, record)

    async def _told(
        self, contract: Contract, headers: Headers, receive: Receive, record: Record
    ) -> Response:
        try:
            return await self._answer(contract, headers, receive, record)
        except ClientDisconnect:
            record.write(_CLIENT_GONE, reason="client_gone")
            return Response(status_code=_CLIENT_GONE)
        except asyncio.CancelledError:  # told to stop at once: nobody is answered any more
            record.write(_CLIENT_GONE, reason="cut_off")
            raise
        except Exception:  # noqa: BLE001 - the last resort: a bug must not become a bare 500
            logger().exception("bug", exchange=record.id, contract=contract.name)
            return self._refuse(Refusal(500, "internal", "The gateway failed"), contract, record)

    async def _answer(
        self, contract: Contract, headers: Headers, receive: Receive, record: Record
    ) -> Response:
        try:
            body = await self._limited(contract, headers, receive, record)
        except Refusal as refusal:
            return self._refuse(refusal, contract, record)
        response = _respond(200, body, record.id)
        record.write(200)
        return response

    async def _limited(
        self, contract: Contract, headers: Headers, receive: Receive, record: Record
    ) -> Json:
        if self.in_flight >= self.nacelle.max_in_flight:
            message = "The gateway is busy"
            raise Refusal(503, "overloaded", message, headers={"retry-after": "1"})
        self.in_flight += 1
        try:
            deadline = Deadline(self.ports.clock.monotonic() + self.nacelle.deadline.seconds)
            data = await self._read(contract, headers, receive)
            return await self._exchange(contract, data, deadline, record)
        finally:
            self.in_flight -= 1

    async def _exchange(
        self, contract: Contract, data: bytes, deadline: Deadline, record: Record
    ) -> Json:
        plan = self.plans.by_contract.get(contract.name)
        if plan is None:
            raise Refusal(404, "no_mapping", f"No mapping is loaded for {contract.name}")
        record.mapping = plan.mapping
        document = unwrap(parse_body(data), contract.object)
        self.plans.intake.check(plan, document)
        witness = Witness(record, debug=self.debug)
        exchange = await self._ran(plan, document, deadline, witness)
        return {contract.object: exchange.document}

    async def _ran(
        self, plan: Plan, document: dict[str, Json], deadline: Deadline, witness: Witness
    ) -> Exchange:
        if plan.delivery is not None and self.orders is not None:
            equipped = Equipped(plan, self.plans)
            return await self.orders.answer(equipped, document, deadline, witness)
        exchange = self.plans.intake.exchange(plan, document, self.ports, deadline, witness)
        await run(plan, exchange)
        return exchange

    async def _read(self, contract: Contract, headers: Headers, receive: Receive) -> bytes:
        check_content_type(headers)
        data = await read_body(
            receive,
            content_length=headers.get("content-length"),
            max_bytes=self.nacelle.max_body,
            timeout=min(self.nacelle.body_timeout.seconds, self.nacelle.deadline.seconds),
        )
        self.guard.check(headers, data, contract.name)
        return data

    def _refuse(self, refusal: Refusal, contract: Contract, record: Record) -> Response:
        category = self.plans.categories[contract.name]
        body = error_body(refusal, category, contract.object, record.id)
        response = _respond(refusal.status, body, record.id, refusal.headers)
        record.write(refusal.status, refusal.reason, refusal.cause)
        return response

    async def not_found(self, request: Request, _: Exception) -> Response:
        """Answer a path that isn't ours, in the envelope too."""
        return self._astray(request, Refusal(404, "not_found", "There is nothing under this path"))

    async def wrong_method(self, request: Request, error: Exception) -> Response:
        """Answer a method that the path doesn't have."""
        allowed = error.headers if isinstance(error, HTTPException) else None
        message = "This path isn't called with this method: see the header Allow"
        refusal = Refusal(405, "method_not_allowed", message, headers=allowed)
        return self._astray(request, refusal)

    def _astray(self, request: Request, refusal: Refusal) -> Response:
        path: str = request.scope["path"]
        refusal.cause = f"{request.method} {path[:_SHOWN]}"
        for contract in CONTRACTS.values():
            if self.plans.paths[contract.name] == path:
                record = Record(self.ports.clock, contract.name, self.watch)
                return self._refuse(refusal, contract, record)
        record = Record(self.ports.clock, _GATEWAY, self.watch)
        record.write(refusal.status, refusal.reason, refusal.cause)
        body = error_body(refusal, _GATEWAY, None, record.id)
        return _respond(refusal.status, body, record.id, refusal.headers)

    async def live(self, request: Request) -> Response:  # noqa: ARG002 - Starlette's signature
        return Response(dumps({"status": "live"}), media_type="application/json")

    async def ready(self, request: Request) -> Response:  # noqa: ARG002 - Starlette's signature
        mappings: list[Json] = [*sorted(plan.mapping for plan in self.plans.by_contract.values())]
        body: dict[str, Json] = {
            "status": "ready",
            "version": self.version,
            "loaded_at": self.loaded_at,
            "mappings": mappings,
        }
        if self.orders is not None and not self.orders.available:
            # Still 200: reads go on, and every gateway on this database is in the same state.
            body |= {"status": "degraded", "storage": "unavailable"}
        return Response(dumps(body), media_type="application/json")


def _parent(headers: Headers) -> Parent | None:
    given = headers.only(HEADER)
    return read_parent(given.decode("latin-1")) if given is not None else None


def _respond(
    status: int, body: Json, exchange_id: str, headers: Mapping[str, str] | None = None
) -> Response:
    return _Envelope(status, dumps(body), {**(headers or {}), EXCHANGE_HEADER: exchange_id})


class _Envelope(Response):
    """JSON with headers that are set at once: Starlette's own way looks for more, in vain."""

    def __init__(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.status_code = status
        self.body = body
        self.background = None
        self.raw_headers = [
            *((name.lower().encode(), headers[name].encode("latin-1")) for name in headers),
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(body)),
        ]


@dataclass(frozen=True, slots=True)
class _Endpoint:
    """One contract as an ASGI application."""

    edge: Edge
    contract: Contract

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self.edge.answer(self.contract, Headers(scope["headers"]), receive)
        await response(scope, receive, send)


class Application(Starlette):
    """An edge's application: routes of contracts, health, envelopes for everything else.

    A call of a contract goes straight there: on Starlette's own way, which everything else goes,
    it would pass four layers that do nothing for it.
    """

    def __init__(self, edge: Edge) -> None:
        self._contracts = {
            edge.plans.paths[contract.name]: _Endpoint(edge, contract)
            for contract in CONTRACTS.values()
        }
        routes = [
            Route(path, endpoint, methods=["POST"]) for path, endpoint in self._contracts.items()
        ]
        routes += [Route("/health/live", edge.live), Route("/health/ready", edge.ready)]
        super().__init__(
            routes=routes,
            exception_handlers={404: edge.not_found, 405: edge.wrong_method},
        )
        # A redirect would be no envelope, and a caller that follows it would lose the signed body.
        self.router.redirect_slashes = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        straight = self._contracts.get(scope["path"]) if scope.get("method") == "POST" else None
        await (straight or super().__call__)(scope, receive, send)
