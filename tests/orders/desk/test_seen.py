"""What people see of orders: the list, one with all that was said, exports, one person's data."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.orders.desk.mappings import BOTH, STORED, TAKEN, order

if TYPE_CHECKING:
    from tests.conftest import ScriptedVendor
    from tests.orders.desk.conftest import Shop

MAIL = "ann.lee@example.com"


@pytest.fixture
def storage() -> str:
    """One kind is enough to look at."""
    return "sqlite:///var/gateway.db"


async def test_the_list_begins_with_what_waits_for_a_person_and_says_what_to_do(
    shop: Shop, vendor: ScriptedVendor
) -> None:
    vendor.say({}, 422)
    vendor.always({})
    gateway = await shop.open(STORED)
    await gateway.post("sync.consume", order("bad"))
    await shop.state("bad", "held")
    await gateway.post("sync.consume", order("good"))
    await shop.state("good", "done")
    said = await shop.orders("list")
    assert said.index(" bad ") < said.index(" good ")
    assert "bad is held. It failed, and nothing of it is at the vendor." in said
    assert "gateway orders retry bad --mapping acme.orders" in said


async def test_the_list_is_narrowed_by_what_is_asked_for(
    shop: Shop, vendor: ScriptedVendor
) -> None:
    vendor.say({}, 422)
    vendor.always({})
    gateway = await shop.open(STORED, TAKEN)
    await gateway.post("sync.consume", order("bad"))
    await shop.state("bad", "held")
    await gateway.post("inventory.consume", order("good"))

    async def keys(*options: object) -> list[str]:
        lines = (await shop.orders("list", "--json", *options)).splitlines()
        return [json.loads(line)["key"] for line in lines]

    assert await keys() == ["bad", "good"]
    assert await keys("--state", "done", "--state", "undone") == ["good"]
    assert await keys("--contract", "sync.consume") == ["bad"]
    assert await keys("--mapping", "acme.stock") == ["good"]
    assert await keys("--vendor", "other") == []
    assert await keys("--key", "oo") == ["good"]
    assert await keys("--error", "ANSWERED 422") == ["bad"]
    assert await keys("--since", "1h") == ["bad", "good"]
    assert await keys("--until", "1h") == []
    assert await keys("--limit", 1) == ["bad"]
    assert (await shop.command("list", "--since", "soon")).exit_code == 2


async def test_what_was_said_is_shown_with_personal_data_masked_unless_asked_for(
    shop: Shop, vendor: ScriptedVendor
) -> None:
    vendor.say({"mail": MAIL, "ref": 7}, 422)
    gateway = await shop.open(STORED)
    await gateway.post("sync.consume", order())
    await shop.state("o1", "held")
    for options in ((), ("--json",)):
        masked = await shop.orders("show", "o1", *options)
        assert MAIL not in masked
        assert "xxx.xxx@xxxxxxx.xxx" in masked
        assert (await shop.orders("show", "o1", "--unmask", *options)).count(MAIL) == 3
    (attempt,) = (await shop.show())["attempts"]
    (effect,) = attempt["effects"]
    assert attempt["received"]["id"] == "o1"
    assert effect["request"]["body"]["key"] == "o1"
    assert effect["answer"]["body"]["ref"] == 7
    assert (effect["verdict"], effect["sends"]) == ("no", 1)
    assert attempt["reply"]["reason"] == "refused"


ZIPPED = """
mapping: acme.orders
contract: sync.consume
vendor: acme
call:
  request:
    method: POST
    path: /orders
    body: {key: order_key, zip: order.shipping_address.zip}
    schema: acme/order.json
  idempotency: order_key
