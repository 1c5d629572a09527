"""Trees: what a mapping's YAML becomes in the vendor's request, and who is told what is missing."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.lossless import Json
    from tests.conftest import Gateway, Reply, ScriptedVendor
    from tests.plan.conftest import Deploy

CHECKOUT: dict[str, Json] = {
    "id": "c-1",
    "email": "a@b.example",
    "note": None,
    "word": "w",
    "names": None,
    "items": [
        {"product_id": "p", "variant_id": "A", "quantity": 2, "tags": ["x", "y"]},
        {"product_id": "p", "variant_id": "B", "quantity": 1, "tags": []},
    ],
}
MAPPING = """
mapping: tree
contract: shipping.validate
vendor: acme
{let}
call:
  request:
    method: POST
    path: /v1/quote
    body:
      {body}
"""


@pytest.fixture
def sent(deploy: Deploy, vendor: ScriptedVendor) -> Callable[..., object]:
    """Give a function: the YAML of a body → the JSON that the vendor gets for CHECKOUT."""

    async def send(body: str, let: str = "", settings: Json = None) -> Json:
        reply = await post(deploy, vendor, body, let, settings)
        assert reply.status == 200, reply.cause
        return vendor.heard[-1].json

    return send


@pytest.fixture
def refused(deploy: Deploy, vendor: ScriptedVendor) -> Callable[..., object]:
    """Give a function: the YAML of a body → the refusal; the vendor got nothing."""

    async def send(body: str, let: str = "", settings: Json = None) -> Reply:
        reply = await post(deploy, vendor, body, let, settings)
        assert reply.status != 200
        assert vendor.heard == []
        return reply

    return send


async def post(
    deploy: Deploy, vendor: ScriptedVendor, body: str, let: str, settings: Json
) -> Reply:
    vendor.say({})
    indented = body.strip("\n").replace("\n", "\n      ")
    gateway: Gateway = await deploy(
        MAPPING.format(body=indented, let=f"let:\n{let}" if let else ""), settings=settings
    )
    return await gateway.post("shipping.validate", CHECKOUT)


async def test_a_text_is_an_expression(sent):
    assert await sent("first: lines[0].variant_id\ntext: \"'as it is'\"") == {
        "first": "A",
        "text": "as it is",
    }


async def test_numbers_booleans_and_null_are_themselves(sent):
    body = "a: 1\nb: 2.5\nc: true\nd: null\ne: [1, null, false]"
    assert await sent(body) == {
        "a": 1,
        "b": Decimal("2.5"),
        "c": True,
        "d": None,
        "e": [1, None, False],
    }


async def test_an_optional_key_is_left_out_on_null_and_kept_otherwise(sent):
    assert await sent("a?: checkout.note\nb?: checkout.email\nc?: checkout.no.such") == {
        "b": "a@b.example"
    }


async def test_false_zero_and_empty_are_not_null(sent):
    body = "a?: '`false`'\nb?: '`0`'\nc?: \"''\"\nd?: lines[1].tags"
    assert await sent(body) == {"a": False, "b": 0, "c": "", "d": []}


async def test_each_makes_an_item_for_every_element_and_counts_from_zero(sent):
    body = "rows:\n  $each: lines\n  $as: it\n  $do: {n: index, id: it.variant_id}"
    assert await sent(body) == {"rows": [{"n": 0, "id": "A"}, {"n": 1, "id": "B"}]}


async def test_a_nested_each_sees_the_outer_element_and_counts_for_itself(sent):
    body = """
rows:
  $each: lines
  $as: it
  $do:
    $each: it.tags
    $as: tag
    $do: {id: it.variant_id, tag: tag, n: index}
