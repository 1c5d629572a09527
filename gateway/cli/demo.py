"""`gateway demo`: the simulators, the gateway and two signed requests, without credentials."""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
from contextlib import ExitStack
from pathlib import Path

import click
import httpx2 as httpx
import uvicorn

from gateway.cli.common import Ready, read
from gateway.cli.samples import sample
from gateway.cli.send import signed_headers
from gateway.cli.serve import make_app, uvicorn_settings
from gateway.cli.show import Screen
from gateway.contracts import CONTRACTS
from gateway.lossless import dumps, loads
from gateway.telemetry.clock import Clock
from simulators.kit import RunningSimulator
from simulators.orders import OrdersSimulator
from simulators.square import SquareSimulator

_CONFIG = Path(__file__).parents[2] / "gateway.yaml"
_STOCK = {"SHIRT-M": "79", "MUG-BLUE": "2"}
_CONTRACTS = ("inventory.validate", "inventory.consume", "inventory.validate", "sync.consume")


@click.command()
@click.option("--port", default=8080, show_default=True, help="The gateway's port.")
@click.option("--once", is_flag=True, help="Stop after the answers instead of serving on.")
def demo(port: int, *, once: bool) -> None:
    """Start the simulated vendors and the gateway, post signed requests, keep serving.

    Uses the bundled gateway.yaml and mappings. No credentials, no network beyond this machine.
    """
    with ExitStack() as stack:
        square = stack.enter_context(RunningSimulator(SquareSimulator()))
        orders = stack.enter_context(RunningSimulator(OrdersSimulator()))
        for variant, quantity in _STOCK.items():
            square.simulator.set_stock(variant, "L1", quantity)
        os.environ.update(
            NACELLE_SIGNATURE_SECRET=os.environ.get("NACELLE_SIGNATURE_SECRET")
            or secrets.token_hex(16),
            SQUARE_URL=square.url,
            SQUARE_ACCESS_TOKEN=square.simulator.token,
            ORDERS_URL=orders.url,
            ORDERS_API_KEY=orders.simulator.api_key,
        )
        ready = read(_CONFIG)
        sys.exit(asyncio.run(_show(ready, port, once=once)))


async def _show(ready: Ready, port: int, *, once: bool) -> int:
    settings = uvicorn_settings(ready)
    config = uvicorn.Config(make_app(ready), host="127.0.0.1", port=port, **settings)  # type: ignore[arg-type]  # uvicorn names each setting's type
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        if serving.done():
            return 1
        await asyncio.sleep(0.01)
    good = await _post_samples(ready, f"http://127.0.0.1:{port}")
    if once or not good:
        server.should_exit = True
    else:
        click.echo(f"\nStill serving on http://127.0.0.1:{port}. From another shell:\n")
        click.echo(
            f"  NACELLE_SIGNATURE_SECRET={os.environ['NACELLE_SIGNATURE_SECRET']} \\\n"
            f"    .venv/bin/gateway send inventory.validate --url http://127.0.0.1:{port}\n"
        )
        click.echo("Ctrl-C stops everything.")
    await serving
    return 0 if good else 1


async def _post_samples(ready: Ready, url: str) -> bool:
    screen = Screen(colour=sys.stdout.isatty())
    clock = Clock()
    good = True
    async with httpx.AsyncClient(base_url=url, timeout=30) as client:
        for contract in _CONTRACTS:
            path = ready.plans.paths[contract]
            body = dumps(sample(CONTRACTS[contract].object, clock.now(), "demo-1"))
            answer = await client.post(
                path, content=body, headers=signed_headers(ready.spec.nacelle, body)
            )
            screen.heading(f"POST {path} (signed) → {answer.status_code}")
            screen.document("", loads(answer.content))
            good = good and answer.is_success
    return good
