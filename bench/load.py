"""Load, made by wrk: signed requests in turn over so many connections, for so many seconds."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.servers import LOAD, Server

_SCRIPT: Final = Path(__file__).with_name("load.lua")
_MICRO: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Load:
    """What wrk saw: answers in all and their latencies, in seconds."""

    answered: int
    seconds: float
    median: float
    p99: float

    @property
    def rate(self) -> float:
        return self.answered / self.seconds


def write_requests(file: Path, requests: Iterable[bytes]) -> Path:
    """Write the file that the script reads."""
    file.write_bytes(b"".join(b"%d\n%s\n" % (len(each), each) for each in requests))
    return file


def command(port: int, requests: Path, connections: int, seconds: float, cores: str) -> list[str]:
    """Say how wrk is called; one thread, as one core is all that it has."""
    return [
        *("taskset", "--cpu-list", cores, "wrk", "--threads", "1", "--timeout", "10s"),
        *("--connections", str(connections), "--duration", f"{seconds:.0f}s"),
        *("--script", str(_SCRIPT), f"http://127.0.0.1:{port}", "--", str(requests)),
    ]


def run(
    server: Server, requests: Path, connections: int, seconds: float, cores: str = LOAD
) -> Load:
    """Send for so long. Ends the bench where one request in all wasn't answered with a 2xx."""
    line = command(server.port, requests, connections, seconds, cores)
    done = subprocess.run(line, check=False, capture_output=True, text=True)  # noqa: S603 - wrk
    if done.returncode:
        raise SystemExit(f"wrk failed at {server.name}: {done.stderr or done.stdout}")
    return read(done.stdout, server.name)


def read(output: str, name: str) -> Load:
    """Read the script's line, which is the last of wrk's output."""
    try:
        told = json.loads(output.splitlines()[-1])
    except (IndexError, ValueError):
        raise SystemExit(f"wrk told nothing of {name}: {output!r}") from None
    if told["refused"] or told["broken"] or not told["answered"]:
        raise SystemExit(
            f"{name}: {told['answered']} answers, {told['refused']} of them refusals, and "
            f"{told['broken']} connections that broke or timed out: that can't be compared."
        )
    return Load(
        told["answered"],
        told["microseconds"] / _MICRO,
        told["median"] / _MICRO,
        told["p99"] / _MICRO,
    )