"""
    assert await sent(body) == {
        "rows": [[{"id": "A", "tag": "x", "n": 0}, {"id": "A", "tag": "y", "n": 1}], []]
    }


async def test_each_over_null_is_null_itself(sent):
    assert await sent("rows?:\n  $each: checkout.note\n  $as: it\n  $do: it") == {}


async def test_each_over_null_is_refused_under_a_required_key(refused):
    reply = await refused("rows:\n  $each: checkout.note\n  $as: it\n  $do: it")
    assert (reply.status, reply.reason) == (400, "missing_data")
    assert "`checkout.note` is null" in reply.cause


async def test_each_over_what_is_no_list_is_refused(refused):
    reply = await refused("rows:\n  $each: checkout.word\n  $as: it\n  $do: it")
    assert (reply.status, reply.reason) == (400, "missing_data")
    assert "$each" in reply.cause


@pytest.mark.parametrize(
    ("condition", "chosen"),
    [("checkout.email", "yes"), ("checkout.note", "no"), ("lines[1].tags", "no"), ("'`0`'", "yes")],
)
async def test_if_chooses_as_jmespath_tells_truth(sent, condition, chosen):
    body = f"a:\n  $if: {condition}\n  $then: \"'yes'\"\n  $else: \"'no'\""
    assert await sent(body) == {"a": chosen}


async def test_if_without_else_leaves_an_optional_key_out(sent):
    assert await sent("a?:\n  $if: checkout.note\n  $then: 1") == {}


async def test_if_without_else_is_refused_under_a_required_key(refused):
    reply = await refused("a:\n  $if: checkout.note\n  $then: 1")
    assert (reply.status, reply.reason) == (400, "missing_data")
    assert "$if" in reply.cause


async def test_the_branch_not_taken_is_not_evaluated(sent):
    body = "a:\n  $if: checkout.email\n  $then: 1\n  $else: to_int(checkout.email)"
    assert await sent(body) == {"a": 1}


async def test_a_null_written_in_a_branch_is_meant(sent):
    assert await sent("a:\n  $if: checkout.note\n  $then: 1\n  $else: null") == {"a": None}


async def test_concat_puts_lists_together_and_null_adds_nothing(sent):
    parts = ["lines[0].tags", "checkout.note", "[1, 2]", "lines[1].tags"]
    body = "a:\n  $concat:\n" + "\n".join(f"    - {part}" for part in parts)
    assert await sent(body) == {"a": ["x", "y", 1, 2]}


async def test_concat_of_what_is_no_list_blames_whose_data_it_is(refused):
    body = "a:\n  $concat:\n    - checkout.word"
    reply = await refused(body)
    assert (reply.status, reply.reason) == (400, "missing_data")


INNER = "{$each: line.tags, $as: tag, $do: {of: line.variant_id, tag: tag, place: index}}"
SPLICED = f"{{$concat: {{$each: lines, $as: line, $do: {INNER}}}}}"


async def test_concat_of_an_each_makes_one_list_of_the_lists_of_all_elements(sent):
    assert await sent(f"a: {SPLICED}") == {
        "a": [{"of": "A", "tag": "x", "place": 0}, {"of": "A", "tag": "y", "place": 1}]
    }


async def test_a_list_that_is_null_adds_nothing_to_the_concat_of_an_each(sent):
    made = "{$if: line.tags, $then: line.tags}"
    assert await sent(f"a: {{$concat: {{$each: lines, $as: line, $do: {made}}}}}") == {
        "a": ["x", "y"]
    }


NO_LISTS = "{$concat: {$each: checkout.names, $as: name, $do: [name]}}"


async def test_concat_of_an_each_over_null_is_null_as_the_each_is(sent):
    assert await sent(f"a?: {NO_LISTS}") == {}


async def test_concat_of_an_each_over_null_is_refused_under_a_required_key(refused):
    reply = await refused(f"a: {NO_LISTS}")
    assert (reply.status, reply.reason) == (400, "missing_data")
    assert "`checkout.names` is null" in reply.cause


async def test_concat_of_an_each_that_makes_no_lists_blames_whose_data_it_is(refused):
    reply = await refused("a: {$concat: {$each: lines, $as: line, $do: checkout.word}}")
    assert (reply.status, reply.reason) == (400, "missing_data")


FLAT = """
mapping: tree
contract: shipping.validate
vendor: acme
let:
  lists:
    $each: checkout.parts
    $as: part
    $do: {$each: part, $as: word, $do: {at: index, is: word}}
call:
  request:
    method: POST
    path: /v1/quote
    body:
      spliced:
        $concat:
          $each: checkout.parts
          $as: part
          $do: {$each: part, $as: word, $do: {at: index, is: word}}
      flattened: lists[]
      again: {$concat: {$each: lists, $as: list, $do: list}}
