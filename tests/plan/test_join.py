"""The join: the vendor's rows become fields of the lines, and stock is shared out."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.lossless import dumps, loads

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.lossless import Json
    from tests.conftest import Gateway, Reply, ScriptedVendor
    from tests.plan.conftest import Deploy

Line = dict[str, "Json"]

SETTINGS = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
MAPPING = """
mapping: stock
contract: inventory.validate
vendor: acme
call: {{request: {{method: GET, path: /stock}}}}
lines:
  {lines}
"""
ONE = """
from: call
rows: body
row: row.id
line: line.variant_id
set: {available: row.quantity}
unmatched: {available: 0}
"""
SUM = ONE.replace("row.quantity", '"sum(rows[].to_number(quantity))"')


def mapping(lines: str = ONE) -> str:
    return MAPPING.format(lines=lines.strip().replace("\n", "\n  "))


def line(key: Json, quantity: Json = 1, **more: Json) -> Line:
    return {"product_id": "p", "variant_id": key, "quantity": quantity, **more}


def lines_of(reply: Reply) -> list[Line]:
    assert reply.status == 200, reply.cause
    return reply.body["checkout"]["items"]  # type: ignore[index, return-value]


def available(reply: Reply) -> list[Json]:
    return [each["available"] for each in lines_of(reply)]


async def ask(gateway: Gateway, vendor: ScriptedVendor, rows: Json, *lines: Line) -> Reply:
    vendor.always(rows)
    return await gateway.post("inventory.validate", {"items": list(lines)})


@pytest.fixture
async def one(deploy: Deploy) -> Gateway:
    return await deploy(mapping(ONE))


@pytest.fixture
async def added(deploy: Deploy) -> Gateway:
    return await deploy(mapping(SUM))


@pytest.mark.parametrize(
    ("quantity", "stock"),
    [
        ("79", 79),
        ("2.50000", 2),
        ("-3", 0),
        ("-0.5", 0),
        ("0", 0),
        (4, 4),
        (-4, 0),
        (Decimal("2.999999999999999999999"), 2),
        (Decimal("1E+2"), 100),
        (12345678901234567890123, 12345678901234567890123),
    ],
)
async def test_stock_is_whole_and_never_negative_however_it_is_written(
    one: Gateway, vendor: ScriptedVendor, quantity: Json, stock: int
):
    reply = await ask(one, vendor, [{"id": "A", "quantity": quantity}], line("A"))
    assert available(reply) == [stock]


@pytest.mark.parametrize(
    "quantity", ["", "9" * 1001, "many", "NaN", "Infinity", "1_000", True, [], {}, None]
)
async def test_stock_that_is_no_number_is_a_useless_answer(
    one: Gateway, vendor: ScriptedVendor, quantity: Json
):
    reply = await ask(one, vendor, [{"id": "A", "quantity": quantity}], line("A"))
    assert (reply.status, reply.reason) == (500, "vendor_answer")


async def test_lines_of_one_key_share_its_stock_in_their_order(
    one: Gateway, vendor: ScriptedVendor
):
    rows: Json = [{"id": "A", "quantity": "5"}, {"id": "B", "quantity": "1"}]
    lines = [line("A", 2), line("B", 9), line("A", 4), line("A", 1), line("B", 1)]
    assert available(await ask(one, vendor, rows, *lines)) == [5, 1, 3, 0, 0]


async def test_texts_and_numbers_of_the_same_digits_are_one_key(
    deploy: Deploy, vendor: ScriptedVendor
):
    gateway = await deploy(mapping(ONE.replace("line.variant_id", "line.number")))
    rows: Json = [{"id": 1, "quantity": 5}, {"id": "2", "quantity": 6}]
    reply = await ask(gateway, vendor, rows, *(line("A", number=n) for n in ("1", 2, "01", 3)))
    assert available(reply) == [5, 6, 0, 0]


@pytest.mark.parametrize("rows", [None, [], [{}]])
async def test_rows_without_a_key_belong_to_no_line(
    one: Gateway, vendor: ScriptedVendor, rows: Json
):
    assert available(await ask(one, vendor, rows, line("A"))) == [0]


async def test_rows_of_which_none_has_a_key_are_a_useless_answer(
    one: Gateway, vendor: ScriptedVendor
):
    """A misspelt key must not become a shop without stock."""
    rows: Json = [{"code": "A", "quantity": 3}, {"code": "B", "quantity": 1}]
    reply = await ask(one, vendor, rows, line("A"))
    assert (reply.status, reply.reason) == (500, "vendor_answer")
    assert "no row has a key, `row.id`" in reply.cause


async def test_a_row_without_a_key_among_others_belongs_to_no_line(
    one: Gateway, vendor: ScriptedVendor
):
    rows: Json = [{"id": None, "quantity": 3}, {"id": "A", "quantity": 2}]
    assert available(await ask(one, vendor, rows, line("A"))) == [2]


@pytest.mark.parametrize("key", [True, [], {}, Decimal("1.5")])
async def test_a_key_that_is_neither_text_nor_whole_is_a_useless_answer(
    one: Gateway, vendor: ScriptedVendor, key: Json
):
    reply = await ask(one, vendor, [{"id": key, "quantity": 3}], line("A"))
    assert (reply.status, reply.reason) == (500, "vendor_answer")


async def test_rows_that_are_no_list_are_a_useless_answer(one: Gateway, vendor: ScriptedVendor):
    reply = await ask(one, vendor, {"id": "A"}, line("A"))
    assert (reply.status, reply.reason) == (500, "vendor_answer")


async def test_a_line_without_a_key_lacks_data(deploy: Deploy, vendor: ScriptedVendor):
    gateway = await deploy(mapping(ONE.replace("line.variant_id", "line.sku")))
    reply = await ask(gateway, vendor, [], line("A"))
    assert (reply.status, reply.reason) == (400, "missing_data")
    assert "`line.sku` is missing: `line` has `product_id`, `quantity`, `variant_id`" in reply.cause


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [
        ("row: row.id", "row: to_int(row.id)", 500),
        ("rows: body", "rows: to_int(body[0].id)", 500),
        ("line: line.variant_id", "line: to_int(line.variant_id)", 400),
        ("from: call", "of: checkout.word\nfrom: call", 400),
        ("from: call", "of: body\nfrom: call", 500),
        ("from: call", "of: settings.none\nfrom: call", 500),
    ],
)
async def test_what_can_not_be_joined_blames_whose_data_it_is(
    deploy: Deploy, vendor: ScriptedVendor, old: str, new: str, status: int
):
    gateway = await deploy(mapping(ONE.replace(old, new)), settings={"none": None})
    vendor.always([{"id": "A", "quantity": 1}])
    checkout = {"id": "c", "word": "w", "items": [line("A")]}
    reply = await gateway.post("inventory.validate", checkout)
    assert reply.status == status
    assert reply.reason in {"missing_data", "vendor_answer", "config"}


KEYS = st.sampled_from(["A", "B", "1", "2", "none"])
ROW_KEYS = st.sampled_from([None, "A", "B", "1", "2", 1, 2])
QUANTITIES = st.one_of(
    st.integers(-5, 30),
    st.decimals(-5, 30, places=4),
    st.integers(-5, 30).map(str),
    st.decimals(-5, 30, places=5).map(str),
)
LINES = st.lists(
    st.builds(line, KEYS, st.integers(0, 8) | st.just(Decimal("2.0"))), min_size=1, max_size=12
)
ROWS = st.lists(
    st.fixed_dictionaries({"id": ROW_KEYS, "quantity": QUANTITIES}), max_size=12
).filter(lambda rows: not rows or any(row["id"] is not None for row in rows))


def shared_out(lines: list[Line], stock: dict[str, Fraction]) -> list[int]:
    """What the lines may be told, found the slow way: by handing out one piece after the other."""
    pieces = {key: ["piece"] * max(0, math.floor(amount)) for key, amount in stock.items()}
    told = []
    for each in lines:
        left = pieces.get(str(each["variant_id"]), [])
        told.append(len(left))
        del left[: int(str(each["quantity"]).split(".")[0])]
    return told


@SETTINGS
@given(lines=LINES, rows=ROWS)
async def test_the_first_row_of_a_key_is_shared_out(
    one: Gateway, vendor: ScriptedVendor, lines: list[Line], rows: list[Line]
):
    stock = {
        str(row["id"]): Fraction(str(row["quantity"]))
        for row in reversed(rows)
        if row["id"] is not None
    }
    reply = await ask(one, vendor, rows, *lines)  # type: ignore[arg-type]
    assert available(reply) == shared_out(lines, stock)


@SETTINGS
@given(lines=LINES, rows=ROWS)
async def test_several_rows_of_a_key_add_up_and_are_shared_out(
    added: Gateway, vendor: ScriptedVendor, lines: list[Line], rows: list[Line]
):
    stock: dict[str, Fraction] = {}
    for row in rows:
        if row["id"] is not None:
            key = str(row["id"])
            stock[key] = stock.get(key, Fraction()) + Fraction(str(row["quantity"]))
    reply = await ask(added, vendor, rows, *lines)  # type: ignore[arg-type]
    assert available(reply) == shared_out(lines, stock)


ANYTHING: st.SearchStrategy[Json] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.decimals(
        allow_nan=False, allow_infinity=False, places=7, min_value=-(10**9), max_value=10**9
    )
    | st.text(st.characters(codec="utf-8"), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)
EXTRA = st.dictionaries(st.text("xyz_é", min_size=3, max_size=6), ANYTHING, max_size=4)


@st.composite
def checkouts(draw: st.DrawFn) -> dict[str, Json]:
    """A checkout whose keys stand in any order, unknown ones among them, `available` too."""
    lines = []
    for key in draw(st.lists(KEYS, min_size=1, max_size=4)):
        fields = {**line(key, draw(st.integers(0, 5))), **draw(EXTRA)}
        if draw(st.booleans()):
            fields["available"] = draw(st.integers(0, 9))
        lines.append(dict(draw(st.permutations(list(fields.items())))))
    whole = {"items": lines, "currency": "EUR", "meta_data": [1], **draw(EXTRA)}
    return dict(draw(st.permutations(list(whole.items()))))


@SETTINGS
@given(checkout=checkouts(), rows=ROWS, wrapped=st.booleans())
async def test_all_but_the_owned_field_comes_back_as_it_came_and_in_its_order(
    one: Gateway, vendor: ScriptedVendor, checkout: dict[str, Json], rows: Json, *, wrapped: bool
):
    vendor.always(rows)
    sent = dumps({"checkout": checkout} if wrapped else checkout)
    reply = await one.post("inventory.validate", sent)
    told = iter(available(reply))
    expected = loads(dumps(checkout))
    for each in expected["items"]:  # type: ignore[index, call-overload]
        each["available"] = next(told)  # a new key goes to the end, an old one keeps its place
    assert reply.content == dumps({"checkout": expected})


async def test_unmatched_keep_leaves_a_line_as_it_came(deploy: Deploy, vendor: ScriptedVendor):
    gateway = await deploy(mapping(ONE.replace("{available: 0}", "keep")))
    reply = await ask(
        gateway, vendor, [{"id": "A", "quantity": 1}], line("A"), line("B"), line("C", available=8)
    )
    assert [each.get("available") for each in lines_of(reply)] == [1, None, 8]


async def test_unmatched_fields_may_be_computed_from_the_line(
    deploy: Deploy, vendor: ScriptedVendor
):
    gateway = await deploy(mapping(ONE.replace("{available: 0}", "{available: line.quantity}")))
    assert available(await ask(gateway, vendor, [], line("A", 3), line("B", 2))) == [3, 2]


async def test_unmatched_error_refuses_and_names_the_lines(deploy: Deploy, vendor: ScriptedVendor):
    gateway = await deploy(mapping(ONE.replace("{available: 0}", "error")))
    reply = await ask(gateway, vendor, [{"id": "A", "quantity": 1}], line("A"), line("B", 4))
    assert (reply.status, reply.reason) == (422, "unmatched")
    assert reply.details["lines"] == [line("B", 4)]


TWO = """
- of: lines[?kind == 'own']
  from: call
  rows: body.own
  row: row.id
  line: line.sku
  set: {available: row.n}
  unmatched: {available: 0}
