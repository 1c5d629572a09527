"""Who is measured: the gateway with every check on, and the peers, which check nothing."""

from __future__ import annotations

import hashlib
import http.client
import json
import re
import subprocess
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Final

from bench import many
from bench.checkouts import PATH, SECRET, answer_to, headers
from bench.servers import SERVED, Server, free_port
from bench.shipped import ROOT

GATEWAY: Final = "the gateway"
UNSHARED: Final = "the gateway, a call for each checkout"
CONFIG: Final = Path(__file__).with_name("gateway.yaml")
_MAPPING: Final = ROOT / "mappings" / "square" / "inventory-validate.yaml"
_NODE: Final = Path(__file__).with_name("peers") / "node"
_MODULES: Final = _NODE / "node_modules"

PEERS: Final[Mapping[str, Sequence[str]]] = {
    "Starlette + httpx2": [sys.executable, "-m", "bench.peers.starlette_httpx2"],
    "Starlette + aiohttp": [sys.executable, "-m", "bench.peers.starlette_aiohttp"],
    "Express + axios": ["node", f"{_NODE}/express_axios.js"],
    "Fastify + undici + jmespath.js": ["node", f"{_NODE}/fastify_undici.js"],
    "Node-RED": [
        *("node", f"{_MODULES}/node-red/red.js"),
        *("--settings", f"{_NODE}/node-red/settings.js", "--userDir"),
    ],
}
"""A peer's name → its command; Node-RED's ends with a folder of its own."""


def written(folder: Path, *, batch: Iterable[str] = (), vendor: Iterable[str] = ()) -> Path:
    """Write the deployment anew: what exchanges share is `batch` alone; more settings of Square."""
    folder.mkdir()
    mapping = re.sub(r"^ +(window|ttl|stale): .*\n", "", _MAPPING.read_text(), flags=re.MULTILINE)
    more = "".join(f"    {each}\n" for each in batch)
    (folder / _MAPPING.name).write_text(mapping.replace("  batch:\n", f"  batch:\n{more}"))
    config = CONFIG.read_text().replace("../mappings/square/", "")
    more = "".join(f"    {each}\n" for each in vendor)
    (folder / CONFIG.name).write_text(config.replace("    auth:", f"{more}    auth:"))
    return folder / CONFIG.name


def gateway(
    vendor: Server,
    name: str = GATEWAY,
    *,
    config: Path = CONFIG,
    workers: int = 1,
    cores: str = SERVED,
) -> Server:
    """Make a gateway that asks this vendor."""
    port = free_port()
    serve = [str(Path(sys.executable).with_name("gateway")), "serve", "--config", str(config)]
    command = [*serve, "--port", str(port), "--workers", str(workers)]
    return Server(name, command, port, _environment(vendor, port), cores)


def laden(vendor: Server, folder: Path, mappings: int) -> Server:
    """Make a gateway with so many mappings; see `bench.many`."""
    port = free_port()
    deployment = many.write(folder / f"deployment-{port}", mappings)
    command = [sys.executable, "-m", "bench.many", str(deployment)]
    return Server(GATEWAY, command, port, _environment(vendor, port))


def peer(name: str, vendor: Server, folder: Path) -> Server:
    """Make a peer that asks this vendor."""
    port = free_port()
    command = [*PEERS[name]]
    if command[-1] == "--userDir":
        command.append(str(_node_red_home(folder)))
    return Server(name, command, port, _environment(vendor, port))


def install() -> None:
    """Install the peers in Node as their lock file has them, once."""
    wanted = hashlib.sha256((_NODE / "package-lock.json").read_bytes()).hexdigest()
    done = _MODULES / ".installed"
    if done.exists() and done.read_text() == wanted:
        return
    install = ["npm", "ci", "--ignore-scripts", "--prefer-offline"]
    ended = subprocess.run(install, cwd=_NODE, check=False, capture_output=True, text=True)  # noqa: S603 - fixed
    if ended.returncode:
        raise SystemExit(f"The peers in Node can't be installed:\n{ended.stderr}")
    done.write_text(wanted)


def compare(servers: Collection[Server], some: Iterable[bytes]) -> None:
    """End the bench where a server doesn't answer a checkout as all must."""
    for body in some:
        expected = answer_to(body)
        for server in servers:
            if answer(server, body) != expected:
                raise SystemExit(f"Not the same answer: {server.name}")


def answer(server: Server, body: bytes) -> object:
    """Ask once; what isn't a 200 with JSON ends the bench."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        connection.request("POST", PATH, body, headers(body))
        response = connection.getresponse()
        told = response.read()
        if response.status != http.client.OK:
            raise SystemExit(f"{server.name} answers {response.status}: {told[:500]!r}")
        found: object = json.loads(told, parse_float=Decimal)
    except (OSError, ValueError) as error:
        raise SystemExit(f"{server.name} gives no answer: {error}") from error
    finally:
        connection.close()
    return found


def _environment(vendor: Server, port: int) -> dict[str, str]:
    return {
        "NACELLE_SIGNATURE_SECRET": SECRET,
        "SQUARE_ACCESS_TOKEN": "square-token",
        "SQUARE_URL": f"http://127.0.0.1:{vendor.port}",
        "PORT": str(port),
        "NODE_ENV": "production",
    }


def _node_red_home(folder: Path) -> Path:
    """Give it a folder to write to, with the flow in it."""
    home = folder / "node-red"
    home.mkdir(exist_ok=True)
    (home / "flows.json").write_bytes((_NODE / "node-red" / "flows.json").read_bytes())
    return home
