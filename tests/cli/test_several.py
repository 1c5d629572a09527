"""What `explain` and `try` show of calls at once, for elements, and left out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gateway.config.load import Configuration
    from tests.conftest import ScriptedVendor

MAPPING = """
mapping: rates
contract: shipping.validate
vendor: acme
calls:
  parcel: {request: {method: GET, path: /parcel}}
  quotes:
    each: lines
    as: each
    at_once: 2
    request: {method: GET, path: "/quotes/{each.variant_id}"}
  pickup:
    when: calls.parcel.body.pickup
    request: {method: GET, path: /pickup}
reply: {set: {shipping_rates: "[calls.parcel.body]"}}
"""
CHECKOUT = {"items": [{"product_id": "p", "variant_id": "A", "quantity": 1}]}


@pytest.fixture
def deployment(
    configure: Callable[..., Configuration], vendor: ScriptedVendor, tmp_path: Path
) -> Path:
    configure(MAPPING, vendors={"acme": vendor.url})
    return tmp_path / "gateway.yaml"


def test_explain_tells_what_runs_at_once_and_on_what_calls_depend(run, deployment: Path) -> None:
    result = run("explain", "rates", "-c", deployment)
    assert result.exit_code == 0, result.output
    lines = [line.strip() for line in result.output.splitlines()]
    assert "1. at once: parcel, quotes" in lines
    assert lines.index("1.1. call:parcel: read at acme") < lines.index(
        "1.2. call:quotes: read at acme"
    )
    assert "once for each of `lines`, 2 at a time" in lines
    assert "2. call:pickup: read at acme" in lines
    assert "only where `calls.parcel.body.pickup` is true" in lines


def test_try_shows_each_request_under_its_call_and_what_was_skipped(
    run, deployment: Path, vendor: ScriptedVendor
) -> None:
    vendor.crowd = 2
    vendor.always({"pickup": False})
    document = json.dumps(CHECKOUT).encode()
    result = run("try", "rates", "-", "-c", deployment, env={"SECRET": "s"}, stdin=document)
    assert result.exit_code == 0, result.output
    parts = result.output.split("── ")
    told = {part.split("\n", 1)[0]: part for part in parts}
    assert "→ acme: GET /parcel\n" in told["call:parcel"]
    assert "→ acme: GET /quotes/A\n" in told["call:quotes"]
    assert "at once, " in told["calls:parcel+quotes"]
    assert "skipped: its `when` is false" in told["call:pickup"]


def test_a_dry_run_stops_before_the_first_of_the_calls(
    run, deployment: Path, vendor: ScriptedVendor
) -> None:
    document = json.dumps(CHECKOUT).encode()
    result = run("try", "rates", "-", "-c", deployment, "--dry-run", stdin=document)
    assert result.exit_code == 0, result.output
    assert "→ acme: GET /parcel\ndry run: nothing was sent" in result.output
    assert vendor.heard == []