"""


@settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(parts=st.lists(st.lists(st.text(st.characters(codec="ascii"), max_size=2), max_size=3)))
async def test_what_concat_splices_is_what_jmespath_flattens(
    deploy: Deploy, vendor: ScriptedVendor, parts: list[list[Json]]
):
    vendor.say({})
    gateway = await deploy(FLAT)
    reply = await gateway.post("shipping.validate", {**CHECKOUT, "parts": parts})
    assert reply.status == 200, reply.cause
    flat = [{"at": at, "is": word} for part in parts for at, word in enumerate(part)]
    assert vendor.heard[-1].json == {"spliced": flat, "flattened": flat, "again": flat}


async def test_text_fills_in_numbers_and_booleans_and_keeps_doubled_braces(sent):
    body = 'a: {$text: "{lines[0].quantity} of {checkout.email} {`true`} {{}}"}'
    assert await sent(body) == {"a": "2 of a@b.example true {}"}


async def test_text_with_a_null_insert_is_null(sent):
    assert await sent('a?: {$text: "to {checkout.note}"}') == {}


async def test_text_names_the_insert_that_is_null(refused):
    reply = await refused('a: {$text: "{checkout.email} {checkout.note.name}"}')
    assert (reply.status, reply.reason) == (400, "missing_data")
    assert "`checkout.note.name` is null: `checkout.note` is" in reply.cause


async def test_doubled_marks_write_the_mark_itself(sent):
    assert await sent("$$each: 1\n$$x: 2\ny??: 3") == {
        "$each": 1,
        "$x": 2,
        "y?": 3,
    }


async def test_lists_hold_trees(sent):
    assert await sent('a:\n  - lines[0].variant_id\n  - {b: "lines[1].variant_id"}\n  - [1]') == {
        "a": ["A", {"b": "B"}, [1]]
    }


async def test_null_in_a_list_is_refused(refused):
    reply = await refused("a:\n  - checkout.note")
    assert (reply.status, reply.reason) == (400, "missing_data")


async def test_a_missing_value_names_the_part_that_vanished_and_its_place(refused):
    reply = await refused("a: checkout.names.given.first")
    assert (reply.status, reply.reason) == (400, "missing_data")
    assert reply.cause.endswith(
        "mapping0.yaml:11:10: `checkout.names.given.first` is null: `checkout.names` is null"
    )


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("checkout.note", "`checkout.note` is null"),
        ("checkout.note.a.b", "`checkout.note.a.b` is null: `checkout.note` is null"),
        ("lines[7].a.b", "`lines[7].a.b` is null: `lines[7]`: the list has 2 elements"),
        (
            "lines[?variant_id == 'C'] | [0].quantity",
            "`lines[?variant_id == 'C']` matched 0 of 2 rows: `variant_id` was `A` in 1, `B` in 1",
        ),
        (
            "checkout.word.domain",
            "`checkout.word.domain`: `checkout.word` is text, not an object",
        ),
    ],
)
async def test_the_log_says_what_vanished_and_how(refused, expression, told):
    reply = await refused(f'a: "{expression}"')
    assert (reply.status, reply.reason) == (400, "missing_data")
    assert reply.cause.endswith(told)
    assert told not in str(reply.error)


async def test_the_log_says_which_element_an_expression_failed_on(refused):
    reply = await refused('a: "lines[].to_int(variant_id)"')
    assert reply.cause.endswith(
        "`lines[].to_int(variant_id)`: to_int() got text that is no number; "
        "in `to_int(variant_id)` of element 0"
    )


async def test_the_log_says_why_an_argument_is_null_that_may_not_be(refused):
    reply = await refused("a: \"join(',', lines[0].tag)\"")
    assert reply.cause.endswith(
        "join() takes an array of texts, not null; `lines[0].tag` is missing: "
        "`lines[0]` has `tags`, `product_id`, `quantity`, `variant_id`"
    )


async def test_the_client_is_told_the_expression_but_no_data(refused):
    reply = await refused("a: to_int(checkout.email)")
    assert (reply.status, reply.reason) == (400, "missing_data")
    assert "to_int(checkout.email)" in str(reply.error["error"])
    assert b"a@b.example" not in reply.content


async def test_a_null_setting_is_the_gateways_own_trouble(refused):
    reply = await refused("a: settings.warehouse.id", settings={"warehouse": None})
    assert (reply.status, reply.reason) == (500, "config")
    assert "warehouse" not in str(reply.error["error"]), "configuration is for the log"


async def test_a_null_made_from_settings_and_the_checkout_is_the_checkouts(refused):
    reply = await refused("a: lookup(settings.table, checkout.email)", settings={"table": {}})
    assert (reply.status, reply.reason) == (400, "missing_data")


@pytest.mark.parametrize(
    ("value", "status", "reason"),
    [
        ("checkout.note.x", 400, "missing_data"),
        ("settings.x", 500, "config"),
        ("lookup(settings.t, checkout.email)", 400, "missing_data"),
    ],
)
async def test_blame_follows_named_values(refused, value, status, reason):
    let = f"  outer: inner.part\n  inner: {value}\n"
    reply = await refused("a: outer", let=let, settings={"t": {}, "x": None})
    assert (reply.status, reply.reason) == (status, reason)


@pytest.mark.parametrize(
    ("source", "status", "reason"),
    [("lines", 400, "missing_data"), ("settings.rows", 500, "config")],
)
async def test_blame_follows_the_elements_of_each(refused, source, status, reason):
    body = f"a:\n  $each: {source}\n  $as: it\n  $do: {{b: it.none.such}}"
    reply = await refused(body, settings={"rows": [{"none": None}]})
    assert (reply.status, reply.reason) == (status, reason)
    assert "`it.none.such` is null: `it.none` is" in reply.cause


VENDORS = """
mapping: two
contract: shipping.validate
vendor: acme
{let}
calls:
  first:
    request: {{method: POST, path: /first, body: {{a: 1}}}}
  second:
    request:
      method: POST
      path: /second
      body:
        {body}
