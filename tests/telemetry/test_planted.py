"""Planted secrets and personal data are searched for wherever the gateway writes something."""

from __future__ import annotations

import base64
import json
import logging
import pprint
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from click.testing import CliRunner
from rich.pretty import pretty_repr

from gateway.app import Edge
from gateway.cli import main
from gateway.cli.common import read
from gateway.inbound.signature import Guard
from gateway.plan.exchange import Ports
from gateway.telemetry import logs
from gateway.telemetry.clock import Clock
from gateway.vendors.vendor import make_vendor
from simulators.faults import (
    Delay,
    Huge,
    ResetAfterRead,
    ResetBeforeRead,
    Status,
    Truncate,
    WrongContentType,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from click.testing import Result

    from gateway.lossless import Json

NOBODY = "http://127.0.0.1:9"


def shapes(secrets: Mapping[str, str]) -> set[str]:
    """Give the secrets in every shape in which they travel."""
    pair = f"{secrets['USER']}:{secrets['PASSWORD']}".encode()
    plain = set(secrets.values())
    return plain | {quote(text, safe="") for text in plain} | {base64.b64encode(pair).decode()}


def found(text: str, planted: set[str]) -> set[str]:
    return {each for each in planted if each in text}


def troubles(personal: Mapping[str, str], secrets: Mapping[str, str]) -> list[object]:
    """Everything that a vendor can do wrong, quoting what it was told."""
    quoting = {"message": f"{personal['email']} {secrets['BEARER']} {secrets['QUERY_KEY']}"}
    return [
        Status(status=401, body=quoting),
        Status(status=403, body=json.dumps(quoting)),
        Status(status=400, body={"refused": True, **quoting}),
        Status(status=422, body=quoting),
        Status(status=429, body=quoting, headers={"x-quote": secrets["HEADER_KEY"]}),
        Status(status=503, body=personal["name"]),
        Status(status=200, body={"no": True, **quoting}),
        Status(status=200, body=f"no JSON: {quoting}"),
        Status(status=200, body=f'{{"{personal["email"]}": 1, "{personal["email"]}": 2}}'),
        ResetBeforeRead(),
        ResetAfterRead(applied=False),
        Truncate(),
        WrongContentType(),
        Huge(size=100_000),
        Delay(delay_ms=60_000),
    ]


def bad_requests(
    personal: Mapping[str, str], secrets: Mapping[str, str]
) -> list[tuple[dict[str, Json] | bytes, dict[str, str]]]:
    """Give changes to a document, or bodies, each with headers: everything that a caller can do."""
    email = personal["email"]
    documents: list[dict[str, Json]] = [
        {"email": None},
        {"kind": ".."},
        {"weight": email},
        {"email": f"{email}\r\nx: y"},
        {"items": [{"quantity": email}], "order_items": personal["name"]},
        {"id": None},
    ]
    bodies = [b"{" + email.encode(), json.dumps([email]).encode()]
    headers = [
        {"secret": secrets["BEARER"]},
        {"x-nacelle-signature-sha256": secrets["SIGNING"]},
        {"content-type": email},
        {"content-encoding": secrets["SHARED"]},
    ]
    return [
        *((document, {}) for document in documents),
        *((body, {}) for body in bodies),
        *(({}, header) for header in headers),
    ]


async def test_the_log_and_the_errors_hold_neither_secrets_nor_personal_data(
    start, vendor, document_for, contracts, secrets, personal
) -> None:
    """Successes and each kind of failure, inbound and at the vendor, under each authentication."""
    gateway = await start(total="300ms")
    answers = []
    for contract in contracts:
        for number, trouble in enumerate((None, *troubles(personal, secrets))):
            vendor.simulator.faults.clear()
            vendor.simulator.faults.order(*filter(None, [trouble]))
            document = document_for(contract, id=f"o-{number}")
            answers.append(await gateway.post(contract, document))
        vendor.simulator.faults.clear()
        for changes, headers in bad_requests(personal, secrets):
            is_body = isinstance(changes, bytes)
            body = changes if is_body else document_for(contract, **changes)
            answers.append(await gateway.post(contract, body, headers))
    errors = [answer for answer in answers if answer.status_code != 200]
    assert {answer.status_code for answer in answers} == {200, 400, 401, 415, 422, 500}
    reasons = {answer.json()["error"]["details"]["reason"] for answer in errors}
    assert reasons >= {"vendor_disconnected", "vendor_timeout", "vendor_answer"}
    planted = shapes(secrets) | set(personal.values())
    assert found(gateway.log, planted) == set()
    for answer in errors:
        assert found(answer.text + str(answer.headers), planted) == set()


async def test_a_vendor_that_is_not_there_is_logged_without_the_key_in_its_query(
    start, document_for, contracts, secrets
) -> None:
    gateway = await start(url=NOBODY)
    for contract in contracts:
        assert (await gateway.post(contract, document_for(contract))).status_code == 500
    calls = [call for line in gateway.lines for call in line["calls"]]
    assert len(calls) == len(contracts)
    assert all("refused" in call["detail"] for call in calls)
    assert found(gateway.log, shapes(secrets)) == set()


async def test_debug_shows_payloads_and_still_no_secrets(
    start, vendor, document_for, contracts, secrets, personal
) -> None:
    gateway = await start(level="debug")
    for contract in contracts:
        vendor.simulator.faults.order(Status(status=200, body={"hello": "there"}))
        assert (await gateway.post(contract, document_for(contract))).status_code == 200
    payloads = [line for line in gateway.lines if line["event"] == "payload"]
    assert len(payloads) == len(contracts)
    for line in payloads:
        assert personal["email"] in line["request"]
        assert json.loads(line["answer"]) == {"hello": "there"}
    assert found(gateway.log, shapes(secrets)) == set()


async def test_at_the_usual_level_there_are_no_payload_lines(start, document_for) -> None:
    gateway = await start()
    await gateway.post("inventory.validate", document_for("inventory.validate"))
    assert [line["event"] for line in gateway.lines] == ["exchange"]


def test_no_object_shows_a_secret_however_it_is_rendered(deployment, secrets) -> None:
    ready = read(deployment(), secrets)
    nacelle = ready.spec.nacelle
    vendors = {name: make_vendor(spec, Clock()) for name, spec in ready.spec.vendors.items()}
    ports = Ports(vendors, Clock())
    edge = Edge(ready.plans, "v", nacelle, ports)
    guard = Guard(nacelle.signature, nacelle.shared_secret)
    everything = [
        ready,
        ready.spec,
        ready.configuration,
        ready.plans,
        edge,
        guard,
        *vendors.values(),
    ]
    for each in everything:
        texts = [repr(each), str(each), f"{each}", pprint.pformat(each), pretty_repr(each)]
        assert found(" ".join(texts), shapes(secrets)) == set()
    assert "Secret(…)" in repr(ready.spec)


@dataclass
class Run:
    """Runs commands with every secret set."""

    secrets: set[str]

    def __call__(self, *arguments: object) -> Result:
        return CliRunner().invoke(main, [str(each) for each in arguments])


@pytest.fixture
def run(secrets, monkeypatch):
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    yield Run(shapes(secrets))
    logs.logger().opens(logging.INFO, None)


@pytest.fixture
def written(document_for, contracts, tmp_path):
    """By contract: a file with a document for it."""
    files = {contract: tmp_path / f"{contract}.json" for contract in contracts}
    for contract, path in files.items():
        path.write_text(json.dumps(document_for(contract)))
    return files


@pytest.mark.parametrize("style", ["text", "json", "github"])
@pytest.mark.parametrize("broken", [False, True])
def test_validate_config_shows_no_secret_not_even_one_written_into_the_file(
    run, deployment, style: str, *, broken: bool
) -> None:
    literal = {
        "acme": {
            "base_url": "http://127.0.0.1:9",
            "auth": {"type": "bearer", "token": "planted-literal"},
        }
    }
    path = deployment(vendors=literal) if broken else deployment()
    result = run("validate-config", path, "--format", style)
    assert result.exit_code == int(broken), result.output
    assert found(result.output, {*run.secrets, "planted-literal"}) == set()


def test_explain_shows_no_secret(run, deployment, contracts) -> None:
    path = deployment()
    for contract in contracts:
        result = run("explain", contract, "--config", path)
        assert result.exit_code == 0, result.output
        assert found(result.output, run.secrets) == set()


@pytest.mark.parametrize("option", [(), ("--dry-run",)])
@pytest.mark.parametrize(
    "trouble", [Status(status=200, body={"hello": 1}), ResetAfterRead(applied=False)]
)
def test_try_shows_payloads_but_no_secret(
    run, deployment, written, vendor, trouble, option
) -> None:
    path = deployment()
    for contract, document in written.items():
        vendor.simulator.faults.order(trouble)
        result = run("try", contract, document, "--config", path, *option)
        assert "ada@planted.example" in result.output
        assert found(result.output, run.secrets) == set()
