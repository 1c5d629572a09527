"""Tutorials, run as they are written."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_PORTS = (
    *("8090", "9001", "9002", "9003", "9004", "9005", "9006", "9007", "9008", "9010"),
    *("9012", "9013"),
)
_BLOCK = re.compile(
    r"<!-- tutorial -->\n```sh\n(?P<commands>.*?)```"
    r"|<!-- file: (?P<new>\S+) -->\n```yaml\n(?P<text>.*?)```"
    r"|<!-- edit: (?P<file>\S+) -->\n```diff\n(?P<diff>.*?)```",
    re.DOTALL,
)
_EDIT = """\
import pathlib, sys
path, old, new = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
text = path.read_text()
assert text.count(old) == 1, old
path.write_text(text.replace(old, new))
"""

_AT_THE_END = "trap 'kill $(jobs -p) 2>&- || true' EXIT"
"""Where a command fails, those in the background would keep the test waiting."""

Tutorial = Callable[[Path], str]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _script(page: str) -> Iterator[str]:
    """Give the commands of a page, and its files and edits as commands, in their order."""
    for block in _BLOCK.finditer(page):
        if block["commands"] is not None:
            yield block["commands"]
            continue
        if block["new"] is not None:
            yield f"printf %s {_quoted(block['text'])} > {block['new']}\n"
            continue
        lines = block["diff"].splitlines()
        old, new = ("\n".join(line[1:] for line in lines if line[0] == sign) for sign in "-+")
        yield f"python ../edit.py {block['file']} {_quoted(old)} {_quoted(new)}\n"


def _quoted(text: str) -> str:
    escaped = text.replace("'", "'\\''")
    return f"'{escaped}'"


@pytest.fixture
def tutorial(tmp_path: Path) -> Tutorial:
    """Run the commands of a page in one shell, in a folder like this project's; give its output.

    Only the ports are others, so that they are free.
    """
    (tmp_path / ".venv").symlink_to(Path(sys.prefix))
    for name in ("simulators", "mappings", "schemas"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "edit.py").write_text(_EDIT)

    def run(page: Path) -> str:
        script = f"set -em\n{_AT_THE_END}\n" + "\n".join(_script(page.read_text(encoding="utf-8")))
        ports = {port: str(_free_port()) for port in _PORTS}
        for port, free in ports.items():
            script = script.replace(port, free)
        with subprocess.Popen(
            ["bash", "-c", script],
            cwd=tmp_path,
            env={
                "PATH": "/usr/bin:/bin",
                "HOME": str(tmp_path),
                # For the description of its API, which names the port too.
                "WAREHOUSE_URL": f"http://127.0.0.1:{ports['9010']}",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as shell:
            try:
                out, err = shell.communicate(timeout=120)
            finally:
                subprocess.run(["pkill", "-s", str(shell.pid)], check=False)
        assert shell.returncode == 0, out + err
        return out

    return run
