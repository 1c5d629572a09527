"""`gateway send`: a signed request to a running gateway."""

from __future__ import annotations

import json
import shutil

import pytest

CHECKOUT = {"items": [{"product_id": "p", "variant_id": "A", "quantity": 2}]}


@pytest.fixture
def gateway(serve, square):
    return serve(env={"SQUARE_URL": square.url})


@pytest.fixture
def send(run, gateway, config, secrets):
    """Send with the caller's secret alone: the vendors' aren't needed."""
    env = {"NACELLE_SIGNATURE_SECRET": secrets["NACELLE_SIGNATURE_SECRET"]}

    def invoke(*arguments: object, stdin: bytes | None = None):
        everything = ("send", *arguments, "-c", config, "--url", gateway.url)
        return run(*everything, env=env, stdin=stdin)

    return invoke


def test_a_sample_is_signed_and_answered(send) -> None:
    result = send("inventory.validate")
    assert result.exit_code == 0, result.output
    assert result.stderr.startswith("200 OK, exchange ")
    assert json.loads(result.stdout)["checkout"]["items"][0]["available"] == 0


def test_a_file_and_standard_input_are_sent_as_they_are_wrapped_or_not(send, tmp_path) -> None:
    path = tmp_path / "checkout.json"
    for document in (CHECKOUT, {"checkout": CHECKOUT}):
        path.write_text(json.dumps(document))
        for result in (
            send("inventory.validate", path),
            send("inventory.validate", "-", stdin=path.read_bytes()),
        ):
            assert result.exit_code == 0, result.output
            assert json.loads(result.stdout)["checkout"]["items"][0]["available"] == 5


def test_an_error_is_shown_and_ends_with_1(send) -> None:
    result = send("inventory.validate", "-", stdin=b"{")
    assert result.exit_code == 1
    assert result.stderr.startswith("400 Bad Request, exchange ")
    assert json.loads(result.stdout)["error"]["details"]["reason"] == "bad_json"


def test_another_secret_than_the_gateways_is_refused(run, gateway, config) -> None:
    wrong = {"NACELLE_SIGNATURE_SECRET": "another"}
    result = run("send", "inventory.validate", "-c", config, "--url", gateway.url, env=wrong)
    assert (result.exit_code, "401 Unauthorized" in result.stderr) == (1, True)


def test_an_unset_secret_is_told_with_its_place(run, config) -> None:
    result = run("send", "inventory.validate", "-c", config)
    assert result.exit_code == 1
    assert "gateway.yaml:" in result.stderr
    assert "This secret isn't set here" in result.stderr


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "nonsense", "http://[", "http://:x"])
def test_no_gateway_at_the_address_is_said_in_one_line(run, config, secrets, url: str) -> None:
    result = run("send", "inventory.validate", "-c", config, "--url", url, env=secrets)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"No gateway answers at {url}: ")
    assert len(result.stderr.splitlines()) == 1


def test_an_unknown_contract_ends_with_2_and_the_known_ones_are_listed(run) -> None:
    result = run("send", "nonsense")
    assert (result.exit_code, "inventory.validate" in result.stderr) == (2, True)


def test_the_secret_is_one_that_may_call_the_contract(run, serve, config, tmp_path, square) -> None:
    signature = "secrets: [{env: NACELLE_SIGNATURE_SECRET}]"
    limited = (
        "secrets: [{env: FIRST, contracts: [taxes.validate]},"
        " {env: SECOND, contracts: [inventory.validate]}]"
    )
    shutil.copytree(config.parent / "mappings", tmp_path / "mappings")
    path = tmp_path / "gateway.yaml"
    path.write_text(config.read_text().replace(signature, limited))
    env = {"FIRST": "one", "SECOND": "two"}
    gateway = serve(config=path, env={**env, "SQUARE_URL": square.url})
    at = ("-c", path, "--url", gateway.url)
    assert run("send", "inventory.validate", *at, env=env).exit_code == 0
    nobody = run("send", "sync.consume", *at, env=env)
    assert (nobody.exit_code, "no secret" in nobody.stderr) == (1, True)