"""


@pytest.mark.parametrize(
    ("let", "body"),
    [
        ("", "a: calls.first.body.gone.deep"),
        ("let: {gone: calls.first.body.gone}", "a: gone.deep"),
        ("let: {gone: calls.first.body.gone}", "a: add(gone, lines[0].quantity)"),
        ("", "a: {$each: calls.first.body.rows, $as: it, $do: {b: it.gone}}"),
        ("", "a: {$concat: [calls.first.body.word]}"),
        ("", "a: {$each: calls.first.body.word, $as: it, $do: it}"),
        ("", "a: to_int(calls.first.body.word)"),
    ],
)
async def test_what_vanished_from_a_vendors_answer_is_the_vendors(deploy, vendor, let, body):
    vendor.say({"rows": [{}], "word": "text"})
    gateway = await deploy(VENDORS.format(let=let, body=body))
    reply = await gateway.post("shipping.validate", CHECKOUT)
    assert (reply.status, reply.reason) == (500, "vendor_answer")
    assert [heard.target for heard in vendor.heard] == ["/first"]
    assert "text" not in str(reply.error["error"])


@pytest.mark.parametrize(
    "body",
    [
        "a: {$each: lines, $as: lines, $do: 1}",
        "a: {$each: lines, $as: checkout, $do: 1}",
        "a: {$each: lines, $as: index, $do: 1}",
        "a: {$each: lines, $as: it, $do: {$each: lines, $as: it, $do: 1}}",
    ],
)
def test_each_can_take_no_name_that_means_something_already(problems_of, body):
    assert problems_of(MAPPING.format(body=body, let="")) == ["shadowed-name"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("$eech: 1", "unknown-directive"),
        ("a: {$each: lines, $do: 1}", "missing-key"),
        ("a: {$if: lines, $else: 1}", "missing-key"),
        ("a: {$text: \"'x'\", b: 1}", "unknown-key"),
        ("a: {$concat: lines}", "wrong-type"),
        ("a: {$concat: {$if: lines, $then: [lines]}}", "wrong-type"),
        ("a: {$concat: {b: lines}}", "wrong-type"),
        ("a: {$concat: {$each: lines, $as: it}}", "missing-key"),
        ("a: {$concat: {$if: lines, $then: [lines], $each: lines}}", "unknown-key"),
        ("a: {$concat: {$each: lines, $as: it, $do: it.sku}}", "type-mismatch"),
        ("a: {$text: 1}", "wrong-type"),
        ("a: {$each: lines, $as: 'a b', $do: 1}", "bad-value"),
        ("a: 1\n      a?: 2", "duplicate-key"),
    ],
)
def test_a_directive_that_is_wrong_is_found_at_load(problems_of, body, code):
    assert code in problems_of(MAPPING.format(body=body, let=""))
