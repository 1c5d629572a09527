"""The load benches refuse what can't be compared. Needs neither wrk nor nginx nor Node.js."""

from __future__ import annotations

import json
import shutil
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from bench import charts, checkouts, contenders, load, servers
from bench.counting import Counting
from bench.curves import Workers
from bench.rivals import Rivals
from bench.rounds import ROUNDS, Measured, in_turn
from gateway.config.secrets import Secret
from gateway.inbound.signature import sign

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TOLD = {
    "answered": 3000,
    "microseconds": 2_000_000,
    "median": 5_000,
    "p99": 9_000,
    "refused": 0,
    "broken": 0,
}


def _output(**changed: int) -> str:
    return f"Running 2s test @ http://127.0.0.1:1\n  1 threads\n{json.dumps(TOLD | changed)}\n"


def test_the_last_line_of_wrk_is_read() -> None:
    found = load.read(_output(), "a peer")
    assert found == load.Load(3000, 2.0, 0.005, 0.009)
    assert found.rate == 1500


@pytest.mark.parametrize("changed", [{"refused": 1}, {"broken": 1}, {"answered": 0}])
def test_a_server_that_leaves_a_request_unanswered_is_not_measured(changed: dict[str, int]) -> None:
    with pytest.raises(SystemExit, match=r"a peer: .*can't be compared"):
        load.read(_output(**changed), "a peer")


@pytest.mark.parametrize("output", ["", "unable to connect\n"])
def test_a_load_that_tells_nothing_ends_the_bench(output: str) -> None:
    with pytest.raises(SystemExit, match="wrk told nothing of a peer"):
        load.read(output, "a peer")


def test_requests_are_signed_as_nacelle_signs_and_read_back_by_their_lengths(
    tmp_path: Path,
) -> None:
    bodies = checkouts.bodies(3, 2)
    assert bodies[0] != bodies[1]
    text = checkouts.requests(tmp_path / "requests", bodies).read_bytes()
    for body in bodies:
        length, _, rest = text.partition(b"\n")
        request, text = rest[: int(length)], rest[int(length) + 1 :]
        head, _, sent = request.partition(b"\r\n\r\n")
        assert sent == body
        assert f"content-length: {len(body)}".encode() in head
        assert sign(Secret(checkouts.SECRET), body).encode() in head
    assert text == b""


@dataclass
class FakePeer:
    name: str
    port: int


@contextmanager
def _peer(name: str, answer: bytes, status: int = 200) -> Iterator[FakePeer]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield FakePeer(name, server.server_address[1])
        finally:
            server.shutdown()
            thread.join()


ASKED = b'{"items": [{"variant_id": "V7", "quantity": 5}, {"variant_id": "V7", "quantity": 1}]}'
FIRST = b'{"variant_id": "V7", "quantity": 5, "available": 7}'
RIGHT = (
    b'{"checkout": {"items": [%s, {"available": 2, "variant_id": "V7", "quantity": 1}]}}' % FIRST
)


def test_answers_are_compared_by_value() -> None:
    with _peer("one", RIGHT) as one, _peer("two", RIGHT.replace(b" ", b"")) as two:
        contenders.compare([one, two], [ASKED])


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [
        (RIGHT.replace(b"2", b"7"), 200, "Not the same answer: a peer"),
        (RIGHT, 500, "a peer answers 500"),
        (b"<h1>", 200, "a peer gives no answer"),
    ],
)
def test_a_peer_that_answers_differently_ends_the_bench(
    answer: bytes, status: int, said: str
) -> None:
    with (
        _peer("the gateway", RIGHT) as ours,
        _peer("a peer", answer, status) as theirs,
        pytest.raises(SystemExit, match=said),
    ):
        contenders.compare([ours, theirs], [ASKED])


def test_a_missing_program_is_told_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SystemExit, match="apt-get install wrk nginx-light nodejs"):
        servers.need("wrk", "nginx", "node")


def test_peers_that_cannot_be_installed_end_the_bench(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho no network >&2\nexit 1\n")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(contenders, "_MODULES", tmp_path / "node_modules")
    with pytest.raises(SystemExit, match=r"(?s)can't be installed:.*no network"):
        contenders.install()


needs_taskset = pytest.mark.skipif(
    shutil.which("taskset") is None, reason="taskset pins a server to its core"
)
SERVES = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


@needs_taskset
def test_a_server_is_waited_for_and_its_cpu_and_memory_are_read() -> None:
    port = servers.free_port()
    command = [sys.executable, "-c", SERVES, str(port)]
    with servers.Server("a peer", command, port, {}) as server:
        assert server.seconds_to_start > 0
        assert server.cpu() > 0
        assert sum(server.memory()) > 1
    assert not server._is_ready()


@needs_taskset
def test_a_server_that_ends_at_its_start_says_why() -> None:
    command = [sys.executable, "-c", "raise SystemExit('no such mapping')"]
    with (
        pytest.raises(SystemExit, match=r"(?s)a peer ended at its start.*no such mapping"),
        servers.Server("a peer", command, servers.free_port(), {}),
    ):
        pass


def _measured(rate: float, p99: float = 0.01) -> Measured:
    return Measured(rate, 0.001, 0.005, p99)


def test_ratios_are_the_median_of_the_rounds_own() -> None:
    loaded = {
        "the gateway": [_measured(100), _measured(10), _measured(100)],
        "Node-RED": [_measured(50), _measured(5), _measured(10)],
    }
    found = Rivals(loaded, _measured(1), _measured(1))
    assert found.rate_times("Node-RED") == 2
    assert found.p99_times("Node-RED") == 1


def test_the_share_of_load_and_vendor_is_taken_out_of_two_workers() -> None:
    assert Workers(_measured(100), _measured(90), share=0.5).times == pytest.approx(1.8)


def test_all_are_measured_in_turn_after_each_was_warmed_up() -> None:
    order: list[str] = []

    def one(name: str) -> Measured:
        order.append(name)
        return _measured(len(order))

    found = in_turn({"a": lambda _: one("a"), "b": lambda _: one("b")}, 1)
    assert order == ["a", "b"] * (ROUNDS + 1)
    assert (found["a"].rate, found["b"].rate) == (ROUNDS + 2, ROUNDS + 3)


def test_the_counting_vendor_refuses_more_than_its_rate() -> None:
    counting = Counting()
    assert [counting._admits() for _ in range(51)] == [True] * 50 + [False]


def _texts(drawn: str) -> set[str | None]:
    return {each.text for each in ET.fromstring(drawn).iter()}  # noqa: S314 - drawn by ourselves


def test_charts_are_sound_and_tell_their_values() -> None:
    drawn = charts.bars("Rates", [("a & b", 1200.0), ("<c>", 80.0)], "a & b")
    assert {"Rates", "a & b", "<c>", "1,200", "80"} <= _texts(drawn)
    drawn = charts.curve("CPU", "lines", [(1, 0.5), (1000, 40)])
    assert {"CPU", "lines", "1,000", "0.5", "40"} <= _texts(drawn)
