"""`gateway try`: one exchange, every step shown."""

from __future__ import annotations

import json

import pytest

from simulators.kit import RunningSimulator
from tests.conftest import ScriptedVendor

CHECKOUT = {"items": [{"product_id": "p", "variant_id": "A", "quantity": 2}]}
ORDER = {"id": "o-1", "order_items": CHECKOUT["items"]}


@pytest.fixture
def checkout(tmp_path):
    path = tmp_path / "checkout.json"
    path.write_text(json.dumps(CHECKOUT))
    return path


@pytest.fixture
def environment(secrets, square):
    return {**secrets, "SQUARE_URL": square.url}


def in_order(text: str, *parts: str) -> bool:
    """Say whether the parts stand in the text one after another."""
    for part in parts:
        before, found, text = text.partition(part)
        if not found:
            raise AssertionError(f"no {part!r} after {before[-200:]!r}")
    return True


def test_every_step_is_shown_from_the_request_to_the_reply(
    run, config, checkout, environment
) -> None:
    result = run("try", "square.inventory.validate", checkout, "-c", config, env=environment)
    assert result.exit_code == 0, result.output
    assert in_order(
        result.output,
        "── inventory.validate → square.inventory.validate",
        '"quantity": 2',
        "── call",
        "→ square: POST /v2/inventory/counts/batch-retrieve",
        '"catalog_object_ids"',
        "← 200",
        '"counts"',
        "── lines",
        '"available": 5',
        "── reply",
        "── answer 200",
        '"available": 5',
    )


def test_an_effect_shows_its_key_and_takes_place(run, config, environment, square) -> None:
    order = json.dumps(ORDER).encode()
    result = run("try", "inventory.consume", "-", "-c", config, env=environment, stdin=order)
    assert result.exit_code == 0, result.output
    assert in_order(result.output, "── key", "key: o-1", "── call:counts", "── call:take", "← 200")
    assert square.simulator.stock_of("A") == 3


def test_a_dry_run_shows_the_request_and_sends_nothing_and_needs_no_secrets(
    run, config, checkout, square
) -> None:
    result = run(
        "try",
        "inventory.validate",
        checkout,
        "-c",
        config,
        "--dry-run",
        env={"SQUARE_URL": square.url},
    )
    assert result.exit_code == 0, result.output
    assert in_order(result.output, "── call", "→ square: POST", '"A"', "dry run: nothing was sent")
    assert not square.simulator.ledger.requests


def test_an_error_shows_its_cause_and_ends_with_1(run, config, checkout, environment) -> None:
    wrong = {**environment, "SQUARE_ACCESS_TOKEN": "wrong"}
    result = run("try", "inventory.validate", checkout, "-c", config, env=wrong)
    assert result.exit_code == 1
    assert in_order(
        result.output,
        "← 401",
        "── answer 500",
        "because: square answered 401",
        '"vendor_credentials"',
    )


def test_what_a_vendor_says_cant_command_the_terminal(run, config, checkout, secrets) -> None:
    vendor = ScriptedVendor()
    vendor.say(b"\x1b]0;owned\x07\xc2\x9b31m<html>\r\n\x1b[2J", 502)
    with RunningSimulator(vendor) as running:
        environment = {**secrets, "SQUARE_URL": running.url}
        result = run("try", "inventory.validate", checkout, "-c", config, env=environment)
    assert result.exit_code == 1
    assert "\ufffd]0;owned\ufffd\ufffd31m<html>\n\ufffd[2J" in result.output
    assert not set("\x1b\x07\x9b\r") & set(result.output)


def test_a_vendor_that_is_not_there_is_told_as_such(run, config, checkout, secrets) -> None:
    nobody = {**secrets, "SQUARE_URL": "http://127.0.0.1:9"}
    result = run("try", "inventory.validate", checkout, "-c", config, env=nobody)
    assert result.exit_code == 1
    assert in_order(result.output, "← no answer", "sent: no", "Connection refused", "answer 500")


@pytest.mark.parametrize(("text", "said"), [("{", "no acceptable JSON"), ("[]", "no JSON object")])
def test_a_file_that_is_no_object_ends_with_1(
    run, config, tmp_path, environment, text: str, said: str
) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text)
    result = run("try", "inventory.validate", path, "-c", config, env=environment)
    assert (result.exit_code, said in result.stderr) == (1, True)


def test_an_unknown_mapping_ends_with_2_and_the_known_ones_are_listed(
    run, config, checkout, environment
) -> None:
    result = run("try", "square.inventory", checkout, "-c", config, env=environment)
    assert result.exit_code == 2
    assert "square.inventory.consume, square.inventory.validate" in result.stderr


def test_a_missing_document_ends_with_2(run, config, tmp_path) -> None:
    for path in (tmp_path, tmp_path / "nothing.json"):
        assert run("try", "inventory.validate", path, "-c", config).exit_code == 2
