"""A gateway whose whole log is kept, before a vendor that says more than it should."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import io
import json
import logging
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, cast

import httpx2 as httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from starlette.responses import JSONResponse
from starlette.routing import Route

from gateway.cli.common import Ready, read
from gateway.cli.serve import make_app
from gateway.lossless import dumps
from gateway.telemetry import logs
from gateway.telemetry.watch import NoWatch
from simulators.kit import RunningSimulator, Simulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
    from pathlib import Path

    from opentelemetry.proto.resource.v1.resource_pb2 import Resource
    from opentelemetry.proto.trace.v1.trace_pb2 import Span
    from starlette.requests import Request
    from starlette.responses import Response

    from gateway.lossless import Json
    from gateway.telemetry.watch import Watch

SECRETS = {
    "SIGNING": "planted-signing-secret",
    "SHARED": "planted-shared-secret",
    "BEARER": "planted-bearer-token",
    "USER": "planted-basic-user",
    "PASSWORD": "planted-basic-password",
    "HEADER_KEY": "planted-header-key",
    "QUERY_KEY": "planted/query+key=",
    "COLLECTOR_KEY": "planted-collector-key",
}
PERSONAL = {
    "email": "ada@planted.example",
    "name": "Ada Planted",
    "address": "1 Planted Street",
}

AUTHS: dict[str, Json] = {
    "bearer": {"type": "bearer", "token": {"env": "BEARER"}},
    "basic": {"type": "basic", "user": {"env": "USER"}, "password": {"env": "PASSWORD"}},
    "header": {"type": "api_key", "header": "X-Api-Key", "key": {"env": "HEADER_KEY"}},
    "query": {"type": "api_key", "query": "key", "key": {"env": "QUERY_KEY"}},
}
CONTRACTS = {
    "inventory.validate": "bearer",
    "shipping.validate": "basic",
    "promotions.validate": "header",
    "payments.validate": "query",
    "inventory.consume": "basic",
    "sync.consume": "query",
}
MAPPING = """
mapping: {contract}
contract: {contract}
vendor: {vendor}
let:
  it: {object}
