"""The Square mappings before a mock that is made from Square's whole specification, over HTTP."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from tests.mappings.specified import SpecifiedSquare

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.lossless import Json
    from tests.conftest import ScriptedVendor
    from tests.mappings.conftest import Open

LOCATIONS = ("L1", "L2")
SEEDS = pytest.mark.parametrize("seed", range(12))


@pytest.fixture
def specified(
    seed: int,
    vendor: ScriptedVendor,
    specification: dict[str, object],
    faults_by_specification: Callable[[str, object], list[str]],
) -> SpecifiedSquare:
    """The mock, with some stock of A and B at both locations, behind the vendor's address."""
    random = Random(seed)  # noqa: S311 - the same in every run, and nothing secret
    stock = {(id_, place): random.randrange(9) for id_ in "AB" for place in LOCATIONS}
    made = SpecifiedSquare(specification, faults_by_specification, random, stock)
    vendor.answer_by(made.answer)
    return made


def line(variant: str, quantity: int) -> dict[str, Json]:
    return {"product_id": "p", "variant_id": variant, "quantity": quantity, "price": "19.90"}


@SEEDS
async def test_stock_is_asked_for_and_read_as_the_specification_says(
    open_square: Open, vendor: ScriptedVendor, specified: SpecifiedSquare
):
    gateway = await open_square(vendor.url, locations=LOCATIONS)
    lines: list[Json] = [line("A", 1), line("B", 1), line("C", 1)]
    reply = await gateway.post("inventory.validate", {"items": lines})
    assert reply.status == 200, reply.cause
    items: Any = reply.body["checkout"]["items"]  # type: ignore[index, call-overload]
    wanted = [sum(n for (of, _), n in specified.stock.items() if of == id_) for id_ in "ABC"]
    assert [each["available"] for each in items] == wanted
    assert (specified.wrong, len(specified.heard)) == ([], 2)


@SEEDS
async def test_stock_is_taken_as_the_specification_says(
    open_square: Open, vendor: ScriptedVendor, specified: SpecifiedSquare
):
    gateway = await open_square(vendor.url, locations=LOCATIONS)
    wanted = {"A": 5, "B": 3}
    lines: list[Json] = [line(id_, quantity) for id_, quantity in wanted.items()]
    reply = await gateway.post("inventory.consume", {"id": "o-1", "order_items": lines})
    there = Counter[str]()
    for (id_, _), count in specified.stock.items():
        there[id_] += count
    enough = all(there[id_] >= quantity for id_, quantity in wanted.items())
    assert reply.status == (200 if enough else 422), reply.cause
    taken = Counter[str]()
    for name, asked in specified.heard:
        if name == "BatchChangeInventoryResponse":
            for change in asked["changes"]:
                moved = change["adjustment"]
                taken[moved["catalog_object_id"]] += int(moved["quantity"])
    assert taken == (wanted if enough else {})
    assert specified.wrong == []


@SEEDS
async def test_orders_are_sent_as_the_specification_says(
    open_square: Open, vendor: ScriptedVendor, specified: SpecifiedSquare
):
    gateway = await open_square(vendor.url, "sync-consume")
    address: Json = {"first_name": "Ann", "last_name": "Lee", "city": "York", "country_iso2": "GB"}
    order: dict[str, Json] = {
        "id": "o-1",
        "currency": "GBP",
        "email": "ann@shop.example",
        "orders": [
            {"shipping_address": address, "order_items": [line("A", 1)]},
            {"order_items": [line("B", 2), line("C", 1)]},
        ],
    }
    reply = await gateway.post("sync.consume", order)
    assert (reply.status, specified.wrong) == (200, []), reply.cause
    sent = [
        [each["quantity"] for each in asked["order"]["line_items"]] for _, asked in specified.heard
    ]
    assert sent == [["1"], ["2", "1"]]
