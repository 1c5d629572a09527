"""A gateway as it serves: uvicorn with our settings, on a port, in a thread of this process."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import logging
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPResponse
from pathlib import Path
from socket import create_connection
from typing import TYPE_CHECKING, cast

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from gateway.cli.common import Ready, read
from gateway.cli.serve import Server, listen, make_app, server_config
from gateway.lossless import dumps
from gateway.telemetry import logs
from simulators.kit import RunningSimulator
from simulators.square import SquareSimulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from socket import socket

    from gateway.live import Live
    from gateway.lossless import Json

ROOT = Path(__file__).parents[2]
SIGNATURE = "x-nacelle-signature-sha256"
SECRETS = {
    "SECRET": "the-secret-of-nacelle",
    "LIMITED": "a-secret-for-checkouts",
    "SHARED": "the-shared-secret",
    "SHARED_LIMITED": "a-shared-secret-for-checkouts",
}
SIGNING = "SECRET"
_LONGEST_WAIT = 30


def sign(body: bytes, secret: str = SIGNING) -> str:
    return "sha256=" + hmac.new(SECRETS[secret].encode(), body, hashlib.sha256).hexdigest()


@dataclass(eq=False)
class Log(io.RawIOBase):
    """Where the gateway logs to; tests wait for a line instead of sleeping."""

    lines: list[dict[str, object]] = field(default_factory=list)
    arrived: threading.Condition = field(default_factory=threading.Condition)
    failure: OSError | None = None
    """What writing raises, as on a full disk."""

    @property
    def buffer(self) -> Log:
        return self

    def write(self, data: bytes) -> int:  # type: ignore[override]  # the log writes bytes only
        if self.failure is not None:
            raise self.failure
        with self.arrived:
            self.lines.append(json.loads(data))
            self.arrived.notify_all()
        return len(data)

    def line(self, **wanted: object) -> dict[str, object]:
        """Give the first line with these fields, as soon as it is there."""

        def found() -> dict[str, object] | None:
            return next((line for line in self.lines if wanted.items() <= line.items()), None)

        with self.arrived:
            line = self.arrived.wait_for(found, _LONGEST_WAIT)
        assert line is not None, f"no line with {wanted} in {self.lines}"
        return line


@dataclass(frozen=True)
class Answer:
    """What came over the socket; `closed` says whether the gateway hung up after it."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    closed: bool

    @property
    def json(self) -> dict[str, Json]:
        return cast("dict[str, Json]", json.loads(self.content))

    @property
    def error(self) -> dict[str, Json]:
        return cast("dict[str, Json]", self.json["error"])

    @property
    def details(self) -> dict[str, Json]:
        return cast("dict[str, Json]", self.error["details"])


def read_answer(connection: socket, method: str = "POST") -> Answer:
    response = HTTPResponse(connection, method=method)
    response.begin()
    headers = {name.lower(): value for name, value in response.getheaders()}
    content = response.read()
    return Answer(response.status, headers, content, headers.get("connection") == "close")


@dataclass(frozen=True)
class Running:
    """A gateway on a port."""

    port: int
    log: Log

    def connect(self) -> socket:
        return create_connection(("127.0.0.1", self.port), _LONGEST_WAIT)

    def send(self, *parts: bytes, method: str = "POST") -> Answer:
        """Send bytes as they are and read the answer; a hang-up is seen as one."""
        with self.connect() as connection:
            for part in parts:
                connection.sendall(part)
            answer = read_answer(connection, method)
            if answer.closed:
                assert connection.recv(1) == b""
            return answer

    def post(self, path: str, document: Json, secret: str = SIGNING) -> Answer:
        return self.send(message(dumps(document), path=path, secret=secret))


