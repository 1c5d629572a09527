"""What the image holds, assembled by the image's own script and run without a container engine."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from importlib.util import cache_from_source
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

WHEELS = Path(sys.prefix) / "wheels"
SECRETS = dict.fromkeys(
    (
        "NACELLE_SIGNATURE_SECRET",
        "SQUARE_ACCESS_TOKEN",
        *(f"{name}_API_KEY" for name in ("RATES", "PROMOTIONS", "TAXES", "PAYMENTS", "ORDERS")),
    ),
    "a-secret-of-this-test",
)


@pytest.fixture(scope="module")
def app(root: Path) -> Iterator[Path]:
    """Assemble the image's content from the wheels that `make test` keeps: no network needed."""
    assert WHEELS.is_dir(), f"{WHEELS} is missing: run `make test` once"
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHON": sys.executable,
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(WHEELS),
    }
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        app = Path(folder) / "app"
        command = [root / "scripts" / "assemble.sh", app]
        subprocess.run(command, env=environment, check=True, capture_output=True)
        yield app


@pytest.fixture
def port() -> int:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        found: int = unused.getsockname()[1]
        return found


def _least_rights() -> list[str]:
    """Give the command before a command that takes root's powers away, where we are root.

    The image's user runs it if everybody may reach the interpreter, and else a root that no longer
    passes over file modes.
    """
    if os.geteuid() or not shutil.which("setpriv"):
        return []
    python = Path(sys.executable).resolve()
    reachable = all(folder.stat().st_mode & stat.S_IXOTH for folder in python.parents)
    user = ["--reuid=10001", "--regid=10001", "--clear-groups"] if reachable else []
    return ["setpriv", *user, "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"]


def _in(app: Path, port: int, command: list[str]) -> list[str]:
    """Say an image's command for this folder and this port."""
    return [part.replace("/app/", f"{app}/").replace("8080", str(port)) for part in command]


def _files(app: Path) -> dict[Path, tuple[int, int]]:
    return {path: (path.lstat().st_mtime_ns, path.lstat().st_size) for path in app.rglob("*")}


def _is_ready(check: list[str]) -> bool:
    return subprocess.run(check, check=False, capture_output=True).returncode == 0


def _await_ready(check: list[str], process: subprocess.Popen[str]) -> None:
    """Ask until the gateway is ready; fail if it ends before."""
    while not _is_ready(check):
        if process.poll() is not None:
            pytest.fail(f"the gateway ended: {process.communicate()}")


def test_the_image_holds_the_runtime_lock_and_no_installer_or_tool(root: Path, app: Path) -> None:
    names = "from importlib.metadata import distributions as d; print(*(x.name for x in d()))"
    command = [f"{app}/.venv/bin/python", "-c", names]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    lock = (root / "requirements.lock").read_text()
    pinned = set(re.findall(r"^([a-z0-9-]+)(?:\[[a-z0-9,-]+\])?==", lock, re.MULTILINE))
    found = {re.sub(r"[-_.]+", "-", name).lower() for name in listed}
    assert found == pinned - {"setuptools"} | {"mapping-gateway"}


def test_everybody_may_read_what_the_image_holds_and_nobody_may_write(app: Path) -> None:
    readable, writable = 0o444, 0o222
    for path in app.rglob("*"):
        if not path.is_symlink():
            mode = path.stat().st_mode
            assert mode & readable == readable, path
            assert not mode & writable, path


def test_no_module_has_to_be_compiled_when_the_image_starts(app: Path) -> None:
    for path in (app / "gateway").rglob("*.py"):
        assert Path(cache_from_source(path)).is_file(), path


def _for_everybody(folder: str) -> str:
    """Let a folder be written by whoever the image runs as."""
    Path(folder).chmod(0o777)
    return folder


def test_the_image_serves_without_rights_from_a_folder_that_it_never_writes_to(
    app: Path, port: int, served: list[str], healthcheck: list[str]
) -> None:
    """Started by the image's command, asked by the image's health check, stopped by its signal."""
    check = _in(app, port, healthcheck)
    assert not _is_ready(check)
    before = _files(app)
    with (
        tempfile.TemporaryDirectory() as data,
        subprocess.Popen(
            [*_least_rights(), *_in(app, port, served)],
            cwd=app,
            env={
                "PATH": os.environ["PATH"],
                "HOME": "/nonexistent",
                "GATEWAY_STORAGE": f"sqlite:///{_for_everybody(data)}/gateway.db",
                **SECRETS,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        try:
            _await_ready(check, process)
        finally:
            process.send_signal(signal.SIGTERM)
    assert process.returncode in (0, -signal.SIGTERM)
    assert _files(app) == before
