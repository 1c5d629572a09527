"""`gateway demo`: the simulators, the gateway and a few signed requests, without credentials."""

from __future__ import annotations

import asyncio
import io
import os
import secrets
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click
import httpx2 as httpx

from gateway.cli.common import Ready, read
from gateway.cli.observe import metrics_served
from gateway.cli.samples import sample
from gateway.cli.send import signed_headers
from gateway.cli.serve import Server, address, listen, make_app, server_config
from gateway.cli.show import Screen
from gateway.contracts import CONTRACTS
from gateway.lossless import dumps, loads
from gateway.telemetry import logs
from gateway.telemetry.clock import Clock
from simulators.kit import RunningSimulator
from simulators.orders import OrdersSimulator
from simulators.payments import PaymentsSimulator
from simulators.promotions import PromotionsSimulator
from simulators.rates import RatesSimulator
from simulators.square import SquareSimulator
from simulators.taxes import TaxesSimulator

if TYPE_CHECKING:
    from collections.abc import Callable
    from socket import socket

    from gateway.telemetry.watch import Watch
    from simulators.plain import PlainService

_CONFIG = Path(__file__).parents[2] / "gateway.yaml"
_STOCK = {"SHIRT-M": "79", "MUG-BLUE": "2"}
_PLAIN: dict[str, Callable[[], PlainService]] = {
    "RATES": RatesSimulator,
    "PROMOTIONS": PromotionsSimulator,
    "TAXES": TaxesSimulator,
    "PAYMENTS": PaymentsSimulator,
    "ORDERS": OrdersSimulator,
}
_SECRET = "NACELLE_SIGNATURE_SECRET"  # noqa: S105 - the name of a variable


@dataclass(frozen=True, slots=True)
class _Scene:
    """One request of the demonstration, and the status that it must get."""

    title: str
    contract: str
    status: int = 200
    order: str = "demo-1"
    shirts: int = 2
    coupon: str = "WELCOME-10"


_SCENES = (
    _Scene("A checkout asks what is available", "inventory.validate"),
    _Scene("… how it can be shipped", "shipping.validate"),
    _Scene("… what its coupon is worth", "promotions.validate"),
    _Scene("… what the taxes are", "taxes.validate"),
    _Scene("… and whether the payment would go through", "payments.validate"),
    _Scene("A coupon that isn't valid", "promotions.validate", 422, coupon="XMAS-2021-25"),
    _Scene("An order takes its stock", "inventory.consume"),
    _Scene("The same order again: it is remembered, and nothing is taken", "inventory.consume"),
    _Scene("The next checkout finds less", "inventory.validate"),
    _Scene("An order wants more than there is", "inventory.consume", 422, "demo-2", 500),
    _Scene("The first order goes to the order system", "sync.consume"),
)


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8080,
    show_default=True,
    help="The gateway's port; 0 takes a free one.",
)
@click.option("--once", is_flag=True, help="Stop after the answers instead of serving on.")
def demo(port: int, *, once: bool) -> None:
    """Start the simulated vendors and the gateway, post signed requests, keep serving.

    Uses the bundled gateway.yaml and mappings. No credentials, no network beyond this machine. Exit
    code 1 if an answer isn't what it should be.
    """
    with ExitStack() as stack:
        listener = stack.enter_context(listen("127.0.0.1", port))
        square = stack.enter_context(RunningSimulator(SquareSimulator()))
        plain = [stack.enter_context(RunningSimulator(service())) for service in _PLAIN.values()]
        for variant, quantity in _STOCK.items():
            square.simulator.set_stock(variant, "L1", quantity)
        environment = {
            **os.environ,
            _SECRET: os.environ.get(_SECRET) or secrets.token_hex(16),
            "SQUARE_URL": square.url,
            "SQUARE_ACCESS_TOKEN": square.simulator.token,
            # Of this demo alone: its vendors have forgotten the orders of the one before.
            "GATEWAY_STORAGE": f"sqlite:///{stack.enter_context(TemporaryDirectory())}/demo.db",
        }
        for name, service in zip(_PLAIN, plain, strict=True):
            environment[f"{name}_URL"] = service.url
            environment[f"{name}_API_KEY"] = service.simulator.api_key
        ready = read(_CONFIG, environment)
        watch = stack.enter_context(metrics_served(ready))
        sys.exit(asyncio.run(_run(ready, listener, watch, environment[_SECRET], once=once)))


async def _run(ready: Ready, listener: socket, watch: Watch, secret: str, *, once: bool) -> int:
    screen = Screen(colour=sys.stdout.isatty())
    told = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    logs.configure("info", told)  # shown after the answers, not among them
    server = Server(server_config(make_app(ready, watch)))
    serving = asyncio.create_task(server.serve([listener]))
    url = address(listener)
    good = await _play(ready, url, screen)
    screen.heading("What the gateway logged: one line for each request")
    told.seek(0)
    screen.text(told.read().rstrip())
    logs.configure("info")
    if once or not good:
        server.should_exit = True
    else:
        screen.heading(f"Still serving on {url}")
        screen.text(
            "From another shell:\n\n"
            f"  {_SECRET}={secret} \\\n"
            f"    {sys.argv[0]} send inventory.validate --config {_CONFIG} --url {url}\n\n"
            "Ctrl-C stops everything."
        )
    await serving
    return 0 if good else 1


async def _play(ready: Ready, url: str, screen: Screen) -> bool:
    clock = Clock()
    good = True
    async with httpx.AsyncClient(base_url=url, timeout=30, trust_env=False) as client:
        for scene in _SCENES:
            path = ready.plans.paths[scene.contract]
            object_name = CONTRACTS[scene.contract].object
            document = sample(object_name, clock.now(), scene.order, scene.shirts, scene.coupon)
            body = dumps(document)
            headers = signed_headers(ready.spec.nacelle, scene.contract, body)
            answer = await client.post(path, content=body, headers=headers)
            screen.heading(f"{scene.title}: POST {path}, signed → {answer.status_code}")
            if loads(answer.content) == {object_name: document}:
                screen.text(f"The {object_name} comes back as it was sent.")
            else:
                screen.body(answer.content)
            good = good and answer.status_code == scene.status
    return good
