"""`gateway serve` with `metrics`: a port of its own, right sums whatever the workers."""

from __future__ import annotations

import re
import shutil
import signal
import socket
from pathlib import Path

import httpx2 as httpx
import pytest


@pytest.fixture
def counted(tmp_path: Path, config: Path, reading: Path) -> Path:
    """The shipped deployment with metrics on a free port."""
    for name in ("mappings", "schemas"):
        shutil.copytree(config.parent / name, tmp_path / name)
    path = tmp_path / "gateway.yaml"
    path.write_text(reading.read_text() + "metrics: {port: 0}\n")
    return path


@pytest.mark.parametrize("workers", [1, 2])
def test_it_shows_the_sums_of_all_workers_on_a_port_of_its_own(
    spawn, secrets, counted, workers: int
) -> None:
    gateway = spawn("serve", "--port", 0, "--config", counted, "--workers", workers, env=secrets)
    metrics = gateway.await_line("stderr", "Metrics on ").removeprefix("Metrics on ")
    url = gateway.await_line("stderr", "Listening on ").split()[2]
    for _ in range(12):  # each on a connection of its own, so that any worker may get it
        assert httpx.post(f"{url}/taxes/validate", content=b"{}", timeout=60).status_code == 415
    assert metrics.endswith("/metrics")
    answer = httpx.get(metrics)
    assert answer.headers["content-type"].startswith("text/plain")
    (count,) = re.findall(r"^gateway_exchanges_total\{.*415.*\} (\S+)$", answer.text, re.MULTILINE)
    assert float(count) == 12
    (processes,) = re.findall(r"^gateway_processes\{.*\} (\S+)$", answer.text, re.MULTILINE)
    assert 1 <= float(processes) <= workers
    assert httpx.get(f"{url}/metrics").status_code == 404
    assert gateway.end(signal.SIGTERM)[0] == 0


def test_a_taken_port_is_said_and_ends_it_with_1(spawn, secrets, counted) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        counted.write_text(counted.read_text().replace("port: 0", f"port: {port}"))
        popen = spawn("serve", "--port", 0, "--config", counted, env=secrets).popen
        out, err = popen.communicate()
    assert (popen.returncode, out) == (1, "")
    assert err == f"Can't serve metrics on 127.0.0.1, port {port}: Address already in use.\n"
