"""Which calls are tried again, when, and what is told of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.config.resilience_spec import Retry
from gateway.config.units import parse_range
from gateway.vendors.client import Answer, Fault, Request

READ = Request("GET", "/")
EFFECT = Request("POST", "/", effect=True)
KNOWN = Request("POST", "/", effect=True, idempotent=True)
OK = Answer(200, {}, b"{}")
UNSENT = Fault("connect", "no")
LOST = Fault("timeout", "unknown")
CUT = Fault("disconnected", "yes")


def status(code: int, **headers: str) -> Answer:
    return Answer(code, {name.replace("_", "-"): text for name, text in headers.items()}, b"")


@pytest.mark.parametrize("request_", [READ, KNOWN], ids=["a read", "an idempotent effect"])
@pytest.mark.parametrize(
    "first", [UNSENT, LOST, CUT, *map(status, (408, 425, 429, 500, 502, 503, 504))], ids=str
)
def test_what_is_safe_to_repeat_is_sent_again_after_faults_and_passing_trouble(
    bench, virtual, request_, first
) -> None:
    made = bench(first, OK, attempts=2)
    outcome = virtual(made.send(request_))
    assert (outcome.status, outcome.attempts, made.sent) == (200, 2, 2)
    assert made.heard.retries == [first.kind if isinstance(first, Fault) else str(first.status)]


@pytest.mark.parametrize("first", [UNSENT, status(425), status(429)], ids=str)
def test_another_effect_is_sent_again_where_it_was_surely_not_done(bench, virtual, first) -> None:
    made = bench(first, OK, attempts=2)
    assert virtual(made.send(EFFECT)).status == 200
    assert made.sent == 2


@pytest.mark.parametrize("first", [LOST, CUT, *map(status, (408, 500, 502, 503, 504))], ids=str)
def test_another_effect_is_never_sent_again_where_it_may_have_been_done(
    bench, virtual, first
) -> None:
    made = bench(first, OK, attempts=5)
    assert virtual(made.send(EFFECT)) is first
    assert made.sent == 1


def test_a_request_may_know_further_answers_after_which_it_is_sent_again(bench, virtual) -> None:
    read = replace(READ, passing=lambda answer: answer.status == 299)
    made = bench(status(299), status(503), OK, attempts=3)
    assert virtual(made.send(read)).status == 200
    assert made.heard.retries == ["rule", "503"]
    refused = bench(status(298), attempts=3)
    assert virtual(refused.send(read)).status == 298
    assert refused.sent == 1


@pytest.mark.parametrize(
    "first",
    [
        *map(status, (200, 204, 301, 400, 401, 403, 404, 409, 422, 501)),
        *(
            Fault(kind, "no")
            for kind in (
                "breaker_open",
                "deadline",
                "invalid_request",
                "queue_full",
                "rate_limited",
                "tls",
                "too_large",
            )
        ),
    ],
    ids=str,
)
def test_what_the_next_attempt_would_meet_again_is_given_at_once(bench, virtual, first) -> None:
    made = bench(first, OK, attempts=5)
    assert virtual(made.send(READ)) is first


def test_it_gives_up_after_the_last_attempt_with_what_is_there(bench, virtual) -> None:
    made = bench(status(500), status(502), LOST, attempts=3)
    assert virtual(made.send(READ)) == Fault("timeout", "unknown", attempts=3)


def test_the_longest_wait_doubles_up_to_its_limit(bench, virtual) -> None:
    made = bench(LOST, attempts=5, backoff="100ms..350ms")
    virtual(made.send())
    assert made.waits == [0.1, 0.2, 0.35, 0.35]


def test_each_wait_is_a_random_share_of_the_longest(bench, virtual) -> None:
    for random, waits in ((0.0, [0.0, 0.0]), (0.25, [0.025, 0.05])):
        made = bench(LOST, attempts=3, random=random)
        virtual(made.send())
        assert made.waits == waits


@pytest.mark.parametrize(
    ("answer", "wait"),
    [
        (status(429, retry_after="3"), 3),
        (status(503, retry_after="2"), 2),
        (status(503, retry_after="Mon, 23 Nov 2026 12:00:05 GMT"), 5),
        (status(503, retry_after="Monday, 23-Nov-26 12:00:05 GMT"), 5),
        (status(429, retry_after="Mon, 23 Nov 2026 12:00:05 -0000"), 5),
        (status(429, retry_after="Mon, 23 Nov 2026 11:00:00 GMT"), 0),
        (status(429, retry_after="soon"), 0),
        (status(429, retry_after="-5"), 0),
        (status(429, retry_after="9" * 400), 0),
        (status(429, retry_after="2, 2"), 0),
        (status(429, x_rate_limit_time_reset_ms="1500"), 1.5),
        (status(429, ratelimit_reset="4"), 4),
        (status(429, ratelimit='"a";r=0;t=3, "b";r=0;t=6'), 6),
        (status(429, x_ratelimit_reset="7"), 7),
        (status(429, x_ratelimit_reset="1795435207"), 7),
        (status(429, x_ratelimit_reset="1795435207500"), 7.5),
        (status(429, retry_after="1", ratelimit_reset="4"), 4),
        (status(503, ratelimit_reset="4"), 0),
        (status(500, x_ratelimit_reset="9"), 0),
    ],
    ids=str,
)
def test_the_vendors_own_word_on_when_to_come_back_counts(bench, virtual, answer, wait) -> None:
    made = bench(answer, OK, attempts=2, random=0.0)
    assert virtual(made.send()).status == 200
    assert made.waits == [pytest.approx(wait, abs=0.01)]


def test_the_random_share_comes_on_top_so_that_not_all_come_back_at_once(bench, virtual) -> None:
    made = bench(status(429, retry_after="3"), OK, attempts=2, random=0.5)
    virtual(made.send())
    assert made.waits == [3.05]


def test_a_wait_that_does_not_fit_the_deadline_ends_it_at_once(bench, virtual) -> None:
    answer = status(429, retry_after="3")
    made = bench(answer, OK, attempts=2)

    async def main() -> float:
        assert await made.send(within=3.0) is answer
        return made.clock.monotonic()

    assert virtual(main()) == pytest.approx(1000, abs=0.01)
    assert made.heard.retries == []


@pytest.mark.parametrize("later", [status(422), status(429), status(200), UNSENT], ids=str)
@pytest.mark.parametrize("first", [LOST, CUT, status(503), status(408)], ids=str)
def test_a_later_answer_does_not_take_away_the_doubt_that_an_earlier_attempt_left(
    bench, virtual, first, later
) -> None:
    outcome = virtual(bench(first, later, attempts=2).send(KNOWN))
    if isinstance(outcome, Fault):
        assert outcome.sent == "unknown"
    else:
        assert outcome.doubtful


@pytest.mark.parametrize("request_", [READ, KNOWN, EFFECT], ids=["read", "idempotent", "effect"])
def test_attempts_that_did_nothing_leave_no_doubt(bench, virtual, request_) -> None:
    outcome = virtual(bench(UNSENT, status(422), attempts=2).send(request_))
    assert not outcome.doubtful
    outcome = virtual(bench(UNSENT, attempts=2).send(request_))
    assert outcome.sent == "no"


def test_a_calls_own_retry_stands_in_place_of_the_vendors(bench, virtual) -> None:
    own = Retry(attempts=4, backoff=parse_range("10ms..10ms"))
    request = Request("GET", "/", retry=own)
    for settings in ({"attempts": 2}, {"retries": True}):
        made = bench(LOST, **settings)
        virtual(made.send(request))
        assert (made.sent, made.waits) == (4, [0.01] * 3)
    once = bench(LOST, attempts=3)
    virtual(once.send(Request("GET", "/", retry=Retry(attempts=1))))
    assert once.sent == 1


def test_without_settings_there_is_nothing_around_the_vendor(bench) -> None:
    made = bench(OK)
    assert made.vendor is made.inner
