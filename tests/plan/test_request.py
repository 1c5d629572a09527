"""The vendor request: what reaches the vendor, byte for byte, and what is never sent."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.lossless import Json
    from tests.conftest import ScriptedVendor
    from tests.plan.conftest import Deploy

LINE = {"product_id": "p", "variant_id": "A", "quantity": 2}
MAPPING = """
mapping: request
contract: shipping.validate
vendor: acme
call:
  request:
    {request}
"""


def mapping(request: str) -> str:
    return MAPPING.format(request=request.strip().replace("\n", "\n    "))


PATH = mapping("method: GET\npath: /v1/{checkout.x}/stock")
AWKWARD = [
    "a/b",
    "a?b",
    "a#b",
    "a%2Fb",
    "ä ö/商",
    "a b",
    "..a",
    "...",
    "a\\b",
    "a;b",
    "'\"<>",
    "\n",
]


@pytest.mark.parametrize("value", AWKWARD)
async def test_an_insert_stays_one_segment_whatever_it_holds(
    deploy: Deploy, vendor: ScriptedVendor, value: str
):
    vendor.say({})
    gateway = await deploy(PATH)
    reply = await gateway.post("shipping.validate", {"x": value, "items": [LINE]})
    assert reply.status == 200, reply.cause
    start, version, segment, stock = vendor.heard[0].target.split("/")
    assert (start, version, unquote(segment), stock) == ("", "v1", value, "stock")


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(value=st.text(st.characters(codec="utf-8"), min_size=1))
async def test_any_text_arrives_as_one_segment_or_is_refused_unsent(
    deploy: Deploy, vendor: ScriptedVendor, value: str
):
    vendor.reset()
    vendor.say({})
    gateway = await deploy(PATH)
    reply = await gateway.post("shipping.validate", {"x": value, "items": [LINE]})
    if value in {".", ".."}:
        assert (reply.status, vendor.heard) == (400, [])
    else:
        assert unquote(vendor.heard[0].target) == f"/v1/{value}/stock"
        assert vendor.heard[0].target.count("/") == 3


@pytest.mark.parametrize("value", ["", ".", "..", None])
async def test_an_insert_that_would_move_the_path_is_refused_unsent(
    deploy: Deploy, vendor: ScriptedVendor, value: str | None
):
    gateway = await deploy(PATH)
    reply = await gateway.post("shipping.validate", {"x": value, "items": [LINE]})
    assert (reply.status, reply.reason) == (400, "missing_data")
    assert vendor.heard == []


@pytest.mark.parametrize("value", [{"a": 1}, [1]])
async def test_an_insert_that_is_no_text_is_refused_unsent(
    deploy: Deploy, vendor: ScriptedVendor, value: Json
):
    gateway = await deploy(PATH)
    reply = await gateway.post("shipping.validate", {"x": value, "items": [LINE]})
    assert (reply.status, reply.reason, vendor.heard) == (400, "missing_data", [])


async def test_two_inserts_that_make_dots_together_are_refused_unsent(
    deploy: Deploy, vendor: ScriptedVendor
):
    gateway = await deploy(mapping("method: GET\npath: /v1/.{checkout.x}/stock"))
    reply = await gateway.post("shipping.validate", {"x": ".", "items": [LINE]})
    assert vendor.heard == []
    assert reply.status in {400, 500}


async def test_numbers_go_into_paths_with_all_their_digits(deploy: Deploy, vendor: ScriptedVendor):
    vendor.say({})
    gateway = await deploy(PATH)
    checkout = {"x": 123456789012345678901234, "items": [LINE]}
    assert (await gateway.post("shipping.validate", checkout)).status == 200
    assert vendor.heard[0].target == "/v1/123456789012345678901234/stock"


async def test_a_query_repeats_lists_and_leaves_nulls_out(deploy: Deploy, vendor: ScriptedVendor):
    vendor.say({})
    request = """
method: GET
path: /q
query:
  id: lines[].variant_id
  n: lines[0].quantity
  price: to_number('1.50')
  yes: 'true'
  a b: "'x&y=z'"
  gone?: checkout.none
  empty: "''"
