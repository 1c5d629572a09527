"""`each`: a call for each element of a list, at most so many at once, its answers in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.plan.journal import Spot
from simulators.faults import Delay, ResetAfterRead
from tests.conftest import Canned
from tests.plan.journals import Remembering

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.lossless import Json
    from tests.conftest import Heard, Reply, ScriptedVendor
    from tests.plan.conftest import Deploy

A_WEEK = 600_000_000


def line(key: str, quantity: int = 1, **more: Json) -> dict[str, Json]:
    return {"product_id": "p", "variant_id": key, "quantity": quantity, **more}


RATES = """
mapping: rates
contract: shipping.validate
vendor: acme
call:
  each: lines
  as: each
  at_once: 3
  let: {name: each.variant_id}
  request: {method: GET, path: "/{name}/{index}"}
reply:
  set:
    shipping_rates: >-
      calls.call[].{i: index, was: outcome, of: item.variant_id, s: status, b: body.to}
"""


def echo(heard: Heard) -> Json:
    return {"to": heard.target}


async def ask(deploy: Deploy, text: str, *keys: str) -> Reply:
    return await (await deploy(text)).post("shipping.validate", {"items": [line(k) for k in keys]})


async def test_answers_stand_in_the_order_of_the_elements_with_item_index_and_outcome(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.faults.order(Delay(path="/a", delay_ms=50))
    vendor.answer_by(echo)
    reply = await ask(deploy, RATES, "a", "b")
    assert reply.body["checkout"]["shipping_rates"] == [  # type: ignore[index, call-overload]
        {"i": 0, "was": "done", "of": "a", "s": 200, "b": "/a/0"},
        {"i": 1, "was": "done", "of": "b", "s": 200, "b": "/b/1"},
    ]
    assert {call["index"] for call in reply.log["calls"]} == {0, 1}  # type: ignore[attr-defined]


@pytest.mark.parametrize(("text", "most"), [(RATES, 3), (RATES.replace("  at_once: 3\n", ""), 1)])
async def test_as_many_run_at_once_as_the_mapping_says_and_no_more(
    deploy: Deploy, vendor: ScriptedVendor, text: str, most: int
):
    vendor.crowd = most  # nobody is answered before that many are there
    vendor.linger = 0.02
    vendor.answer_by(echo)
    reply = await ask(deploy, text, *"abcdefg")
    assert (reply.status, vendor.busiest, len(vendor.heard)) == (200, most, 7)


async def test_no_elements_are_no_calls_and_an_empty_list(deploy: Deploy, vendor: ScriptedVendor):
    reply = await ask(deploy, RATES.replace("each: lines", "each: lines[?gift]"), "a")
    assert reply.body["checkout"]["shipping_rates"] == []  # type: ignore[index, call-overload]
    assert vendor.heard == []


async def test_an_each_that_is_skipped_whole_is_an_empty_list(
    deploy: Deploy, vendor: ScriptedVendor
):
    reply = await ask(deploy, RATES.replace("  as: each", "  when: '`false`'\n  as: each"), "a")
    assert reply.body["checkout"]["shipping_rates"] == []  # type: ignore[index, call-overload]
    assert vendor.heard == []


@pytest.mark.parametrize(
    ("each", "cause"), [("checkout.nope", "`checkout.nope` is missing"), ("checkout", "is no list")]
)
async def test_what_is_no_list_is_refused(
    deploy: Deploy, vendor: ScriptedVendor, each: str, cause: str
):
    reply = await ask(deploy, RATES.replace("each: lines", f"each: {each}"), "a")
    assert (reply.status, reply.reason, vendor.heard) == (400, "missing_data", [])
    assert cause in reply.cause


async def test_more_than_a_thousand_elements_are_refused_unasked(
    deploy: Deploy, vendor: ScriptedVendor
):
    reply = await ask(deploy, RATES, *["a"] * 1001)
    assert (reply.status, reply.reason, vendor.heard) == (400, "missing_data", [])
    assert "has 1001 elements, more than 1000" in reply.cause


async def test_the_first_refused_element_ends_the_exchange_and_cuts_off_the_rest(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.crowd = 3
    vendor.faults.order(Delay(path="/c", delay_ms=A_WEEK))
    vendor.answer_by(lambda h: Canned({}, 429) if h.target == "/b/1" else echo(h))
    reply = await ask(deploy, RATES, *"abcdef")
    assert (reply.status, reply.reason) == (500, "vendor_throttled")
    assert {heard.target for heard in vendor.heard} <= {"/a/0", "/b/1", "/c/2", "/d/3"}


REPORT = RATES.replace("  at_once: 3\n", "  on_failure: report\n")


async def test_a_failure_may_be_reported_as_the_elements_outcome(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.answer_by(lambda h: Canned({}, 503) if h.target == "/b/1" else echo(h))
    reply = await ask(deploy, REPORT, "a", "b", "c")
    rates = reply.body["checkout"]["shipping_rates"]  # type: ignore[index, call-overload]
    assert [(each["was"], each["s"]) for each in rates] == [  # type: ignore[index, call-overload]
        ("done", 200),
        ("failed", None),
        ("done", 200),
    ]
    note = {"gateway": {"call": "call", "reason": "vendor_error", "index": 1}}
    assert reply.body["checkout"]["meta_data"] == [note]  # type: ignore[index, call-overload]
    assert reply.log["level"] == "warning"
    assert reply.log["failed"] == [
        {"call": "call", "index": 1, "reason": "vendor_error", "cause": "acme answered 503"}
    ]


async def test_a_request_that_can_not_be_made_is_never_just_reported(
    deploy: Deploy, vendor: ScriptedVendor
):
    text = REPORT.replace("each.variant_id", "each.absent")
    reply = await ask(deploy, text, "a")
    assert (reply.status, reply.reason, vendor.heard) == (400, "missing_data", [])


TAKE = """
mapping: take
contract: inventory.consume
vendor: acme
call:
  each: orders
  as: sub
  let: {key: "uuid5(order_key, sub.external_id)"}
  request: {method: POST, path: "/take/{sub.external_id}", body: {key: key}}
  idempotency: key
