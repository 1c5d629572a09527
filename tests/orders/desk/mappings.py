"""What the shop of these tests sells by: its mappings and its orders."""

from __future__ import annotations

from typing import Any

STORED = """
mapping: acme.orders
contract: sync.consume
vendor: acme
call:
  request: {method: POST, path: /orders, body: {key: order_key, mail: order.email}}
delivery: {answer: when_stored}
"""
TAKEN = """
mapping: acme.stock
contract: inventory.consume
vendor: acme
call:
  request: {method: POST, path: /take, body: {key: order_key, mail: order.email}}
  undo:
    request: {method: POST, path: /back, body: {key: order_key}}
"""
BOTH = """
mapping: acme.both
contract: sync.consume
vendor: acme
calls:
  first:
    request: {method: POST, path: /first, body: {key: order_key}}
  second:
    request: {method: POST, path: /second, body: {key: order_key}}
"""


def order(key: str = "o1", **more: object) -> dict[str, Any]:
    line = {"product_id": "p", "variant_id": "v", "quantity": 1}
    return {"id": key, "email": "ann.lee@example.com", "order_items": [line], **more}
