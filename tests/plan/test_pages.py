"""Batches and pages: many keys asked for in several requests, answers gathered from several."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.lossless import Json
    from tests.conftest import Gateway, Heard, Reply, ScriptedVendor
    from tests.plan.conftest import Deploy

MAPPING = """
mapping: stock
contract: inventory.validate
vendor: acme
call:
  batch: {{keys: {keys}, row: row.id, size: {size}, at_once: 1}}
  pages: {{rows: body.data.rows, next: body.next, at_most: {at_most}}}
  request:
    method: POST
    path: /stock
    body: {{ids: keys, "cursor?": page.next}}
lines:
  from: call
  line: line.sku || line.variant_id
  set: {{available: row.n}}
  unmatched: {{available: 0}}
reply: {{set: {{"meta_data?": {meta}}}}}
"""
CALLS = """
mapping: stock
contract: inventory.validate
vendor: acme
call:
  batch: {keys: "lines[].variant_id", rows: body, row: row.id, size: 2}
  request: {method: GET, path: /stock, query: {id: keys}}
lines: {from: call, line: line.variant_id, set: {available: row.n}, unmatched: keep}
"""


def mapping(
    keys: str = "'lines[].variant_id'", size: int = 2, at_most: int = 100, meta: str = "body.none"
) -> str:
    return MAPPING.format(keys=keys, size=size, at_most=at_most, meta=meta)


def lines(*keys: Json) -> list[Json]:
    return [{"product_id": "p", "variant_id": key, "quantity": 1} for key in keys]


async def post(gateway: Gateway, *keys: Json) -> Reply:
    return await gateway.post("inventory.validate", {"items": lines(*keys)})


def available(reply: Reply) -> list[Json]:
    assert reply.status == 200, reply.cause
    return [line["available"] for line in reply.body["checkout"]["items"]]  # type: ignore[index]


def page(rows: dict[str, int], following: Json = None) -> Json:
    return {"data": {"rows": [{"id": key, "n": n} for key, n in rows.items()]}, "next": following}


async def test_keys_are_asked_for_once_in_order_and_split(deploy: Deploy, vendor: ScriptedVendor):
    vendor.always(page({"A": 9}))
    await post(await deploy(mapping()), "C", "A", "C", "B", "A", "E", "D")
    assert [heard.json for heard in vendor.heard] == [
        {"ids": ["C", "A"]},
        {"ids": ["B", "E"]},
        {"ids": ["D"]},
    ]


async def test_null_is_no_key(deploy: Deploy, vendor: ScriptedVendor):
    vendor.always(page({}))
    keys = '"map(&sku, lines)"'
    items = [{**line, "sku": sku} for line, sku in zip(lines("A", "B"), ["s", None], strict=True)]  # type: ignore[dict-item]
    gateway = await deploy(mapping(keys))
    assert available(await gateway.post("inventory.validate", {"items": items})) == [0, 0]
    assert [heard.json for heard in vendor.heard] == [{"ids": ["s"]}]


async def test_without_keys_nothing_is_asked_and_there_are_no_rows(
    deploy: Deploy, vendor: ScriptedVendor
):
    gateway = await deploy(mapping('"lines[].sku"', meta="body.data.rows"))
    reply = await post(gateway, "A", "B")
    assert available(reply) == [0, 0]
    assert reply.body["checkout"]["meta_data"] == []  # type: ignore[index]
    assert vendor.heard == []


@pytest.mark.parametrize("keys", [[{}], [[1]], [True], {"a": 1}, "A"])
async def test_what_is_no_key_or_no_list_of_keys_is_refused_unsent(
    deploy: Deploy, vendor: ScriptedVendor, keys: Json
):
    gateway = await deploy(mapping("checkout.keys"))
    reply = await gateway.post("inventory.validate", {"items": lines("A"), "keys": keys})
    assert (reply.status, reply.reason, vendor.heard) == (400, "missing_data", [])


async def test_keys_that_can_not_be_made_are_refused_unsent(deploy: Deploy, vendor: ScriptedVendor):
    reply = await post(await deploy(mapping('"lines[].to_int(variant_id)"')), "A")
    assert (reply.status, reply.reason, vendor.heard) == (400, "missing_data", [])


async def test_a_cursor_that_can_not_be_made_is_a_useless_answer(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.say(page({}, "c"))
    text = mapping().replace("next: body.next", "next: to_int(body.next)")
    reply = await post(await deploy(text), "A")
    assert (reply.status, reply.reason) == (500, "vendor_answer")


async def test_the_first_page_is_asked_for_without_a_cursor_and_the_next_with_it(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.say(page({"A": 1}, "c1"))
    vendor.say(page({"B": 2}, "c2"))
    vendor.say(page({}, None))
    reply = await post(await deploy(mapping()), "A", "B")
    assert available(reply) == [1, 2]
    assert [heard.json for heard in vendor.heard] == [
        {"ids": ["A", "B"]},
        {"ids": ["A", "B"], "cursor": "c1"},
        {"ids": ["A", "B"], "cursor": "c2"},
    ]


@pytest.mark.parametrize("last", [{}, {"next": None}, {"next": ""}])
async def test_no_cursor_an_empty_one_and_null_end_the_pages(
    deploy: Deploy, vendor: ScriptedVendor, last: dict[str, Json]
):
    vendor.say({"data": {"rows": [{"id": "A", "n": 4}]}, **last})
    assert available(await post(await deploy(mapping()), "A")) == [4]
    assert len(vendor.heard) == 1


async def test_each_split_is_paged_to_its_end_before_the_next(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.say(page({"A": 1}, "c1"))
    vendor.say(page({"B": 2}))
    vendor.say(page({"C": 3}, "c1"))
    vendor.say(page({"C": 4}))
    reply = await post(await deploy(mapping()), "A", "B", "C")
    assert available(reply) == [1, 2, 3]
    assert [heard.json for heard in vendor.heard] == [
        {"ids": ["A", "B"]},
        {"ids": ["A", "B"], "cursor": "c1"},
        {"ids": ["C"]},
        {"ids": ["C"], "cursor": "c1"},
    ]


async def test_the_body_is_the_first_page_with_the_rows_of_all(
    deploy: Deploy, vendor: ScriptedVendor
):
    first = {"data": {"rows": [{"id": "A", "n": 1}], "kept": "first"}, "next": "c1", "total": 3}
    vendor.say(first)
    vendor.say({"data": {"rows": [{"id": "B", "n": 2}], "kept": "second"}})
    vendor.say(page({"C": 3}))
    reply = await post(await deploy(mapping(meta="[body]")), "A", "B", "C")
    rows = [{"id": "A", "n": 1}, {"id": "B", "n": 2}, {"id": "C", "n": 3}]
    body = {"data": {"rows": rows, "kept": "first"}, "next": "c1", "total": 3}
    assert reply.body["checkout"]["meta_data"] == [body]  # type: ignore[index]


async def test_rows_that_are_missing_or_null_are_none(deploy: Deploy, vendor: ScriptedVendor):
    vendor.say({"data": {"rows": None}, "next": "c1"})
    vendor.say({"next": "c2"})
    vendor.say(page({"A": 5}))
    assert available(await post(await deploy(mapping()), "A")) == [5]


@pytest.mark.parametrize("rows", [{}, "text", 1, False])
async def test_rows_that_are_no_list_are_a_useless_answer(
    deploy: Deploy, vendor: ScriptedVendor, rows: Json
):
    vendor.say({"data": {"rows": rows}})
    reply = await post(await deploy(mapping()), "A")
    assert (reply.status, reply.reason) == (500, "vendor_answer")


@pytest.mark.parametrize("cursors", [["a", "a"], ["a", "b", "a"]])
async def test_pages_in_a_circle_end_the_exchange(
    deploy: Deploy, vendor: ScriptedVendor, cursors: list[Json]
):
    for cursor in cursors:
        vendor.say(page({}, cursor))
    reply = await post(await deploy(mapping()), "A")
    assert (reply.status, reply.reason) == (500, "vendor_answer")
    assert "circle" in reply.cause
    assert len(vendor.heard) == len(cursors)


async def test_more_pages_than_allowed_end_the_exchange(deploy: Deploy, vendor: ScriptedVendor):
    for number in range(5):
        vendor.say(page({}, f"c{number}"))
    reply = await post(await deploy(mapping(at_most=3)), "A")
    assert (reply.status, reply.reason) == (500, "vendor_answer")
    assert "more than 3 pages" in reply.cause
    assert len(vendor.heard) == 3


async def test_as_many_pages_as_allowed_are_fine(deploy: Deploy, vendor: ScriptedVendor):
    vendor.say(page({}, "c1"))
    vendor.say(page({}, "c2"))
    vendor.say(page({"A": 7}))
    assert available(await post(await deploy(mapping(at_most=3)), "A")) == [7]


async def test_a_page_that_fails_fails_the_call(deploy: Deploy, vendor: ScriptedVendor):
    vendor.say(page({"A": 1}, "c1"))
    vendor.say({}, 503)
    reply = await post(await deploy(mapping()), "A")
    assert (reply.status, reply.reason) == (500, "vendor_error")


async def test_a_batch_needs_no_pages_and_its_rows_may_be_the_body_itself(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.say([{"id": "A", "n": 1}, {"id": "B", "n": 2}])
    vendor.say([{"id": "C", "n": 3}])
    assert available(await post(await deploy(CALLS), "A", "B", "C")) == [1, 2, 3]
    assert [heard.target for heard in vendor.heard] == ["/stock?id=A&id=B", "/stock?id=C"]


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    keys=st.lists(st.sampled_from([f"k{n}" for n in range(30)]), min_size=1, max_size=40),
    size=st.integers(1, 12),
    page_size=st.integers(1, 5),
)
async def test_however_it_is_split_every_line_gets_its_own_row(
    deploy: Deploy, vendor: ScriptedVendor, keys: list[str], size: int, page_size: int
):
    def answer(heard: Heard) -> Json:
        asked: dict[str, Json] = heard.json  # type: ignore[assignment]
        ids: list[str] = asked["ids"]  # type: ignore[assignment]
        assert 0 < len(ids) <= size
        start = int(str(asked.get("cursor", 0)))
        following = start + page_size if start + page_size < len(ids) else None
        rows = {key: int(key[1:]) for key in ids[start : start + page_size]}
        return page(rows, None if following is None else str(following))

    vendor.reset()
    vendor.answer_by(answer)
    reply = await post(await deploy(mapping(size=size)), *keys)
    # Lines of one key share its stock, a quantity of 1 each.
    expected = [max(0, int(key[1:]) - keys[:at].count(key)) for at, key in enumerate(keys)]
    assert available(reply) == expected


@pytest.mark.parametrize(
    ("more", "codes"),
    [
        ("batch: {keys: 'lines[].sku', row: row.id, rows: body.r, size: 1}", ["conflicting-keys"]),
        ("pages: {rows: body.r, next: body.n}", ["conflicting-keys"]),
    ],
)
def test_an_effect_has_neither_batch_nor_pages(
    problems_of: Callable[..., list[str]], more: str, codes: list[str]
):
    text = f"""
mapping: effect
contract: sync.consume
vendor: acme
call:
  request: {{method: POST, path: /, headers: {{Key: order_key}}}}
  idempotency: order_key
  {more}
"""
    assert problems_of(text) == codes


def test_a_batch_says_nothing_of_rows_where_pages_do(problems_of: Callable[..., list[str]]):
    text = mapping().replace("row: row.id,", "row: row.id, rows: body.other,")
    assert problems_of(text) == ["conflicting-keys"]


def test_the_key_of_a_row_is_checked_even_where_no_lines_use_it(
    problems_of: Callable[..., list[str]],
):
    text = CALLS.replace("row: row.id", "row: rwo.id").split("lines: {")[0]
    assert problems_of(text) == ["unknown-name"]


@pytest.mark.parametrize("rows", ["body.rows[0]", "status", "body.rows[].x", "calls.call.body"])
def test_rows_stand_at_a_plain_path(problems_of: Callable[..., list[str]], rows: str):
    text = mapping().replace("rows: body.data.rows", f"rows: '{rows}'")
    assert set(problems_of(text)) & {"bad-value", "call-order"}