"""


def order(*ids: str) -> dict[str, Json]:
    subs: list[Json] = [
        {"external_id": id_, "order_items": [line(str(n))]} for n, id_ in enumerate(ids)
    ]
    return {"id": "o", "orders": subs}


async def test_an_effect_has_a_key_and_an_intent_for_each_element(
    deploy: Deploy, vendor: ScriptedVendor
):
    journal = Remembering()
    vendor.always({})
    reply = await (await deploy(TAKE, journal=journal)).post("inventory.consume", order("x", "y"))
    assert reply.body == {"order": order("x", "y")}
    assert [spot for spot, _ in journal.intents] == [Spot("call", 0), Spot("call", 1)]
    first, second = (heard.json["key"] for heard in vendor.heard)  # type: ignore[index, call-overload]
    assert first != second


async def test_effects_run_one_after_another_unless_the_mapping_says_otherwise(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.always({})
    vendor.linger = 0.02
    await (await deploy(TAKE)).post("inventory.consume", order("x", "y", "z"))
    assert (vendor.busiest, [h.target for h in vendor.heard]) == (
        1,
        ["/take/x", "/take/y", "/take/z"],
    )


@pytest.mark.parametrize("status", [422, 503])
async def test_an_effect_that_fails_after_others_were_done_is_told_as_done_in_part(
    deploy: Deploy, vendor: ScriptedVendor, status: int
):
    vendor.answer_by(lambda h: Canned({}, status) if h.target == "/take/y" else {})
    reply = await (await deploy(TAKE)).post("inventory.consume", order("x", "y", "z"))
    assert (reply.status, reply.reason) == (500, "partly_done")
    assert (reply.details["done"], reply.details["repeat"]) == ([0], "safe")
    reasons = [each["reason"] for each in reply.details["failed"]]  # type: ignore[union-attr, index, call-overload]
    assert reasons == ["refused" if status == 422 else "in_doubt"]
    assert [heard.target for heard in vendor.heard] == ["/take/x", "/take/y"]


async def test_an_effect_of_which_nothing_was_done_is_told_as_the_vendors_no(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.answer_by(lambda _: Canned({}, 422))
    reply = await (await deploy(TAKE)).post("inventory.consume", order("x", "y"))
    assert (reply.status, reply.reason, len(vendor.heard)) == (422, "refused", 1)


async def test_effects_that_have_begun_are_waited_for_and_doubt_counts_more_than_a_no(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.crowd = 2
    vendor.faults.order(ResetAfterRead(path="/take/y", applied=True))
    vendor.answer_by(lambda h: Canned({}, 422) if h.target == "/take/x" else {})
    text = TAKE.replace("  as: sub", "  as: sub\n  at_once: 2")
    reply = await (await deploy(text)).post("inventory.consume", order("x", "y", "z"))
    assert (reply.status, reply.reason, len(vendor.heard)) == (500, "in_doubt", 2)


async def test_elements_with_the_same_idempotency_value_are_refused_unsent(
    deploy: Deploy, vendor: ScriptedVendor
):
    """The vendor would take the second for a repeat of the first, and do nothing."""
    reply = await (await deploy(TAKE)).post("inventory.consume", order("x", "y", "x"))
    assert (reply.status, reply.reason, vendor.heard) == (400, "missing_data", [])
    assert "`key` is the same for elements 0 and 2" in reply.cause


FOUND = """
mapping: take
contract: inventory.consume
vendor: acme
call:
  each: orders
  as: sub
  request: {method: POST, path: "/take/{sub.external_id}"}
  find:
    request: {method: GET, path: "/taken/{sub.external_id}"}
    found: body.id
