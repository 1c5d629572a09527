"""Orders, repeats, changes, crashes and every outcome of a vendor, against a simple model."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gateway.config.load import load
from gateway.errors import Refusal
from gateway.lossless import loads
from gateway.orders.deliveries import Deliveries, make_deliveries
from gateway.plan.build import Equipped, Plans, build
from gateway.plan.exchange import Ports, Unobserved
from gateway.storage.database import Database
from gateway.telemetry.clock import Clock
from gateway.vendors.client import Answer, Deadline, Fault, Request
from tests.orders.conftest import TAKE, UNKNOWABLE, WITH_FIND, order

if TYPE_CHECKING:
    from gateway.config.load import Configuration

MAPPINGS: Final = {"knows": TAKE, "asked": WITH_FIND, "blind": UNKNOWABLE}
OUTCOMES: Final = ("done", "lost after", "lost before", "503 after", "unreachable", "no")
KEYS: Final = ("a", "b", "c")
GATEWAY: Final = """
version: 1
mappings: [take.yaml]
nacelle: {shared_secret: {header: S, secrets: [{env: S}]}, own_fields: {order: any.json}}
vendors: {acme: {base_url: "http://127.0.0.1:9", timeout: {total: 1ms}}}
"""


class Vendor:
    """Does what it is told with the next effects, and keeps the only ledger."""

    def __init__(self, way: str) -> None:
        self.way = way
        self.done: Counter[str] = Counter()
        self.script: list[str] = []

    def open(self) -> None:
        """Nothing is needed."""

    async def close(self) -> None:
        """Nothing is open."""

    async def send(self, request: Request, deadline: Deadline) -> Answer | Fault:  # noqa: ARG002 - the seam's signature
        await asyncio.sleep(0)
        if request.method == "GET":
            key = request.target.removeprefix("/taken/")
            return Answer(200 if self.done[key] else 404, {}, b'{"id": "N"}')
        body = loads(request.body)
        assert isinstance(body, dict)
        outcome = self.script.pop(0) if self.script else "done"
        return self._answer(str(body["key"]), outcome)

    def _answer(self, key: str, outcome: str) -> Answer | Fault:
        if outcome == "unreachable":
            return Fault("connect", "no")
        if outcome == "lost before":
            return Fault("disconnected", "unknown")
        repeat = self.way == "knows" and self.done[key]
        if outcome == "no" and not repeat:
            return Answer(422, {}, b"{}")
        if not repeat:
            self.done[key] += 1
        if outcome == "lost after":
            return Fault("timeout", "yes")
        return Answer(503 if outcome == "503 after" else 200, {}, b'{"id": "N"}')


class Orders(RuleBasedStateMachine):
    """One gateway after another on one database, and what the model knows."""

    @initialize(way=st.sampled_from(sorted(MAPPINGS)))
    def begin(self, way: str) -> None:
        self.stack = ExitStack()
        self.folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        (self.folder / "take.yaml").write_text(MAPPINGS[way])
        (self.folder / "schemas").mkdir()
        (self.folder / "schemas" / "any.json").write_text('{"type": "object"}')
        (self.folder / "gateway.yaml").write_text(GATEWAY)
        self.configuration: Configuration = load(self.folder / "gateway.yaml", {"S": "s"})
        plans = build(self.configuration)
        assert plans is not None, self.configuration.problems.found
        self.plans: Plans = plans
        self.loop = asyncio.new_event_loop()
        self.vendor = Vendor(way)
        self.ahead = timedelta()
        self.clock = Clock(now=lambda: datetime.now(UTC) + self.ahead)
        self.answered: dict[str, str] = {}
        self._open()

    def _open(self) -> None:
        self.storage = Database("sqlite:///orders.db", self.folder)
        ports = Ports({"acme": self.vendor}, self.clock, self.storage)
        self.durable: Deliveries = make_deliveries(
            self.plans, self.configuration, ports, self.storage
        )
        self.loop.run_until_complete(self.durable.open())

    @rule(
        key=st.sampled_from(KEYS),
        quantity=st.integers(1, 2),
        script=st.lists(st.sampled_from(OUTCOMES), max_size=3),
    )
    def request(self, key: str, quantity: int, script: list[str]) -> None:
        self.vendor.script = script
        self.answered[key] = self.loop.run_until_complete(self._answer(key, quantity))
        if self.answered[key] == "200":
            assert self.vendor.done[key] == 1
        if self.answered[key] == "refused":
            assert self.vendor.done[key] == 0

    async def _answer(self, key: str, quantity: int) -> str:
        equipped = Equipped(self.plans.by_contract["inventory.consume"], self.plans)
        deadline = Deadline(self.clock.monotonic() + 0.15)
        document = order(key, quantity)
        try:
            await self.durable.answer(equipped, document, deadline, Unobserved())
        except Refusal as refusal:
            return refusal.reason
        return "200"

    @rule()
    def crash(self) -> None:
        """Die: nothing is given back, and what was in memory is gone."""
        self.loop.run_until_complete(self._die())
        self._open()

    async def _die(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self.durable.worker._member is not None:
            self.durable.worker._member.leave()
        await self.storage.close()

    @rule(hours=st.integers(-3, 3))
    def jump(self, hours: int) -> None:
        """Let the clock of the machine be set."""
        self.ahead += timedelta(hours=hours)

    @invariant()
    def nothing_is_done_twice(self) -> None:
        done = getattr(self, "vendor", None)
        assert done is None or max(done.done.values(), default=0) <= 1

    def teardown(self) -> None:
        """Let the vendor be well: every order ends, and none is lost."""
        if not hasattr(self, "vendor"):
            return
        self.vendor.script = []
        for key, before in self.answered.items():
            reason = self.loop.run_until_complete(self._settled(key))
            held = self.vendor.way == "blind" and reason == "in_doubt"
            late = reason in {"in_doubt", "key_reused"}  # the clock went beyond `give_up_after`
            assert reason == "200" or held or late, (key, before, reason)
            assert self.vendor.done[key] == 1 or held or late
        self.loop.run_until_complete(self._die())
        self.loop.close()
        self.stack.close()

    async def _settled(self, key: str) -> str:
        while True:
            for quantity in (1, 2):
                reason = await self._answer(key, quantity)
                if reason not in {"in_progress", "key_reused"}:
                    return reason


TestOrders = Orders.TestCase
TestOrders.settings = settings(
    max_examples=25,
    stateful_step_count=8,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
