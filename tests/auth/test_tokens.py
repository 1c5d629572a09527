"""Tokens: asked for on each ground, shared by all requests, renewed in time and not in a loop."""

from __future__ import annotations

import asyncio

import pytest

from gateway.telemetry.trace import Kind, Parent, Unrecorded, enter, leave
from gateway.vendors.client import Fault
from simulators.faults import Delay, ResetAfterRead, Status

USER = {"username": {"env": "USER_NAME"}, "password": {"env": "USER_PASSWORD"}}
GROUNDS = {
    "client credentials": {},
    "password": {"grant": "password", **USER},
    "refresh token": {"grant": "refresh_token", "refresh_token": {"env": "REFRESH_TOKEN"}},
}


@pytest.mark.parametrize("ground", GROUNDS.values(), ids=GROUNDS)
@pytest.mark.parametrize("client", ["basic", "body"])
@pytest.mark.parametrize("request_as", ["form", "json", "query"])
async def test_a_token_is_had_on_each_ground_however_it_is_asked_for(
    call_with, oauth2, endpoint, ground, client, request_as
) -> None:
    call = call_with(oauth2(client=client, request=request_as, scope="api", **ground))
    assert (await call()).status == 200
    assert endpoint.given == 1
    assert call.watch.tokens == ["renewed"]


async def test_scope_and_fields_of_the_vendors_own_are_sent(call_with, oauth2, endpoint) -> None:
    await call_with(oauth2(scope="read write", fields={"audience": "https://a.example"}))()
    asked = next(each for each in endpoint.ledger.requests if each.path == "/token")
    assert asked.body == (
        "grant_type=client_credentials&scope=read+write&audience=https%3A%2F%2Fa.example"
    )


async def test_200_requests_at_once_ask_for_one_token(call_with, oauth2, endpoint) -> None:
    call = call_with(oauth2())
    assert await call.together(200) == [200] * 200
    assert endpoint.given == 1


@pytest.mark.parametrize("effect", [False, True], ids=["read", "effect"])
async def test_after_a_401_the_token_is_renewed_and_the_request_sent_once_more(
    call_with, oauth2, endpoint, effect
) -> None:
    call = call_with(oauth2())
    await call()
    endpoint.revoke()
    assert (await call(method="POST", body=b"{}", effect=effect)).status == 200
    assert endpoint.given == 2
    assert [each.path for each in endpoint.ledger.requests][2:] == ["/api", "/token", "/api"]


class Spans(Unrecorded):
    """Gives each child a number for its span's id."""

    count = 0

    def child(self, name: str, kind: Kind, attributes: object) -> Unrecorded:  # noqa: ARG002 - the seam's signature
        self.count += 1
        return Unrecorded(Parent("a" * 32, f"{self.count:016x}", "01"))


async def test_a_request_that_is_sent_once_more_is_a_span_of_its_own(
    call_with, oauth2, endpoint
) -> None:
    call = call_with(oauth2())
    endpoint.faults.order(Status(path="/api", status=401))
    token = enter(Spans(None))
    assert (await call()).status == 200
    leave(token)
    parents = [each.headers.get("traceparent") for each in endpoint.ledger.requests]
    ids = [parent.split("-")[2] for parent in parents if parent]
    assert ids == [f"{1:016x}", f"{2:016x}"]


async def test_200_requests_that_get_401_for_one_token_cause_one_renewal(
    call_with, oauth2, endpoint
) -> None:
    call = call_with(oauth2())
    await call()
    endpoint.revoke()
    assert await call.together(200) == [200] * 200
    assert endpoint.given == 2


async def test_a_vendor_that_always_says_401_gets_each_request_twice_and_few_tokens(
    call_with, oauth2, endpoint
) -> None:
    endpoint.faults.order(Status(path="/api", status=401, times=100))
    call = call_with(oauth2())
    for _ in range(5):
        assert (await call()).status == 401
    assert endpoint.given == 2
    assert [each.path for each in endpoint.ledger.requests].count("/api") == 6


async def test_a_token_is_renewed_ahead_of_its_end_while_the_old_one_goes_on(
    call_with, oauth2, endpoint, hands
) -> None:
    call = call_with(oauth2())
    await call()
    hands.forward(3400)
    endpoint.faults.order(Delay(path="/token", delay_ms=200))
    assert (await call()).status == 200  # at once, with the old token
    paths = [each.path for each in endpoint.ledger.requests]
    assert paths[:3] == ["/token", "/api", "/api"] or paths[2:] == ["/token", "/api"]
    await call.vendor.close()  # waits for the renewal
    assert (endpoint.given, call.watch.tokens) == (2, ["renewed", "renewed"])


async def test_a_token_that_has_ended_is_renewed_first(call_with, oauth2, endpoint, hands) -> None:
    call = call_with(oauth2())
    await call()
    hands.forward(3599)
    endpoint.revoke()
    assert (await call()).status == 200
    assert [each.path for each in endpoint.ledger.requests][2:] == ["/token", "/api"]