"""


async def test_elements_that_find_could_not_tell_apart_are_refused_unsent(
    deploy: Deploy, vendor: ScriptedVendor
):
    """In doubt, what was made for the first would be found for the second."""
    reply = await (await deploy(FOUND)).post("inventory.consume", order("x", "y", "x"))
    assert (reply.status, reply.reason, vendor.heard) == (400, "missing_data", [])
    assert "`find` is the same for elements 0 and 2" in reply.cause


async def test_elements_may_ask_alike_where_what_is_found_tells_them_apart(
    deploy: Deploy, vendor: ScriptedVendor
):
    text = FOUND.replace("/taken/{sub.external_id}", "/taken").replace(
        "found: body.id", "found: \"body.rows[?id == var('sub').external_id] | [0]\""
    )
    vendor.always({})
    reply = await (await deploy(text)).post("inventory.consume", order("x", "y"))
    assert (reply.status, len(vendor.heard)) == (200, 2)


async def test_what_was_done_in_part_may_be_repeated_where_the_vendor_can_be_asked(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.answer_by(lambda h: Canned({}, 422) if h.target == "/take/y" else {})
    reply = await (await deploy(FOUND)).post("inventory.consume", order("x", "y"))
    assert (reply.reason, reply.details["repeat"]) == ("partly_done", "safe")


STOCK = """
mapping: stock
contract: inventory.validate
vendor: acme
call:
  each: unique(lines[].variant_id)
  as: sku
  at_once: 4
  on_failure: report
  request: {method: GET, path: "/stock/{sku}"}
lines:
  from: call
  rows: "[body]"
  row: sku
  line: line.variant_id
  set: {available: row.n}
  unmatched: error
  on_fault: {"available?": line.available}
