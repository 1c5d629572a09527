"""A vendor's two mappings as they are written, served before the vendor over HTTP."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

if TYPE_CHECKING:
    from click.testing import Result

    from tests.conftest import Gateway, ScriptedVendor

FERNWOOD = Path(__file__).with_name("fernwood.openapi.yaml")
ADDRESS = {
    "first_name": "Ann",
    "last_name": "Lee",
    "address1": "1 High Street",
    "city": "York",
    "zip": "YO1",
    "country_iso2": "GB",
}


@pytest.fixture
def written(folder: Path, gateway: Callable[..., Result]) -> tuple[list[Path], dict[str, object]]:
    """Give the mappings of two contracts, and the vendor's block."""
    made = {"inventory.validate": "listLevels", "inventory.consume": "reserve"}
    for contract, operation in made.items():
        options = ("--openapi", FERNWOOD, "--operation", operation)
        assert gateway("new", "fernwood", contract, *options).exit_code == 0
    mappings = [
        folder / "mappings" / "fernwood" / f"inventory-{name}.yaml"
        for name in ("validate", "consume")
    ]
    return mappings, yaml.safe_load((folder / "gateway.yaml").read_text())["vendors"]["fernwood"]


async def test_what_is_written_serves_checkouts_and_orders_of_a_vendor_that_nobody_knew(
    deploy: Callable[..., Awaitable[Gateway]],
    vendor: ScriptedVendor,
    written: tuple[list[Path], dict[str, object]],
) -> None:
    mappings, block = written
    running = await deploy(
        *mappings,
        vendors={"fernwood": {**block, "base_url": vendor.url}},
        environment={"FERNWOOD_KEY": "the-key"},
    )

    vendor.say({"levels": [{"sku": "TEA-01", "onHand": 5}], "nextPageToken": "2"})
    vendor.say({"levels": [{"sku": "POT-02", "onHand": 1}], "nextPageToken": None})
    lines = [
        {"product_id": "p", "variant_id": "a", "sku": "TEA-01", "quantity": 3},
        {"product_id": "q", "variant_id": "b", "sku": "POT-02", "quantity": 2},
        {"product_id": "r", "variant_id": "c", "sku": "GONE", "quantity": 1},
    ]
    reply = await running.post("inventory.validate", {"items": lines})
    assert reply.status == 200
    assert [line["available"] for line in reply.body["checkout"]["items"]] == [5, 1, 0]  # type: ignore[index,call-overload]
    first, second = vendor.heard
    assert first.target == "/sites/BER-1/levels?skus=TEA-01%2CPOT-02%2CGONE"
    assert second.target == f"{first.target}&pageToken=2"
    assert first.headers["x-fernwood-key"] == "the-key"

    vendor.say({"id": "R-1", "orderRef": "N-7", "priority": "normal", "lines": []}, 201)
    order = {"id": "N-7", "order_items": lines[:1], "shipping_address": ADDRESS}
    reply = await running.post("inventory.consume", order)
    assert reply.body == {"order": order}
    taken = vendor.heard[-1]
    assert (taken.method, taken.target) == ("POST", "/reservations")
    assert len(taken.headers["idempotency-key"]) == 36
    assert taken.json == {
        "orderRef": "N-7",
        "priority": "normal",
        "lines": [{"sku": "TEA-01", "qty": 3}],
        "shipTo": {
            "name": "Ann Lee",
            "street": "1 High Street",
            "city": "York",
            "postcode": "YO1",
            "countryCode": "GB",
        },
    }
