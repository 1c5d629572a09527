"""A vendor that answers when it is told to, and exchanges that share its calls."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from gateway.config.load import load
from gateway.errors import Refusal
from gateway.lossless import Json, dumps, loads
from gateway.plan.build import Plans, build
from gateway.plan.exchange import Exchange, Ports, Unobserved
from gateway.plan.run import run
from gateway.telemetry.clock import Clock
from gateway.vendors.client import Answer, Deadline, Fault, Request

GATEWAY: Final = """
version: 1
mappings: [mappings]
nacelle: {shared_secret: {header: S, secrets: [{env: S}]}}
settings: {place: P}
vendors: {acme: {base_url: "http://127.0.0.1:9"}}
"""
STOCK: Final = """
mapping: stock
contract: inventory.validate
vendor: acme
call:
  batch: {keys: "lines[].variant_id", row: row.id, rows: body.rows, size: %(size)s%(sharing)s}
  request: {method: POST, path: /stock, body: {ids: keys, at: "%(at)s"}}
lines:
  from: call
  line: line.variant_id
  set: {available: "sum(rows[].n)"}
  unmatched: {available: 0}
reply: {set: {meta_data: "body.rows[].id"}}
"""
TAKE: Final = """
mapping: take
contract: inventory.consume
vendor: acme
call:
  request: {method: POST, path: /take, body: {id: order_key}}
  idempotency: order_key
"""


def plans_in(
    folder: Path,
    sharing: str = "",
    *,
    size: int = 3,
    at: str = "settings.place",
    stock: str = STOCK,
) -> Plans:
    """Build the plans of a deployment that shares as said, as in `, window: 5ms`."""
    (folder / "mappings").mkdir(parents=True)
    text = stock % {"size": size, "sharing": sharing, "at": at}
    (folder / "mappings" / "stock.yaml").write_text(text)
    (folder / "mappings" / "take.yaml").write_text(TAKE)
    (folder / "gateway.yaml").write_text(GATEWAY)
    configuration = load(folder / "gateway.yaml", {"S": "s"})
    plans = build(configuration)
    assert plans is not None, configuration.problems.found
    return plans


@dataclass
class Shop:
    """A vendor with stock, whose calls end when told to, or at once where `quick`."""

    stock: dict[str, int] = field(default_factory=dict)
    quick: bool = False
    bad: frozenset[str] = frozenset()
    """Ids that it refuses a whole call for."""
    untidy: bool = False
    """Whether rows come backwards, and with an empty one."""
    faults: list[Fault] = field(default_factory=list)
    asked: list[list[str]] = field(default_factory=list)
    fetched: Counter[str] = field(default_factory=Counter)
    waiting: list[asyncio.Event] = field(default_factory=list)
    most_at_once: int = 0
    _running: int = 0

    def open(self) -> None:
        """Nothing is needed."""

    async def close(self) -> None:
        """Nothing is open."""

    async def send(self, request: Request, deadline: Deadline) -> Answer | Fault:  # noqa: ARG002 - the seam's signature
        if request.target == "/take":
            return Answer(200, {}, b"{}")
        body = loads(request.body)
        assert isinstance(body, dict)
        ids = [str(each) for each in body["ids"]]  # type: ignore[union-attr]
        self.asked.append(ids)
        self.fetched.update(ids)
        self._running += 1
        self.most_at_once = max(self.most_at_once, self._running)
        try:
            await self._turn()
        finally:
            self._running -= 1
        if self.faults:
            return self.faults.pop(0)
        if self.bad.intersection(ids):
            return Answer(422, {}, b"{}")
        rows: list[Json] = [
            {"id": each, "n": self.stock[each]} for each in ids if each in self.stock
        ]
        if self.untidy:
            rows = [{}, *reversed(rows)]
        return Answer(200, {}, dumps({"rows": rows}))

    async def _turn(self) -> None:
        if not self.quick:
            turn = asyncio.Event()
            self.waiting.append(turn)
            await turn.wait()

    async def hurries(self) -> None:
        """Let all calls end, those to come too."""
        self.quick = True
        for turn in self.waiting:
            turn.set()
        await settled()

    async def answers(self, number: int = 0) -> None:
        """Let one of the calls that wait end, and all that follows from it happen."""
        self.waiting.pop(number).set()
        await settled()


async def settled() -> None:
    """Let everything happen that needs no clock and no vendor."""
    for _ in range(40):
        await asyncio.sleep(0)


@dataclass
class Desk:
    """Where exchanges begin: one process with its plans, its vendor and its clock."""

    plans: Plans
    shop: Shop
    time: float = 1000.0
    ports: Ports = field(init=False)

    def __post_init__(self) -> None:
        self.ports = Ports({"acme": self.shop}, Clock(monotonic=lambda: self.time))

    def checkout(self, *ids: str, seconds: float = 10.0) -> asyncio.Task[Exchange | Refusal]:
        """Begin to answer a checkout of these variants."""
        return self.begin("inventory.validate", {"items": lines(ids)}, seconds)

    def order(self, *ids: str) -> asyncio.Task[Exchange | Refusal]:
        """Begin to take an order of these variants."""
        return self.begin("inventory.consume", {"id": "7", "order_items": lines(ids)}, 10.0)

    def begin(
        self, contract: str, document: dict[str, Json], seconds: float
    ) -> asyncio.Task[Exchange | Refusal]:
        return asyncio.get_running_loop().create_task(self._run(contract, document, seconds))

    async def _run(
        self, contract: str, document: dict[str, Json], seconds: float
    ) -> Exchange | Refusal:
        plan = self.plans.by_contract[contract]
        deadline = Deadline(self.time + seconds)
        exchange = self.plans.intake.exchange(plan, document, self.ports, deadline, Unobserved())
        try:
            await run(plan, exchange)
        except Refusal as refusal:
            return refusal
        return exchange


def lines(ids: Iterable[str]) -> list[Json]:
    return [{"product_id": "p", "variant_id": each, "quantity": 1} for each in ids]


def told(came: Exchange | Refusal) -> object:
    """Give what Nacelle would be told: each line's stock and the ids of all rows, or the reason."""
    if isinstance(came, Refusal):
        return came.reason
    return [line["available"] for line in came.lines], came.document["meta_data"]


Deskmaker = Callable[..., Desk]
