"""Secrets in files are read again when they change: rotation needs no restart."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "secret"
    path.write_text("old\n")
    return path


FIXED = {
    "bearer": ({"type": "bearer", "token": {"file": "secret"}}, "Bearer {}"),
    "api_key": (
        {"type": "api_key", "header": "Authorization", "key": {"file": "secret"}},
        "{}",
    ),
}


@pytest.mark.parametrize(("block", "shape"), FIXED.values(), ids=FIXED)
async def test_a_changed_file_is_read_within_a_second(  # noqa: PLR0913, PLR0917 - fixtures and cases
    call_with, vendor, hands, fixed, secret, block, shape
) -> None:
    vendor.always({})
    call = call_with(block, url=vendor.url, clock=fixed)
    await call()
    secret.write_text("new\n")
    await call()
    hands.forward(1)
    await call()
    shown = [heard.headers["authorization"] for heard in vendor.heard]
    assert shown == [shape.format(text) for text in ("old", "old", "new")]


async def test_a_401_looks_at_once_and_sends_again_only_if_the_secret_is_another(
    call_with, vendor, fixed, secret
) -> None:
    call = call_with({"type": "bearer", "token": {"file": "secret"}}, url=vendor.url, clock=fixed)
    vendor.say({}, 401)
    assert (await call()).status == 401
    assert len(vendor.heard) == 1
    secret.write_text("new")
    vendor.say({}, 401)
    vendor.say({})
    assert (await call(effect=True, method="POST", body=b"{}")).status == 200
    assert [heard.headers["authorization"] for heard in vendor.heard][1:] == [
        "Bearer old",
        "Bearer new",
    ]


@pytest.mark.parametrize("content", ["", "a\nb", None], ids=["empty", "two lines", "gone"])
async def test_a_file_of_no_use_leaves_the_old_secret_in_force(  # noqa: PLR0913, PLR0917 - fixtures and cases
    call_with, vendor, hands, fixed, secret, log, content
) -> None:
    vendor.always({})
    call = call_with({"type": "bearer", "token": {"file": "secret"}}, url=vendor.url, clock=fixed)
    if content is None:
        secret.unlink()
    else:
        secret.write_text(content)
    for _ in range(2):
        hands.forward(1)
        await call()
    assert {heard.headers["authorization"] for heard in vendor.heard} == {"Bearer old"}
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [line["event"] for line in lines] == ["secret_not_reloaded"]


async def test_a_client_secret_that_was_refused_is_tried_again_once_its_file_changes(
    call_with, oauth2, secret
) -> None:
    call = call_with(oauth2(client_secret={"file": "secret"}))
    assert (await call()).kind == "auth"
    secret.write_text("client-secret")
    assert (await call()).status == 200


async def test_a_new_refresh_token_in_its_file_starts_a_new_chain_without_a_restart(
    call_with, oauth2, secret
) -> None:
    call = call_with(oauth2(grant="refresh_token", refresh_token={"file": "secret"}))
    assert (await call()).kind == "auth"
    secret.write_text("refresh-0")
    assert (await call()).status == 200


async def test_signatures_are_made_with_the_new_secret(
    call_with, vendor, hands, fixed, secret
) -> None:
    vendor.always({})
    block = {"type": "hmac", "header": "X-Signature", "secret": {"file": "secret"}}
    call = call_with(block, url=vendor.url, clock=fixed)
    await call(method="POST", body=b"{}")
    secret.write_text("new")
    hands.forward(1)
    await call(method="POST", body=b"{}")
    first, second = (heard.headers["x-signature"] for heard in vendor.heard)
    assert first != second
