"""What the vendor made: a success that doesn't tell it is no "no"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.orders.conftest import UNKNOWABLE, order

if TYPE_CHECKING:
    from tests.conftest import ScriptedVendor
    from tests.orders.conftest import Deploy


async def test_a_success_without_its_result_is_in_doubt_and_not_sent_again(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.always({})
    gateway = await deploy(UNKNOWABLE + "  result: body.id\n", durable=True)
    for _ in range(2):
        reply = await gateway.post("inventory.consume", order())
        assert (reply.status, reply.reason) == (500, "in_doubt")
    assert "`body.id` is missing" in reply.cause
    assert len(vendor.heard) == 1
