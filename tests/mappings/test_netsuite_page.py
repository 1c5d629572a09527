"""NetSuite's page, followed to the letter; only the account's address is the simulator's."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from click.testing import CliRunner

from gateway.cli import main
from simulators.kit import RunningSimulator
from simulators.netsuite import NetSuiteSimulator
from simulators.netsuite_auth import Integration
from tests.mappings.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.testing import Result

    from tests.mappings.conftest import NetSuite

PAGE = (ROOT / "docs" / "vendors" / "netsuite.md").read_text(encoding="utf-8")
ADDRESS = "https://1234567-sb1.suitetalk.api.netsuite.com"
KNOWN = Integration()
ENVIRONMENT = {
    "NACELLE_SIGNATURE_SECRET": "nacelle-secret",
    "NETSUITE_CONSUMER_KEY": KNOWN.consumer_key,
    "NETSUITE_CONSUMER_SECRET": KNOWN.consumer_secret,
    "NETSUITE_TOKEN": KNOWN.token,
    "NETSUITE_TOKEN_SECRET": KNOWN.token_secret,
    "NETSUITE_CLIENT_ID": KNOWN.client_id,
    "NETSUITE_CERTIFICATE_ID": "certificate-1",
}


def blocks(language: str) -> list[str]:
    found = re.findall(rf"^ *```{language}\n(.*?)^ *```", PAGE, re.DOTALL | re.MULTILINE)
    return [str(block) for block in found]


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the page's command made a key and its certificate."""
    folder = tmp_path_factory.mktemp("secrets")
    command = next(block for block in blocks("sh") if "openssl" in block)
    subprocess.run(["bash", "-euc", command], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture
def account(secrets: Path) -> Iterator[NetSuite]:
    """An account to which the certificate was uploaded."""
    certificate = (secrets / "netsuite-certificate.pem").read_text()
    known = Integration(certificates={"certificate-1": certificate})
    with RunningSimulator(NetSuiteSimulator(known)) as running:
        yield running


@pytest.fixture(params=["oauth1", "oauth2"])
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["inventory-consume", "sync-consume"])
def config(
    request: pytest.FixtureRequest, scheme: str, tmp_path: Path, account: NetSuite, secrets: Path
) -> Path:
    """The page's gateway.yaml, with one of the ways to log in, for the stock or for orders."""
    gateway, other = (yaml.safe_load(block) for block in blocks("yaml"))
    if scheme == "oauth2":
        gateway["vendors"]["netsuite"] |= other
    for name in ("mappings", "schemas"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "secrets").symlink_to(secrets)
    text = json.dumps(gateway).replace(ADDRESS, account.url)
    (tmp_path / "gateway.yaml").write_text(text.replace("inventory-consume", request.param))
    return tmp_path / "gateway.yaml"


def run(*arguments: object, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments], stdin, ENVIRONMENT)


def test_what_the_page_says_is_accepted_without_a_warning(config: Path):
    result = run("validate-config", "-c", config)
    assert (result.exit_code, "warning" in result.output) == (0, False), result.output


def test_its_mappings_pass_their_tests(config: Path):
    result = run("test", "-c", config)
    assert result.exit_code == 0, result.output
    assert "no tests" not in result.output


def test_it_works_before_an_account(config: Path, account: NetSuite, tmp_path: Path):
    account.simulator.set_stock("101", "1", 7)
    document = tmp_path / "document.json"
    line = {"product_id": "p", "variant_id": "101", "quantity": 2, "price": "19.90"}
    document.write_text(json.dumps({"id": "o-1", "currency": "USD", "order_items": [line]}))
    shown = run("try", "-c", config, "inventory.validate", document)
    assert '"available": 7' in shown.output, shown.output
    contract = "sync.consume" if "sync" in config.read_text() else "inventory.consume"
    taken = run("try", "-c", config, contract, document)
    assert taken.exit_code == 0, taken.output
    assert account.simulator.stock_of("101") == 5
