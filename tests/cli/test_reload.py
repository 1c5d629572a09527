"""A running gateway takes a new configuration over, or refuses it and goes on as before."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx2 as httpx
import pytest
import watchfiles

from gateway.cli.common import read
from gateway.cli.reload import Reload
from gateway.cli.serve import make_app
from gateway.config.load import load
from gateway.live import Live

if TYPE_CHECKING:
    from tests.cli.conftest import Process

CHECKOUT = b'{"items": [{"product_id": "p", "variant_id": "A", "quantity": 2}]}'
DEPLOYMENT = """
version: 1
mappings: [mappings]
nacelle: {deadline: 60s}
vendors:
  acme:
    base_url: {env: ACME}
    timeout: {total: 60s}
"""
MAPPING = """
mapping: acme.stock
contract: inventory.validate
vendor: acme
call:
  request: {method: GET, path: /stock}
lines:
  from: call
  rows: body
  row: row.id
  line: line.variant_id
  set: {available: row.stock}
  unmatched: error
"""
ALL_OF_IT = MAPPING.replace("row.stock", "row.all")
TAX = """
mapping: acme.tax
contract: taxes.validate
vendor: acme
call:
  request: {method: GET, path: /tax}
reply:
  set: {tax: "'0.00'"}
"""
ANSWER = b'[{"id": "A", "stock": 5, "all": 50}]'
HEAD = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(ANSWER)}\r\n\r\n"
JSON = {"content-type": "application/json"}
_LONGEST_WAIT = 60
_ENOUGH = 20


@dataclass
class Acme:
    """The vendor, by hand: what it accepts is a request that runs until it is answered."""

    listener: socket.socket
    closing: ExitStack

    def asked(self) -> socket.socket:
        connection, _ = self.listener.accept()
        self.closing.enter_context(connection)
        connection.settimeout(_LONGEST_WAIT)
        assert connection.recv(65536).startswith(b"GET /stock ")
        return connection


def answer(connection: socket.socket) -> None:
    connection.sendall(HEAD.encode() + ANSWER)


@dataclass
class Gateway:
    """A running gateway, and the files that a test changes."""

    process: Process
    folder: Path

    def write(self, name: str, text: str) -> str:
        """Write a file as editors do, so that nobody reads half of it; give the new version."""
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        new = path.with_name(f"{path.name}~")
        new.write_text(text)
        new.replace(path)
        return load(self.folder / "gateway.yaml", None).version

    def hang_up(self) -> None:
        self.process.popen.send_signal(signal.SIGHUP)

    def logged(self, event: str) -> dict[str, object]:
        """Read the log up to such a line."""
        while True:
            line = self.process.log()
            if line["event"] == event:
                return line

    def said(self, end: str) -> str:
        """Read standard error up to a line that ends like this."""
        assert self.process.popen.stderr is not None
        lines = []
        for line in self.process.popen.stderr:
            lines.append(line)
            if line.rstrip().endswith(end):
                return "".join(lines)
        raise AssertionError(f"it ended: {lines}")

    @property
    def ready(self) -> dict[str, object]:
        return dict(httpx.get(f"{self.process.url}/health/ready", timeout=_LONGEST_WAIT).json())

    def workers(self) -> list[int]:
        """Give the process ids of the workers."""
        parent = self.process.popen.pid
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        serving = [each for each in children if b"spawn_main" in _command(each)]
        return [int(each) for each in serving]

    def until(self, version: str) -> None:
        """Ask until all answers, whichever worker they come from, tell of this version."""
        right = 0
        while right < _ENOUGH:
            right = right + 1 if self.ready["version"] == version else 0

    def begin(self, path: str = "/inventory/validate") -> HTTPConnection:
        """Send a checkout, and don't wait for its answer."""
        port = urlsplit(self.process.url).port
        connection = HTTPConnection("127.0.0.1", port, timeout=_LONGEST_WAIT)
        connection.request("POST", path, CHECKOUT, JSON)
        return connection


def _command(pid: str) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def available(connection: HTTPConnection) -> object:
    document = json.loads(connection.getresponse().read())
    connection.close()
    return document["checkout"]["items"][0]["available"]


@pytest.fixture
def acme() -> Iterator[Acme]:
    with ExitStack() as closing:
        listener = closing.enter_context(socket.create_server(("127.0.0.1", 0)))
        listener.settimeout(_LONGEST_WAIT)
        yield Acme(listener, closing)


