"""An exchange with very many lines gives way to the others."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gateway.plan.exchange import Exchange, Plan, Ports, Unobserved
from gateway.plan.join import JoinStep
from gateway.plan.run import run
from gateway.telemetry.clock import Clock
from gateway.vendors.client import Deadline

if TYPE_CHECKING:
    from gateway.lossless import Json
    from tests.conftest import Gateway
    from tests.plan.conftest import Deploy

MAPPING = """
mapping: stock
contract: inventory.validate
vendor: acme
call: {request: {method: GET, path: /stock}}
lines:
  {from: call, rows: body, row: row.id, line: line.variant_id, set: {available: row.n},
   unmatched: {available: 0}}
"""


@pytest.fixture
async def gateway(deploy: Deploy) -> Gateway:
    return await deploy(MAPPING)


def plan_of(gateway: Gateway) -> Plan:
    return gateway.plans.by_contract["inventory.validate"]


def answered(gateway: Gateway, lines: int) -> Exchange:
    """Make an exchange whose vendor has answered already."""
    line: Json = {"product_id": "p", "variant_id": "A", "quantity": 1}
    items: list[Json] = [{**line} for _ in range(lines)]
    exchange = gateway.plans.intake.exchange(
        plan_of(gateway), {"items": items}, Ports({}, Clock()), Deadline(0.0), Unobserved()
    )
    exchange.answers["call"] = {"body": [{"id": "A", "n": 7}]}
    return exchange


def turns(running: Awaitable[None]) -> int:
    """Run to the end, and count how often the others had their turn."""
    return sum(1 for _ in running.__await__())


@pytest.mark.parametrize(("lines", "expected"), [(3, 0), (99, 0), (100, 1), (3_000, 30)])
async def test_a_join_gives_way_once_for_each_hundred_lines(
    gateway: Gateway, lines: int, expected: int
):
    (join,) = (step for step in plan_of(gateway).steps if isinstance(step, JoinStep))
    exchange = answered(gateway, lines)
    assert turns(join.run(exchange)) == expected
    assert all("available" in line for line in exchange.lines)


@pytest.mark.parametrize(("lines", "expected"), [(3, 0), (100, 0), (101, 2)])
async def test_a_giant_gives_way_before_each_step(gateway: Gateway, lines: int, expected: int):
    plan = plan_of(gateway)
    reply = plan.steps[-1]
    assert turns(run(replace(plan, steps=(reply, reply)), answered(gateway, lines))) == expected