delivery: {answer: when_stored}
"""
TOLD = {"type": "object", "properties": {"key": {}, "zip": {"x-personal": True}}}


async def test_what_a_request_calls_personal_is_masked_however_short_it_is(
    shop: Shop, vendor: ScriptedVendor
) -> None:
    vendor.always({})
    gateway = await shop.open(ZIPPED, schemas={"acme/order.json": TOLD})
    await gateway.post("sync.consume", order() | {"shipping_address": {"zip": "YO1"}})
    await shop.state("o1", "done")
    assert "YO1" not in await shop.orders("show", "o1", "--json")
    assert "YO1" in await shop.orders("show", "o1", "--json", "--unmask")


async def test_a_key_that_several_mappings_have_is_asked_back(
    shop: Shop, vendor: ScriptedVendor
) -> None:
    vendor.always({})
    gateway = await shop.open(STORED, TAKEN)
    await gateway.post("sync.consume", order())
    await gateway.post("inventory.consume", order())
    assert "say --mapping (acme.orders, acme.stock)" in await shop.refused("show", "o1")
    assert '"acme.stock"' in await shop.orders("show", "o1", "--mapping", "acme.stock", "--json")
    assert "no order with the key o9" in await shop.refused("show", "o9")


async def test_orders_are_exported_one_a_line_and_masked(
    shop: Shop, vendor: ScriptedVendor
) -> None:
    vendor.always({})
    gateway = await shop.open(TAKEN)
    for key in ("o1", "o2"):
        await gateway.post("inventory.consume", order(key))
    lines = (await shop.orders("export")).splitlines()
    assert [json.loads(line)["key"] for line in lines] == ["o1", "o2"]
    assert MAIL not in "".join(lines)
    assert MAIL in await shop.orders("export", "--unmask", "--key", "o2")


PERSON = {"first_name": "Ann", "last_name": "Lee", "phone": "+49 (170) 123-4567"}


@pytest.mark.parametrize("text", ["ANN.LEE@example.com", "lee ann", "+49-170-1234567"])
async def test_a_persons_orders_are_found_by_what_is_declared_personal(
    shop: Shop, vendor: ScriptedVendor, text: str
) -> None:
    vendor.always({})
    gateway = await shop.open(TAKEN)
    await gateway.post("inventory.consume", order("hers", shipping_address=PERSON))
    other = {"first_name": "Joanne", "last_name": "Leeds"}
    await gateway.post("inventory.consume", order("his", email="b@example.com", address=other))
    found = (await shop.orders("find-person", text, "--json")).splitlines()
    assert [json.loads(line)["key"] for line in found] == ["hers"]


async def test_a_persons_data_are_erased_from_orders_that_are_over_and_the_others_are_named(
    shop: Shop, vendor: ScriptedVendor
) -> None:
    vendor.say({"told": MAIL})
    vendor.say({}, 503)
    gateway = await shop.open(TAKEN, STORED)
    await gateway.post("inventory.consume", order("over"))
    await gateway.post("sync.consume", order("held"))
    await shop.state("held", "held")
    asked = await shop.command("erase-person", MAIL, stdin="n\n")
    assert (asked.exit_code, "personal data of 1 orders?" in asked.stderr) == (1, True)
    assert MAIL in await shop.orders("show", "over", "--unmask")
    assert "Not in held (acme.orders): it is held." in await shop.refused(
        "erase-person", MAIL, "--yes", "--by", "ann"
    )
    over = await shop.orders("show", "over", "--unmask")
    assert (MAIL in over, "erase by ann" in over) == (False, True)
    assert MAIL in await shop.orders("show", "held", "--unmask")
    assert "have been erased" in await shop.refused("undo", "over")
    reply = await gateway.post("inventory.consume", order("over"))
    assert (reply.status, len(vendor.heard)) == (200, 2)


async def test_what_is_erased_is_not_left_in_the_file_either(
    shop: Shop, vendor: ScriptedVendor
) -> None:
    vendor.always({"told": [MAIL] * 500})
    gateway = await shop.open(TAKEN)
    for number in range(5):
        await gateway.post("inventory.consume", order(f"o{number}"))
    await shop.orders("erase-person", MAIL, "--yes")
    await gateway.stop()
    kept = b"".join(path.read_bytes() for path in (shop.folder / "var").iterdir())
    assert (b"o4" in kept, MAIL.encode() in kept) == (True, False)


async def test_an_order_that_is_held_in_part_names_what_is_done(
    shop: Shop, vendor: ScriptedVendor
) -> None:
    vendor.say({})
    vendor.say({}, 422)
    gateway = await shop.open(BOTH)
    await gateway.post("sync.consume", order())
    assert "A part of it is done (first), and the rest failed." in await shop.orders("show", "o1")
