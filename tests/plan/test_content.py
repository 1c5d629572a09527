"""What a request carries: JSON, forms, files, text; read back by parsers that aren't ours."""

from __future__ import annotations

import base64
import email.policy
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.plan.content import multipart
from gateway.plan.files import Upload

if TYPE_CHECKING:
    from gateway.lossless import Json
    from tests.conftest import Heard, Reply, ScriptedVendor
    from tests.plan.conftest import Deploy

LINE = {"product_id": "p", "variant_id": "A", "quantity": 2, "sku": "s-1"}
MAPPING = """
mapping: content
contract: shipping.validate
vendor: acme
call:
  request:
    method: POST
    path: /
    {request}
  {more}
"""
FILES = """
mapping: files
contract: shipping.validate
vendor: acme
calls:
  label:
    request: {{method: GET, path: /label}}
    response: {{as: bytes}}
  send:
    request:
      method: POST
      path: /
      {request}
"""
PDF = b"%PDF-1.7\r\n--boundary\x00\xff\xfe\n"


def mapping(request: str, more: str = "") -> str:
    return MAPPING.format(request=request.strip().replace("\n", "\n    "), more=more)


def files(request: str) -> str:
    return FILES.format(request=request.strip().replace("\n", "\n      "))


async def post(deploy: Deploy, text: str, **checkout: Json) -> Reply:
    gateway = await deploy(text)
    return await gateway.post("shipping.validate", {"items": [LINE], **checkout})


@dataclass(frozen=True)
class Part:
    """A part of a multipart form as the standard library's `email` reads it."""

    name: str
    filename: str | None
    type: str
    content: bytes


def parts_of(content_type: str, body: bytes) -> list[Part]:
    head = f"MIME-Version: 1.0\r\nContent-Type: {content_type}\r\n\r\n".encode()
    message = message_from_bytes(head + body, policy=email.policy.HTTP)
    assert isinstance(message, EmailMessage)
    assert message.is_multipart()
    assert not message.defects
    return [
        Part(
            str(part.get_param("name", header="content-disposition")),
            part.get_filename(),
            part.get_content_type(),
            part.get_payload(decode=True),
        )
        for part in message.iter_parts()
    ]


def parts(heard: Heard) -> list[Part]:
    return parts_of(heard.headers["content-type"], heard.body)


async def test_a_form_arrives_as_browsers_send_it(deploy: Deploy, vendor: ScriptedVendor):
    vendor.say({})
    form = """
form:
  sku: lines[].sku
  note: checkout.note
  n: lines[0].quantity
  yes: true
  gone?: checkout.gone
  card[number]: "'4242'"
""".replace("yes: true", "flag: true")
    reply = await post(deploy, mapping(form), note="a&b=c ü+")
    assert reply.status == 200, reply.cause
    heard = vendor.heard[0]
    assert heard.headers["content-type"] == "application/x-www-form-urlencoded"
    assert parse_qsl(heard.body.decode(), strict_parsing=True) == [
        ("sku", "s-1"),
        ("note", "a&b=c ü+"),
        ("n", "2"),
        ("flag", "true"),
        ("card[number]", "4242"),
    ]


async def test_any_text_goes_through_a_form(deploy: Deploy, vendor: ScriptedVendor):
    gateway = await deploy(mapping("form: {a: checkout.a, b: checkout.b}"))
    for text in ("\r\n", "%41", "a=b&c=d", "+", "\x00", "商\U0001f600", ""):
        vendor.say({})
        reply = await gateway.post("shipping.validate", {"items": [LINE], "a": text, "b": "x"})
        assert reply.status == 200, reply.cause
        read = parse_qsl(vendor.heard[-1].body.decode(), keep_blank_values=True)
        assert read == [("a", text), ("b", "x")]


async def test_an_object_in_a_form_is_refused_unsent(deploy: Deploy, vendor: ScriptedVendor):
    reply = await post(deploy, mapping("form: {a: 'lines[0]'}"))
    assert (reply.status, reply.reason, vendor.heard) == (400, "missing_data", [])


async def test_files_and_fields_arrive_as_parts(deploy: Deploy, vendor: ScriptedVendor):
    vendor.say(PDF, headers={"content-type": "application/pdf"})
    vendor.say({})
    text = files("""
multipart:
  note: checkout.note
  n: lines[0].quantity
  tag: checkout.tags
  label:
    $file: {content: calls.label.body, name: "'label \\"1\\".pdf'", type: "'application/pdf'"}
  plain?:
    $file: {content: checkout.note, name: "'note.txt'", type: "'text/plain; charset=utf-8'"}
  decoded?:
    $file: {content: base64_decode(checkout.image), name: "'i.png'", type: "'image/png'"}
  gone?:
    $file: {content: checkout.gone, name: "'x'", type: "'text/plain'"}
""")
    image = base64.b64encode(b"\x89PNG\x00").decode()
    reply = await post(deploy, text, note="ü\r\n--x", tags=["a", "b"], image=image)
    assert reply.status == 200, reply.cause
    assert parts(vendor.heard[1]) == [
        Part("note", None, "text/plain", "ü\r\n--x".encode()),
        Part("n", None, "text/plain", b"2"),
        Part("tag", None, "text/plain", b"a"),
        Part("tag", None, "text/plain", b"b"),
        Part("label", "label %221%22.pdf", "application/pdf", PDF),
        Part("plain", "note.txt", "text/plain", "ü\r\n--x".encode()),
        Part("decoded", "i.png", "image/png", b"\x89PNG\x00"),
    ]


