"""What goes over the wire, the same on both transports."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.config.auth_spec import ApiKeyAuth, BasicAuth, BearerAuth
from gateway.config.secrets import Secret
from gateway.vendors.client import Answer

if TYPE_CHECKING:
    from tests.vendors.conftest import Auth, Effect, OpenVendor, Serve


TARGETS = [
    "/",
    "/a%2Fb/c%20d+e",
    "/%E5%95%86%E5%93%81/%e5%95%86",
    "/a?x=%2B+%20&y=%C3%A4&z=%c3%a4",
    "/a?next=https://other.example/b?c=d&e[]=1",
    "/orders//double///slash",
    "/a;v=1/b:c@d/!$'()*,=~_-.",
    "/a%zz?q=%",
    '/a|b^c`d{e}"<f>\\g?h|{}',
    "/x/...//..a/a..",
    "/a??b",
]


@pytest.mark.parametrize("base", ["", "/", "/stores/abc", "/stores/a%2Fb/"])
@pytest.mark.parametrize("target", TARGETS)
async def test_the_target_arrives_byte_for_byte(
    serve: Serve, open_vendor: OpenVendor, effect: Effect, base: str, target: str
) -> None:
    server = await serve()
    assert isinstance(await open_vendor(server.url + base, effect=effect)("GET", target), Answer)
    assert server.heard[0].line == f"GET {base.rstrip('/')}{target} HTTP/1.1"


@pytest.mark.parametrize(
    "target",
    [
        "",
        "a",
        "https://other.example/",
        "/a b",
        "/a#b",
        "/a\r\nx: y",
        "/a\x00",
        "/ä",
        "/..",
        "/.",
        "/a/../b",
        "/a/./b?c",
        "/a/%2e%2e/b",
        "/a/%2E./b",
        "/a/.%2e",
        "/a/..;x=1/b",
    ],
)
async def test_a_target_that_could_lead_elsewhere_is_refused(
    serve: Serve, open_vendor: OpenVendor, effect: Effect, target: str
) -> None:
    server = await serve()
    fault = await open_vendor(server.url, effect=effect)("GET", target)
    assert (fault.kind, fault.sent, server.connections) == ("invalid_request", "no", 0)


async def test_dots_in_the_query_are_only_text(
    serve: Serve, open_vendor: OpenVendor, effect: Effect
) -> None:
    server = await serve()
    assert isinstance(await open_vendor(server.url, effect=effect)("GET", "/a?b=/../c"), Answer)
    assert server.heard[0].target == "/a?b=/../c"


async def test_a_query_that_is_empty_is_left_out(
    serve: Serve, open_vendor: OpenVendor, effect: Effect
) -> None:
    server = await serve()
    await open_vendor(server.url, effect=effect)("GET", "/a?")
    assert server.heard[0].target == "/a"


async def test_the_defaults_are_sent(serve: Serve, open_vendor: OpenVendor, effect: Effect) -> None:
    server = await serve()
    call = open_vendor(server.url, effect=effect)
    await call(body=b"{}")
    await call(body=b"")
    with_body, bodyless = server.heard
    assert with_body.values("accept") == ["application/json"]
    assert with_body.values("accept-encoding") == ["gzip, deflate"]
    assert with_body.values("user-agent") == ["mapping-gateway/0.1.0"]
    assert with_body.values("content-type") == ["application/json"]
    assert with_body.values("host") == [server.url.removeprefix("http://")]
    assert bodyless.values("content-type") == []
    assert bodyless.values("content-length") == ["0"]


async def test_both_transports_send_the_same_headers(serve: Serve, open_vendor: OpenVendor) -> None:
    server = await serve()
    for effect in (False, True):
        call = open_vendor(server.url, effect=effect, headers={"X-Fixed": "1"})
        await call(headers={"X-Own": "2"})
    fast, once = ({(n.lower(), v) for n, v in heard.headers} for heard in server.heard)
    assert fast == once


async def test_the_mapping_overrides_fixed_headers_and_defaults(
    serve: Serve, open_vendor: OpenVendor, effect: Effect
) -> None:
    server = await serve()
    fixed = {"Square-Version": "1", "X-Kept": "yes", "Accept": "text/plain"}
    call = open_vendor(server.url, effect=effect, headers=fixed)
    own = {"square-VERSION": "2", "Content-Type": "application/graphql", "User-Agent": "me"}
    await call(headers=own)
    heard = server.heard[0]
    assert heard.values("square-version") == ["2"]
    assert heard.values("x-kept") == ["yes"]
    assert heard.values("accept") == ["text/plain"]
    assert heard.values("content-type") == ["application/graphql"]
    assert heard.values("user-agent") == ["me"]


AUTHS = [
    (BearerAuth(token=Secret("s3cret")), "authorization", "Bearer s3cret"),
    (
        BasicAuth(user=Secret("Aladdin"), password=Secret("open sesame")),
        "authorization",
        "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
    ),
    (
        ApiKeyAuth(key=Secret("s3cret"), header="X-Auth-Token", query=None, prefix=None),
        "x-auth-token",
        "s3cret",
    ),
    (
        ApiKeyAuth(key=Secret("s3cret"), header="Authorization", query=None, prefix="Token"),
        "authorization",
        "Token s3cret",
    ),
]


@pytest.mark.parametrize(("auth", "header", "value"), AUTHS)
async def test_auth_is_sent_and_the_mapping_cant_override_it(
    serve: Serve, open_vendor: OpenVendor, effect: Effect, auth: Auth, header: str, value: str
) -> None:
    server = await serve()
    call = open_vendor(server.url, effect=effect, auth=auth, headers={header: "fixed"})
    await call(headers={header.title(): "own"})
    assert server.heard[0].values(header) == [value]


@pytest.mark.parametrize(
    ("target", "sent"),
    [("/a", "/a?api+key=s%263%2F"), ("/a?b=1", "/a?b=1&api+key=s%263%2F")],
)
async def test_a_key_in_the_query_is_appended(
    serve: Serve, open_vendor: OpenVendor, effect: Effect, target: str, sent: str
) -> None:
    server = await serve()
    auth = ApiKeyAuth(key=Secret("s&3/"), header=None, query="api key", prefix=None)
    await open_vendor(server.url, effect=effect, auth=auth)("GET", target)
    assert server.heard[0].target == sent.replace("+", "%20")


@pytest.mark.parametrize("target", ["/a?api%6Bey=1", "/a?b&apikey", "/a?apikey=&c"])
async def test_the_mapping_cant_bring_a_query_key_of_its_own(
    serve: Serve, open_vendor: OpenVendor, effect: Effect, target: str
) -> None:
    server = await serve()
    auth = ApiKeyAuth(key=Secret("s3cret"), header=None, query="apikey", prefix=None)
    fault = await open_vendor(server.url, effect=effect, auth=auth)("GET", target)
    assert (fault.kind, fault.sent, server.connections) == ("invalid_request", "no", 0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x-own", "a\r\nx-evil: 1"),
        ("x-own", "a\nb"),
        ("x-own", "a\x00b"),
        ("x-own", "a\x7fb"),
        ("x-own", "\ud800"),
        ("x own", "a"),
        ("x:own", "a"),
        ("", "a"),
        ("x-öwn", "a"),
        ("Host", "other.example"),
        ("content-LENGTH", "0"),
        ("Transfer-Encoding", "chunked"),
        ("Connection", "close"),
        ("Expect", "100-continue"),
        ("Accept-Encoding", "br"),
    ],
)
async def test_a_header_that_cant_be_sent_is_refused_unsent(
    serve: Serve, open_vendor: OpenVendor, effect: Effect, name: str, value: str
) -> None:
    server = await serve()
    fault = await open_vendor(server.url, effect=effect)(headers={name: value})
    assert (fault.kind, fault.sent, server.connections) == ("invalid_request", "no", 0)
    assert value not in fault.detail or value == "a"


@pytest.mark.parametrize("method", ["", "GE T", "GET\r\n", "CONNECT"])
async def test_a_method_that_is_none_is_refused_unsent(
    serve: Serve, open_vendor: OpenVendor, effect: Effect, method: str
) -> None:
    server = await serve()
    fault = await open_vendor(server.url, effect=effect)(method)
    assert (fault.kind, fault.sent, server.connections) == ("invalid_request", "no", 0)


async def test_a_header_value_may_have_letters_of_any_language(
    serve: Serve, open_vendor: OpenVendor, effect: Effect
) -> None:
    server = await serve()
    await open_vendor(server.url, effect=effect)(headers={"x-name": " Zoë\t商 "})
    assert server.heard[0].values("x-name") == ["Zoë\t商"]
