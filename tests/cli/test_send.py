"""`gateway send`: a signed request to a running gateway."""

from __future__ import annotations

import json

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


def test_the_secret_is_one_that_may_call_the_contract(run, serve, tmp_path, square) -> None:
    secrets = "[{env: LIMITED, contracts: [taxes.validate]}, {env: SECOND, contracts: [inventory.validate]}]"
    path = tmp_path / "gateway.yaml"
    mappings = __file__.replace("tests/cli/test_send.py", "mappings/square")
    path.write_text(
        f"version: 1\nmappings: [{mappings}]\n"
        f"nacelle: {{shared_secret: {{header: Secret, secrets: {secrets}}}}}\n"
        "settings: {square: {location_ids: [L1]}}\n"
        f"vendors: {{square: {{base_url: '{square.url}', headers: {{Square-Version: '2025-08-20'}},"
        " auth: {type: bearer, token: {env: SQUARE_ACCESS_TOKEN}}}}\n"
    )
    env = {"LIMITED": "one", "SECOND": "two"}
    gateway = serve(config=path, env=env)
    at = ("-c", path, "--url", gateway.url)
    assert run("send", "inventory.validate", *at, env=env).exit_code == 0
    nobody = run("send", "sync.consume", *at, env=env)
    assert (nobody.exit_code, "no secret" in nobody.stderr) == (1, True)