async def test_files_come_from_a_list_too(deploy: Deploy, vendor: ScriptedVendor):
    vendor.say({})
    text = mapping("""
multipart:
  files:
    $each: lines
    $as: line
    $do:
      $file: {content: line.sku, name: {$text: "{index}.txt"}, type: "'text/plain'"}
""")
    items: list[Json] = [LINE, {**LINE, "variant_id": "B", "sku": "s-2"}]
    reply = await post(deploy, text, items=items)
    assert reply.status == 200, reply.cause
    found = [(part.name, part.filename, part.content) for part in parts(vendor.heard[0])]
    assert found == [("files", "0.txt", b"s-1"), ("files", "1.txt", b"s-2")]


async def test_a_repeat_of_a_multipart_request_has_the_same_bytes(
    deploy: Deploy, vendor: ScriptedVendor
):
    gateway = await deploy(mapping("multipart: {a: checkout.a}"))
    for a in ("x", "x", "y"):
        vendor.say({})
        assert (await gateway.post("shipping.validate", {"items": [LINE], "a": a})).status == 200
    first, again, other = ((each.headers["content-type"], each.body) for each in vendor.heard)
    assert first == again
    assert first[0] != other[0]


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("content: lines, name: \"'a'\", type: \"'a/b'\"", "neither text nor bytes"),
        ("content: \"'x'\", name: \"''\", type: \"'a/b'\"", "no name of a file"),
        ("content: \"'x'\", name: checkout.bad, type: \"'a/b'\"", "no name of a file"),
        ("content: \"'x'\", name: \"'a'\", type: \"'pdf'\"", "no media type"),
        ("content: \"'x'\", name: \"'a'\", type: checkout.bad", "no media type"),
    ],
)
async def test_a_file_that_can_not_be_sent_is_refused_unsent(
    deploy: Deploy, vendor: ScriptedVendor, part: str, said: str
):
    reply = await post(
        deploy, mapping(f"multipart: {{f: {{$file: {{{part}}}}}}}"), bad="a/b\r\nX: y"
    )
    assert reply.status in {400, 500}
    assert said in reply.cause
    assert vendor.heard == []


