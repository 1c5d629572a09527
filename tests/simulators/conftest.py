from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, cast

import httpx2 as httpx
import pytest
from jsonschema import Draft202012Validator
from referencing.jsonschema import DRAFT202012, EMPTY_REGISTRY

from simulators.kit import RunningSimulator
from simulators.orders import OrdersSimulator
from simulators.square import SquareSimulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
SPECIFICATION = ROOT.parent / "shared" / "specs" / "square-inventory-orders.openapi.json"

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


def _with_nulls(node: object) -> object:
    """Say OpenAPI 3.0's `nullable` in JSON Schema's words, beside a `$ref` too."""
    if isinstance(node, list):
        return [_with_nulls(item) for item in node]
    if not isinstance(node, dict):
        return node
    rest = {name: _with_nulls(value) for name, value in node.items() if name != "nullable"}
    return {"anyOf": [rest, {"type": "null"}]} if node.get("nullable") is True else rest


@pytest.fixture(scope="session")
def specification() -> dict[str, object]:
    """Square's own OpenAPI document."""
    if not SPECIFICATION.exists():
        pytest.skip("Square's specification is not beside this repository")
    return cast("dict[str, object]", json.loads(SPECIFICATION.read_text()))


@pytest.fixture(scope="session")
def faults_by_specification(
    specification: dict[str, object],
) -> Callable[[str, object], list[str]]:
    """Give a function: a schema's name and an instance → what Square's document has against it."""
    contents = cast("dict[str, object]", _with_nulls(specification))
    document = DRAFT202012.create_resource(contents)
    registry = EMPTY_REGISTRY.with_resource("square:", document)

    def faults(name: str, instance: object) -> list[str]:
        schema = {"$ref": f"square:#/components/schemas/{name}"}
        return [
            error.message
            for error in Draft202012Validator(schema, registry=registry).iter_errors(instance)
        ]

    return faults


@pytest.fixture(scope="session")
def shipped_schema() -> Callable[[str], Draft202012Validator]:
    """Give a function: the name of a schema under schemas/ → its validator."""

    def load(name: str) -> Draft202012Validator:
        schema = json.loads((ROOT / "schemas" / name).read_text())
        Draft202012Validator.check_schema(schema)
        return Draft202012Validator(schema, registry=EMPTY_REGISTRY)

    return load
