"""The command line as its user meets it: run in this process, or as a process of its own."""

from __future__ import annotations

import json
import logging
import os
import re
import subprocess
import sys
import threading
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from click.testing import CliRunner

from gateway.cli import main
from gateway.telemetry import logs
from simulators.kit import RunningSimulator
from simulators.square import SquareSimulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from click.testing import Result

ROOT = Path(__file__).parents[2]
GATEWAY = Path(sys.executable).with_name("gateway")
SECRETS = {
    "NACELLE_SIGNATURE_SECRET": "the-secret-of-nacelle",
    "SQUARE_ACCESS_TOKEN": "square-token",
    "RATES_API_KEY": "rates-key",
    "PROMOTIONS_API_KEY": "promotions-key",
    "TAXES_API_KEY": "taxes-key",
    "PAYMENTS_API_KEY": "payments-key",
    "ORDERS_API_KEY": "orders-key",
}
VENDORS = ("SQUARE", "RATES", "PROMOTIONS", "TAXES", "PAYMENTS", "ORDERS")
_LONGEST_WAIT = 60
_LONGEST_LIFE = 300


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Result]]:
    """Run a command with only these variables of the gateway's set."""
    for name in (*SECRETS, *(f"{vendor}_URL" for vendor in VENDORS)):
        monkeypatch.delenv(name, raising=False)

    def invoke(
        *arguments: object, env: Mapping[str, str] | None = None, stdin: bytes | None = None
    ) -> Result:
        return CliRunner().invoke(main, [str(each) for each in arguments], stdin, env)

    yield invoke
    logs.logger().opens(logging.INFO, None)


@pytest.fixture(scope="session")
def secrets() -> dict[str, str]:
    return SECRETS


@pytest.fixture(scope="session")
def config() -> Path:
    """The shipped deployment."""
    return ROOT / "gateway.yaml"


@pytest.fixture
def square() -> Iterator[RunningSimulator[SquareSimulator]]:
    with RunningSimulator(SquareSimulator()) as running:
        running.simulator.set_stock("A", "L1", 5)
        yield running


@dataclass
class Process:
    """A running `gateway` command."""

    popen: subprocess.Popen[str]
    url: str = ""

    def await_line(self, stream: str, start: str) -> str:
        """Read a stream up to a line that starts like this; fail if the process ends before."""
        for line in getattr(self.popen, stream):
            if line.startswith(start):
                return cast("str", line.rstrip())
        raise AssertionError(f"ended with {self.popen.wait()}: {self.popen.communicate()}")

    def end(self, signal: int) -> tuple[int, str, str]:
        """Send a signal, and give the exit code with the rest of both streams."""
        self.popen.send_signal(signal)
        out, err = self.popen.communicate(timeout=_LONGEST_WAIT)
        return self.popen.returncode, out, err

    def log(self) -> dict[str, object]:
        """Read the next line of the log."""
        assert self.popen.stdout is not None
        return cast("dict[str, object]", json.loads(self.popen.stdout.readline()))


@pytest.fixture
def reading(config: Path, tmp_path: Path) -> Path:
    """The shipped deployment without orders: what several workers may serve without PostgreSQL."""
    text = re.sub(r"  - (mappings/.*-consume.yaml)\n", "", config.read_text())
    path = tmp_path / "reading" / "gateway.yaml"
    path.parent.mkdir()
    path.write_text(text.replace("- mappings/", f"- {config.parent}/mappings/"))
    return path


@pytest.fixture
def spawn(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    """Start commands as processes; what still runs in the end is killed."""
    own = {"GATEWAY_STORAGE": f"sqlite:///{tmp_path}/gateway.db"}
    with ExitStack() as stack:

        def start(
            *arguments: object,
            env: Mapping[str, str] | None = None,
            cwd: Path | None = None,
        ) -> Process:
            popen = subprocess.Popen(
                [GATEWAY, *map(str, arguments)],
                cwd=cwd,
                env={"PATH": os.environ["PATH"], **own, **(env or {})},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            stack.enter_context(popen)
            stack.callback(popen.kill)
            # Whoever waits for a line that never comes isn't kept waiting for ever.
            killer = threading.Timer(_LONGEST_LIFE, popen.kill)
            killer.start()
            stack.callback(killer.cancel)
            return Process(popen)

        yield start


@pytest.fixture
def serve(spawn: Callable[..., Process], config: Path) -> Callable[..., Process]:
    """Start `gateway serve` on a free port and wait until it listens."""

    def start(
        *options: object,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        config: Path = config,
    ) -> Process:
        arguments = ("serve", "--port", 0, "--config", config, *options)
        process = spawn(*arguments, env={**SECRETS, **(env or {})}, cwd=cwd)
        line = process.await_line("stderr", "Listening on ")
        process.url = line.split()[2]
        return process

    return start
