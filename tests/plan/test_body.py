"""The body of an answer: its kind, its charset, its emptiness, and what vendors make of them."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from simulators import faults

if TYPE_CHECKING:
    from gateway.lossless import Json
    from tests.conftest import Reply, ScriptedVendor
    from tests.plan.conftest import Deploy

LINE = {"product_id": "p", "variant_id": "A", "quantity": 2}
READ = """
mapping: read
contract: shipping.validate
vendor: acme
call:
  request: {{method: POST, path: /}}
  response: {response}
  {more}
reply: {{set: {{"meta_data?": "{meta}"}}}}
"""


async def ask(
    deploy: Deploy,
    response: str = "{}",
    more: str = "",
    meta: str = "[body]",
    schemas: dict[str, Json] | None = None,
    **settings: object,
) -> Reply:
    text = READ.format(response=response, more=more.strip().replace("\n", "\n  "), meta=meta)
    gateway = await deploy(text, schemas=schemas, **settings)
    return await gateway.post("shipping.validate", {"id": "c", "items": [LINE]})


def said(reply: Reply) -> Json:
    assert reply.status == 200, reply.cause
    (body,) = reply.body["checkout"]["meta_data"]  # type: ignore[index, misc] # the mapping's list
    return body


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "text/plain", "image/png", "x", ""])
async def test_what_is_json_is_read_whatever_its_media_type_says(
    deploy: Deploy, vendor: ScriptedVendor, kind: str
):
    vendor.say({"a": "ü"}, headers={"content-type": kind})
    assert said(await ask(deploy)) == {"a": "ü"}


async def test_a_page_of_html_is_told_for_what_it_is(deploy: Deploy, vendor: ScriptedVendor):
    vendor.say(b"<html>private</html>", headers={"content-type": "text/html; charset=utf-8"})
    reply = await ask(deploy)
    assert (reply.status, reply.reason) == (500, "vendor_answer")
    assert "the body is no JSON" in reply.cause
    assert "declared as 'text/html'" in reply.cause
    assert "private" not in reply.cause


async def test_a_byte_order_mark_does_no_harm(deploy: Deploy, vendor: ScriptedVendor):
    vendor.say(b'\xef\xbb\xbf{"a": 1}')
    assert said(await ask(deploy)) == {"a": 1}


@pytest.mark.parametrize("read_as", ["json", "text"])
@pytest.mark.parametrize("charset", ["ISO-8859-1", '"windows-1252"', "utf-8", "UTF-16"])
async def test_a_declared_charset_is_kept_to(
    deploy: Deploy, vendor: ScriptedVendor, read_as: str, charset: str
):
    body = '"äé"'.encode(charset.strip('"'))
    vendor.say(body, headers={"content-type": f"text/plain; charset={charset}"})
    expected = "äé" if read_as == "json" else '"äé"'
    assert said(await ask(deploy, f"{{as: {read_as}}}")) == expected


@pytest.mark.parametrize(
    ("charset", "why"),
    [("x-unknown", "unknown charset"), ("rot13", "unknown charset"), ("us-ascii", "isn't in")],
)
@pytest.mark.parametrize("read_as", ["json", "text"])
async def test_text_that_can_not_be_decoded_is_a_useless_answer(
    deploy: Deploy, vendor: ScriptedVendor, charset: str, why: str, read_as: str
):
    vendor.say("ä".encode(), headers={"content-type": f"text/plain; charset={charset}"})
    reply = await ask(deploy, f"{{as: {read_as}}}")
    assert (reply.status, reply.reason) == (500, "vendor_answer")
    assert why in reply.cause


async def test_text_is_a_text(deploy: Deploy, vendor: ScriptedVendor):
    vendor.say(b"<ok>1</ok>", headers={"content-type": "application/xml"})
    reply = await ask(deploy, "{as: text, succeeds: \"contains(body, '<ok>')\"}")
    assert said(reply) == "<ok>1</ok>"


async def test_bytes_are_kept_as_they_came(deploy: Deploy, vendor: ScriptedVendor):
    vendor.say(b"\x00\xff", headers={"content-type": "application/json"})
    assert said(await ask(deploy, "{as: bytes}", meta="[base64_encode(body)]")) == "AP8="


@pytest.mark.parametrize("read_as", ["json", "text", "bytes", "none"])
@pytest.mark.parametrize("status", [200, 204])
async def test_an_empty_body_is_null_however_it_is_read(
    deploy: Deploy, vendor: ScriptedVendor, read_as: str, status: int
):
    vendor.say(b"", status)
    assert said(await ask(deploy, f"{{as: {read_as}}}")) is None


async def test_an_id_comes_from_the_location_of_an_empty_answer(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.say(b"", 204, {"Location": "https://acme.example/record/v1/salesOrder/4711"})
    reply = await ask(deploy, "{as: none}", meta="split(headers.location, '/')[-1:]")
    assert said(reply) == "4711"


ERRORS = "errors:\n  - {when: body.code == 'gone', error: 'Gone: {body.code}'}"


@pytest.mark.parametrize("read_as", ["json", "bytes", "none"])
async def test_errors_are_read_as_json_however_successes_are(
    deploy: Deploy, vendor: ScriptedVendor, read_as: str
):
    vendor.say({"code": "gone"}, 404)
    reply = await ask(deploy, f"{{as: {read_as}}}", ERRORS)
    assert (reply.status, reply.error["error"]) == (422, "Gone: gone")


async def test_errors_of_a_vendor_that_speaks_text_are_text(deploy: Deploy, vendor: ScriptedVendor):
    vendor.say(b"ERR 17", 400)
    rule = "errors: [{when: \"contains(body, 'ERR')\", error: '{body}'}]"
    reply = await ask(deploy, "{as: text}", rule)
    assert (reply.status, reply.error["error"]) == (422, "ERR 17")


SCHEMAS: dict[str, Json] = {
    "acme/error.json": {
        "type": "object",
        "required": ["code"],
        "properties": {"code": {"type": "string"}},
    }
}
CHECKED = "{error_schema: acme/error.json}"


async def test_rules_read_an_error_that_satisfies_its_schema(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.say({"code": "gone"}, 400)
    reply = await ask(deploy, CHECKED, ERRORS, schemas=SCHEMAS)
    assert (reply.status, reply.error["error"]) == (422, "Gone: gone")


async def test_rules_that_name_the_body_pass_over_an_error_that_breaks_its_schema(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.say({"code": 17}, 400)
    rules = (
        "errors:\n  - {when: '!(body.ok)', error: By its body}\n"
        "  - {when: status == `400`, error: By its status}"
    )
    reply = await ask(deploy, CHECKED, rules, schemas=SCHEMAS)
    assert (reply.status, reply.error["error"]) == (422, "By its status")
    assert "acme/error.json: /code" in str(reply.log["notes"])


async def test_the_schema_of_errors_says_nothing_of_successes(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.say({"fine": True})
    assert said(await ask(deploy, CHECKED, schemas=SCHEMAS)) == {"fine": True}


TROUBLES = {
    "truncated": (faults.Truncate(), "vendor_disconnected"),
    "huge": (faults.Huge(size=100_000), "vendor_answer"),
    "dripping": (faults.Drip(pause_ms=60_000), "vendor_timeout"),
}


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("read_as", ["text", "bytes", "none"])
async def test_no_half_of_a_body_is_taken_for_a_whole_one(
    deploy: Deploy, vendor: ScriptedVendor, trouble: str, read_as: str
):
    order, reason = TROUBLES[trouble]
    vendor.always({"body": "long enough"})
    vendor.faults.order(*[order] * 10)
    timeout = {"connect": "5s", "total": "300ms"}
    vendors = {"acme": {"base_url": vendor.url, "timeout": timeout, "max_answer": "10KB"}}
    reply = await ask(deploy, f"{{as: {read_as}}}", vendors=vendors)
    assert (reply.status, reply.reason) == (500, reason)


async def test_a_bomb_of_gzip_ends_at_the_cap(deploy: Deploy, vendor: ScriptedVendor):
    bomb = gzip.compress(b"[" + b"0," * 2_000_000 + b"0]")
    assert len(bomb) < 10_000
    vendor.say(bomb, headers={"content-encoding": "gzip"})
    vendors = {"acme": {"base_url": vendor.url, "max_answer": "100KB"}}
    reply = await ask(deploy, vendors=vendors)
    assert (reply.status, reply.reason) == (500, "vendor_answer")


async def test_what_is_gzipped_is_read_unpacked(deploy: Deploy, vendor: ScriptedVendor):
    vendor.say(gzip.compress(b"PK\x03"), headers={"content-encoding": "gzip"})
    assert said(await ask(deploy, "{as: bytes}", meta="[base64_encode(body)]")) == "UEsD"