async def test_whoever_began_a_renewal_may_leave_it_to_the_others(
    call_with, oauth2, endpoint
) -> None:
    endpoint.faults.order(Delay(path="/token", delay_ms=300))
    call = call_with(oauth2())
    first = asyncio.create_task(call())
    await asyncio.sleep(0)
    second = asyncio.create_task(call())
    await asyncio.sleep(0)
    first.cancel()
    assert (await second).status == 200
    assert endpoint.given == 1


async def test_a_token_that_comes_too_late_is_a_deadline_and_serves_the_next_request(
    call_with, oauth2, endpoint
) -> None:
    endpoint.faults.order(Delay(path="/token", delay_ms=400))
    call = call_with(oauth2())
    outcome = await call(within=0.1)
    assert isinstance(outcome, Fault)
    assert (outcome.kind, outcome.sent) == ("deadline", "no")
    assert (await call()).status == 200
    assert endpoint.given == 1


TROUBLES = {
    "refused": (Status(path="/token", status=401, body={"error": "invalid_client"}), "401 invalid"),
    "an error of its own": (Status(path="/token", status=503), "503"),
    "no token": (Status(path="/token", status=200, body={"access_token": 7}), "no usable token"),
    "a token that no header can carry": (
        Status(path="/token", status=200, body={"access_token": "a\r\nb"}),
        "no usable token",
    ),
    "no JSON": (Status(path="/token", status=200, body="<html>"), "no usable token"),
    "no answer": (ResetAfterRead(path="/token", applied=False), "disconnected"),
}


@pytest.mark.parametrize(("trouble", "said"), TROUBLES.values(), ids=TROUBLES)
async def test_without_a_token_nothing_is_sent(call_with, oauth2, endpoint, trouble, said) -> None:
    endpoint.faults.order(trouble)
    call = call_with(oauth2())
    outcome = await call(effect=True, method="POST", body=b"{}")
    assert isinstance(outcome, Fault)
    assert (outcome.kind, outcome.sent) == ("auth", "no")
    assert said in outcome.detail
    assert [each.path for each in endpoint.ledger.requests] == ["/token"]
    assert call.watch.tokens == ["failed"]


async def test_refused_credentials_are_not_shown_again_at_once(
    call_with, oauth2, endpoint, hands
) -> None:
    call = call_with(oauth2(), environment={"CLIENT_SECRET": "wrong"})
    for _ in range(20):
        assert (await call()).kind == "auth"
    assert len(endpoint.ledger.requests) == 1
    hands.forward(31)
    endpoint.client = ("client", "wrong")
    assert (await call()).status == 200


ENDS = {
    "seconds": ({}, 3600, None),
    "seconds as text": ({}, "3600", None),
    "RFC 3339": ({"expires_at": "ends"}, None, "2026-11-22T13:00:00Z"),
    "seconds since 1970": ({"expires_at": "ends"}, None, 1795352400),
    "milliseconds since 1970": ({"expires_at": "ends"}, None, "1795352400000"),
}


@pytest.mark.parametrize(("paths", "within", "ends"), ENDS.values(), ids=ENDS)
async def test_the_tokens_end_is_read_in_each_notation(  # noqa: PLR0913, PLR0917 - fixtures and cases
    call_with, oauth2, endpoint, hands, fixed, paths, within, ends
) -> None:
    body = {"access_token": "a", "expires_in": within, "ends": ends}
    for _ in range(2):
        endpoint.faults.order(Status(path="/token", status=200, body=body))
        endpoint.faults.order(Status(path="/api", status=200))
        endpoint.faults.order(Status(path="/api", status=200))
    call = call_with(oauth2(answer=paths), clock=fixed)
    await call()
    hands.forward(2800)
    await call()
    assert [each.path for each in endpoint.ledger.requests] == ["/token", "/api", "/api"]
    hands.forward(799)
    await call()
    assert [each.path for each in endpoint.ledger.requests][3:] == ["/token", "/api"]


async def test_a_token_whose_end_nobody_tells_is_good_until_a_401(
    call_with, oauth2, endpoint, hands
) -> None:
    endpoint.lifetime = None
    call = call_with(oauth2())
    await call()
    hands.forward(10**8)
    assert (await call()).status == 200
    assert endpoint.given == 1


async def test_the_token_may_lie_deeper_and_travel_in_a_header_of_the_vendors(
    call_with, oauth2, endpoint, vendor
) -> None:
    body = {"data": {"key": "shpat_1"}}
    endpoint.faults.order(Status(path="/token", status=200, body=body))
    vendor.always({})
    auth = oauth2(answer={"token": "data.key"}, header="X-Shopify-Access-Token")
    await call_with(auth, url=vendor.url)()
    assert vendor.heard[0].headers["x-shopify-access-token"] == "shpat_1"
    assert "authorization" not in vendor.heard[0].headers


async def test_closing_waits_for_a_token_that_is_on_its_way(call_with, oauth2, endpoint) -> None:
    endpoint.faults.order(Delay(path="/token", delay_ms=200))
    call = call_with(oauth2())
    outcome = await call(within=0.1)
    assert outcome.kind == "deadline"
    await call.vendor.close()
    assert call.watch.tokens == ["renewed"]
