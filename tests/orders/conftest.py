"""What the tests of orders share: orders, a mapping that takes them, and a gateway that dies."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, cast

from gateway.orders.deliveries import Deliveries

if TYPE_CHECKING:
    from gateway.lossless import Json
    from tests.conftest import Gateway, Reply

Deploy = Callable[..., Awaitable["Gateway"]]


def order(key: str = "o-1", quantity: int = 2, **more: Json) -> dict[str, Json]:
    line: dict[str, Json] = {"product_id": "p", "variant_id": "A", "quantity": quantity}
    return {"id": key, "order_items": [line], "price": "10.00", "currency": "EUR", **more}


TAKE = """
mapping: take
contract: inventory.consume
vendor: acme
call:
  request:
    method: POST
    path: /take
    body: {key: order_key, at: received_at, quantity: "lines[0].quantity"}
  idempotency: order_key
"""

WITH_FIND = """
mapping: take
contract: inventory.consume
vendor: acme
call:
  request:
    method: POST
    path: /take
    body: {key: order_key}
  find:
    request: {method: GET, path: "/taken/{order_key}"}
    found: body.id
  reference: body.id
"""

LOOKING = """
mapping: take
contract: inventory.consume
vendor: acme
calls:
  look: {request: {method: GET, path: /look}}
  take:
    request: {method: POST, path: /take, body: {key: order_key}}
    idempotency: order_key
"""

UNKNOWABLE = TAKE.replace("  idempotency: order_key\n", "")


def stored(mapping: str, **more: str) -> str:
    """Give the mapping, answered as soon as an order is stored."""
    keys = "".join(f", {name}: {value}" for name, value in more.items())
    return f"{mapping}delivery: {{answer: when_stored{keys}}}\n"


def deliveries(gateway: Gateway) -> Deliveries:
    return cast("Deliveries", gateway.orders)


async def crash(gateway: Gateway) -> None:
    """Let the gateway die: nothing more is sent, written or given back."""
    durable = deliveries(gateway)
    worker, runs = durable.worker, durable.runs
    tasks = [task for order_id in runs.ids if (task := runs.of(order_id))]
    if worker._task is not None:
        tasks.append(cast("asyncio.Task[None]", worker._task))  # type: ignore[arg-type]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    if worker._member is not None:
        await asyncio.to_thread(worker._member.leave)
        worker._member = None


async def until_answered(gateway: Gateway, document: dict[str, Json]) -> Reply:
    """Repeat an order, as a shop does, until it isn't in progress any more."""
    contract = next(iter(gateway.plans.by_contract))
    while True:
        reply = await gateway.post(contract, document)
        if reply.reason not in {"in_progress", "storage_unavailable"}:
            return reply