- of: lines[?kind != 'own']
  from: call
  rows: body.other
  row: row.id
  line: line.variant_id
  set: {available: row.n}
  unmatched: keep
"""


async def test_several_joins_each_take_their_own_lines(deploy: Deploy, vendor: ScriptedVendor):
    gateway = await deploy(mapping(TWO))
    rows: Json = {"own": [{"id": "s", "n": 5}], "other": [{"id": "A", "n": 7}]}
    reply = await ask(
        gateway,
        vendor,
        rows,
        line("A", 2, kind="own", sku="s"),
        line("A", 1, kind="x"),
        line("B", 1, kind="x"),
        line("A", 2, kind="own", sku="s"),
    )
    assert [each.get("available") for each in lines_of(reply)] == [5, 7, None, 3]


@pytest.mark.parametrize("of", ["lines[].{variant_id: variant_id}", "checkout.bundle"])
async def test_a_join_takes_only_the_lines_themselves(
    deploy: Deploy, vendor: ScriptedVendor, of: str
):
    gateway = await deploy(mapping(f"of: '{of}'\n{ONE.strip()}"))
    vendor.always([])
    checkout = {"items": [line("A")], "bundle": [{"variant_id": "A"}]}
    reply = await gateway.post("inventory.validate", checkout)
    assert (reply.status, reply.reason) == (400, "missing_data")


CONSUME = """
mapping: take
contract: inventory.consume
vendor: acme
calls:
  counts: {request: {method: GET, path: /stock}}
  take:
    request: {method: POST, path: /take, headers: {Key: order_key}}
    idempotency: order_key
