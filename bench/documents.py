"""What expressions are timed on: the scope of an exchange with so many lines."""

from __future__ import annotations

from collections.abc import Iterable

SIZES = (3, 10, 100, 1_000)


def scope(lines: int) -> dict[str, object]:
    """Give every name that the shipped mappings use, for an order with so many lines."""
    items = [_line(number) for number in range(lines)]
    rows = [_count(number) for number in range(lines)]
    order = _order(items)
    return {
        "attempt": 1,
        "body": {"counts": rows, "cursor": "next-page"},
        "calls": {"counts": {"body": {"counts": rows}}},
        "change": {"item": "V0", "location": "L1", "quantity": 1},
        "changes": [[_change(number)] for number in range(lines)],
        "checkout": order,
        "chosen": "std",
        "discount": {"coupon": "VIP-5", "kind": "percentage", "amount": "9.95"},
        "fault": None,
        "headers": {"content-type": "application/json"},
        "index": lines - 1,
        "key": "2c37c04b-90b0-51bd-af22-5b1c3cf87a1a",
        "keys": [item["variant_id"] for item in items],
        "line": items[-1],
        "lines": items,
        "order": order,
        "order_key": "4711",
        "orders": [order],
        "page": {"next": None},
        "part": [_change(number) for number in range(min(lines, 100))],
        "payment": {"external_id": "tok_visa", "amount": "219.90"},
        "placed_at": order["placed_at"],
        "rate": {"service_code": "std", "amount": "4.9", "currency": "USD"},
        "rates": [{"id": "exp", "price": "14.90"}, {"id": "std", "price": "4.90"}],
        "received_at": "2026-11-22T20:05:00.000Z",
        "row": rows[-1],
        "rows": rows,
        "settings": {"square": {"location_ids": ["L1", "L2"], "changes_at_once": 100}},
        "shelves": {row["catalog_object_id"]: [row] for row in rows},
        "ship": order["shipping_address"],
        "status": 200,
        "taken": {"quantity": 1, "from": rows[0]},
        "undo_key": "0f7e3b6e-90b0-51bd-af22-5b1c3cf87a1a",
        "wanted": {"key": "V0", "value": [items[0]]},
    }


def refusal(lines: int) -> dict[str, object]:
    """Give the same scope after the vendor refused: its errors instead of its rows."""
    errors: list[object] = [
        {"code": _CODES[number % 3], "field": f"changes[{number}].adjustment.quantity"}
        for number in range(lines)
    ]
    problems: list[object] = [{"line": number, "problem": "unknown_sku"} for number in range(lines)]
    error = {"code": "unknown_sku", "problems": problems}
    return scope(lines) | {"body": {"errors": errors, "error": error}, "status": 400}


def counts(rows: int) -> dict[str, list[dict[str, str]]]:
    """Give Square's answer with so many rows, all in stock."""
    return {"counts": [_count(number) for number in range(rows)]}


def checkout(skus: Iterable[int], number: int = 0) -> dict[str, object]:
    """Give a shop's checkout of these articles; `number` makes it another one."""
    items = [_line(sku) | {"quantity": 1 + number % 3} for sku in skus]
    return {
        "id": f"checkout-{number}",
        "currency": "USD",
        "email": f"ada+{number}@example.com",
        "items": items,
        "metadata": {"visit": number},
    }


def count_of(article: str) -> dict[str, str]:
    """Give Square's row for an article such as V7."""
    return _count(int(article.removeprefix("V")))


_CODES = ("VALUE_TOO_LOW", "NOT_FOUND", "IDEMPOTENCY_KEY_REUSED")


def _line(number: int) -> dict[str, object]:
    return {
        "product_id": f"P{number // 2}",
        "variant_id": f"V{number}",
        "sku": f"SKU-{number}",
        "quantity": 1 + number % 5,
        "price": f"{number % 90 + 10}.90",
        "title": "A thing of beauty",
        "metadata": {"gift": False},
    }


def _count(number: int) -> dict[str, str]:
    return {
        "catalog_object_id": f"V{number}",
        "catalog_object_type": "ITEM_VARIATION",
        "state": "IN_STOCK",
        "location_id": "L1",
        "quantity": str(number % 50),
        "calculated_at": "2026-11-22T20:05:00.000Z",
    }


def _change(number: int) -> dict[str, object]:
    return {"item": f"V{number}", "location": "L1", "quantity": 1}


def _order(items: list[dict[str, object]]) -> dict[str, object]:
    return {
        "id": 4711,
        "placed_at": "2026-11-22T20:05:00.000Z",
        "currency": "USD",
        "price": "219.90",
        "email": "ada@example.com",
        "metadata": {},
        "order_items": items,
        "shipping_address": {
            "first_name": "Ada",
            "last_name": "Lovelace",
            "address1": "12 St James's Square",
            "city": "London",
            "zip": "SW1Y 4JH",
            "country_iso2": "GB",
        },
    }
