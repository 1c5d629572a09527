"""The vendor's answer: rules, success, schemas, and what Nacelle is told of each trouble."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from simulators import faults

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Reply, ScriptedVendor
    from tests.plan.conftest import Deploy

LINE = {"product_id": "p", "variant_id": "A", "quantity": 2}
ORDER = {"id": "o-1", "note": "private", "order_items": [LINE]}
READ = """
mapping: read
contract: shipping.validate
vendor: acme
let: {{broken: to_int(checkout.id)}}
call:
  request: {{method: POST, path: /}}
  {more}
"""
EFFECT = """
mapping: effect
contract: sync.consume
vendor: acme
call:
  request: {{method: POST, path: /, headers: {{Idempotency-Key: order_key}}}}
  {more}
"""


async def ask(deploy: Deploy, template: str, more: str = "", **settings: object) -> Reply:
    gateway = await deploy(template.format(more=more.strip().replace("\n", "\n  ")), **settings)
    if template is READ:
        return await gateway.post("shipping.validate", {"id": "c", "items": [LINE]})
    return await gateway.post("sync.consume", ORDER)


RULES = """
errors:
  - when: body.code == 'a'
    error: "No {body.what}"
    details:
      what?: body.what
      gone: body.gone
      bad: to_int(body.what)
      n: 1
      deep: {x: body.gone, y: 2}
  - when: body.code
    error: Second
    status: 503
    category: other_service
