"""The deployment that is put to the proof: three mappings, and gateways that can be killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx2 as httpx

WAYS: Final = {"knows": "inventory.consume", "asked": "sync.consume", "blind": "inventory.consume"}
"""How the vendor tells a repeat, and the contract that is delivered so."""

_CALL: Final = """
mapping: {way}
contract: {contract}
vendor: counting
call:
  request: {{method: POST, path: /{way}, body: {{key: order_key}}}}
{more}"""

_MORE: Final = {
    "knows": "  idempotency: order_key\n",
    "asked": '  find:\n    request: {method: GET, path: "/asked/{order_key}"}\n'
    "    found: body.id\n",
    "blind": "",
}

_GATEWAY: Final = """
version: 1
mappings: [{mappings}]
nacelle: {{shared_secret: {{header: Secret, secrets: [{{env: CHAOS_SECRET}}]}}, deadline: 2s}}
storage: {{url: {{env: CHAOS_STORAGE}}}}
vendors:
  counting: {{base_url: "http://127.0.0.1:{vendor}", timeout: {{total: 500ms}}}}
"""

_SABOTAGE: Final = (
    "import gateway.storage.intents as intents\n"
    "intents.intend = lambda *_: True\n"
    "from gateway.cli import main\n"
    "main()\n"
)
"""Takes the recording of intents away: the proof has to notice."""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@dataclass(slots=True)
class Gateway:
    """One gateway process, which starts again under the same port."""

    folder: Path
    environment: dict[str, str]
    sabotaged: bool
    port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        code = _SABOTAGE if self.sabotaged else "from gateway.cli import main\nmain()\n"
        log = (self.folder / f"gateway-{self.port}.log").open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-c", code, "serve", "--port", str(self.port)],
            cwd=self.folder,
            env={**os.environ, **self.environment},
            stdout=log,
            stderr=log,
        )
        log.close()

    def kill(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def await_ready(self) -> None:
        """Wait until it answers; a start may take long on a busy machine."""
        for _ in range(600):
            try:
                if httpx.get(f"{self.url}/health/ready", timeout=1).status_code == httpx.codes.OK:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.1)
        raise AssertionError(f"the gateway doesn't start: see {self.folder}")


def write(folder: Path, ways: list[str], vendor: int) -> None:
    """Write a deployment whose contracts are delivered in these ways."""
    names = []
    for way in ways:
        text = _CALL.format(way=way, contract=WAYS[way], more=_MORE[way])
        (folder / f"{way}.yaml").write_text(text)
        names.append(f"{way}.yaml")
    document = _GATEWAY.format(mappings=", ".join(names), vendor=vendor)
    (folder / "gateway.yaml").write_text(document)
