"""Square: checkouts get their stock, orders take it, once."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulators import faults
from tests.mappings.answers import Node, answers_of
from tests.orders.conftest import crash, until_answered

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

    from gateway.lossless import Json
    from tests.conftest import Reply, ScriptedVendor
    from tests.mappings.conftest import Open, Square

COUNTS = "/v2/inventory/counts/batch-retrieve"
CHANGES = "/v2/inventory/changes/batch-create"
SETTINGS = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
Against = Callable[[str, object], list[str]]


def line(variant: str, quantity: Json = 1) -> dict[str, Json]:
    return {"product_id": "p", "variant_id": variant, "quantity": quantity}


def checkout(*lines: Json) -> dict[str, Json]:
    return {"id": "c-1", "items": list(lines)}


def order(*lines: Json, **more: Json) -> dict[str, Json]:
    return {"id": "o-1", "order_items": list(lines), **more}


def available(reply: Reply) -> list[Json]:
    assert reply.status == 200, reply.cause
    return [each["available"] for each in reply.body["checkout"]["items"]]  # type: ignore[index]


def asked(square: Square, path: str) -> list[str | None]:
    return [each.body for each in square.simulator.ledger.requests if each.path == path]


async def test_every_line_gets_its_stock(open_square: Open, square: Square):
    square.simulator.set_stock("A", "L1", "79")
    square.simulator.set_stock("B", "L1", "2.5")
    square.simulator.set_stock("C", "L1", "-3")
    gateway = await open_square(square.url)
    reply = await gateway.post(
        "inventory.validate", checkout(line("A", 70), line("B"), line("C"), line("D"), line("A"))
    )
    assert available(reply) == [79, 2, 0, 0, 9]


async def test_the_stock_of_several_locations_adds_up(open_square: Open, square: Square):
    square.simulator.set_stock("A", "L1", 2)
    square.simulator.set_stock("A", "L2", 5)
    square.simulator.set_stock("A", "L3", 100)
    square.simulator.set_stock("A", "L1", 40, "WASTE")
    gateway = await open_square(square.url, locations=("L1", "L2"))
    assert available(await gateway.post("inventory.validate", checkout(line("A")))) == [7]


async def test_more_ids_than_square_takes_are_split_and_every_page_is_read(
    open_square: Open, square: Square
):
    ids = [f"V{number}" for number in range(1201)]
    for number, variant in enumerate(ids):
        square.simulator.set_stock(variant, "L1", number)
    gateway = await open_square(square.url)
    reply = await gateway.post("inventory.validate", checkout(*map(line, ids)))
    assert available(reply) == list(range(1201))
    assert len(asked(square, COUNTS)) == 4 + 1  # 1,000 ids in pages of 300, then 201


async def test_an_order_takes_its_lines_from_stock(open_square: Open, square: Square):
    square.simulator.set_stock("A", "L1", 5)
    square.simulator.set_stock("B", "L1", 5)
    gateway = await open_square(square.url)
    sent = order(line("A", 2), line("B", 5), line("A", 1))
    reply = await gateway.post("inventory.consume", sent)
    assert reply.body == {"order": sent}
    assert (square.simulator.stock_of("A"), square.simulator.stock_of("B")) == (2, 0)


async def test_a_shortage_is_refused_and_nothing_is_taken(open_square: Open, square: Square):
    square.simulator.set_stock("A", "L1", 2)
    gateway = await open_square(square.url)
    reply = await gateway.post("inventory.consume", order(line("A", 3), line("B")))
    assert (reply.status, reply.reason) == (422, "out_of_stock")
    assert reply.error["category"] == "inventory_service"
    assert [each["available"] for each in reply.details["lines"]] == [2, 0]  # type: ignore[index, union-attr]
    assert asked(square, CHANGES) == []


async def test_the_same_order_again_takes_its_stock_once(open_square: Open, square: Square):
    square.simulator.set_stock("A", "L1", 3)
    gateway = await open_square(square.url)
    replies = [await gateway.post("inventory.consume", order(line("A", 2))) for _ in range(3)]
    assert [reply.status for reply in replies] == [200] * 3
    assert square.simulator.stock_of("A") == 1


async def test_an_order_that_changed_is_refused(open_square: Open, square: Square):
    square.simulator.set_stock("A", "L1", 9)
    gateway = await open_square(square.url)
    await gateway.post("inventory.consume", order(line("A", 2)))
    reply = await gateway.post("inventory.consume", order(line("A", 3)))
    assert (reply.status, reply.reason) == (422, "key_reused")
    assert square.simulator.stock_of("A") == 7


async def test_a_key_that_square_knows_with_other_changes_is_refused_in_words(
    open_square: Open, square: Square
):
    square.simulator.set_stock("A", "L1", 9)
    for quantity, status in ((2, 200), (3, 422)):
        gateway = await open_square(square.url, durable=False)  # as if its database were lost
        reply = await gateway.post("inventory.consume", order(line("A", quantity)))
        assert reply.status == status
    assert reply.error["error"] == "Stock was already taken for this order, with other lines"
    assert square.simulator.stock_of("A") == 7


async def test_an_item_that_left_the_catalogue_is_named_by_its_field(
    open_square: Open, vendor: ScriptedVendor
):
    vendor.say({"counts": [{"catalog_object_id": "A", "location_id": "L1", "quantity": "9"}]})
    field = "changes[0].adjustment.catalog_object_id"
    error = {"category": "INVALID_REQUEST_ERROR", "code": "NOT_FOUND", "field": field}
    vendor.say({"errors": [error]}, 404)
    gateway = await open_square(vendor.url)
    reply = await gateway.post("inventory.consume", order(line("A")))
    assert (reply.status, reply.error["error"]) == (422, "An item is not in the Square catalogue")
    assert reply.details["fields"] == [field]


async def test_the_first_location_is_taken_from_before_the_next(open_square: Open, square: Square):
    square.simulator.set_stock("A", "L1", 5)
    square.simulator.set_stock("A", "L2", "2.5")
    square.simulator.set_stock("A", "L3", 100)
    gateway = await open_square(square.url, locations=("L2", "L1"))
    reply = await gateway.post("inventory.consume", order(line("A", 2), line("A", 1)))
    assert reply.status == 200, reply.cause
    left = [square.simulator.stock_of("A", location) for location in ("L1", "L2", "L3")]
    assert left == [4, Decimal("0.5"), 100]


async def test_over_a_hundred_changes_go_out_in_parts_with_keys_of_their_own(
    open_square: Open, square: Square
):
    ids = [f"V{number}" for number in range(201)]
    for variant in ids:
        square.simulator.set_stock(variant, "L1", 3)
    gateway = await open_square(square.url)
    reply = await gateway.post("inventory.consume", order(*(line(variant, 2) for variant in ids)))
    assert reply.status == 200, reply.cause
    assert {square.simulator.stock_of(variant) for variant in ids} == {1}
    bodies = [json.loads(body or "") for body in asked(square, CHANGES)]
    assert [len(body["changes"]) for body in bodies] == [100, 100, 1]
    assert len({body["idempotency_key"] for body in bodies}) == 3


@pytest.mark.parametrize("lost", [1, 2, 3])
async def test_a_part_whose_answer_is_lost_is_sent_again_with_the_same_bytes(
    open_square: Open, square: Square, lost: int
):
    ids = [f"V{number}" for number in range(201)]
    for variant in ids:
        square.simulator.set_stock(variant, "L1", 2)
    well = [faults.Delay(path=CHANGES, times=lost - 1)] if lost > 1 else []
    square.simulator.faults.order(*well, faults.ResetAfterRead(path=CHANGES, applied=True))
    gateway = await open_square(square.url)
    sent = order(*(line(variant, 2) for variant in ids))
    assert (await gateway.post("inventory.consume", sent)).status == 200
    assert {square.simulator.stock_of(variant) for variant in ids} == {0}
    bodies = asked(square, CHANGES)
    assert (len(bodies), len(set(bodies))) == (4, 3)


async def test_an_order_in_whose_middle_the_gateway_dies_takes_what_it_would_have_taken(
    open_square: Open, square: Square
):
    ids = [f"V{number}" for number in range(101)]
    for variant in ids:
        square.simulator.set_stock(variant, "L1", 1)
        square.simulator.set_stock(variant, "L2", 5)
    square.simulator.faults.order(faults.Delay(path=CHANGES), faults.Hold(path=CHANGES))
    sent = order(*(line(variant, 2) for variant in ids))
    impatient: Json = {"signature": {"secrets": [{"env": "SECRET"}]}, "deadline": "1500ms"}
    first = await open_square(square.url, locations=("L1", "L2"), nacelle=impatient)
    assert (await first.post("inventory.consume", sent)).reason == "in_progress"
    await crash(first)
    second = await open_square(square.url, "inventory-consume", locations=("L2", "L1"))
    assert (await until_answered(second, sent)).status == 200
    assert {square.simulator.stock_of(variant, "L1") for variant in ids} == {0}
    assert {square.simulator.stock_of(variant, "L2") for variant in ids} == {4}
    assert len(set(asked(square, CHANGES))) == 3


async def test_a_part_that_is_refused_puts_back_the_parts_before_it(
    open_square: Open, square: Square
):
    ids = [f"V{number}" for number in range(101)]
    for variant in ids:
        square.simulator.set_stock(variant, "L1", 2)
    no: dict[str, object] = {"errors": [{"category": "INVALID_REQUEST_ERROR", "code": "NOT_FOUND"}]}
    second = faults.Status(path=CHANGES, status=404, body=no)
    square.simulator.faults.order(faults.Delay(path=CHANGES), second)
    gateway = await open_square(square.url)
    sent = order(*(line(variant, 2) for variant in ids))
    reply = await gateway.post("inventory.consume", sent)
    assert (reply.status, reply.error["error"]) == (422, "An item is not in the Square catalogue")
    assert (reply.details["undone"], reply.details["failed"][0]["index"]) == (["take[0]"], 1)  # type: ignore[index, call-overload]
    assert {square.simulator.stock_of(variant) for variant in ids} == {2}
    assert (await gateway.post("inventory.consume", sent)).status == 200
    assert {square.simulator.stock_of(variant) for variant in ids} == {0}


async def test_the_parts_of_a_multi_order_are_all_taken_or_none(open_square: Open, square: Square):
    square.simulator.set_stock("A", "L1", 3)
    square.simulator.set_stock("B", "L1", 1)
    gateway = await open_square(square.url)
    parts: list[Json] = [{"order_items": [line("A", 2)]}, {"order_items": [line("B", 2)]}]
    reply = await gateway.post("inventory.consume", {"id": "o-1", "orders": parts})
    assert (reply.status, reply.reason) == (422, "out_of_stock")
    assert [each["variant_id"] for each in reply.details["lines"]] == ["B"]  # type: ignore[index, union-attr]
    assert square.simulator.ledger.effects == []
    parts[1] = {"order_items": [line("A"), line("B")]}
    assert (await gateway.post("inventory.consume", {"id": "o-2", "orders": parts})).status == 200
    assert (square.simulator.stock_of("A"), square.simulator.stock_of("B")) == (0, 0)


LIMITED = faults.Status(
    status=429, body={"errors": [{"category": "RATE_LIMIT_ERROR", "code": "RATE_LIMITED"}]}
)


@pytest.mark.parametrize("path", [COUNTS, CHANGES])
async def test_a_limit_on_calls_is_our_trouble(open_square: Open, square: Square, path: str):
    square.simulator.set_stock("A", "L1", 9)
    square.simulator.faults.order(
        faults.Status(path=path, status=LIMITED.status, body=LIMITED.body)
    )
    gateway = await open_square(square.url)
    reply = await gateway.post("inventory.consume", order(line("A")))
    assert (reply.status, reply.reason) == (500, "vendor_throttled")
    assert square.simulator.stock_of("A") == 9


@pytest.mark.parametrize("contract", ["inventory.validate", "inventory.consume"])
async def test_a_wrong_token_is_our_trouble(open_square: Open, square: Square, contract: str):
    gateway = await open_square(square.url, token="wrong")
    reply = await gateway.post(contract, order(line("A")))
    assert (reply.status, reply.reason) == (500, "vendor_credentials")


@pytest.mark.parametrize("contract", ["inventory.validate", "inventory.consume"])
async def test_square_out_of_reach_is_our_trouble(open_square: Open, contract: str):
    gateway = await open_square("http://127.0.0.1:9")
    reply = await gateway.post(contract, order(line("A")))
    assert (reply.status, reply.reason) == (500, "vendor_unreachable")


async def test_errors_beside_a_200_are_no_counts(open_square: Open, vendor: ScriptedVendor):
    vendor.say({"errors": [{"category": "API_ERROR", "code": "SERVICE_UNAVAILABLE"}]})
    gateway = await open_square(vendor.url)
    reply = await gateway.post("inventory.validate", checkout(line("A")))
    assert (reply.status, reply.reason) == (500, "vendor_error")


IDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)
LINES = st.lists(st.builds(line, IDS, st.integers(0, 10**6)), min_size=1, max_size=8)
LAYOUTS = st.sampled_from(["items", "order_items", "orders"])


@st.composite
def objects(draw: st.DrawFn) -> dict[str, Json]:
    """Any checkout or order that the contracts allow and that has an id."""
    layout, lines = draw(LAYOUTS), draw(LINES)
    own: dict[str, Json] = (
        {"orders": [{"order_items": lines}]} if layout == "orders" else {layout: lines}
    )
    extra = draw(st.dictionaries(st.sampled_from(["created_at", "x", "metadata"]), st.none()))
    return {"id": draw(IDS.filter(str.strip) | st.integers(1, 10**25)), **own, **extra}


@SETTINGS
@given(document=objects(), contract=st.sampled_from(["inventory.validate", "inventory.consume"]))
async def test_whatever_is_ordered_square_gets_what_its_specification_says(
    open_square: Open,
    vendor: ScriptedVendor,
    faults_by_specification: Against,
    document: dict[str, Json],
    contract: str,
):
    vendor.reset()
    vendor.answer_by(plenty)
    gateway = await open_square(vendor.url, durable=False)
    reply = await gateway.post(contract, document)
    assert reply.status == 200, reply.cause
    names = {COUNTS: "BatchRetrieveInventoryCountsRequest", CHANGES: "BatchChangeInventoryRequest"}
    for heard in vendor.heard:
        assert faults_by_specification(names[heard.target], heard.json) == []
    some = any(line["quantity"] for line in lines_of(document))
    takes = contract == "inventory.consume" and some
    assert [heard.target for heard in vendor.heard] == ([COUNTS, CHANGES] if takes else [COUNTS])


def lines_of(document: dict[str, Json]) -> list[dict[str, Json]]:
    parts = document.get("orders", [document])
    return [
        line for part in parts for name in ("items", "order_items") for line in part.get(name, [])
    ]  # type: ignore[union-attr, call-overload, index]


def plenty(heard: object) -> Json:
    """Answer as a Square that has a lot of everything."""
    request: dict[str, Json] = heard.json  # type: ignore[attr-defined]
    ids: list[Json] = request.get("catalog_object_ids", [])  # type: ignore[assignment]
    counts: list[Json] = [
        {"catalog_object_id": key, "location_id": "L1", "quantity": "99999999"} for key in ids
    ]
    return {"counts": counts, "order": {"id": "ORDER1", "location_id": "L1"}}


STATUSES = st.sampled_from([200, 200, 200, 400, 401, 404, 409, 429, 500, 503])


@SETTINGS
@given(data=st.data(), contract=st.sampled_from(["inventory.validate", "inventory.consume"]))
async def test_whatever_square_may_answer_the_envelope_is_valid(
    open_square: Open,
    vendor: ScriptedVendor,
    specification: Node,
    envelope: Draft202012Validator,
    data: st.DataObject,
    contract: str,
):
    schemas: dict[str, Node] = specification["components"]["schemas"]  # type: ignore[index]
    names = ["BatchRetrieveInventoryCountsResponse", "BatchChangeInventoryResponse"]
    counts, changes = (answers_of(schemas[name], schemas) for name in names)
    vendor.reset()
    enough = {"counts": [{"catalog_object_id": "A", "location_id": "L1", "quantity": "9"}]}
    for part in data.draw(st.lists(counts | st.just(enough), min_size=1, max_size=3)):
        vendor.say(part, data.draw(STATUSES))
    vendor.say(data.draw(changes), data.draw(STATUSES))
    gateway = await open_square(vendor.url, durable=False)
    reply = await gateway.post(contract, order(line("A", 1)))
    assert [error.message for error in envelope.iter_errors(json.loads(reply.content))] == []
    assert reply.reason not in {"internal", "reply_invalid", "vendor_request"}
    assert reply.status in {200, 422, 500}
