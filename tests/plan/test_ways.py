"""The ways to the next page: URLs, query strings, offsets, numbers; and what ends each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.plan import pages
from gateway.plan.links import BadLink, target_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.lossless import Json
    from tests.conftest import Heard, Reply, ScriptedVendor
    from tests.plan.conftest import Deploy

LINE = {"product_id": "p", "variant_id": "A", "quantity": 2}
MAPPING = """
mapping: pages
contract: shipping.validate
vendor: acme
call:
  request: {request}
  pages: {{rows: body.rows, {pages}}}
reply: {{set: {{meta_data: body.rows}}}}
"""
PLAIN = "{method: GET, path: /rows, query: {limit: 2}}"


async def ask(
    deploy: Deploy, way: str, request: str = PLAIN, vendors: Json = None, **more: object
) -> Reply:
    settings = {"vendors": vendors, **more} if vendors else more
    gateway = await deploy(MAPPING.format(request=request, pages=way), **settings)
    return await gateway.post("shipping.validate", {"items": [LINE]})


def rows(reply: Reply) -> Json:
    assert reply.status == 200, reply.cause
    return reply.body["checkout"]["meta_data"]  # type: ignore[index] # a checkout


def targets(vendor: ScriptedVendor) -> list[str]:
    return [heard.target for heard in vendor.heard]


# A URL


async def test_a_next_url_is_followed_to_its_end(deploy: Deploy, vendor: ScriptedVendor):
    vendor.say({"rows": [1], "next": f"{vendor.url}/rows?limit=2&page=b%20c"})
    vendor.say({"rows": [2], "next": "/rows?page=3"})
    vendor.say({"rows": [3], "next": "?page=ä 4"})
    vendor.say({"rows": [4], "next": ""})
    assert rows(await ask(deploy, "next_url: body.next")) == [1, 2, 3, 4]
    assert targets(vendor) == [
        "/rows?limit=2",
        "/rows?limit=2&page=b%20c",
        "/rows?page=3",
        "/rows?page=%C3%A4%204",
    ]


async def test_the_rest_of_the_request_is_the_same_on_every_page(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.say({"rows": [1], "next": "/rows?page=2"})
    vendor.say({"rows": [2]})
    request = "{method: POST, path: /rows, headers: {X-Shop: \"'a'\"}, body: {n: 1}}"
    assert rows(await ask(deploy, "next_url: body.next", request)) == [1, 2]
    said = [(each.method, each.headers["x-shop"], each.json) for each in vendor.heard]
    assert said == [("POST", "a", {"n": 1})] * 2


async def test_a_link_header_leads_to_the_next_page(deploy: Deploy, vendor: ScriptedVendor):
    link = f'<{vendor.url}/rows?page=1>; rel="previous", <{vendor.url}/rows?page=2>; rel="next"'
    vendor.say({"rows": [1]}, headers={"link": link})
    vendor.say({"rows": [2]}, headers={"link": f'<{vendor.url}/rows?page=1>; rel="previous"'})
    assert rows(await ask(deploy, "next_url: \"link(headers.link, 'next')\"")) == [1, 2]
    assert targets(vendor) == ["/rows?limit=2", "/rows?page=2"]


async def test_a_next_url_stays_below_the_vendors_base_url(deploy: Deploy, vendor: ScriptedVendor):
    vendor.say({"rows": [1], "next": "/stores/a/rows?page=2"})
    vendor.say({"rows": [2], "next": "/stores/b/rows?page=3"})
    vendors = {"acme": f"{vendor.url}/stores/a"}
    reply = await ask(deploy, "next_url: body.next", vendors=vendors)
    assert (reply.status, reply.reason) == (500, "vendor_answer")
    assert "out of the vendor's `base_url`" in reply.cause
    assert targets(vendor) == ["/stores/a/rows?limit=2", "/stores/a/rows?page=2"]


async def test_the_token_never_goes_to_another_host(
    deploy: Deploy, vendor: ScriptedVendor, vendor_of: Callable[[], ScriptedVendor]
):
    other = vendor_of()
    other.always({"rows": []})
    token = {"type": "bearer", "token": {"env": "TOKEN"}}
    vendors = {"acme": {"base_url": vendor.url, "auth": token}}
    for url in (
        f"{other.url}/rows",
        other.url.removeprefix("http:"),
        f"{vendor.url.replace('http:', 'https:')}/rows",
        f"{vendor.url}@{urlsplit(other.url).netloc}/rows",
        f"http://user@{urlsplit(vendor.url).netloc}/rows",
        "http://[/rows",
        "ftp://x/rows",
    ):
        vendor.say({"rows": [1], "next": url})
        reply = await ask(
            deploy, "next_url: body.next", vendors=vendors, environment={"TOKEN": "t-1"}
        )
        assert (reply.status, reply.reason) == (500, "vendor_answer"), url
        assert url not in reply.cause
    assert other.heard == []
    assert len(vendor.heard) == 7


@pytest.mark.parametrize("url", [7, ["/rows"], {"href": "/rows"}, True])
async def test_what_is_no_url_is_not_followed(deploy: Deploy, vendor: ScriptedVendor, url: Json):
    vendor.say({"rows": [1], "next": url})
    reply = await ask(deploy, "next_url: body.next")
    assert (reply.status, reply.reason, len(vendor.heard)) == (500, "vendor_answer", 1)


@pytest.mark.parametrize("url", ["/rows?limit=2", "/rows?page=2", "#top", "/x/../rows?limit=2"])
async def test_a_url_that_was_asked_before_is_a_circle(
    deploy: Deploy, vendor: ScriptedVendor, url: str
):
    vendor.answer_by(lambda heard: {"rows": [heard.target], "next": url})
    reply = await ask(deploy, "next_url: body.next")
    assert (reply.status, reply.reason) == (500, "vendor_answer")
    assert "circle" in reply.cause
    assert len(vendor.heard) == len(set(targets(vendor)))


@given(
    st.text(st.sampled_from("ht:p/\\@?#.%ab\t\n 2e[]ä"), max_size=30),
    st.sampled_from(["http://acme.example", "https://acme.example:8443/api/v1"]),
)
def test_no_url_whatever_its_spelling_leads_away(url: str, base: str):
    try:
        target = target_of(url, base, "/rows?a=b")
    except BadLink:
        return
    assert target.startswith("/")
    assert target.isascii()
    assert not {"#", "\\", " ", "\n", "\t"} & set(target)
    whole = urlsplit(base + target)
    assert whole.netloc == urlsplit(base).netloc


# A query


@pytest.mark.parametrize(
    "following",
    [
        "?limit=3&cursor=a%26b&empty=",
        "limit=3&cursor=a%26b&empty=",
        {"limit": 3, "cursor": "a&b", "empty": ""},
    ],
)
async def test_a_next_query_replaces_and_adds_parameters(
    deploy: Deploy, vendor: ScriptedVendor, following: Json
):
    vendor.say({"rows": [1], "next": following})
    vendor.say({"rows": [2], "next": None})
    request = "{method: GET, path: /rows, query: {limit: 2, shop: \"'x y'\"}}"
    assert rows(await ask(deploy, "next_query: body.next", request)) == [1, 2]
    assert targets(vendor) == [
        "/rows?limit=2&shop=x%20y",
        "/rows?shop=x%20y&limit=3&cursor=a%26b&empty=",
    ]


async def test_a_next_query_of_lists_repeats_names(deploy: Deploy, vendor: ScriptedVendor):
    vendor.say({"rows": [1], "next": {"id": ["a", "b"], "gone": None}})
    vendor.say({"rows": [2], "next": {}})
    assert rows(await ask(deploy, "next_query: body.next")) == [1, 2]
    assert targets(vendor)[1] == "/rows?limit=2&id=a&id=b"


async def test_a_next_query_that_repeats_is_a_circle(deploy: Deploy, vendor: ScriptedVendor):
    vendor.answer_by(lambda _: {"rows": [len(vendor.heard)], "next": "?a=1"})
    reply = await ask(deploy, "next_query: body.next")
    assert (reply.status, reply.reason, len(vendor.heard)) == (500, "vendor_answer", 2)
    assert "circle" in reply.cause


@pytest.mark.parametrize("following", [7, ["a"], {"a": {"b": 1}}])
async def test_what_is_no_query_ends_the_exchange(
    deploy: Deploy, vendor: ScriptedVendor, following: Json
):
    vendor.say({"rows": [1], "next": following})
    reply = await ask(deploy, "next_query: body.next")
    assert (reply.status, reply.reason, len(vendor.heard)) == (500, "vendor_answer", 1)


# Offsets and numbers

OFFSET = "{method: GET, path: /rows, query: {limit: 2, offset: page.offset}}"
NUMBER = (
    "{method: GET, path: /rows, "
    "query: {page: page.number, from_zero: 'subtract(page.number, `1`)'}}"
)


def serve(found: list[Json], **more: Json) -> Callable[[Heard], Json]:
    """Answer with two of the rows, from `offset` or by `page`."""

    def answer(heard: Heard) -> Json:
        query = {k: v[0] for k, v in parse_qs(urlsplit(heard.target).query).items()}
        start = int(query["offset"]) if "offset" in query else 2 * (int(query["page"]) - 1)
        return {"rows": found[start : start + 2], "more": start + 2 < len(found), **more}

    return answer


@pytest.mark.parametrize("request_", [OFFSET, NUMBER], ids=["offset", "number"])
@pytest.mark.parametrize(("count", "asked"), [(0, 1), (1, 1), (2, 2), (3, 2), (4, 3)])
async def test_a_page_with_fewer_rows_than_the_limit_is_the_last(
    deploy: Deploy, vendor: ScriptedVendor, request_: str, count: int, asked: int
):
    vendor.answer_by(serve(list(range(count))))
    assert rows(await ask(deploy, "limit: 2", request_)) == list(range(count))
    assert len(vendor.heard) == asked


@pytest.mark.parametrize("request_", [OFFSET, NUMBER], ids=["offset", "number"])
async def test_a_vendor_that_says_so_saves_the_empty_page(
    deploy: Deploy, vendor: ScriptedVendor, request_: str
):
    vendor.answer_by(serve([1, 2, 3, 4]))
    assert rows(await ask(deploy, "limit: 2, more: body.more", request_)) == [1, 2, 3, 4]
    assert len(vendor.heard) == 2


async def test_numbers_count_from_1_and_offsets_from_0(deploy: Deploy, vendor: ScriptedVendor):
    vendor.answer_by(serve([1, 2, 3]))
    await ask(deploy, "limit: 2", NUMBER)
    await ask(deploy, "limit: 2", OFFSET)
    assert targets(vendor) == [
        "/rows?page=1&from_zero=0",
        "/rows?page=2&from_zero=1",
        "/rows?limit=2&offset=0",
        "/rows?limit=2&offset=2",
    ]


async def test_a_short_page_that_is_not_the_last_would_leave_a_gap(
    deploy: Deploy, vendor: ScriptedVendor
):
    """A vendor that caps the limit at less: by offset, rows would be skipped in silence."""
    vendor.say({"rows": [1], "more": True})
    reply = await ask(deploy, "limit: 2, more: body.more", OFFSET)
    assert (reply.status, reply.reason) == (500, "vendor_answer")
    assert "1 rows of 2" in reply.cause


async def test_by_number_a_short_page_leaves_no_gap(deploy: Deploy, vendor: ScriptedVendor):
    vendor.say({"rows": [1], "more": True})
    vendor.say({"rows": [2], "more": False})
    assert rows(await ask(deploy, "limit: 2, more: body.more", NUMBER)) == [1, 2]


async def test_a_page_over_the_limit_is_a_useless_answer(deploy: Deploy, vendor: ScriptedVendor):
    vendor.say({"rows": [1, 2, 3]})
    reply = await ask(deploy, "limit: 2", OFFSET)
    assert (reply.status, reply.reason) == (500, "vendor_answer")
    assert "more than the `limit` of 2" in reply.cause


@pytest.mark.parametrize("request_", [OFFSET, NUMBER], ids=["offset", "number"])
async def test_a_vendor_that_gives_the_same_page_again_and_again_is_found_out(
    deploy: Deploy, vendor: ScriptedVendor, request_: str
):
    vendor.always({"rows": [{"id": 1}, {"id": 2}]})
    reply = await ask(deploy, "limit: 2", request_)
    assert (reply.status, reply.reason, len(vendor.heard)) == (500, "vendor_answer", 2)
    assert "repeat" in reply.cause


async def test_pages_without_end_end_at_the_cap(deploy: Deploy, vendor: ScriptedVendor):
    vendor.answer_by(lambda _: {"rows": [len(vendor.heard), 0]})
    reply = await ask(deploy, "limit: 2, at_most: 5", OFFSET)
    assert (reply.status, reply.reason, len(vendor.heard)) == (500, "vendor_answer", 5)
    assert "more than 5 pages" in reply.cause


async def test_all_pages_together_have_a_cap(
    deploy: Deploy, vendor: ScriptedVendor, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(pages, "MOST_BYTES", 500)
    vendor.answer_by(lambda _: {"rows": [len(vendor.heard), "x" * 100]})
    reply = await ask(deploy, "limit: 2", OFFSET)
    assert (reply.status, reply.reason, len(vendor.heard)) == (500, "vendor_answer", 5)
    assert "more than 500 bytes" in reply.cause


# More, with a cursor

CURSOR = '{method: GET, path: /rows, query: {"after?": page.next}}'
LAST_ID = 'next: "body.rows[-1].id", more: body.more'


async def test_a_cursor_made_from_the_last_row_ends_where_no_more_follow(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.say({"rows": [{"id": "a"}], "more": True})
    vendor.say({"rows": [{"id": "b"}], "more": False})
    assert rows(await ask(deploy, LAST_ID, CURSOR)) == [{"id": "a"}, {"id": "b"}]
    assert targets(vendor) == ["/rows", "/rows?after=a"]


async def test_more_rows_without_a_way_to_them_fail_the_call(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.say({"rows": [], "more": True})
    reply = await ask(deploy, LAST_ID, CURSOR)
    assert (reply.status, reply.reason) == (500, "vendor_answer")
    assert "doesn't say where" in reply.cause


@pytest.mark.parametrize("more", [None, False, [], ""])
async def test_only_what_is_true_means_more(deploy: Deploy, vendor: ScriptedVendor, more: Json):
    vendor.say({"rows": [{"id": "a"}], "more": more})
    assert rows(await ask(deploy, LAST_ID, CURSOR)) == [{"id": "a"}]


async def test_a_cursor_of_any_kind_is_given_back_as_it_came(
    deploy: Deploy, vendor: ScriptedVendor
):
    vendor.say({"rows": [1], "next": {"at": [7, None]}})
    vendor.say({"rows": [2]})
    first = "{$if: page.next, $then: false, $else: true}"
    request = f'{{method: POST, path: /rows, body: {{"after?": page.next, first: {first}}}}}'
    assert rows(await ask(deploy, "next: body.next", request)) == [1, 2]
    said = [heard.json for heard in vendor.heard]
    assert said == [{"first": True}, {"after": {"at": [7, None]}, "first": False}]


async def test_the_same_rows_under_new_cursors_are_a_loop(deploy: Deploy, vendor: ScriptedVendor):
    vendor.answer_by(lambda _: {"rows": [{"id": 1}], "next": f"c{len(vendor.heard)}"})
    reply = await ask(deploy, "next: body.next", CURSOR)
    assert (reply.status, reply.reason, len(vendor.heard)) == (500, "vendor_answer", 2)
