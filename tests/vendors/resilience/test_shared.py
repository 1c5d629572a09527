"""A limit that processes keep together: never more than it, whoever dies, nobody starved."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

import pytest
from sqlalchemy import Connection, Engine, StaticPool, create_engine, func, select

from gateway.config.resilience_spec import Breaker, Limits
from gateway.config.units import parse_duration, parse_rate
from gateway.config.vendor_spec import VendorSpec
from gateway.storage.database import StorageFailed
from gateway.storage.tables import LIMIT_PLACES, METADATA
from gateway.vendors.client import Answer, Deadline, Fault, Request, Vendor
from gateway.vendors.resilience.around import Told
from gateway.vendors.resilience.places import Places
from gateway.vendors.resilience.shared import SharedLine
from gateway.vendors.resilience.shield import shield
from tests.vendors.resilience.conftest import Heard, Scripted, _clock

T = TypeVar("T")
OK = Answer(200, {}, b"{}")


@dataclass
class Storage:
    """A database in memory that answers at once, unless it is broken or has been told to hang."""

    engine: Engine
    broken: bool = False
    hanging: asyncio.Event | None = None
    asked: int = 0

    async def run(self, work: Callable[[Connection], T], *, lasting: bool = True) -> T:
        assert not lasting, "places need not outlive the machine"
        self.asked += 1
        if self.hanging is not None:
            await self.hanging.wait()
        await asyncio.sleep(0)
        if self.broken:
            raise StorageFailed("OperationalError")
        with self.engine.begin() as connection:
            return work(connection)

    def open(self) -> None: ...

    async def close(self) -> None: ...


async def slowly(_request: Request, _deadline: Deadline) -> Answer | Fault:
    await asyncio.sleep(0.5)
    return OK


@dataclass
class Processes:
    """Several processes before one vendor, in virtual time."""

    storage: Storage
    settings: dict[str, object]
    inner: Scripted = field(default_factory=lambda: Scripted(by=slowly))
    heard: Heard = field(default_factory=Heard)

    @property
    def limits(self) -> Limits:
        rate = self.settings.get("rate")
        given = {**self.settings, "rate": rate and parse_rate(str(rate)), "shared": True}
        return Limits(**given)

    def start(self, breaker: Breaker | None = None) -> Vendor:
        spec = VendorSpec(base_url="http://127.0.0.1:9", limits=self.limits, breaker=breaker)
        told = Told(self.heard, "acme")
        return shield(self.inner, spec, _clock(0.5), told, retries=False, storage=self.storage)

    def places(self) -> Places:
        return Places(self.storage, "acme", self.limits, _clock(0.5))


def now() -> float:
    return asyncio.get_running_loop().time()


async def send(vendor: Vendor, within: float = 60.0, *, effect: bool = False) -> str:
    outcome = await vendor.send(Request("POST", "/", effect=effect), Deadline(now() + within))
    return outcome.kind if isinstance(outcome, Fault) else str(outcome.status)


def together(vendors: list[Vendor], number: int, within: float = 60.0) -> list[asyncio.Task[str]]:
    return [asyncio.create_task(send(vendor, within)) for _ in range(number) for vendor in vendors]


def events(log) -> list[str]:
    return [json.loads(line)["event"] for line in log.getvalue().splitlines()]


@pytest.fixture
def processes() -> Iterator[Callable[..., Processes]]:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    METADATA.create_all(engine)
    yield lambda **settings: Processes(Storage(engine), settings)
    engine.dispose()


def test_two_gateways_with_four_workers_each_make_five_calls_at_once_and_no_more(
    processes, virtual
) -> None:
    async def main() -> None:
        made = processes(concurrency=5)
        workers = [made.start() for _ in range(8)]
        outcomes = await asyncio.gather(*together(workers, 10))
        assert set(outcomes) == {"200"}
        assert made.inner.most == 5
        assert now() - 1000 < 80 / 5 * 0.5 * 1.25  # places stand empty for little of the time
        await asyncio.sleep(1)
        assert made.heard.queues[-1] == (0, 0)

    virtual(main())


def test_who_asks_the_storage_is_told_as_waiting(processes, virtual) -> None:
    async def main() -> None:
        made = processes(concurrency=5)
        dead, vendor = made.places(), made.start()
        for _ in range(3):
            await dead.take(100)
        await asyncio.gather(*together([vendor], 10))
        await vendor.close()
        assert max(made.heard.queues) == (2, 8)
        assert made.heard.queues[-1] == (0, 0)

    virtual(main())


def test_no_stretch_of_time_sees_more_than_the_rate_from_all_processes(processes, virtual) -> None:
    async def main() -> None:
        made = processes(rate="7/s")
        workers = [made.start() for _ in range(3)]
        assert set(await asyncio.gather(*together(workers, 14))) == {"200"}
        begun = sorted(made.inner.at)
        assert len(begun) == 42
        assert all(b - a > 0.99 for a, b in zip(begun, begun[7:], strict=False))
        assert begun[-1] - begun[0] < 6

    virtual(main())


def test_a_turn_that_would_come_too_late_is_refused_at_once(processes, virtual) -> None:
    async def main() -> None:
        made = processes(rate="2/m")
        first, second = made.start(), made.start()
        assert [await send(first), await send(first)] == ["200", "200"]
        assert await send(second, within=50) == "rate_limited"
        asked = made.storage.asked
        assert await send(second, within=50) == "rate_limited"
        assert made.storage.asked == asked, "what is known needs no asking"
        assert now() < 1001.1
        assert await send(second, within=61) == "200"

    virtual(main())


def test_the_place_of_a_process_that_died_is_free_soon_after_its_calls_deadline(
    processes, virtual
) -> None:
    async def main() -> None:
        made = processes(concurrency=1)
        dead, alive = made.places(), made.start()
        assert isinstance(await dead.take(8), str)
        assert await send(alive, within=9) == "deadline"
        assert await send(alive, within=60) == "200"
        assert made.inner.at[0] - 1000 == pytest.approx(8 + 2, abs=0.1)

    virtual(main())


def test_a_process_with_a_hundred_calls_in_line_starves_none_that_has_few(
    processes, virtual
) -> None:
    async def main() -> None:
        made = processes(concurrency=2)
        busy, quiet = made.start(), made.start()
        crowd = together([busy], 100)
        await asyncio.sleep(3)
        started = now()
        for _ in range(3):
            assert await send(quiet) == "200"
        assert now() - started < 3 * (0.5 + 0.5 + 0.1)  # each waits for one of the two places
        assert sum(call.done() for call in crowd) < 40
        await asyncio.gather(*crowd)

    virtual(main())


def test_calls_of_one_process_go_in_the_order_in_which_they_came(processes, virtual) -> None:
    async def main() -> None:
        made = processes(concurrency=2)
        order: list[str] = []

        async def say(request: Request, deadline: Deadline) -> Answer | Fault:
            order.append(request.target)
            return await slowly(request, deadline)

        made.inner.by = say
        workers = [made.start(), made.start()]
        await asyncio.gather(
            *(
                workers[number % 2].send(Request("GET", f"{number:02}"), Deadline(2000))
                for number in range(20)
            )
        )
        for one in (0, 1):
            mine = [target for target in order if int(target) % 2 == one]
            assert mine == sorted(mine)

    virtual(main())


@pytest.mark.parametrize("effect", [False, True])
def test_without_the_storage_each_process_keeps_the_limit_alone_until_it_is_back(
    processes, virtual, log, effect
) -> None:
    async def main() -> None:
        made = processes(concurrency=2)
        made.storage.broken = True
        workers = [made.start(), made.start()]
        calls = [send(each, effect=effect) for each in workers for _ in range(5)]
        assert set(await asyncio.gather(*calls)) == {"200"}
        assert made.inner.most == 4
        assert made.storage.asked == 2, "a storage that is away isn't asked for each call"
        made.storage.broken = False
        await asyncio.sleep(10)
        made.inner.most = 0
        assert set(await asyncio.gather(*together(workers, 5))) == {"200"}
        assert made.inner.most == 2

    virtual(main())
    assert events(log) == ["shared_limit_alone"] * 2 + ["shared_limit_again"] * 2


def test_without_the_storage_the_rate_is_kept_by_each_process(processes, virtual) -> None:
    async def main() -> None:
        made = processes(rate="2/m")
        made.storage.broken = True
        vendor = made.start()
        assert await asyncio.gather(send(vendor), send(vendor)) == ["200", "200"]
        assert await send(vendor, within=50) == "rate_limited"
        assert await send(vendor, within=61) == "200"

    virtual(main())


def test_a_storage_that_hangs_holds_calls_up_for_three_seconds_once_and_keeps_no_place(
    processes, virtual, log
) -> None:
    async def main() -> None:
        made = processes(concurrency=1)
        made.storage.hanging = asyncio.Event()
        vendor = made.start()
        assert await asyncio.gather(*together([vendor], 2)) == ["200", "200"]
        assert [at - 1000 for at in made.inner.at] == pytest.approx([3.0, 3.5], abs=0.01)
        made.storage.hanging.set()  # now what was asked for is taken, and nobody wants it
        await asyncio.sleep(0.1)
        other = made.start()
        started = now()
        assert await send(other) == "200"
        assert now() - started < 0.6

    virtual(main())
    assert events(log) == ["shared_limit_alone"]


def test_a_hanging_storage_is_noticed_though_deadlines_are_shorter_than_its_patience(
    processes, virtual, log
) -> None:
    async def main() -> None:
        made = processes(concurrency=1)
        made.storage.hanging = asyncio.Event()
        vendor = made.start()
        assert await send(vendor, within=1) == "deadline"
        await asyncio.sleep(2.1)
        assert await send(vendor, within=1) == "200"
        made.storage.hanging.set()
        await vendor.close()

    virtual(main())
    assert events(log) == ["shared_limit_alone"]


def test_whoever_is_cancelled_while_it_asks_or_waits_or_calls_leaves_no_place_taken(
    processes, virtual
) -> None:
    async def main() -> None:
        made = processes(concurrency=2)
        vendor = made.start()
        for turns in range(12):
            calls = together([vendor], 4)
            for _ in range(turns):
                await asyncio.sleep(0)
            for call in calls:
                call.cancel()
            await asyncio.gather(*calls, return_exceptions=True)
        await vendor.close()
        with made.storage.engine.begin() as connection:
            free = LIMIT_PLACES.c.free_at == 0
            assert connection.scalar(select(func.count()).where(~free)) == 0
        assert await asyncio.gather(*together([made.start()], 2)) == ["200", "200"]
        assert made.inner.at[-1] - made.inner.at[-2] < 0.1

    virtual(main())


def test_a_full_queue_and_an_open_breaker_refuse_at_once_as_they_do_without(
    processes, virtual
) -> None:
    async def main() -> None:
        made = processes(concurrency=1, queue=1)
        breaker = Breaker(open_at=100, of_last=1, for_=parse_duration("30s"))
        vendor = made.start(breaker)
        made.inner.by = None
        made.inner.outcomes = [Answer(503, {}, b"")]
        other = made.places()
        held = await other.take(8)
        first, second, third = together([vendor], 3)
        await asyncio.sleep(0.5)
        assert (first.done(), second.done(), third.result()) == (False, False, "queue_full")
        other.give_back(held, lambda: None)
        assert [await first, await second, await send(vendor)] == [
            "503",
            "breaker_open",
            "breaker_open",
        ]

    virtual(main())


def test_who_waits_for_another_processs_place_is_sent_away_when_the_breaker_opens(
    processes, virtual
) -> None:
    async def main() -> None:
        made = processes(concurrency=1)
        await made.places().take(100)
        opened = asyncio.Event()
        line = SharedLine(
            made.limits,
            made.places(),
            _clock(0.5),
            refuses=opened.is_set,
            tell=lambda _running, _waiting: None,
        )
        waiting = asyncio.create_task(line.enter(2000))
        await asyncio.sleep(1)
        assert not waiting.done()
        opened.set()
        assert await waiting == "breaker_open"
        assert now() < 1001.1

    virtual(main())
