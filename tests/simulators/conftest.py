from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2 as httpx
import pytest
from jsonschema import Draft202012Validator
from referencing.jsonschema import EMPTY_REGISTRY

from simulators.kit import RunningSimulator
from simulators.orders import OrdersSimulator
from simulators.square import SquareSimulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]

SQUARE_HEADERS = {"Authorization": "Bearer square-token", "Square-Version": "2025-08-20"}


@pytest.fixture
def square() -> Iterator[RunningSimulator[SquareSimulator]]:
    with RunningSimulator(SquareSimulator()) as running:
        yield running


@pytest.fixture
def square_client(square: RunningSimulator[SquareSimulator]) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=square.url, headers=SQUARE_HEADERS) as client:
        yield client


@pytest.fixture
def orders() -> Iterator[RunningSimulator[OrdersSimulator]]:
    with RunningSimulator(OrdersSimulator()) as running:
        yield running


@pytest.fixture
def orders_client(orders: RunningSimulator[OrdersSimulator]) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=orders.url, headers={"X-Api-Key": "orders-key"}) as client:
        yield client


@pytest.fixture(scope="session")
def shipped_schema() -> Callable[[str], Draft202012Validator]:
    """Give a function: the name of a schema under schemas/ → its validator."""

    def load(name: str) -> Draft202012Validator:
        schema = json.loads((ROOT / "schemas" / name).read_text())
        Draft202012Validator.check_schema(schema)
        return Draft202012Validator(schema, registry=EMPTY_REGISTRY)

    return load
