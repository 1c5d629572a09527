"""Everything at once before a vendor in trouble: no effect twice, no doubt lost, none invented."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from starlette.requests import Request
from starlette.responses import Response

from gateway.telemetry.watch import NoWatch
from simulators import faults
from simulators.kit import RunningSimulator
from simulators.tokens import TokenSimulator
from tests.conftest import Canned, Gateway
from tests.vendors.resilience.test_over_sockets import acme, post

if TYPE_CHECKING:
    from gateway.lossless import Json
    from tests.conftest import ScriptedVendor

Deploy = Callable[..., Awaitable[Gateway]]

LINE: dict[str, Json] = {"product_id": "p", "variant_id": "A", "quantity": 2}
ORDER: dict[str, Json] = {"id": "o-1", "order_items": [LINE]}
CHECKOUT: dict[str, Json] = {"items": [LINE]}
ONCE = """
mapping: take
contract: inventory.consume
vendor: acme
call:
  request: {method: POST, path: /api/take, body: {key: order_key}}
"""
KNOWN = f"{ONCE}  idempotency: order_key\n"
RULES = """
errors:
  - when: status == `409`
    error: The order exists already
  - when: fault == 'breaker_open'
    status: 503
    error: The vendor is down
"""
READ = """
mapping: read
contract: inventory.validate
vendor: acme
call: {request: {method: GET, path: /api/stock}}
"""
EACH = """
mapping: take
contract: inventory.consume
vendor: acme
call:
  each: lines
  as: item
  at_once: 4
  request: {method: POST, path: "/take/{item.variant_id}", body: {key: order_key}}
