from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2 as httpx
import pytest
from jsonschema import Draft202012Validator
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256, Client
from referencing.jsonschema import EMPTY_REGISTRY

from simulators.kit import RunningSimulator
from simulators.netsuite import NetSuiteSimulator
from simulators.netsuite_auth import Integration
from simulators.orders import OrdersSimulator
from simulators.square import SquareSimulator

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

ROOT = Path(__file__).parents[2]

SQUARE_HEADERS = {"Authorization": "Bearer square-token", "Square-Version": "2025-08-20"}


class Signed(httpx.Auth):
    """Signs with oauthlib's client; any part may be made wrong."""

    def __init__(self, **other: str) -> None:
        known = Integration()
        self._keys = {
            "client_key": known.consumer_key,
            "client_secret": known.consumer_secret,
            "resource_owner_key": known.token,
            "resource_owner_secret": known.token_secret,
            "signature_method": SIGNATURE_HMAC_SHA256,
            "realm": known.account,
        } | other

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        signer = Client(**self._keys)
        _, headers, _ = signer.sign(str(request.url), request.method)
        request.headers["authorization"] = headers["Authorization"]
        yield request


@pytest.fixture
def square() -> Iterator[RunningSimulator[SquareSimulator]]:
    with RunningSimulator(SquareSimulator()) as running:
        yield running


@pytest.fixture
def square_client(square: RunningSimulator[SquareSimulator]) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=square.url, headers=SQUARE_HEADERS) as client:
        yield client


@pytest.fixture
def netsuite() -> Iterator[RunningSimulator[NetSuiteSimulator]]:
    with RunningSimulator(NetSuiteSimulator()) as running:
        yield running


@pytest.fixture
def netsuite_client(netsuite: RunningSimulator[NetSuiteSimulator]) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=netsuite.url, auth=Signed()) as client:
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
