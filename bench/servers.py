"""Servers under test: each a process of its own on given cores, with the CPU time it has used."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from bench.shipped import ROOT

PACKAGES: Final = {
    "wrk": "wrk",
    "nginx": "nginx-light",
    "node": "nodejs",
    "npm": "npm",
    "taskset": "util-linux",
}
"""A program → the Debian package that has it."""

SERVED: Final = "0"
"""The core of whatever is measured."""
LOAD: Final = "1"
"""The core of the load generator and of the vendor."""
BOTH: Final = f"{SERVED},{LOAD}"

READY: Final = "/health/ready"
"""What every server answers with 200 once it serves."""

_STARTING_SECONDS: Final = 120
_ENDING_SECONDS: Final = 10
_TICK: Final = os.sysconf("SC_CLK_TCK")
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")


def need(*programs: str) -> None:
    """End the bench where one of the programs, or a second core, is missing."""
    missing = [PACKAGES[program] for program in programs if shutil.which(program) is None]
    if missing:
        raise SystemExit(f"The bench needs Debian packages: apt-get install {' '.join(missing)}")
    if (os.cpu_count() or 1) < 2:  # noqa: PLR2004 - one for each side
        raise SystemExit("The bench needs two cores: one is measured, the other makes the load.")


def free_port() -> int:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        found: int = unused.getsockname()[1]
        return found


class Server:
    """A command that serves on `port`: started, pinned, waited for, and ended with the block."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        port: int,
        environment: Mapping[str, str],
        cores: str = SERVED,
    ) -> None:
        self.name = name
        self.port = port
        self._command = ["taskset", "--cpu-list", cores, *command]
        self._environment = {**os.environ, **environment}

    def __enter__(self) -> Self:
        self._output = tempfile.TemporaryFile()
        self._began = time.perf_counter()
        self._process = subprocess.Popen(  # noqa: S603 - our own
            self._command,
            cwd=ROOT,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            self._wait()
        except BaseException:
            self._end()
            raise
        self.seconds_to_start = time.perf_counter() - self._began
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._end()

    @property
    def processes(self) -> list[int]:
        """The process and whatever it has started."""
        return [*_tree(self._process.pid)]

    def cpu(self) -> float:
        """Give the CPU seconds used so far by all of it."""
        return sum(_cpu(process) for process in self.processes)

    def memory(self) -> list[float]:
        """Give the resident megabytes of each process."""
        return [_resident(process) for process in self.processes]

    def _wait(self) -> None:
        while time.perf_counter() - self._began < _STARTING_SECONDS:
            if self._process.poll() is not None:
                raise SystemExit(f"{self.name} ended at its start:\n{self._said()}")
            if self._is_ready():
                return
            time.sleep(0.005)
        raise SystemExit(f"{self.name} doesn't get ready:\n{self._said()}")

    def _is_ready(self) -> bool:
        asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=1)
        try:
            asked.request("GET", READY)
            return asked.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            asked.close()

    def _said(self) -> str:
        self._output.seek(0)
        return self._output.read().decode(errors="replace")[-2000:]

    def _end(self) -> None:
        """End the whole group: a worker of a parent that died would keep the port."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(_ENDING_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
        self._output.close()


def _tree(process: int) -> Iterator[int]:
    yield process
    for children in Path(f"/proc/{process}/task").glob("*/children"):
        for child in children.read_text().split():
            yield from _tree(int(child))


def _cpu(process: int) -> float:
    """Read user and system time, which stand behind the name in brackets."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def _resident(process: int) -> float:
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * _PAGE / 1_000_000