def message(  # noqa: PLR0913 - the parts of a request, all by name
    body: bytes,
    *,
    method: str = "POST",
    path: str = "/inventory/validate",
    version: str = "1.1",
    host: str = "gateway",
    secret: str | None = SIGNING,
    content_type: str | None = "application/json",
    length: int | None = -1,
    more: tuple[tuple[str, str], ...] = (),
) -> bytes:
    """Write a request; without a fault it is a signed one. `length` None leaves it out."""
    headers = [("host", host), *more]
    if content_type is not None:
        headers.append(("content-type", content_type))
    if length is not None:
        headers.append(("content-length", str(len(body) if length == -1 else length)))
    if secret is not None:
        headers.append((SIGNATURE, sign(body, secret)))
    lines = [f"{method} {path} HTTP/{version}", *(f"{name}: {value}" for name, value in headers)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body


@contextmanager
def serving(app: Live, log: Log) -> Iterator[Running]:
    with listen("127.0.0.1", 0) as listener:
        server = Server(server_config(app))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield Running(listener.getsockname()[1], log)
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="session")
def message_of() -> Callable[..., bytes]:
    return message


@pytest.fixture(scope="session")
def answer_from() -> Callable[..., Answer]:
    return read_answer


@pytest.fixture(scope="session")
def signature_of() -> Callable[..., str]:
    return sign


@pytest.fixture(scope="module")
def log() -> Iterator[Log]:
    log = Log()
    logs.configure("info", cast("io.TextIOWrapper", log))
    yield log
    logs.logger().opens(logging.INFO, None)


@pytest.fixture(scope="module")
def square() -> Iterator[RunningSimulator[SquareSimulator]]:
    with RunningSimulator(SquareSimulator()) as running:
        running.simulator.set_stock("A", "L1", 5)
        yield running


@pytest.fixture(scope="module")
def ready_of(
    square: RunningSimulator[SquareSimulator], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Ready]:
    """Load a deployment of the shipped mappings before the simulated Square, or another `url`."""

    def load(url: str | None = None, **nacelle: Json) -> Ready:
        folder = tmp_path_factory.mktemp("deployment")
        document: dict[str, Json] = {
            "version": 1,
            "mappings": [str(ROOT / "mappings" / "square")],
            "nacelle": {"deadline": "30s", **nacelle},
            "settings": {"square": {"location_ids": ["L1"], "changes_at_once": 100}},
            "vendors": {
                "square": {
                    "base_url": url or square.url,
                    "headers": {"Square-Version": "2025-08-20"},
                    "auth": {"type": "bearer", "token": {"env": "TOKEN"}},
                    "timeout": {"total": "30s"},
                }
            },
        }
        (folder / "gateway.yaml").write_bytes(dumps(document))
        return read(folder / "gateway.yaml", {**SECRETS, "TOKEN": square.simulator.token})

    return load


@pytest.fixture(scope="module")
def serve() -> Callable[..., AbstractContextManager[Running]]:
    return serving


@pytest.fixture(scope="module")
def start(ready_of: Callable[..., Ready], log: Log) -> Iterator[Callable[..., Running]]:
    """Start gateways with these settings of `nacelle`; the same settings are started once."""
    with ExitStack() as stack:
        started: dict[str, Running] = {}

        def once(url: str | None = None, **nacelle: Json) -> Running:
            name = repr((url, nacelle))
            if name not in started:
                ready = ready_of(url, **nacelle)
                started[name] = stack.enter_context(serving(make_app(ready), log))
            return started[name]

        yield once


@pytest.fixture(scope="session")
def check_envelope() -> Callable[[Answer], None]:
    """Give the check that an error is Nacelle's envelope and carries the exchange's id."""
    folder = ROOT / "schemas" / "nacelle"
    resources = [
        (name, DRAFT202012.create_resource(json.loads((folder / name).read_text())))
        for name in ("envelope.json", "checkout.json", "order.json")
    ]
    registry: Registry[object] = Registry().with_resources(resources)
    validator = Draft202012Validator({"$ref": "envelope.json"}, registry=registry)

    def check(answer: Answer) -> None:
        assert answer.headers["content-type"] == "application/json"
        validator.validate(answer.json)
        if "error" in answer.json:
            assert answer.details["exchange_id"] == answer.headers["x-exchange-id"]

    return check