"""
PROMOTIONS = """
mapping: well
contract: promotions.validate
vendor: well
call: {request: {method: GET, path: /promotions}}
"""
ENVIRONMENT = {"CLIENT": "client", "CLIENT_SECRET": "client-secret"}
TWICE = {"attempts": 2, "backoff": "1ms..1ms"}
ONE_PLACE = {"concurrency": 1, "queue": 10}
ONE_FAILURE = {"open_at": "100%", "of_last": 1, "for": "1h"}


class Told(NoWatch):
    """What the vendor side tells, as names with what tells them apart."""

    def __init__(self) -> None:
        self.events: Counter[tuple[str, str]] = Counter()
        self.queues: set[tuple[int, int]] = set()

    def vendor_call(self, vendor: str, outcome: str, seconds: float) -> None:  # noqa: ARG002 - the seam's signature
        self.events["call", outcome] += 1

    def retried(self, vendor: str, cause: str) -> None:  # noqa: ARG002 - the seam's signature
        self.events["retried", cause] += 1

    def breaker(self, vendor: str, state: str) -> None:  # noqa: ARG002 - the seam's signature
        self.events["breaker", state] += 1

    def refused(self, vendor: str, cause: str) -> None:  # noqa: ARG002 - the seam's signature
        self.events["refused", cause] += 1

    def token(self, vendor: str, outcome: str) -> None:  # noqa: ARG002 - the seam's signature
        self.events["token", outcome] += 1

    def queue(self, vendor: str, running: int, waiting: int) -> None:  # noqa: ARG002 - the seam's signature
        self.queues.add((running, waiting))


class Rotating(TokenSimulator):
    """Takes orders, notes how often each was taken, and ends every token at the call `ends_at`."""

    def __init__(self) -> None:
        super().__init__()
        self.ends_at = 0
        self.taken: Counter[str] = Counter()
        self._calls = itertools.count(1)

    async def _api(self, request: Request) -> Response:
        if next(self._calls) == self.ends_at:
            self.revoke()
        answer = await super()._api(request)
        if body := await request.body():
            self.taken[body.decode()] += 1
        return answer


@pytest.fixture
def rotating() -> Iterator[Rotating]:
    with RunningSimulator(Rotating()) as running:
        running.simulator.url = running.url  # type: ignore[attr-defined]  # for the tests below
        yield running.simulator


def with_tokens(simulator: Rotating, **settings: Json) -> dict[str, Json]:
    url: str = simulator.url  # type: ignore[attr-defined]  # see the fixture
    return {
        "base_url": url,
        "timeout": {"connect": "5s", "total": "5s"},
        "auth": {
            "type": "oauth2",
            "grant": "client_credentials",
            "token_url": f"{url}/token",
            "client_id": {"env": "CLIENT"},
            "client_secret": {"env": "CLIENT_SECRET"},
        },
        **settings,
    }


def api_calls(simulator: Rotating) -> int:
    return sum(each.path != "/token" for each in simulator.ledger.requests)


@pytest.mark.parametrize("breaker", [None, ONE_FAILURE], ids=["answered", "refused by ourselves"])
async def test_no_error_rule_ends_the_doubt_that_an_earlier_attempt_left(
    deploy: Deploy, vendor: ScriptedVendor, breaker: Json
) -> None:
    """The rule knows the answer at hand: the order that exists already may be this very one."""
    vendor.faults.order(faults.ResetAfterRead(applied=True))
    vendor.answer_by(lambda _: Canned({}, 409))
    settings: dict[str, Json] = {"retry": TWICE} | ({"breaker": breaker} if breaker else {})
    gateway = await deploy(KNOWN + RULES, vendors={"acme": acme(vendor, **settings)})
    reply = await gateway.post("inventory.consume", ORDER)
    assert (reply.status, reply.reason, reply.details["repeat"]) == (500, "in_doubt", "safe")


async def test_the_same_rule_takes_the_answer_to_an_only_attempt(
    deploy: Deploy, vendor: ScriptedVendor
) -> None:
    vendor.answer_by(lambda _: Canned({}, 409))
    gateway = await deploy(KNOWN + RULES, vendors={"acme": acme(vendor, retry=TWICE)})
    reply = await gateway.post("inventory.consume", ORDER)
    assert (reply.status, reply.reason) == (422, "refused")


async def test_a_401_to_a_repeat_renews_the_token_and_the_effect_is_done(
    deploy: Deploy, rotating: Rotating
) -> None:
    """A 503 first, then the token has ended: three requests, and one that was taken."""
    rotating.faults.order(
        faults.Status(path="/api", status=503), faults.Status(path="/api", status=401)
    )
    told = Told()
    gateway = await deploy(
        KNOWN,
        vendors={"acme": with_tokens(rotating, retry=TWICE)},
        environment=ENVIRONMENT,
        watch=told,
    )
    assert (await gateway.post("inventory.consume", ORDER)).status == 200
    assert (api_calls(rotating), sum(rotating.taken.values())) == (3, 1)
    assert told.events == {
        ("call", "5xx"): 1,
        ("call", "4xx"): 1,
        ("call", "2xx"): 1,
        ("retried", "503"): 1,
        ("token", "renewed"): 2,
    }


@pytest.mark.parametrize("first", [503, None], ids=["in doubt before", "untouched before"])
async def test_a_renewal_that_outlasts_the_deadline_leaves_only_the_doubt_that_there_was(
    deploy: Deploy, rotating: Rotating, first: int | None
) -> None:
    before = [faults.Status(path="/api", status=first)] if first else []
    rotating.faults.order(*before, faults.Status(path="/api", status=401))
    gateway = await deploy(
        KNOWN,
        READ,
        vendors={"acme": with_tokens(rotating, retry=TWICE)},
        environment=ENVIRONMENT,
        nacelle={"signature": {"secrets": [{"env": "SECRET"}]}, "deadline": "500ms"},
    )
    rotating.faults.order(faults.Delay(path="/token"), faults.Hold(path="/token"))
    reply = await gateway.post("inventory.consume", ORDER)
    expected = "in_doubt" if first else "deadline"
    assert (reply.status, reply.reason) == (500, expected)
    assert sum(rotating.taken.values()) == 0


async def test_a_503_to_an_effect_that_the_vendor_can_not_know_again_is_never_repeated(
    deploy: Deploy, vendor: ScriptedVendor
) -> None:
    """Though it says when to come again: RFC 9110 doesn't say that nothing was done."""
    vendor.faults.order(faults.Throttle(status=503, seconds=1))
    gateway = await deploy(ONCE, vendors={"acme": acme(vendor, retry=TWICE)})
    reply = await gateway.post("inventory.consume", ORDER)
    assert (reply.reason, reply.details["repeat"]) == ("in_doubt", "unsafe")
    assert len(vendor.ledger.requests) == 1


async def test_an_effect_whose_turn_does_not_come_in_time_was_surely_not_sent(
    deploy: Deploy, vendor: ScriptedVendor
) -> None:
    vendor.always({})
    vendor.faults.order(faults.Hold())
    told = Told()
    gateway = await deploy(
        KNOWN,
        vendors={"acme": acme(vendor, limits=ONE_PLACE, retry=TWICE)},
        nacelle={"signature": {"secrets": [{"env": "SECRET"}]}, "deadline": "500ms"},
        watch=told,
    )
    outcomes = await asyncio.gather(*(post(gateway, "inventory.consume", ORDER) for _ in range(3)))
    assert sorted(outcomes) == [(500, "deadline"), (500, "deadline"), (500, "in_doubt")]
    assert len(vendor.ledger.requests) == 1
    assert told.events == {("call", "deadline"): 1, ("refused", "deadline"): 2}
    assert max(told.queues) == (1, 2)