call:
  request:
    method: POST
    path: "/{{it.kind}}"
    query: {{of: it.kind}}
    headers: {{X-Email: it.email}}
    body:
      email: it.email
      name: it.customer.first_name
      street: it.shipping_address.address1
      weight?: to_number(it.weight)
  response:
    succeeds: "!(body.no)"
  errors:
    - when: body.refused
      error: The vendor refused it
{effect}
"""
OWN_FIELDS: Json = {"properties": {"kind": {"type": "string"}, "weight": {}}}
EFFECT = "  idempotency: it.email"


class Talkative(Simulator):
    """Answers with everything that it was told, credentials included."""

    def __init__(self) -> None:
        super().__init__([Route("/{path:path}", self._answer, methods=["POST"])], [], {})

    async def _answer(self, request: Request) -> Response:
        told = {"headers": dict(request.headers), "query": str(request.query_params)}
        body = {"ok": told, "you": json.loads(await request.body()), **PERSONAL}
        return JSONResponse(body)


@pytest.fixture(scope="session")
def secrets() -> dict[str, str]:
    return SECRETS


@pytest.fixture(scope="session")
def personal() -> dict[str, str]:
    return PERSONAL


@pytest.fixture(scope="session")
def contracts() -> dict[str, str]:
    """By contract: how its vendor is authenticated to."""
    return CONTRACTS


@pytest.fixture
def vendor() -> Iterator[RunningSimulator[Talkative]]:
    with RunningSimulator(Talkative()) as running:
        yield running


@pytest.fixture
def deployment(tmp_path: Path, vendor: RunningSimulator[Talkative]) -> Callable[..., Path]:
    """Write a deployment with every kind of secret in it."""

    def write(
        *, level: str = "info", url: str | None = None, total: str = "30s", **changes: Json
    ) -> Path:
        for contract, auth in CONTRACTS.items():
            is_effect = contract.endswith(".consume")
            text = MAPPING.format(
                contract=contract,
                vendor=auth,
                object="order" if is_effect else "checkout",
                effect=EFFECT if is_effect else "",
            )
            (tmp_path / f"{contract}.yaml").write_text(text)
        (tmp_path / "schemas").mkdir(exist_ok=True)
        (tmp_path / "schemas" / "own.json").write_bytes(dumps(OWN_FIELDS))
        vendors: dict[str, Json] = {
            name: {
                "base_url": url or vendor.url,
                "auth": auth,
                "timeout": {"total": total},
                "max_answer": "20KB",
            }
            for name, auth in AUTHS.items()
        }
        document: dict[str, Json] = {
            "version": 1,
            "mappings": [f"{contract}.yaml" for contract in CONTRACTS],
            "nacelle": {
                "deadline": "30s",
                "own_fields": {"checkout": "own.json", "order": "own.json"},
                "signature": {"secrets": [{"env": "SIGNING"}]},
                "shared_secret": {"header": "Secret", "secrets": [{"env": "SHARED"}]},
            },
            "vendors": vendors,
            "log": {"level": level},
            **changes,
        }
        path = tmp_path / "gateway.yaml"
        path.write_bytes(dumps(document))
        return path

    return write


@dataclass(frozen=True)
class Gateway:
    """A gateway and all that it has logged."""

    ready: Ready
    client: httpx.AsyncClient
    stream: io.TextIOWrapper

    @property
    def log(self) -> str:
        return cast("io.BytesIO", self.stream.buffer).getvalue().decode()

    @property
    def lines(self) -> list[dict[str, object]]:
        """Give the lines but those about deliveries, which orders have beside their exchanges."""
        lines = [json.loads(line) for line in self.log.splitlines()]
        return [line for line in lines if line["event"] != "delivery"]

    async def post(
        self, contract: str, document: Json | bytes, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        body = document if isinstance(document, bytes) else dumps(document)
        digest = hmac.new(SECRETS["SIGNING"].encode(), body, hashlib.sha256).hexdigest()
        sent = {
            "content-type": "application/json",
            "x-nacelle-signature-sha256": f"sha256={digest}",
            "secret": SECRETS["SHARED"],
            **(headers or {}),
        }
        return await self.client.post(self.ready.plans.paths[contract], content=body, headers=sent)


@pytest.fixture
async def start(
    deployment: Callable[..., Path],
) -> AsyncIterator[Callable[..., Awaitable[Gateway]]]:
    """Start the gateway of `deployment`; it runs until the test ends."""
    async with contextlib.AsyncExitStack() as stack:

        async def begin(*, watch: Watch | None = None, **settings: object) -> Gateway:
            return await stack.enter_async_context(_running(deployment(**settings), watch))

        yield begin
    logs.logger().opens(logging.INFO, None)


@pytest.fixture
def running(
    deployment: Callable[..., Path],
) -> Iterator[Callable[..., contextlib.AbstractAsyncContextManager[Gateway]]]:
    """Run the gateway of `deployment` for as long as a `with` lasts."""
    yield lambda **settings: _running(deployment(**settings), None)
    logs.logger().opens(logging.INFO, None)


@contextlib.asynccontextmanager
async def _running(path: Path, watch: Watch | None) -> AsyncIterator[Gateway]:
    """Run a gateway as `gateway serve` does but for the socket."""
    ready = read(path, SECRETS)
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    logs.configure("debug" if ready.debug else "info", stream)
    app = make_app(ready, watch or NoWatch())
    async with (
        app.running(),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as client,
    ):
        yield Gateway(ready, client, stream)


@dataclass(eq=False)
class Collector:
    """An OpenTelemetry collector: keeps what it is sent, as it came and decoded."""

    url: str = ""
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    resources: list[dict[str, object]] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)

    def take(self, headers: dict[str, str], body: bytes) -> None:
        self.headers.append(headers)
        self.bodies.append(body)
        for each in ExportTraceServiceRequest.FromString(body).resource_spans:
            self.resources.append(attributes_of(each.resource))
            self.spans += [span for scope in each.scope_spans for span in scope.spans]

    def named(self, name: str) -> Span:
        (span,) = (span for span in self.spans if span.name == name)
        return span


def attributes_of(holder: Span | Resource) -> dict[str, object]:
    return {
        pair.key: getattr(pair.value, str(pair.value.WhichOneof("value")))
        for pair in holder.attributes
    }


@pytest.fixture(scope="session")
def attributes() -> Callable[..., dict[str, object]]:
    """Give the function that reads the attributes of a span."""
    return attributes_of


@pytest.fixture
def collector() -> Iterator[Collector]:
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            collector.take({name.lower(): value for name, value in self.headers.items()}, body)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        collector.url = f"http://127.0.0.1:{server.server_port}/v1/traces"
        yield collector
        server.shutdown()
        thread.join()


@pytest.fixture
def document_for() -> Callable[..., dict[str, Json]]:
    """Make a checkout or an order full of personal data."""

    def make(contract: str, **changes: Json) -> dict[str, Json]:
        name = "order_items" if contract.endswith(".consume") else "items"
        return {
            "id": "o-1",
            "kind": "things",
            name: [{"product_id": "p", "variant_id": "A", "quantity": 1}],
            "email": PERSONAL["email"],
            "customer": {"first_name": PERSONAL["name"]},
            "shipping_address": {"address1": PERSONAL["address"]},
            **changes,
        }

    return make
