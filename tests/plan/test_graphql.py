"""GraphQL: an operation with variables, and answers whose errors come with 200."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

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
  request:
    path: /graphql
    graphql:
      query: |
        query Stock($ids: [ID!]!, $shop: ID) { stock(ids: $ids, shop: $shop) { id } }
      variables: {ids: "lines[].variant_id", "shop?": checkout.shop}
    schema: acme/variables.json
  @
reply: {set: {"meta_data?": body.data.stock}}
"""
EFFECT = """
mapping: effect
contract: sync.consume
vendor: acme
call:
  request:
    path: /graphql
    graphql:
      query: |
        mutation Create($ref: String!) { createOrder(ref: $ref) { id } other(ref: $ref) { id } }
      variables: {ref: order_key}
  idempotency: order_key
  @
"""
SCHEMAS: dict[str, Json] = {
    "acme/variables.json": {"properties": {"ids": {"type": "array", "maxItems": 1}}}
}


async def ask(deploy: Deploy, template: str, more: str = "", lines: int = 1) -> Reply:
    gateway = await deploy(template.replace("@", more), schemas=SCHEMAS)
    items: list[Json] = [{**LINE, "variant_id": f"v{n}"} for n in range(lines)]
    if template is READ:
        return await gateway.post("shipping.validate", {"id": "c", "items": items})
    return await gateway.post("sync.consume", {"id": "o-1", "order_items": items})


async def test_an_operation_is_posted_with_its_variables(deploy: Deploy, vendor: ScriptedVendor):
    vendor.say({"data": {"stock": [{"id": "v0"}]}})
    reply = await ask(deploy, READ)
    assert reply.body["checkout"]["meta_data"] == [{"id": "v0"}]  # type: ignore[index]
    heard = vendor.heard[0]
    assert (heard.method, heard.headers["content-type"]) == ("POST", "application/json")
    query = "query Stock($ids: [ID!]!, $shop: ID) { stock(ids: $ids, shop: $shop) { id } }\n"
    assert heard.json == {"query": query, "variables": {"ids": ["v0"]}}


async def test_the_variables_satisfy_the_schema_or_nothing_is_sent(
    deploy: Deploy, vendor: ScriptedVendor
):
    reply = await ask(deploy, READ, lines=2)
    assert (reply.status, reply.reason, vendor.heard) == (500, "vendor_request", [])
    assert "acme/variables.json: /ids" in reply.cause


ERRORS: Json = [{"message": "private", "extensions": {"code": "THROTTLED"}}]


@pytest.mark.parametrize("data", [{}, {"data": None}, {"data": {"stock": [{"id": "v0"}]}}])
async def test_errors_within_a_success_fail_a_read(
    deploy: Deploy, vendor: ScriptedVendor, data: dict[str, Json]
):
    vendor.say({**data, "errors": ERRORS})
    reply = await ask(deploy, READ, "response: {succeeds: '!(body.data.x)'}")
    assert (reply.status, reply.reason) == (500, "vendor_error")
    assert "private" not in reply.cause


@pytest.mark.parametrize("data", [{}, {"data": None}, {"data": {"createOrder": None}}])
async def test_errors_without_data_are_the_vendors_refusal_of_an_effect(
    deploy: Deploy, vendor: ScriptedVendor, data: dict[str, Json]
):
    vendor.say({**data, "errors": ERRORS})
    reply = await ask(deploy, EFFECT)
    assert (reply.status, reply.reason) == (422, "refused")


async def test_errors_beside_data_leave_an_effect_in_doubt(deploy: Deploy, vendor: ScriptedVendor):
    vendor.say({"data": {"createOrder": {"id": "1"}, "other": None}, "errors": ERRORS})
    reply = await ask(deploy, EFFECT)
    assert (reply.status, reply.reason) == (500, "in_doubt")


async def test_a_rule_takes_an_error_first(deploy: Deploy, vendor: ScriptedVendor):
    vendor.say({"data": None, "errors": ERRORS})
    when = "body.errors[?extensions.code == 'THROTTLED']"
    reply = await ask(deploy, READ, f'errors: [{{when: "{when}", status: 503, error: Busy}}]')
    assert (reply.status, reply.error["error"]) == (503, "Busy")


AGAIN = """errors:
    - {when: "body.errors[?extensions.code == 'DENIED']", status: 422, error: Denied}
    - {when: "body.errors[?extensions.code == 'THROTTLED']", then: retry}
    - {when: body.errors, status: 503, error: Broken}
  retry: {attempts: 3, backoff: 1ms..1ms}
"""


async def test_a_read_is_sent_again_where_a_rule_says_so_of_its_answer(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.say({"errors": ERRORS})
    vendor.say({"errors": ERRORS})
    vendor.say({"data": {"stock": [{"id": "v0"}]}})
    reply = await ask(deploy, READ, AGAIN)
    assert (reply.status, len(vendor.heard)) == (200, 3), reply.cause


async def test_a_read_that_a_rule_would_send_again_once_more_than_it_may_is_throttled(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.always({"errors": ERRORS})
    reply = await ask(deploy, READ, AGAIN)
    assert (reply.status, reply.reason, len(vendor.heard)) == (500, "vendor_throttled", 3)
    assert "THROTTLED" in reply.cause


async def test_without_a_retry_such_a_read_is_sent_once(deploy: Deploy, vendor: ScriptedVendor):
    vendor.always({"errors": ERRORS})
    reply = await ask(deploy, READ, AGAIN.partition("  retry")[0])
    assert (reply.status, reply.reason, len(vendor.heard)) == (500, "vendor_throttled", 1)


@pytest.mark.parametrize(("code", "status"), [("DENIED", 422), ("OTHER", 503)])
async def test_an_answer_that_another_rule_takes_is_not_asked_for_again(
    deploy: Deploy, vendor: ScriptedVendor, code: str, status: int
):
    denied: Json = {"message": "no", "extensions": {"code": code}}
    late: Json = [] if code == "OTHER" else ERRORS
    vendor.always({"errors": [denied, *late]})  # type: ignore[misc]  # a list
    reply = await ask(deploy, READ, AGAIN)
    assert (reply.status, len(vendor.heard)) == (status, 1)


@pytest.mark.parametrize("body", [{}, {"data": None}, [], "ok", {"errors": []}])
@pytest.mark.parametrize(
    ("template", "reason"), [(READ, "vendor_answer"), (EFFECT, "in_doubt")], ids=["read", "effect"]
)
async def test_an_answer_with_neither_data_nor_errors_is_useless(
    deploy: Deploy, vendor: ScriptedVendor, body: Json, template: str, reason: str
):
    vendor.say(body)
    reply = await ask(deploy, template)
    assert (reply.status, reply.reason) == (500, reason)


async def test_a_no_to_the_repeat_of_an_effect_leaves_the_first_attempt_in_doubt(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.say({}, 503)
    vendor.say({"errors": [{"message": "this order exists already"}]})
    reply = await ask(deploy, EFFECT, "retry: {attempts: 2, backoff: 1ms..1ms}")
    assert (reply.status, reply.reason, reply.details["repeat"]) == (500, "in_doubt", "safe")