""".replace("yes: 'true'", "flag: true")
    gateway = await deploy(mapping(request))
    items = [LINE, {**LINE, "variant_id": "B"}]
    assert (await gateway.post("shipping.validate", {"items": items})).status == 200
    assert vendor.heard[0].target == "/q?id=A&id=B&n=2&price=1.50&flag=true&a%20b=x%26y%3Dz&empty="


async def test_a_query_of_nothing_leaves_no_mark(deploy: Deploy, vendor: ScriptedVendor):
    vendor.say({})
    gateway = await deploy(mapping("method: GET\npath: /q\nquery: {'a?': checkout.none}"))
    assert (await gateway.post("shipping.validate", {"items": [LINE]})).status == 200
    assert vendor.heard[0].target == "/q"


async def test_an_object_in_a_query_is_refused_unsent(deploy: Deploy, vendor: ScriptedVendor):
    gateway = await deploy(mapping("method: GET\npath: /q\nquery: {a: 'lines[0]'}"))
    reply = await gateway.post("shipping.validate", {"items": [LINE]})
    assert (reply.status, reply.reason, vendor.heard) == (400, "missing_data", [])


async def test_a_mappings_header_wins_over_the_vendors_fixed_one(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.say({})
    gateway = await deploy(
        mapping("method: GET\npath: /\nheaders: {X-Own: checkout.id, x-n: '`3`'}"),
        vendors={"acme": {"base_url": vendor.url, "headers": {"X-Own": "fixed", "X-Fix": "f"}}},
    )
    assert (await gateway.post("shipping.validate", {"id": "c", "items": [LINE]})).status == 200
    heard = vendor.heard[0].headers
    assert (heard["x-own"], heard["x-fix"], heard["x-n"]) == ("c", "f", "3")


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "a\rb", "a\x00b"])
async def test_a_line_break_in_a_header_is_never_sent(
    deploy: Deploy, vendor: ScriptedVendor, value: str
):
    gateway = await deploy(mapping("method: GET\npath: /\nheaders: {X-Own: checkout.x}"))
    reply = await gateway.post("shipping.validate", {"x": value, "items": [LINE]})
    assert (reply.status, reply.reason) == (500, "vendor_request")
    assert vendor.heard == []


async def test_a_list_in_a_header_is_refused_rather_than_cut_to_its_last(
    deploy: Deploy, vendor: ScriptedVendor
):
    gateway = await deploy(mapping("method: GET\npath: /\nheaders: {X-Own: 'lines[].variant_id'}"))
    reply = await gateway.post("shipping.validate", {"items": [LINE]})
    assert (reply.status, reply.reason, vendor.heard) == (400, "missing_data", [])


async def test_numbers_reach_the_vendor_without_loss(deploy: Deploy, vendor: ScriptedVendor):
    vendor.say({})
    gateway = await deploy(
        mapping("method: POST\npath: /\nbody: {d: checkout.deep, i: checkout.big}")
    )
    sent = (
        b'{"deep":{"x":19.990000000000000001,"y":[1.10]},"big":12345678901234567890123,'
        b'"items":[{"product_id":"p","variant_id":"A","quantity":1}]}'
    )
    reply = await gateway.post("shipping.validate", sent)
    assert vendor.heard[0].body == (
        b'{"d":{"x":19.990000000000000001,"y":[1.10]},"i":12345678901234567890123}'
    )
    assert reply.content == b'{"checkout":' + sent + b"}"


SCHEMA = {"type": "object", "properties": {"n": {"type": "integer", "maximum": 5}}}


async def test_a_body_that_breaks_the_vendors_schema_is_never_sent(
    deploy: Deploy, vendor: ScriptedVendor
):
    gateway = await deploy(
        mapping("method: POST\npath: /\nbody: {n: 'lines[0].quantity'}\nschema: acme/request.json"),
        schemas={"acme/request.json": SCHEMA},
    )
    reply = await gateway.post("shipping.validate", {"items": [{**LINE, "quantity": 424242}]})
    assert (reply.status, reply.reason, vendor.heard) == (500, "vendor_request", [])
    assert "acme/request.json: /n: must be at most 5" in reply.cause
    assert "424242" not in reply.cause


async def test_every_request_starts_at_the_vendors_base_path(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.say({})
    gateway = await deploy(
        mapping("method: GET\npath: //other.example/{checkout.x}"),
        vendors={"acme": vendor.url + "/base"},
    )
    await gateway.post("shipping.validate", {"x": "@evil.example:1", "items": [LINE]})
    assert [heard.target for heard in vendor.heard] == ["/base//other.example/%40evil.example%3A1"]


@pytest.mark.parametrize(
    "path", ["v1", "/a?b=c", "/a#b", "/a b", "/{checkout.x}?b=c", "{checkout.x}"]
)
def test_what_is_no_path_is_found_at_load(problems_of: Callable[..., list[str]], path: str):
    assert problems_of(mapping(f'method: GET\npath: "{path}"')) == ["bad-value"]
