"""`let`: named values, computed when something asks for them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import ScriptedVendor
    from tests.plan.conftest import Deploy

CHECKOUT = {"id": "c", "items": [{"product_id": "p", "variant_id": "A", "quantity": 2}]}
MAPPING = """
mapping: lets
contract: shipping.validate
vendor: acme
let:
{let}
call:
  {more}
  request: {{method: POST, path: /, body: {body}}}
"""


def mapping(let: str, body: str, more: str = "") -> str:
    indented = "\n".join(f"  {line}" for line in let.splitlines())
    return MAPPING.format(let=indented, body=body, more=more)


async def test_a_name_that_nobody_uses_is_never_computed(deploy: Deploy, vendor: ScriptedVendor):
    vendor.say({})
    gateway = await deploy(mapping("bad: to_int('no number')\ngood: checkout.id", "{a: good}"))
    assert (await gateway.post("shipping.validate", CHECKOUT)).status == 200
    assert vendor.heard[0].json == {"a": "c"}


async def test_a_name_that_fails_fails_where_it_is_used(deploy: Deploy, vendor: ScriptedVendor):
    gateway = await deploy(mapping("bad: to_int(checkout.id)", "{a: bad}"))
    reply = await gateway.post("shipping.validate", CHECKOUT)
    assert (reply.status, reply.reason) == (400, "missing_data")
    assert "to_int(checkout.id)" in reply.cause
    assert vendor.heard == []


async def test_names_refer_to_each_other_in_any_order(deploy: Deploy, vendor: ScriptedVendor):
    vendor.say({})
    gateway = await deploy(mapping("a: b.c\nb: {c: d}\nd: checkout.id", "{x: a}"))
    assert (await gateway.post("shipping.validate", CHECKOUT)).status == 200
    assert vendor.heard[0].json == {"x": "c"}


async def test_a_name_may_be_null_and_is_left_out_under_an_optional_key(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.say({})
    gateway = await deploy(mapping("a: checkout.none", '{"x?": a, y: 1}'))
    assert (await gateway.post("shipping.validate", CHECKOUT)).status == 200
    assert vendor.heard[0].json == {"y": 1}


async def test_a_name_may_be_a_tree_with_directives(deploy: Deploy, vendor: ScriptedVendor):
    vendor.say({})
    let = "ids:\n  $each: lines\n  $as: it\n  $do: {n: index, id: it.variant_id}"
    gateway = await deploy(mapping(let, '{x: "ids[0].id", y: ids}'))
    assert (await gateway.post("shipping.validate", CHECKOUT)).status == 200
    assert vendor.heard[0].json == {"x": "A", "y": [{"n": 0, "id": "A"}]}


async def test_var_reaches_a_name_from_within_a_projection(deploy: Deploy, vendor: ScriptedVendor):
    vendor.say({})
    gateway = await deploy(
        mapping("prefix: checkout.id", "{x: \"lines[].join('-', [var('prefix'), variant_id])\"}")
    )
    assert (await gateway.post("shipping.validate", CHECKOUT)).status == 200
    assert vendor.heard[0].json == {"x": ["c-A"]}


PAGED = """
mapping: own
contract: inventory.validate
vendor: acme
let: {shop: settings.shop}
call:
  let: {asked: "{$concat: [[shop], keys]}", at: "page.next || 'start'"}
  batch: {keys: "lines[].variant_id", row: row.id, size: 1, at_once: 1}
  pages: {rows: body.rows, next: body.next}
  request: {method: POST, path: /, body: {asked: asked, at: at}}
lines: {from: call, line: line.variant_id, set: {available: row.n}, unmatched: {available: 0}}
"""


async def test_names_of_a_call_are_made_anew_for_each_of_its_requests(
    deploy: Deploy, vendor: ScriptedVendor
):
    text = PAGED.replace('"{$concat: [[shop], keys]}"', "{$concat: [[shop], keys]}")
    gateway = await deploy(text, settings={"shop": "S"})
    vendor.say({"rows": [], "next": "2"})
    vendor.say({"rows": [{"id": "A", "n": 1}]})
    vendor.say({"rows": [{"id": "B", "n": 2}]})
    items = [{"product_id": "p", "variant_id": key, "quantity": 1} for key in "AB"]
    reply = await gateway.post("inventory.validate", {"items": items})
    assert reply.status == 200
    assert [heard.json for heard in vendor.heard] == [
        {"asked": ["S", "A"], "at": "start"},
        {"asked": ["S", "A"], "at": "2"},
        {"asked": ["S", "B"], "at": "start"},
    ]


@pytest.mark.parametrize(
    "name", ["checkout", "lines", "orders", "settings", "calls", "body", "index", "keys", "rows"]
)
def test_a_name_that_means_something_already_is_refused(
    problems_of: Callable[..., list[str]], name: str
):
    assert problems_of(mapping(f"{name}: 1", "{a: 1}")) == ["shadowed-name"]


def test_a_call_may_not_take_a_name_of_the_files(problems_of: Callable[..., list[str]]):
    assert problems_of(mapping("a: 1", "{x: a}", "let: {a: 2}")) == ["shadowed-name"]


@pytest.mark.parametrize("let", ["a: a", "a: b\nb: c\nc: a", "a: {$text: '{b}'}\nb: [a]"])
def test_names_in_a_circle_are_refused(problems_of: Callable[..., list[str]], let: str):
    assert set(problems_of(mapping(let, "{x: a}"))) == {"let-circle"}


def test_a_name_made_from_an_answer_that_is_not_there_yet_is_refused(
    problems_of: Callable[..., list[str]],
):
    assert problems_of(mapping("a: b\nb: body.x", "{x: a}")) == ["call-order"]


@pytest.mark.parametrize("value", ["calls.call.body.deep.x", "calls", "calls.{a: call}", "calls.*"])
def test_every_way_to_name_an_answer_waits_for_it(
    problems_of: Callable[..., list[str]], value: str
):
    assert problems_of(mapping(f"a: '{value}'", "{x: a}")) == ["call-order"]


@pytest.mark.parametrize(
    ("let", "told"),
    [
        (
            "outer: inner.part\ninner: checkout.customer",
            (
                "`outer` is made at AT:6:10: `inner` is made at AT:7:10: "
                "`checkout.customer` is missing: `checkout` has `id`, `items`"
            ),
        ),
        (
            "outer: 'found[0]'\nfound: \"lines[?variant_id == 'B']\"",
            (
                "`outer` is made at AT:6:10: `found` is made at AT:7:10: "
                "`lines[?variant_id == 'B']` matched 0 of 1 row: `variant_id` was `A` in it"
            ),
        ),
        (
            "outer: {$text: 'to {checkout.name}'}",
            (
                "`outer` is made at AT:6:18: `checkout.name` is missing: "
                "`checkout` has `id`, `items`"
            ),
        ),
        ("outer: {$if: checkout.id, $then: null}", "`outer` is null"),
    ],
)
async def test_the_log_follows_a_name_to_where_its_value_vanished(
    deploy: Deploy, let: str, told: str
):
    gateway = await deploy(mapping(let, "{a: outer}"))
    reply = await gateway.post("shipping.validate", CHECKOUT)
    assert re.sub(r"/\S*\.yaml", "AT", reply.cause).endswith(told)
