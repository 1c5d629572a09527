"""Planted client secrets, tokens and keys are searched for in all that the gateway writes."""

from __future__ import annotations

import base64
import traceback
from pathlib import Path
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gateway.storage.database import Database, StorageFailed
from simulators.faults import Huge, ResetAfterRead, Status, Truncate

MAPPING = """
mapping: stock
contract: inventory.validate
vendor: acme
call:
  request: {method: GET, path: /api}
"""
ORDER = {"items": [{"product_id": "p", "variant_id": "v", "quantity": 1}]}
KEY = (
    ec.generate_private_key(ec.SECP256R1())
    .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    .decode()
)
SECRETS = {
    "CLIENT": "client",
    "CLIENT_SECRET": "planted/client+secret",
    "USER_NAME": "planted-user",
    "USER_PASSWORD": "planted-password",
    "REFRESH_TOKEN": "planted-refresh-0",
}
ACCESS = "planted-access-token"
NEXT = "planted-refresh-1"
GROUNDS = {
    "client credentials": {"grant": "client_credentials", "request": "query", "client": "body"},
    "password": {
        "grant": "password",
        "username": {"env": "USER_NAME"},
        "password": {"env": "USER_PASSWORD"},
    },
    "refresh token": {"grant": "refresh_token", "refresh_token": {"env": "REFRESH_TOKEN"}},
    "assertion": {
        "grant": "client_credentials",
        "client": "assertion",
        "client_secret": None,
        "assertion": {"key": {"file": "key.pem"}, "algorithm": "ES256"},
    },
}


def planted() -> set[str]:
    plain = {*SECRETS.values(), ACCESS, NEXT, *KEY.splitlines()[1:-1]} - {"client"}
    pair = f"client:{SECRETS['CLIENT_SECRET']}".encode()
    return plain | {quote(text, safe="") for text in plain} | {base64.b64encode(pair).decode()}


def quoting() -> dict[str, object]:
    said = " ".join([*SECRETS.values(), ACCESS, NEXT])
    return {"error": "invalid_grant", "error_description": said, "echo": said}


def troubles() -> list[object]:
    return [
        Status(path="/token", status=400, body=quoting()),
        Status(path="/token", status=401, body={"error": SECRETS["CLIENT_SECRET"]}),
        Status(path="/token", status=500, body=SECRETS["CLIENT_SECRET"]),
        Status(path="/token", status=200, body={"access_token": f"{ACCESS}\n"}),
        Status(path="/token", status=200, body=f"no JSON {ACCESS}"),
        Truncate(path="/token"),
        Huge(path="/token", size=20_000_000),
        ResetAfterRead(path="/token", applied=False),
    ]


@pytest.mark.parametrize("ground", GROUNDS.values(), ids=GROUNDS)
async def test_no_log_no_error_and_no_answer_holds_a_secret(  # noqa: PLR0913, PLR0917 - fixtures
    deploy, oauth2, endpoint, running, tmp_path, ground, hands
) -> None:
    (tmp_path / "key.pem").write_text(KEY)
    block = {"base_url": running.url, "auth": oauth2(**ground)}
    gateway = await deploy(MAPPING, vendors={"acme": block}, environment=SECRETS, clock=hands.clock)
    good = {"access_token": ACCESS, "refresh_token": NEXT, "expires_in": 3600}
    answers = []
    for trouble in troubles():
        endpoint.faults.clear()
        endpoint.faults.order(trouble)
        answers.append(await gateway.post("inventory.validate", ORDER))
        hands.forward(61)
    assert {answer.reason for answer in answers} == {"vendor_auth"}
    endpoint.faults.clear()
    endpoint.faults.order(Status(path="/token", status=200, body=good, times=9))
    for status in (200, 401, 500):
        endpoint.faults.order(Status(path="/api", status=status, body=quoting(), times=2))
        answers.append(await gateway.post("inventory.validate", ORDER))
    written = gateway.log.getvalue().decode() + "".join(
        answer.content.decode() + str(answer.headers) for answer in answers
    )
    assert {each for each in planted() if each in written} == set()


@pytest.mark.parametrize("ground", GROUNDS.values(), ids=GROUNDS)
async def test_no_object_shows_a_secret(call_with, oauth2, endpoint, tmp_path, ground) -> None:
    (tmp_path / "key.pem").write_text(KEY)
    good = {"access_token": ACCESS, "refresh_token": NEXT, "expires_in": 3600}
    endpoint.faults.order(Status(path="/token", status=200, body=good))
    call = call_with(oauth2(**ground), environment=SECRETS)
    await call()
    scheme = call.vendor._scheme
    shown = [repr(call.vendor), repr(scheme), repr(scheme._live.value), repr(scheme._source)]
    assert {each for each in planted() if any(each in text for text in shown)} == set()


def test_the_password_of_the_storage_is_in_no_error(tmp_path: Path) -> None:
    database = Database("postgresql://user:planted-password@127.0.0.1:9/none", tmp_path)
    with pytest.raises(StorageFailed) as caught:
        database.open()
    assert "planted-password" not in str(caught.value) + repr(database)
    assert "planted-password" not in "".join(traceback.format_exception(caught.value))
    database.dispose()


def test_the_password_of_the_storage_is_not_printed(configure) -> None:
    configuration = configure(
        vendors={},
        storage={"url": {"env": "STORE"}},
        environment={"STORE": "postgresql://u:planted-password@h/d"},
    )
    assert configuration.gateway is not None
    assert "planted-password" not in repr(configuration.gateway)