async def test_effects_that_wait_when_the_breaker_opens_were_surely_not_sent(
    deploy: Deploy, vendor: ScriptedVendor
) -> None:
    vendor.faults.order(faults.Status(status=500, delay_ms=50))
    told = Told()
    block = acme(vendor, limits=ONE_PLACE, retry=TWICE, breaker=ONE_FAILURE)
    gateway = await deploy(ONCE, vendors={"acme": block}, watch=told)
    outcomes = await asyncio.gather(*(post(gateway, "inventory.consume", ORDER) for _ in range(4)))
    assert sorted(outcomes) == [(500, "in_doubt")] + [(500, "vendor_down")] * 3
    assert len(vendor.ledger.requests) == 1
    assert told.events == {
        ("call", "5xx"): 1,
        ("breaker", "open"): 1,
        ("refused", "breaker_open"): 3,
    }


async def test_the_log_tells_that_a_breaker_opened_and_what_opened_it(
    deploy: Deploy, vendor: ScriptedVendor
) -> None:
    vendor.faults.order(faults.Status(status=500))
    gateway = await deploy(READ, vendors={"acme": acme(vendor, retry=TWICE, breaker=ONE_FAILURE)})
    told = [(await gateway.post("inventory.validate", CHECKOUT)).reason for _ in range(2)]
    assert told == ["vendor_error", "vendor_down"]
    lines = [json.loads(line) for line in gateway.log.getvalue().splitlines()]
    (line,) = (each for each in lines if each["event"] == "breaker")
    assert (line["vendor"], line["state"], line["level"]) == ("acme", "open", "warning")


async def test_of_an_each_that_meets_all_of_it_every_element_is_told_as_it_was(
    deploy: Deploy, vendor: ScriptedVendor
) -> None:
    """One is done, one refused, one is in doubt, and no element is sent twice."""
    vendor.crowd = 3
    vendor.faults.order(faults.ResetAfterRead(path="/take/C", applied=True))
    vendor.answer_by(lambda h: Canned({}, 422) if h.target == "/take/B" else {})
    lines: list[Json] = [{**LINE, "variant_id": name} for name in "ABC"]
    gateway = await deploy(EACH, vendors={"acme": acme(vendor, retry=TWICE)})
    reply = await gateway.post("inventory.consume", {"id": "o-1", "order_items": lines})
    assert (reply.reason, reply.details["repeat"]) == ("partly_done", "unsafe")
    assert reply.details["done"] == [0]
    failed: list[dict[str, Json]] = reply.details["failed"]  # type: ignore[assignment]
    assert [(each["index"], each["reason"]) for each in failed] == [(1, "refused"), (2, "in_doubt")]
    assert len(vendor.ledger.requests) == 3


async def test_200_requests_at_once_outlive_a_token_that_ends_among_them(
    deploy: Deploy, rotating: Rotating
) -> None:
    rotating.ends_at = 120
    gateway = await deploy(
        KNOWN,
        READ,
        vendors={"acme": with_tokens(rotating, limits={"concurrency": 40, "queue": 200})},
        environment=ENVIRONMENT,
    )
    calls = [
        post(gateway, "inventory.consume", {**ORDER, "id": f"o-{number}"}) for number in range(100)
    ]
    calls += [post(gateway, "inventory.validate", CHECKOUT) for _ in range(100)]
    assert set(await asyncio.gather(*calls)) == {(200, None)}
    assert rotating.given == 2
    assert (len(rotating.taken), set(rotating.taken.values())) == (100, {1})


async def test_a_sick_vendor_sees_no_more_than_its_limit_and_the_healthy_one_goes_on(
    deploy: Deploy, vendor: ScriptedVendor, vendor_of: Callable[[], ScriptedVendor]
) -> None:
    """Ten times as many as it takes: each ends within its deadline, and the others meanwhile."""
    well = vendor_of()
    well.always({})
    vendor.faults.order(faults.Hold(times=1000))
    sick = acme(vendor, limits={"concurrency": 10, "queue": 40}, retry=TWICE)
    gateway = await deploy(
        READ,
        KNOWN,
        PROMOTIONS,
        vendors={"acme": sick, "well": acme(well)},
        nacelle={"signature": {"secrets": [{"env": "SECRET"}]}, "deadline": "3s"},
    )
    tasks = [asyncio.create_task(post(gateway, "inventory.validate", CHECKOUT)) for _ in range(50)]
    tasks += [asyncio.create_task(post(gateway, "inventory.consume", ORDER)) for _ in range(50)]
    healthy: list[tuple[int, Json]] = []
    while not all(task.done() for task in tasks):
        healthy.append(await post(gateway, "promotions.validate", CHECKOUT))
    assert set(healthy) == {(200, None)}
    outcomes = Counter(task.result()[1] for task in tasks)
    assert set(outcomes) == {"deadline", "vendor_busy"}, "reads came first, so no effect was sent"
    assert outcomes["vendor_busy"] == 50
    assert vendor.ledger.most_at_once == 10
