"""The shipped mappings before the simulators, over HTTP."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from simulators.kit import RunningSimulator
from simulators.orders import OrdersSimulator
from simulators.square import SquareSimulator

if TYPE_CHECKING:
    from gateway.lossless import Json
    from tests.conftest import Gateway

ROOT = Path(__file__).parents[2]
SQUARE = ROOT / "mappings" / "square"
STOCK = ("inventory-validate", "inventory-consume")
Square = RunningSimulator[SquareSimulator]
Orders = RunningSimulator[OrdersSimulator]
Open = Callable[..., Awaitable["Gateway"]]


@pytest.fixture
def square() -> Iterator[Square]:
    with RunningSimulator(SquareSimulator(page_size=300)) as running:
        yield running


@pytest.fixture
def orders() -> Iterator[Orders]:
    with RunningSimulator(OrdersSimulator()) as running:
        yield running


@pytest.fixture
def open_square(deploy: Open) -> Open:
    """Start a gateway with Square's mappings, those of stock unless named, before a URL."""

    async def start(
        url: str,
        *mappings: str,
        token: str = SquareSimulator().token,
        locations: tuple[str, ...] = ("L1",),
        durable: bool = True,
        **more: Json,
    ) -> Gateway:
        return await deploy(
            *(SQUARE / f"{name}.yaml" for name in mappings or STOCK),
            durable=durable,
            settings={"square": {"location_ids": list(locations)}},
            vendors={
                "square": {
                    "base_url": url,
                    "headers": {"Square-Version": "2025-08-20"},
                    "auth": {"type": "bearer", "token": {"env": "TOKEN"}},
                    "timeout": {"connect": "2s", "total": "5s"},
                }
            },
            environment={"TOKEN": token},
            **more,
        )

    return start


@pytest.fixture
def open_orders(deploy: Open) -> Open:
    """Start a gateway with the generic mapping before the vendor at a URL."""

    async def start(url: str, *, key: str = "orders-key") -> Gateway:
        return await deploy(
            ROOT / "mappings" / "generic" / "sync-consume.yaml",
            vendors={
                "orders": {
                    "base_url": url,
                    "auth": {"type": "api_key", "header": "X-Api-Key", "key": {"env": "KEY"}},
                }
            },
            environment={"KEY": key},
        )

    return start


@pytest.fixture(scope="session")
def page_of() -> Callable[..., dict[str, Any]]:
    """Give a function: the name of a setup page → its gateway.yaml, with the vendors at a URL.

    `number` counts the page's examples of one, from 0.
    """

    def read(name: str, url: str, number: int = 0) -> dict[str, Any]:
        page = (ROOT / "docs" / "vendors" / f"{name}.md").read_text(encoding="utf-8")
        block = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)[number]
        settings: dict[str, Any] = yaml.safe_load(re.sub(r"https://[\w.-]+", url, block))
        return settings

    return read


@pytest.fixture(scope="session")
def envelope() -> Draft202012Validator:
    """The shipped schema of what a mapper answers."""
    folder = ROOT / "schemas" / "nacelle"
    documents = {path.name: json.loads(path.read_text()) for path in folder.glob("*.json")}
    registry = Registry().with_resources(
        (name, Resource.from_contents(document)) for name, document in documents.items()
    )
    return Draft202012Validator(documents["envelope.json"], registry=registry)
