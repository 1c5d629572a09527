"""An output that breaks its schema: the log names the expression that made the place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from gateway.lossless import Json
    from tests.conftest import ScriptedVendor
    from tests.plan.conftest import Deploy

CHECKOUT: dict[str, Json] = {
    "id": "c-1",
    "email": "a@b.example",
    "tag": "t",
    "more": {"x": 1},
    "items": [
        {"product_id": "p", "variant_id": "A", "quantity": 2},
        {"product_id": "p", "variant_id": "B", "quantity": 77},
    ],
}
MAPPING = """
mapping: made
contract: shipping.validate
vendor: acme
call:
  request:
    method: POST
    path: /
    schema: acme/request.json
    body:
      {body}
"""
TEXT = {"type": "string"}
FEW = {"type": "integer", "maximum": 5}


def of(**properties: Json) -> dict[str, Json]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def rows(**properties: Json) -> dict[str, Json]:
    return of(rows={"type": "array", "items": of(**properties)})


@pytest.mark.parametrize(
    ("schema", "body", "told"),
    [
        (
            of(n=FEW),
            "n: lines[1].quantity",
            "/n: must be at most 5 (maximum), is a number, made by `lines[1].quantity` (AT:11:10)",
        ),
        (
            rows(n=FEW),
            "rows: {$each: lines, $as: it, $do: {n: it.quantity}}",
            "/rows/1/n: must be at most 5 (maximum), is a number, made by `it.quantity` (AT:11:46)",
        ),
        (
            rows(n=FEW),
            'rows: "lines[].{n: quantity}"',
            (
                "/rows/1/n: must be at most 5 (maximum), is a number, "
                "made by `lines[].{n: quantity}` (AT:11:13)"
            ),
        ),
        (
            rows(sku=TEXT),
            'rows: "lines[?quantity > `2`].{sku: sku}"',
            (
                "/rows/0/sku: must be of type string (type), is null, "
                "made by `lines[?quantity > `2`].{sku: sku}` (AT:11:13): "
                "`sku` is missing: element 0 has `product_id`, `quantity`, `variant_id`"
            ),
        ),
        (
            of(a=TEXT),
            "a: checkout.more",
            ("/a: must be of type string (type), is an object, made by `checkout.more` (AT:11:10)"),
        ),
        (
            of(to=of(city=TEXT)),
            "to: {city?: checkout.city}",
            (
                "/to: must have city (required), left out: AT:11:21: "
                "`checkout.city` is missing: `checkout` has `email`, `id`, `items`, `more`, `tag`"
            ),
        ),
        (
            rows(n=FEW),
            "rows: {$concat: ['[{n: `1`}]', [], [{n: checkout.tag}]]}",
            (
                "/rows/1/n: must be of type integer (type), is text, "
                "made by `checkout.tag` (AT:11:47)"
            ),
        ),
        (
            rows(n=FEW),
            "rows: {$concat: {$each: lines, $as: it, $do: [{n: it.quantity}]}}",
            "/rows/1/n: must be at most 5 (maximum), is a number, made by `it.quantity` (AT:11:57)",
        ),
        (
            of(a=FEW),
            "a: {$if: checkout.none, $then: 1, $else: checkout.tag}",
            "/a: must be of type integer (type), is text, made by `checkout.tag` (AT:11:48)",
        ),
        (
            of(a={"type": "string", "maxLength": 1}),
            'a: {$text: "{checkout.tag}!"}',
            (
                "/a: must have at most 1 characters (maxLength), "
                "made by `{checkout.tag}!` (AT:11:18)"
            ),
        ),
        (
            {"type": "object", "if": of(zip=TEXT), "then": {"required": ["city"]}},
            "zip: checkout.id",
            ": must have city (required), which the mapping doesn't set",
        ),
        (of(a=FEW), "a: 7", "acme/request.json: /a: must be at most 5 (maximum)"),
    ],
)
async def test_the_log_names_the_expression_that_made_it(
    deploy: Deploy, vendor: ScriptedVendor, schema: Json, body: str, told: str
):
    body = body.replace("city?:", '"city?":')
    gateway = await deploy(MAPPING.format(body=body), schemas={"acme/request.json": schema})
    reply = await gateway.post("shipping.validate", CHECKOUT)
    assert (reply.status, reply.reason, vendor.heard) == (500, "vendor_request", [])
    assert re.sub(r"/\S*\.yaml", "AT", reply.cause).endswith(told)
    assert "a@b.example" not in reply.cause


async def test_the_log_names_the_expression_that_broke_the_reply(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.say({"rates": "none"})
    gateway = await deploy(
        "mapping: m\ncontract: shipping.validate\nvendor: acme\n"
        "call: {request: {method: GET, path: /}}\nreply: {set: {shipping_rates: body.rates}}\n"
    )
    reply = await gateway.post("shipping.validate", CHECKOUT)
    assert (reply.status, reply.reason) == (500, "reply_invalid")
    assert "is text, made by `body.rates` (" in reply.cause
