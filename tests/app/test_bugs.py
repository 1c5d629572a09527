"""A bug inside: the caller gets the envelope, the log gets the trace, nobody gets the data."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import pytest

from gateway.app import Edge
from gateway.live import Live
from gateway.plan.exchange import Ports
from gateway.telemetry.clock import Clock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gateway.vendors.client import Deadline, Request

CHECKOUT = {"items": [{"product_id": "p", "variant_id": "planted-variant", "quantity": 1}]}
TOKEN = "planted-token"
SIGNATURE = {"signature": {"secrets": [{"env": "SECRET"}]}}


class Broken:
    """A vendor that raises, against the promise of the seam, and quotes what it was given."""

    async def send(self, request: Request, deadline: Deadline) -> NoReturn:  # noqa: ARG002 - the seam's signature
        raise ValueError(f"can't send {request.body!r} with {TOKEN}") from KeyError(request.body)

    def open(self) -> None:
        """Nothing is needed."""

    async def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def broken(ready_of, serve, log) -> Iterator[object]:
    ready = ready_of(**SIGNATURE)
    ports = Ports({"square": Broken()}, Clock())
    edge = Edge(ready.plans, ready.configuration.version, ready.spec.nacelle, ports)
    with serve(Live(edge), log) as running:
        yield running


def test_a_bug_is_a_500_in_the_envelope_without_a_word_of_the_exception(
    broken, check_envelope
) -> None:
    answer = broken.post("/inventory/validate", CHECKOUT)
    assert answer.status == 500
    check_envelope(answer)
    assert answer.details["reason"] == "internal"
    assert answer.details.keys() == {"reason", "exchange_id"}
    assert b"planted" not in answer.content
    assert b"ValueError" not in answer.content


def test_the_log_has_a_bugs_trace_with_its_causes_and_without_their_texts(broken) -> None:
    answer = broken.post("/inventory/validate", CHECKOUT)
    exchange = answer.headers["x-exchange-id"]
    trace = str(broken.log.line(event="bug", exchange=exchange)["exception"]).splitlines()
    assert [line for line in trace if not line.startswith("File ")] == ["KeyError", "ValueError"]
    assert any("in send" in line for line in trace)
    broken.log.line(event="exchange", exchange=exchange, status=500, reason="internal")
    assert "planted" not in str(broken.log.lines)


def test_the_gateway_serves_on_after_a_bug(broken) -> None:
    for _ in range(2):
        assert broken.post("/inventory/validate", CHECKOUT).status == 500


def test_a_log_that_cannot_be_written_fails_no_exchange(
    start: Callable[..., object], log, monkeypatch
) -> None:
    gateway = start(**SIGNATURE)
    full = OSError(28, "No space left on device")
    monkeypatch.setattr(log, "failure", full)
    assert gateway.post("/inventory/validate", CHECKOUT).status == 200