"""


async def test_a_rule_sees_a_success_too(deploy: Deploy, vendor: ScriptedVendor):
    vendor.say({"code": "a", "what": "stock"})
    reply = await ask(deploy, READ, RULES)
    assert (reply.status, reply.error["error"]) == (422, "No stock")
    assert (reply.reason, reply.error["category"]) == ("refused", "shipping_service")


async def test_the_first_rule_that_applies_decides(deploy: Deploy, vendor: ScriptedVendor):
    vendor.say({"code": "b"}, 400)
    reply = await ask(deploy, READ, RULES)
    assert (reply.status, reply.error["error"], reply.reason) == (503, "Second", "vendor_error")
    assert reply.error["category"] == "other_service"


async def test_details_leave_out_what_is_null_and_what_fails(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.say({"code": "a", "what": "stock"}, 400)
    reply = await ask(deploy, READ, RULES)
    assert reply.details.keys() == {"what", "n", "deep", "exchange_id", "reason"}
    assert (reply.details["what"], reply.details["n"]) == ("stock", 1)
    assert reply.details["deep"] == {"y": 2}


@pytest.mark.parametrize(
    "broken",
    [
        "broken",
        "{$each: body.code, $as: it, $do: it}",
        "{$concat: [body.code]}",
        "{$if: to_int(body.code), $then: 1}",
        "{$text: '{body.gone}'}",
        "{$text: '{broken}'}",
    ],
)
async def test_no_failure_within_details_hides_the_rules_own_words(
    deploy: Deploy, vendor: ScriptedVendor, broken: str
):
    vendor.say({"code": "a"}, 400)
    rule = f"errors:\n  - when: body.code\n    error: Ours\n    details: {{x: {broken}, n: 1}}"
    reply = await ask(deploy, READ, rule)
    assert (reply.status, reply.error["error"], reply.details["n"]) == (422, "Ours", 1)
    assert "x" not in reply.details


async def test_details_can_not_pretend_to_be_the_gateways_own(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.say({"code": "a"}, 400)
    rule = "details: {reason: \"'mine'\", exchange_id: \"'mine'\"}"
    reply = await ask(deploy, READ, f"errors:\n  - when: body.code\n    error: Not so\n    {rule}")
    assert reply.details == {"reason": "refused", "exchange_id": reply.headers["x-exchange-id"]}


@pytest.mark.parametrize("when", ["to_int(body.code) == `1`", "broken == `1`"])
async def test_a_condition_that_fails_does_not_apply_and_is_told_to_the_log(
    deploy: Deploy, vendor: ScriptedVendor, when: str
):
    vendor.say({"code": "a"}, 400)
    rules = f"errors:\n  - {{when: {when}, error: One}}\n  - {{when: body.code, error: Two}}"
    reply = await ask(deploy, READ, rules)
    assert (reply.status, reply.error["error"]) == (422, "Two")
    assert "to_int" in str(reply.log["notes"])


@pytest.mark.parametrize("insert", ["body.gone", "to_int(body.code)", "broken"])
async def test_a_text_that_can_not_be_made_is_replaced(
    deploy: Deploy, vendor: ScriptedVendor, insert: str
):
    vendor.say({"code": "a"}, 400)
    reply = await ask(deploy, READ, f"errors:\n  - when: body.code\n    error: 'No {{{insert}}}'")
    assert (reply.status, reply.error["error"]) == (422, "The vendor refused the request")
    assert "notes" in reply.log


async def test_the_files_rules_come_after_the_calls(deploy: Deploy, vendor: ScriptedVendor):
    both = """errors:
    - {when: body.code == 'a', error: The call's}
errors:
  - {when: body.code, error: The file's}
"""
    text = READ.format(more="@").replace("@", both.strip())
    gateway = await deploy(text)
    vendor.say({"code": "a"}, 400)
    vendor.say({"code": "b"}, 400)
    told = [
        (await gateway.post("shipping.validate", {"id": "c", "items": [LINE]})).error["error"]
        for _ in range(2)
    ]
    assert told == ["The call's", "The file's"]


async def test_a_rule_sees_the_kind_of_a_fault(deploy: Deploy, vendor: ScriptedVendor):
    vendor.faults.order(faults.ResetAfterRead(applied=False))
    rule = "errors:\n  - {when: fault == 'disconnected', status: 502, error: Cut}"
    reply = await ask(deploy, READ, rule)
    assert (reply.status, reply.error["error"]) == (502, "Cut")


async def test_a_rule_about_answers_does_not_take_an_effect_in_doubt_for_a_refusal(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.say({"ok": True})
    vendor.faults.order(faults.ResetAfterRead(applied=True))
    reply = await ask(deploy, EFFECT, 'errors: [{when: "!(body.ok)", error: Refused by acme}]')
    assert (reply.status, reply.reason, len(vendor.heard)) == (500, "in_doubt", 1)


async def test_a_rule_sees_status_and_headers(deploy: Deploy, vendor: ScriptedVendor):
    vendor.say({}, 404, {"X-Why": "gone"})
    rule = "errors:\n  - {when: status == `404`, error: 'It is {headers.\"x-why\"}'}"
    reply = await ask(deploy, READ, rule)
    assert reply.error["error"] == "It is gone"


async def test_a_read_that_does_not_succeed_is_our_trouble(deploy: Deploy, vendor: ScriptedVendor):
    vendor.say({"errors": [{"code": "x"}]})
    reply = await ask(deploy, READ, 'response: {succeeds: "!(body.errors)"}')
    assert (reply.status, reply.reason) == (500, "vendor_error")
    assert "`!(body.errors)` is not true" in reply.cause


async def test_an_effect_that_does_not_succeed_is_refused(deploy: Deploy, vendor: ScriptedVendor):
    vendor.say({"errors": [{"code": "x"}]})
    reply = await ask(deploy, EFFECT, 'response: {succeeds: "!(body.errors)"}')
    assert (reply.status, reply.reason) == (422, "refused")


async def test_a_success_that_can_not_be_told_is_a_useless_answer(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.say({"ok": "yes"})
    reply = await ask(deploy, READ, 'response: {succeeds: "to_int(body.ok) == `1`"}')
    assert (reply.status, reply.reason) == (500, "vendor_answer")


@pytest.mark.parametrize(("status", "expected"), [(200, 500), (404, 200), (302, 200), (500, 500)])
async def test_only_the_statuses_given_are_success(
    deploy: Deploy, vendor: ScriptedVendor, status: int, expected: int
):
    vendor.say({}, status)
    reply = await ask(deploy, READ, "response: {statuses: [404, 3xx]}")
    assert reply.status == expected


async def test_a_body_read_as_none_may_be_anything(deploy: Deploy, vendor: ScriptedVendor):
    vendor.say(b"<html>")
    reply = await ask(deploy, READ, "response: {as: none}")
    assert reply.status == 200


async def test_an_empty_body_is_null(deploy: Deploy, vendor: ScriptedVendor):
    vendor.say(b"", 204)
    reply = await ask(deploy, READ, 'response: {succeeds: "body == `null`"}')
    assert reply.status == 200


@pytest.mark.parametrize(
    "body", [b"<html>", b"{", b'{"a":1,"a":2}', b'{"a":NaN}', b"\xff", b"1e99999999999999999999"]
)
async def test_what_is_no_json_is_a_useless_answer(
    deploy: Deploy, vendor: ScriptedVendor, body: bytes
):
    vendor.say(body)
    reply = await ask(deploy, READ)
    assert (reply.status, reply.reason) == (500, "vendor_answer")
    assert "the body is no JSON" in reply.cause


async def test_an_error_page_that_is_no_json_keeps_its_status(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.say(b"<html>", 429)
    assert (await ask(deploy, READ)).reason == "vendor_throttled"


SCHEMA = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{}", b'{"n": "secret"}'])
async def test_an_answer_that_breaks_its_schema_is_useless(
    deploy: Deploy, vendor: ScriptedVendor, body: bytes
):
    vendor.say(body)
    reply = await ask(
        deploy, READ, "response: {schema: acme/answer.json}", schemas={"acme/answer.json": SCHEMA}
    )
    assert (reply.status, reply.reason) == (500, "vendor_answer")
    assert "acme/answer.json" in reply.cause
    assert "secret" not in reply.cause


STATUSES = {
    400: "vendor_error",
    401: "vendor_credentials",
    403: "vendor_credentials",
    404: "vendor_error",
    409: "vendor_error",
    422: "vendor_error",
    429: "vendor_throttled",
    500: "vendor_error",
    503: "vendor_error",
    302: "vendor_error",
}


@pytest.mark.parametrize(("status", "reason"), STATUSES.items())
async def test_without_a_rule_no_error_of_a_read_is_about_the_checkout(
    deploy: Deploy, vendor: ScriptedVendor, status: int, reason: str
):
    vendor.say({"secret": "x"}, status)
    reply = await ask(deploy, READ)
    assert (reply.status, reply.reason) == (500, reason)
    assert (reply.details["vendor"], reply.details["vendor_status"]) == ("acme", status)
    assert b"secret" not in reply.content


@pytest.mark.parametrize(("status", "reason"), STATUSES.items())
async def test_without_a_rule_some_errors_of_an_effect_are_about_the_order(
    deploy: Deploy, vendor: ScriptedVendor, status: int, reason: str
):
    vendor.say({}, status)
    reply = await ask(deploy, EFFECT)
    expected = (422, "refused") if status in {400, 409, 422} else (500, reason)
    if status >= 500:
        expected = (500, "in_doubt")
        assert (reply.details["repeat"], reply.details["vendor_status"]) == ("unsafe", status)
    assert (reply.status, reply.reason) == expected


@pytest.mark.parametrize("answer", [b"<html>", b'{"cut": '])
async def test_an_effect_whose_success_can_not_be_read_is_in_doubt_whatever_rules_say(
    deploy: Deploy, vendor: ScriptedVendor, answer: bytes
):
    """A rule that reads the body is not tried on one that can't be read."""
    vendor.always(answer)
    rule = 'errors:\n  - {when: "!(body.ok)", error: The vendor said no}\n'
    reply = await ask(deploy, EFFECT, rule)
    assert (reply.status, reply.reason, reply.details["repeat"]) == (500, "in_doubt", "unsafe")


TROUBLES = {
    "reset before": (faults.ResetBeforeRead(), "vendor_disconnected"),
    "reset after": (faults.ResetAfterRead(applied=False), "vendor_disconnected"),
    "cut short": (faults.Truncate(), "vendor_disconnected"),
    "late": (faults.Delay(delay_ms=60_000), "vendor_timeout"),
    "dripping": (faults.Drip(pause_ms=60_000), "vendor_timeout"),
    "huge": (faults.Huge(size=100_000), "vendor_answer"),
}


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize(("idempotency", "repeat"), [("", "unsafe"), ("order_key", "safe")])
async def test_an_effect_without_an_answer_is_in_doubt(
    deploy: Deploy, vendor: ScriptedVendor, trouble: str, idempotency: str, repeat: str
):
    vendor.say({"body": "long enough"})
    vendor.faults.order(TROUBLES[trouble][0])
    more = f"idempotency: {idempotency}" if idempotency else ""
    reply = await ask(deploy, EFFECT, more, vendors=impatient(vendor))
    assert (reply.status, reply.reason) == (500, "in_doubt")
    assert (reply.details["vendor"], reply.details["repeat"]) == ("acme", repeat)
    assert len(vendor.ledger.requests) == 1


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_each_trouble_of_a_read_has_its_reason(
    deploy: Deploy, vendor: ScriptedVendor, trouble: str
):
    order, reason = TROUBLES[trouble]
    vendor.always({"body": "long enough"})
    # Enough for every time that the fast wire sends a read again by itself.
    vendor.faults.order(*[order] * 10)
    reply = await ask(deploy, READ, vendors=impatient(vendor))
    assert (reply.status, reply.reason) == (500, reason)
    assert "repeat" not in reply.details


def impatient(vendor: ScriptedVendor) -> dict[str, object]:
    timeout = {"connect": "5s", "total": "300ms"}
    return {"acme": {"base_url": vendor.url, "timeout": timeout, "max_answer": "10KB"}}


@pytest.mark.parametrize("template", [READ, EFFECT], ids=["read", "effect"])
async def test_a_vendor_that_is_not_there_is_no_doubt(deploy: Deploy, template: str):
    reply = await ask(deploy, template, vendors={"acme": "http://127.0.0.1:9"})
    assert (reply.status, reply.reason) == (500, "vendor_unreachable")


@pytest.mark.parametrize("template", [READ, EFFECT], ids=["read", "effect"])
async def test_a_request_out_of_time_says_so(deploy: Deploy, vendor: ScriptedVendor, template: str):
    vendor.say({})
    vendor.faults.order(faults.Delay(delay_ms=60_000))
    reply = await ask(
        deploy,
        template,
        nacelle={"deadline": "200ms", "signature": {"secrets": [{"env": "SECRET"}]}},
    )
    assert (reply.status, reply.reason) == (
        (500, "deadline") if template is READ else (500, "in_doubt")
    )


async def test_a_redirect_to_another_host_is_not_followed(
    deploy: Deploy, vendor: ScriptedVendor, vendor_of: Callable[[], ScriptedVendor]
):
    other = vendor_of()
    vendor.say({}, 307, {"location": f"{other.url}/steal"})
    reply = await ask(deploy, READ)
    assert (reply.status, reply.reason) == (500, "vendor_error")
    assert (len(vendor.heard), other.heard) == (1, [])