@pytest.fixture
def start(spawn: Callable[..., Process], acme: Acme, tmp_path: Path) -> Callable[..., Gateway]:
    """Start `gateway serve` for a deployment with one mapping."""

    def start(
        *options: object, workers: int = 1, deployment: str = DEPLOYMENT, insecure: bool = True
    ) -> Gateway:
        config = tmp_path / "gateway.yaml"
        config.write_text(deployment)
        (tmp_path / "mappings").mkdir()
        (tmp_path / "mappings" / "stock.yaml").write_text(MAPPING)
        more = ["--insecure", *options] if insecure else options
        environment = {"ACME": f"http://127.0.0.1:{acme.listener.getsockname()[1]}"}
        process = spawn(
            "serve", "--port", 0, "--config", config, "--workers", workers, *more, env=environment
        )
        process.url = process.await_line("stderr", "Listening on ").split()[2]
        gateway = Gateway(process, tmp_path)
        assert gateway.ready["status"] == "ready"
        return gateway

    return start


@pytest.mark.parametrize("workers", [1, 2])
def test_sighup_takes_the_new_files_and_requests_end_as_they_began(
    start, acme, workers: int
) -> None:
    gateway = start(workers=workers)
    before = gateway.ready
    running = gateway.begin()
    asked = acme.asked()
    version = gateway.write("mappings/stock.yaml", ALL_OF_IT)
    gateway.hang_up()
    gateway.until(version)
    after = gateway.begin()
    answer(acme.asked())
    assert available(after) == 50
    answer(asked)
    assert available(running) == 5
    assert gateway.ready["version"] == version != before["version"]
    assert str(gateway.ready["loaded_at"]) > str(before["loaded_at"])


@pytest.mark.parametrize("workers", [1, 2])
def test_a_broken_configuration_is_refused_with_its_problems_and_the_old_one_goes_on(
    start, acme, run, workers: int
) -> None:
    gateway = start(workers=workers)
    before = gateway.ready
    gateway.write("mappings/stock.yaml", MAPPING.replace("row.stock", "raw.stock"))
    gateway.hang_up()
    said = gateway.said("goes on.")
    checked = run("validate-config", gateway.folder / "gateway.yaml", "--without-secrets").output
    assert said.startswith(checked)
    assert "error[unknown-name]" in said
    assert f"configuration {before['version']} goes on" in said
    assert gateway.logged("configuration_refused")["serves"] == before["version"]
    assert gateway.ready["version"] == before["version"]
    running = gateway.begin()
    answer(acme.asked())
    assert available(running) == 5


def test_a_worker_that_dies_while_the_files_are_broken_is_not_tried_without_a_pause(start) -> None:
    gateway = start(workers=2)
    gateway.write("mappings/stock.yaml", MAPPING.replace("row.stock", "raw.stock"))
    [first, _] = gateway.workers()
    os.kill(first, signal.SIGKILL)
    died = gateway.logged("worker_died")
    assert (died["pid"], died["exit_code"]) == (first, -signal.SIGKILL)
    assert gateway.logged("worker_unfit")["again_in"] == 10
    waiting = gateway.workers()
    time.sleep(3)
    assert gateway.workers() == waiting


def test_what_was_refused_is_taken_once_it_is_mended(start) -> None:
    gateway = start()
    gateway.write("gateway.yaml", "version: 2")
    gateway.hang_up()
    gateway.said("goes on.")
    version = gateway.write("gateway.yaml", f"{DEPLOYMENT}settings: {{mended: true}}\n")
    gateway.hang_up()
    assert gateway.logged("configuration_loaded")["version"] == version


def test_a_vendor_whose_settings_stay_keeps_its_connection(start, acme) -> None:
    gateway = start()
    running = gateway.begin()
    asked = acme.asked()
    answer(asked)
    assert available(running) == 5
    gateway.write("mappings/stock.yaml", ALL_OF_IT)
    gateway.hang_up()
    gateway.logged("configuration_loaded")
    running = gateway.begin()
    assert asked.recv(65536).startswith(b"GET /stock ")
    answer(asked)
    assert available(running) == 50


def test_a_vendor_whose_settings_change_is_closed_after_its_last_request(start, acme) -> None:
    gateway = start()
    running = gateway.begin()
    asked = acme.asked()
    gateway.write("gateway.yaml", DEPLOYMENT.replace("total: 60s", "total: 59s"))
    gateway.hang_up()
    gateway.logged("configuration_loaded")
    answer(asked)
    assert available(running) == 5
    assert asked.recv(65536) == b""
    running = gateway.begin()
    answer(acme.asked())
    assert available(running) == 5


def test_a_contract_moves_to_its_new_path(start, acme) -> None:
    gateway = start()
    moved = f"{DEPLOYMENT}contracts: {{inventory.validate: {{path: /moved}}}}\n"
    gateway.write("gateway.yaml", moved)
    gateway.hang_up()
    gateway.logged("configuration_loaded")
    assert httpx.post(f"{gateway.process.url}/inventory/validate").status_code == 404
    running = gateway.begin("/moved")
    answer(acme.asked())
    assert available(running) == 5


