"""NetSuite: checkouts get their stock, whichever way the gateway logs in."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulators import faults
from simulators.netsuite_auth import TOKEN_PATH, Integration

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

    from gateway.lossless import Json
    from tests.conftest import Reply, ScriptedVendor
    from tests.mappings.conftest import NetSuite, Open

SUITEQL = "/services/rest/query/v1/suiteql"
SCHEMES = ["oauth1", "oauth2"]
SETTINGS = settings(  # each example opens a gateway, and asks it several times
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def line(variant: str, quantity: Json = 1) -> dict[str, Json]:
    return {"product_id": "p", "variant_id": variant, "quantity": quantity}


def checkout(*lines: Json) -> dict[str, Json]:
    return {"id": "c-1", "items": list(lines)}


def available(reply: Reply) -> list[Json]:
    assert reply.status == 200, reply.cause
    return [each["available"] for each in reply.body["checkout"]["items"]]  # type: ignore[index]


def queries(netsuite: NetSuite) -> list[str]:
    requests = netsuite.simulator.ledger.requests
    return [each.query for each in requests if each.path == SUITEQL]


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_every_line_gets_its_stock(open_netsuite: Open, netsuite: NetSuite, scheme: str):
    netsuite.simulator.set_stock("101", "1", 79)
    netsuite.simulator.set_stock("102", "1", "2.5")
    netsuite.simulator.set_stock("103", "1", -3)
    netsuite.simulator.set_stock("104", "1", None)
    gateway = await open_netsuite(netsuite.url, scheme=scheme)
    lines = [line("101", 70), line("102"), line("103"), line("104"), line("999"), line("101")]
    assert available(await gateway.post("inventory.validate", checkout(*lines))) == [
        *(79, 2, 0, 0, 0, 9)
    ]


async def test_the_stock_of_several_locations_adds_up(open_netsuite: Open, netsuite: NetSuite):
    for location, quantity in (("1", 2), ("2", 5), ("3", None), ("4", 100)):
        netsuite.simulator.set_stock("101", location, quantity)
    gateway = await open_netsuite(netsuite.url, locations=("1", "2", "3"))
    assert available(await gateway.post("inventory.validate", checkout(line("101")))) == [7]


async def test_many_ids_are_split_and_every_page_is_read(open_netsuite: Open, netsuite: NetSuite):
    ids = [str(1000 + number) for number in range(301)]
    locations = ("1", "2", "3", "4")
    for number, item in enumerate(ids):
        for location in locations:
            netsuite.simulator.set_stock(item, location, number)
    gateway = await open_netsuite(netsuite.url, locations=locations)
    reply = await gateway.post("inventory.validate", checkout(*map(line, ids)))
    assert available(reply) == [4 * number for number in range(301)]
    assert sorted(queries(netsuite)) == [  # 1,200 rows in two pages, and 4 rows of the last id
        *("limit=1000&offset=0", "limit=1000&offset=0", "limit=1000&offset=1000")
    ]


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_a_wrong_credential_is_our_trouble(
    open_netsuite: Open, netsuite: NetSuite, scheme: str
):
    wrong = Integration(token_secret="wrong", client_id="wrong")
    gateway = await open_netsuite(netsuite.url, scheme=scheme, known=wrong)
    reply = await gateway.post("inventory.validate", checkout(line("101")))
    reasons = {"oauth1": "vendor_credentials", "oauth2": "vendor_auth"}
    assert (reply.status, reply.reason) == (500, reasons[scheme])


async def test_one_token_serves_all_requests_until_netsuite_takes_it_back(
    open_netsuite: Open, netsuite: NetSuite
):
    netsuite.simulator.set_stock("101", "1", 7)
    gateway = await open_netsuite(netsuite.url, scheme="oauth2")
    for _ in range(3):
        assert available(await gateway.post("inventory.validate", checkout(line("101")))) == [7]
    assert len(netsuite.simulator.door.given) == 1
    netsuite.simulator.door.valid.clear()
    assert available(await gateway.post("inventory.validate", checkout(line("101")))) == [7]
    assert len(netsuite.simulator.door.given) == 2


async def test_a_token_endpoint_that_is_down_is_our_trouble(
    open_netsuite: Open, netsuite: NetSuite
):
    netsuite.simulator.faults.order(faults.Status(path=TOKEN_PATH, status=503, times=9))
    gateway = await open_netsuite(netsuite.url, scheme="oauth2")
    reply = await gateway.post("inventory.validate", checkout(line("101")))
    assert (reply.status, reply.reason) == (500, "vendor_auth")


async def test_a_large_checkout_keeps_to_the_accounts_limit(
    open_netsuite: Open, netsuite: NetSuite
):
    netsuite.simulator.faults.order(faults.Delay(delay_ms=5, times=40))
    gateway = await open_netsuite(netsuite.url, limits={"concurrency": 2, "queue": 100})
    lines = [line(str(1000 + number)) for number in range(1500)]
    assert available(await gateway.post("inventory.validate", checkout(*lines))) == [0] * 1500
    assert netsuite.simulator.ledger.most_at_once == 2


async def test_a_rush_of_checkouts_asks_together(open_netsuite: Open, netsuite: NetSuite):
    netsuite.simulator.set_stock("101", "1", 7)
    netsuite.simulator.faults.order(faults.Delay(delay_ms=50, times=40))
    gateway = await open_netsuite(netsuite.url)
    answers = await asyncio.gather(
        *(gateway.send("inventory.validate", checkout(line("101"))) for _ in range(40))
    )
    assert [answer.status_code for answer in answers] == [200] * 40
    assert len(queries(netsuite)) <= 5


async def test_more_at_once_than_the_account_takes_is_our_trouble(
    open_netsuite: Open, netsuite: NetSuite
):
    netsuite.simulator.concurrency = 0
    gateway = await open_netsuite(netsuite.url)
    reply = await gateway.post("inventory.validate", checkout(line("101")))
    assert (reply.status, reply.reason) == (500, "vendor_throttled")


async def test_netsuite_out_of_reach_is_our_trouble(open_netsuite: Open):
    gateway = await open_netsuite("http://127.0.0.1:9")
    reply = await gateway.post("inventory.validate", checkout(line("101")))
    assert (reply.status, reply.reason) == (500, "vendor_unreachable")


IDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12) | st.from_regex(
    r"\A[0-9]{1,20}\Z"
)


@SETTINGS
@given(
    checkouts=st.lists(st.lists(IDS.filter(lambda each: each != "101"), max_size=30), max_size=9)
)
async def test_no_id_makes_the_query_another_one(
    open_netsuite: Open, netsuite: NetSuite, checkouts: list[list[str]]
):
    netsuite.simulator.reset()
    netsuite.simulator.set_stock("101", "1", 7)
    gateway = await open_netsuite(netsuite.url)
    for ids in checkouts:
        reply = await gateway.post("inventory.validate", checkout(*map(line, [*ids, "101"])))
        assert available(reply) == [0] * len(ids) + [7]


VALUES: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just("101"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["items", "hasMore", "item", "quantityavailable", "o:errorDetails"]),
            inner,
        )
    ),
    max_leaves=6,
)
ROWS = st.fixed_dictionaries(
    {"hasMore": st.booleans(), "items": st.lists(st.fixed_dictionaries({"item": VALUES}))}
)


STATUSES = st.sampled_from([200, 200, 204, 400, 401, 403, 429, 500])


@SETTINGS
@given(answers=st.lists(st.tuples(VALUES | ROWS, STATUSES), max_size=15))
async def test_whatever_is_answered_the_envelope_is_valid(
    open_netsuite: Open,
    vendor: ScriptedVendor,
    envelope: Draft202012Validator,
    answers: list[tuple[Json, int]],
):
    gateway = await open_netsuite(vendor.url)
    for answer, status in answers:
        vendor.reset()
        vendor.say(answer if status != 204 else b"", status)
        reply = await gateway.post("inventory.validate", checkout(line("101")))
        assert [error.message for error in envelope.iter_errors(json.loads(reply.content))] == []
        assert reply.reason not in {"internal", "reply_invalid", "vendor_request"}
        assert reply.status in {200, 500}
