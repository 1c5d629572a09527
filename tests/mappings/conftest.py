"""The shipped mappings before the simulators, over HTTP."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from simulators.kit import RunningSimulator
from simulators.netsuite import NetSuiteSimulator
from simulators.netsuite_auth import TOKEN_PATH, Integration
from simulators.orders import OrdersSimulator
from simulators.square import SquareSimulator

if TYPE_CHECKING:
    from gateway.lossless import Json
    from tests.conftest import Gateway

ROOT = Path(__file__).parents[2]
SQUARE = ROOT / "mappings" / "square"
NETSUITE = ROOT / "mappings" / "netsuite"
STOCK = ("inventory-validate", "inventory-consume")
Square = RunningSimulator[SquareSimulator]
Orders = RunningSimulator[OrdersSimulator]
NetSuite = RunningSimulator[NetSuiteSimulator]
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
            settings={"square": {"location_ids": list(locations), "changes_at_once": 100}},
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
def certificate() -> tuple[str, str]:
    """A key pair as the M2M setup wants it, as PEM: the private key, and the public one."""
    key = rsa.generate_private_key(65537, 3072)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


@pytest.fixture
def netsuite(certificate: tuple[str, str]) -> Iterator[NetSuite]:
    known = Integration(certificates={"certificate-1": certificate[1]})
    with RunningSimulator(NetSuiteSimulator(known)) as running:
        yield running


def netsuite_auth(scheme: str, url: str) -> dict[str, Json]:
    """Give the `auth` block of one of the ways to log in: `oauth1` or `oauth2`."""
    if scheme == "oauth1":
        secrets = ("consumer_key", "consumer_secret", "token", "token_secret")
        given: dict[str, Json] = {name: {"env": name.upper()} for name in secrets}
        return {"type": "oauth1", "realm": Integration.account, **given}
    return {
        "type": "oauth2",
        "grant": "client_credentials",
        "token_url": url + TOKEN_PATH,
        "client": "assertion",
        "client_id": {"env": "CLIENT_ID"},
        "assertion": {
            "key": {"env": "PRIVATE_KEY"},
            "algorithm": "PS256",
            "key_id": "certificate-1",
            "claims": {"scope": ["rest_webservices"]},
        },
    }


@pytest.fixture
def open_netsuite(deploy: Open, certificate: tuple[str, str]) -> Open:
    """Start a gateway with NetSuite's mappings before the vendor at a URL.

    `known` are the credentials that it has; `more` are further keys of the vendor's block.
    """

    async def start(
        url: str,
        *,
        scheme: str = "oauth1",
        known: Integration | None = None,
        locations: tuple[str, ...] = ("1",),
        durable: bool = False,
        **more: Json,
    ) -> Gateway:
        known = known or Integration()
        vendor: dict[str, Json] = {
            "base_url": url,
            "auth": netsuite_auth(scheme, url),
            "timeout": {"connect": "2s", "total": "5s"},
            **more,
        }
        return await deploy(
            *(NETSUITE / f"{name}.yaml" for name in (*STOCK, "sync-consume")),
            durable=durable,
            settings={
                "netsuite": {
                    "location_ids": list(locations),
                    "subsidiary_id": "1",
                    "adjustment_account_id": "58",
                    "customer_id": "107",
                    "currency_ids": {"USD": "1"},
                }
            },
            vendors={"netsuite": vendor},
            environment={
                "CONSUMER_KEY": known.consumer_key,
                "CONSUMER_SECRET": known.consumer_secret,
                "TOKEN": known.token,
                "TOKEN_SECRET": known.token_secret,
                "CLIENT_ID": known.client_id,
                "PRIVATE_KEY": certificate[0],
            },
        )

    return start


@pytest.fixture(scope="session")
def envelope() -> Draft202012Validator:
    """The shipped schema of what a mapper answers."""
    folder = ROOT / "schemas" / "nacelle"
    documents = {path.name: json.loads(path.read_text()) for path in folder.glob("*.json")}
    registry = Registry().with_resources(
        (name, Resource.from_contents(document)) for name, document in documents.items()
    )
    return Draft202012Validator(documents["envelope.json"], registry=registry)