def test_a_new_secret_file_is_taken_though_the_version_stays(start, tmp_path) -> None:
    (tmp_path / "secret").write_text("old")
    secret = "nacelle: {shared_secret: {header: Secret, secrets: [{file: secret}]}}"
    gateway = start(deployment=DEPLOYMENT.replace("nacelle: {deadline: 60s}", secret))
    path = f"{gateway.process.url}/inventory/validate"
    new = {"secret": "new"}
    assert httpx.post(path, content=b"{}", headers={**JSON, **new}).status_code == 401
    before = gateway.ready["version"]
    assert gateway.write("secret", "new") == before
    gateway.hang_up()
    assert gateway.logged("configuration_loaded")["version"] == before
    assert httpx.post(path, content=b'{"items": []}', headers={**JSON, **new}).status_code == 200


@pytest.mark.parametrize("workers", [1, 2])
def test_no_reload_opens_the_door_to_everybody(start, workers: int) -> None:
    secret = "nacelle: {shared_secret: {header: Secret, secrets: [{env: ACME}]}}"
    guarded = DEPLOYMENT.replace("nacelle: {deadline: 60s}", secret)
    gateway = start(workers=workers, deployment=guarded, insecure=False)
    before = gateway.ready
    gateway.write("gateway.yaml", DEPLOYMENT)
    gateway.hang_up()
    assert "Nobody's identity would be checked" in gateway.said("goes on.")
    assert gateway.ready["version"] == before["version"]


def test_what_takes_a_restart_is_told_and_the_rest_is_taken(start) -> None:
    gateway = start()
    more = "metrics: {port: 0}\nstorage: {url: 'sqlite:///elsewhere.db'}\n"
    version = gateway.write("gateway.yaml", DEPLOYMENT + more)
    gateway.hang_up()
    said = gateway.said("from the next start on.")
    assert said == "`storage` and `metrics`: changes are used from the next start on.\n"
    assert gateway.logged("configuration_loaded")["version"] == version


def test_watch_takes_changes_by_itself_wherever_files_are_or_come_to_be(start) -> None:
    gateway = start("--watch")
    for name, text in (
        ("mappings/stock.yaml", ALL_OF_IT),
        ("gateway.yaml", f"{DEPLOYMENT}schemas: more\n"),
        ("more/own.json", "{}"),
        ("more/own.json", "true"),
        ("mappings/deep/tax.yaml", TAX),
    ):
        version = gateway.write(name, text)
        assert gateway.logged("configuration_loaded")["version"] == version
    assert gateway.ready["mappings"] == ["acme.stock", "acme.tax"]


async def test_a_folder_that_comes_while_the_watch_begins_is_watched(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "stock.yaml").write_text(MAPPING)
    config = tmp_path / "gateway.yaml"
    config.write_text(f"{DEPLOYMENT}schemas: more\n")
    monkeypatch.setenv("ACME", "http://127.0.0.1:9")
    awatch = watchfiles.awatch
    watched, swapped = asyncio.Event(), asyncio.Event()

    def begin(*folders: Path, **options: object) -> AsyncIterator[object]:
        (tmp_path / "more").mkdir(exist_ok=True)
        if tmp_path / "more" in folders:
            watched.set()
        return awatch(*folders, **options)

    ready = read(config)
    live = make_app(ready)
    reload = Reload(config, ready, insecure=True, watched=True)
    monkeypatch.setattr(watchfiles, "awatch", begin)
    monkeypatch.setattr(Live, "swap", lambda *_: swapped.set())
    async with asyncio.timeout(_LONGEST_WAIT), reload.beside(live):
        await watched.wait()
        (tmp_path / "more" / "own.json").write_text("{}")
        await swapped.wait()


def test_watch_refuses_what_is_broken_and_takes_what_is_mended(start) -> None:
    gateway = start("--watch")
    before = gateway.ready
    gateway.write("mappings/stock.yaml", "mapping: [")
    assert "mappings/stock.yaml:1:" in gateway.said("goes on.")
    assert gateway.ready == before
    version = gateway.write("mappings/stock.yaml", ALL_OF_IT)
    assert gateway.logged("configuration_loaded")["version"] == version


def test_watch_goes_with_one_worker_and_says_what_several_have(run, config) -> None:
    outcome = run("serve", "--watch", "--workers", 2, "--config", config)
    assert outcome.exit_code == 2
    assert "Several reload on SIGHUP." in outcome.output
