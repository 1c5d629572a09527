"""A gateway whose whole log is kept, before a vendor that says more than it should."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import httpx2 as httpx
import pytest
import structlog
from starlette.responses import JSONResponse
from starlette.routing import Route

from gateway.cli.common import Ready, read
from gateway.cli.serve import make_app
from gateway.lossless import dumps
from gateway.telemetry import logs
from simulators.kit import RunningSimulator, Simulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
    from pathlib import Path

    from starlette.requests import Request
    from starlette.responses import Response

    from gateway.lossless import Json

SECRETS = {
    "SIGNING": "planted-signing-secret",
    "SHARED": "planted-shared-secret",
    "BEARER": "planted-bearer-token",
    "USER": "planted-basic-user",
    "PASSWORD": "planted-basic-password",
    "HEADER_KEY": "planted-header-key",
    "QUERY_KEY": "planted/query+key=",
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
        return [json.loads(line) for line in self.log.splitlines()]

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
    """Start the gateway of `deployment`, as `gateway serve` does but for the socket."""
    async with contextlib.AsyncExitStack() as stack:

        async def begin(**settings: object) -> Gateway:
            ready = read(deployment(**settings), SECRETS)
            stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
            logs.configure("debug" if ready.debug else "info", stream)
            app = make_app(ready)
            await stack.enter_async_context(app.router.lifespan_context(app))
            transport = httpx.ASGITransport(app)
            client = httpx.AsyncClient(transport=transport, base_url="http://gateway")
            await stack.enter_async_context(client)
            return Gateway(ready, client, stream)

        yield begin
    structlog.reset_defaults()


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