lines:
  from: counts
  rows: body
  row: row.id
  line: line.variant_id
  set: {available: row.quantity}
  unmatched: {available: 0}
  shortage: reject
"""


async def test_a_shortage_is_refused_with_the_short_lines_before_the_effect(
    deploy: Deploy, vendor: ScriptedVendor
):
    gateway = await deploy(CONSUME)
    vendor.always([{"id": "A", "quantity": "3"}])
    items = [line("A", 2, sku="a"), line("A", 2, sku="b"), line("B", 1)]
    reply = await gateway.post("inventory.consume", {"id": "o", "order_items": items})  # type: ignore[dict-item]
    assert (reply.status, reply.reason) == (422, "out_of_stock")
    assert reply.details["lines"] == [line("A", 2, available=1), line("B", 1, available=0)]
    assert [heard.target for heard in vendor.heard] == ["/stock"]


async def test_enough_stock_lets_the_effect_run_and_the_order_goes_back_as_it_came(
    deploy: Deploy, vendor: ScriptedVendor
):
    gateway = await deploy(CONSUME)
    vendor.always([{"id": "A", "quantity": "3"}])
    order: dict[str, Json] = {"id": "o", "order_items": [line("A", 2), line("A", 1)]}
    reply = await gateway.post("inventory.consume", order)
    assert reply.body == {"order": order}
    assert [heard.target for heard in vendor.heard] == ["/stock", "/take"]


async def test_a_quantity_of_zero_is_never_short(deploy: Deploy, vendor: ScriptedVendor):
    gateway = await deploy(CONSUME)
    vendor.always([])
    reply = await gateway.post("inventory.consume", {"id": "o", "order_items": [line("A", 0)]})
    assert reply.status == 200


async def test_a_validation_may_reject_a_shortage_too(deploy: Deploy, vendor: ScriptedVendor):
    gateway = await deploy(mapping(ONE + "shortage: reject"))
    reply = await ask(gateway, vendor, [{"id": "A", "quantity": 1}], line("A", 2))
    assert (reply.status, reply.reason) == (422, "out_of_stock")


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("set: {available: row.quantity}", "set: {price: row.quantity}", "not-owned"),
        ("unmatched: {available: 0}", "unmatched: {quantity: 0}", "not-owned"),
        ("from: call", "from: cal", "unknown-call"),
        ("row: row.id", "row: line.id", "unknown-name"),
        ("row: row.id\n", "", "missing-key"),
        ("rows: body\n", "", "missing-key"),
        ("unmatched: {available: 0}", "unmatched: {available: row.x}", "unknown-name"),
    ],
)
def test_what_can_not_join_is_found_at_load(
    problems_of: Callable[..., list[str]], old: str, new: str, code: str
):
    assert code in problems_of(mapping(ONE.replace(old, new)))


def test_a_consume_only_checks_stock(problems_of: Callable[..., list[str]]):
    text = CONSUME.replace("shortage: reject", "shortage: report")
    assert "missing-key" in problems_of(text)


def test_stock_that_is_checked_can_not_be_optional(problems_of: Callable[..., list[str]]):
    text = CONSUME.replace("{available: row.quantity}", "{'available?': row.quantity}")
    assert problems_of(text) == ["missing-key"]


def test_lines_whose_stock_is_checked_can_not_be_kept_unchecked(
    problems_of: Callable[..., list[str]],
):
    text = CONSUME.replace("unmatched: {available: 0}", "unmatched: keep")
    assert problems_of(text) == ["conflicting-keys"]


def test_a_join_never_waits_for_the_effect(problems_of: Callable[..., list[str]]):
    assert "effect-order" in problems_of(CONSUME.replace("from: counts", "from: take"))


PER_LINE = ONE.replace("row.quantity", "\"sum(rows[?site == var('line').site].quantity)\"")


@pytest.mark.parametrize("count", [1, 400])
async def test_many_lines_of_one_key_that_want_the_same_of_its_rows_are_computed_once(
    deploy: Deploy, vendor: ScriptedVendor, count: int
):
    """400 times 400 rows would be over the bound that the next test shows."""
    gateway = await deploy(mapping(PER_LINE))
    rows: Json = [{"id": "A", "site": n % 2, "quantity": 1 + n % 2} for n in range(400)]
    lines = [line("A", 0, site=n % 2, number=n) for n in range(count)]
    assert available(await ask(gateway, vendor, rows, *lines)) == ([200, 400] * count)[:count]


async def test_many_lines_that_all_want_something_else_of_many_rows_are_refused(
    deploy: Deploy, vendor: ScriptedVendor
):
    gateway = await deploy(mapping(PER_LINE))
    rows: Json = [{"id": "A", "site": n, "quantity": 2} for n in range(400)]
    lines = [line("A", 0, site=n) for n in range(400)]
    reply = await ask(gateway, vendor, rows, *lines)
    assert (reply.status, reply.reason) == (500, "vendor_answer")
    assert "400 rows of one key for lines that all differ are too many to join" in reply.cause


async def test_a_set_that_reads_a_whole_line_is_computed_for_each_that_differs(
    deploy: Deploy, vendor: ScriptedVendor
):
    text = ONE.replace("row.quantity", '"length(keys(line))"')
    lines = [line("A", 0), line("A", 0, more=1), line("A", 0)]
    gateway = await deploy(mapping(text))
    assert available(await ask(gateway, vendor, [{"id": "A"}], *lines)) == [3, 4, 3]


BY_PLACE = """
from: call
rows: body
row: row.line
line: index
set: {available: row.quantity}
unmatched: keep
"""


async def test_lines_of_one_variant_are_told_apart_by_their_place(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.say([{"line": 1, "quantity": 7}, {"line": "0", "quantity": 5}])
    gateway = await deploy(mapping(BY_PLACE))
    reply = await gateway.post("inventory.validate", {"items": [line("A"), line("A"), line("A")]})
    assert [each.get("available") for each in lines_of(reply)] == [5, 7, None]


async def test_a_place_counts_all_lines_where_a_join_is_about_some(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.say([{"line": 0, "quantity": 5}, {"line": 2, "quantity": 7}])
    gateway = await deploy(mapping(f"of: lines[?quantity > `1`]\n{BY_PLACE.strip()}"))
    items: Json = [line("A"), line("B", 2), line("C", 3)]
    reply = await gateway.post("inventory.validate", {"items": items})
    assert [each.get("available") for each in lines_of(reply)] == [None, None, 7]


def test_what_a_line_gets_is_not_made_from_its_place(problems_of: Callable[..., list[str]]):
    assert problems_of(mapping(BY_PLACE.replace("row.quantity", "index"))) == ["unknown-name"]