"""


async def test_rows_of_all_elements_are_joined_and_lines_of_failed_ones_get_on_fault(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.answer_by(lambda h: Canned({}, 503) if h.target == "/stock/B" else {"n": 4})
    items = [line("A", 3), line("B", available=9), line("A"), line("B")]
    reply = await (await deploy(STOCK)).post("inventory.validate", {"items": items})
    checkout = reply.body["checkout"]
    assert [each.get("available") for each in checkout["items"]] == [4, 9, 1, None]  # type: ignore[index, call-overload, union-attr]
    assert checkout["meta_data"] == [  # type: ignore[index, call-overload]
        {"gateway": {"call": "call", "reason": "vendor_error", "index": 1}}
    ]


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [
        ("  as: sub\n", "", ["missing-key", "unknown-name"]),
        ("  each: orders\n", "", ["missing-key", "unknown-name"]),
        ("as: sub", "as: order", ["shadowed-name"]),
        ("as: sub", "as: body", ["shadowed-name"]),
        ("sub.external_id)", "'x')", ["unsafe-repeat"]),
        ("  as: sub\n", "  as: sub\n  on_failure: report\n", ["conflicting-keys"]),
        ("  as: sub\n", "  as: sub\n  at_once: 0\n", ["bad-value"]),
    ],
)
def test_what_can_not_be_made_for_each_is_found_at_load(
    problems_of: Callable[..., list[str]], old: str, new: str, codes: list[str]
):
    assert old in TAKE
    assert set(problems_of(TAKE.replace(old, new))) >= set(codes)


OF_THE_VENDOR = """
mapping: acme.take
contract: inventory.consume
vendor: acme
calls:
  stock:
    request: {method: GET, path: /stock}
    response: {schema: stock.json}
  take:
    each: calls.stock.body.rows
    as: item
    let: {key: "uuid5(order_key, index)"}
    request: {method: POST, path: /take, body: {key: key, row: item}}
    idempotency: key
"""


@pytest.mark.parametrize("varies", ["sub.external_id", "uuid5(order_key, index)", "key"])
def test_an_idempotency_value_may_vary_by_the_element_its_number_or_what_is_made_of_them(
    problems_of: Callable[..., list[str]], varies: str
):
    text = TAKE.replace("idempotency: key", f"idempotency: {varies}")
    text = text.replace("{key: key}", f'{{key: "{varies}"}}')
    assert problems_of(text) == []


def test_a_number_alone_is_the_same_for_every_order(problems_of: Callable[..., list[str]]):
    text = TAKE.replace("key: key", "key: index").replace("idempotency: key", "idempotency: index")
    assert problems_of(text) == ["unsafe-repeat"]


def test_a_number_of_what_a_vendor_lists_may_make_a_key(problems_of: Callable[..., list[str]]):
    rows: Json = {"type": "array", "items": {"type": "string"}}
    schema: Json = {"type": "object", "properties": {"rows": rows}}
    schemas = {"stock.json": schema}
    assert problems_of(OF_THE_VENDOR, schemas=schemas) == []
    text = OF_THE_VENDOR.replace("uuid5(order_key, index)", "uuid5(order_key, item)")
    assert problems_of(text, schemas=schemas) == ["unsafe-repeat"]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('  on_fault: {"available?": line.available}\n', "", "missing-key"),
        ("row: sku", "row: row.sku", "bad-value"),
        (
            "  request:",
            "  batch: {keys: '[sku]', row: row.id, rows: body, size: 2}\n  request:",
            "conflicting-keys",
        ),
    ],
)
def test_what_can_not_be_joined_from_elements_is_found_at_load(
    problems_of: Callable[..., list[str]], old: str, new: str, code: str
):
    assert old in STOCK
    assert code in problems_of(STOCK.replace(old, new))


def test_a_field_of_a_list_of_answers_is_refused(problems_of: Callable[..., list[str]]):
    text = RATES.replace("calls.call[].{", "calls.call.body.{")
    assert "no-fields" in problems_of(text)
