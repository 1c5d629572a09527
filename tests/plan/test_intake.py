"""What a document becomes: the names that every mapping has."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from gateway.contracts import CONTRACTS
from gateway.plan.exchange import OrderAttempt, Plan, Ports, Unobserved
from gateway.plan.intake import Intake
from gateway.telemetry.clock import Clock
from gateway.vendors.client import Deadline

CAME = datetime(2026, 11, 22, 20, 5, tzinfo=UTC)


def received_at(now: datetime, attempt: OrderAttempt) -> list[object]:
    """Ask for the name twice, each time a second later than before."""
    moments = iter([now + timedelta(seconds=number) for number in range(9)])
    ports = Ports({}, Clock(now=lambda: next(moments)))
    plan = Plan("m", "m.yaml", CONTRACTS["taxes.validate"], "taxes", {}, (), ())
    deadline = Deadline(0.0)
    frame = Intake({}, (), {}).exchange(plan, {}, ports, deadline, Unobserved(), attempt).frame
    next(moments)
    first = frame["received_at"]
    next(moments)
    return [first, frame["received_at"]]


def test_received_at_is_when_a_document_came_however_late_it_is_asked_for() -> None:
    assert received_at(CAME, OrderAttempt()) == 2 * ["2026-11-22T20:05:00.000Z"]


def test_an_order_that_is_tried_again_still_came_when_it_came() -> None:
    again = OrderAttempt(received_at=CAME)
    assert received_at(CAME + timedelta(days=1), again) == 2 * ["2026-11-22T20:05:00.000Z"]