@given(
    st.lists(
        st.tuples(
            st.text(st.characters(codec="utf-8", exclude_characters='\r\n"\\\x00'), min_size=1),
            st.one_of(
                st.text(st.characters(codec="utf-8")),
                st.builds(
                    Upload,
                    st.from_regex(r"[a-z äü]{1,8}\.[a-z]{3}", fullmatch=True),
                    st.sampled_from(["application/pdf", "image/png"]),
                    st.binary(),
                ),
            ),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_whatever_is_in_the_parts_they_come_apart_again(
    given_parts: list[tuple[str, str | Upload]],
):
    """The body is taken apart by hand: `email` mends line ends that a form must keep."""
    body, content_type = multipart(given_parts)
    kind, _, boundary = content_type.partition("; boundary=")
    assert kind == "multipart/form-data"
    empty, *pieces, end = (b"\r\n" + body).split(f"\r\n--{boundary}".encode())
    assert (empty, end) == (b"", b"--\r\n")
    contents = [piece.partition(b"\r\n\r\n")[2] for piece in pieces]
    expected = [part.encode() if isinstance(part, str) else part.content for _, part in given_parts]
    assert contents == expected
    heads = [piece.partition(b"\r\n\r\n")[0].decode() for piece in pieces]
    for head, (name, _) in zip(heads, given_parts, strict=True):
        assert f'form-data; name="{name}"' in head


@pytest.mark.parametrize("name", ['a"; filename="x', "a\r\nContent-Type: text/html\r\n\r\n<b>"])
def test_a_name_never_ends_its_header(name: str):
    body, _ = multipart([(name, Upload(name, "text/plain", b"x"))])
    head = body.partition(b"\r\n\r\n")[0]
    assert head.count(b"\r\n") == 2
    assert head.count(b'"') == 4


async def test_text_goes_out_as_text(deploy: Deploy, vendor: ScriptedVendor):
    vendor.say({})
    reply = await post(deploy, mapping("text: join(';', lines[].sku)"))
    assert reply.status == 200, reply.cause
    heard = vendor.heard[0]
    assert (heard.body, heard.headers["content-type"]) == (b"s-1", "text/plain; charset=utf-8")


async def test_a_header_says_what_sort_of_text_it_is(deploy: Deploy, vendor: ScriptedVendor):
    vendor.say({})
    text = mapping("headers: {content-TYPE: \"'text/csv'\"}\ntext: checkout.csv")
    reply = await post(deploy, text, csv="a,ü")
    assert reply.status == 200, reply.cause
    heard = vendor.heard[0]
    assert (heard.body, heard.headers["content-type"]) == ("a,ü".encode(), "text/csv")


@pytest.mark.parametrize("text", ["lines", "checkout.gone"])
async def test_what_is_no_text_is_refused_unsent(deploy: Deploy, vendor: ScriptedVendor, text: str):
    reply = await post(deploy, mapping(f"text: {text}"))
    assert (reply.status, reply.reason, vendor.heard) == (400, "missing_data", [])


async def test_a_json_body_keeps_a_media_type_of_its_own(deploy: Deploy, vendor: ScriptedVendor):
    vendor.say({})
    text = mapping("headers: {Content-Type: \"'application/vnd.acme+json'\"}\nbody: {a: 1}")
    assert (await post(deploy, text)).status == 200
    assert vendor.heard[0].headers["content-type"] == "application/vnd.acme+json"


@pytest.mark.parametrize(("kind", "accept"), [("json", "application/json"), ("bytes", "*/*")])
async def test_a_vendor_is_told_what_is_accepted(
    deploy: Deploy, vendor: ScriptedVendor, kind: str, accept: str
):
    vendor.say({})
    text = mapping("body: {a: 1}", f"response: {{as: {kind}}}")
    assert (await post(deploy, text)).status == 200
    assert vendor.heard[0].headers["accept"] == accept


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ("body: {label: calls.label.body}", "base64_encode"),
        ("body: {deep: [calls.label]}", "base64_encode"),
        ("body: {a: {$text: 'x {calls.label.body}'}}", "gives bytes"),
        ("query: {a: calls.label.body}", "no text"),
        ("headers: {X-A: calls.label.body}", "no text"),
        ("form: {a: calls.label.body}", "no text"),
        ("text: calls.label.body", "no text"),
        ("multipart: {a: calls.label.body}", "no text"),
        ("body: {a: to_string(calls.label.body)}", "no JSON"),
        ("body: {a: length(calls.label.body)}", "not bytes"),
    ],
)
async def test_bytes_go_nowhere_but_into_files(
    deploy: Deploy, vendor: ScriptedVendor, request_: str, said: str
):
    vendor.say(PDF)
    reply = await post(deploy, files(request_.replace("[calls.label]", "[calls.label]")))
    assert reply.status == 500
    assert said in reply.cause
    assert len(vendor.heard) == 1


async def test_bytes_go_into_json_as_base64(deploy: Deploy, vendor: ScriptedVendor):
    vendor.say(PDF)
    vendor.say({})
    reply = await post(deploy, files("body: {label: base64_encode(calls.label.body)}"))
    assert reply.status == 200, reply.cause
    assert vendor.heard[1].json == {"label": base64.b64encode(PDF).decode()}


async def test_bytes_never_go_back_to_nacelle(deploy: Deploy, vendor: ScriptedVendor):
    vendor.say(PDF)
    text = mapping("body: {}", "response: {as: bytes}") + "reply: {set: {meta_data: '[body]'}}"
    reply = await post(deploy, text)
    assert (reply.status, reply.reason) == (500, "reply_invalid")
    assert "`meta_data` holds bytes" in reply.cause


async def test_bytes_never_become_a_field_of_a_line(deploy: Deploy, vendor: ScriptedVendor):
    vendor.say([{"id": "A", "price": "eA=="}])
    text = """
mapping: prices
contract: promotions.validate
vendor: acme
call: {request: {method: GET, path: /prices}}
lines:
  from: call
  rows: body
  row: row.id
  line: line.variant_id
  set: {price: base64_decode(row.price)}
  unmatched: keep
"""
    gateway = await deploy(text)
    reply = await gateway.post("promotions.validate", {"items": [LINE]})
    assert (reply.status, reply.reason) == (500, "reply_invalid")
    assert "`price` holds bytes" in reply.cause


async def test_bytes_are_no_key_of_a_batch(deploy: Deploy, vendor: ScriptedVendor):
    batch = "batch: {keys: \"[base64_decode('eA==')]\", row: row.id, rows: body, size: 1}"
    reply = await post(deploy, mapping("body: {n: 1}", batch))
    assert (reply.status, vendor.heard) == (500, [])
    assert "holds a key that is no text" in reply.cause


async def test_a_mapping_says_itself_what_is_accepted(deploy: Deploy, vendor: ScriptedVendor):
    vendor.say(PDF)
    text = mapping("headers: {ACCEPT: \"'application/pdf'\"}", "response: {as: bytes}")
    assert (await post(deploy, text)).status == 200
    assert vendor.heard[0].headers["accept"] == "application/pdf"


async def test_bytes_in_details_are_left_out(deploy: Deploy, vendor: ScriptedVendor):
    vendor.say(PDF)
    rule = 'errors: [{when: body, error: Not this, details: {label: body, all: "[body]", n: 1}}]'
    reply = await post(deploy, mapping("body: {}", f"response: {{as: bytes}}\n  {rule}"))
    assert reply.status == 422
    assert reply.details.keys() == {"n", "reason", "exchange_id"}
