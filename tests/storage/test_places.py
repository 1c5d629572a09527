"""Places that processes share: what the storage gives, held against a model in a few lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, delete, select

from gateway.storage.places import Asker, Want, give_back, take, wait_no_more
from gateway.storage.tables import LIMIT_PLACES, LIMIT_WAITERS, METADATA

QUARTERS = st.integers(1, 12).map(lambda number: number / 4)  # exact, so that moments can be equal


@dataclass
class Model:
    """What must be true, without a database: calls and turns each until when, and who waits."""

    most: int
    rate: int | None
    per: float
    now: float = 1000.0
    calls: dict[str, float] = field(default_factory=dict)
    turns: list[float] = field(default_factory=list)
    waiters: dict[str, tuple[float, float]] = field(default_factory=dict)

    def busy(self) -> tuple[int, int]:
        return (
            sum(until > self.now for until in self.calls.values()),
            sum(until > self.now for until in self.turns),
        )

    def take(self, process: str, holder: str, seconds: float) -> bool:
        waiting = {name: since for name, (since, until) in self.waiters.items() if until > self.now}
        since = waiting.pop(process, self.now)
        mine = process in self.waiters and self.waiters[process][1] > self.now
        ahead = sum(other < since or not mine for other in waiting.values())
        calls, turns = self.busy()
        if self.most - calls > ahead and (self.rate is None or self.rate - turns > ahead):
            self.calls[holder] = self.now + seconds
            self.turns.append(self.now + self.per)
            if mine:
                del self.waiters[process]
            return True
        until = self.waiters.get(process, (0, 0))[1]
        renewed = self.now + 1 if until < self.now + 0.5 else until
        self.waiters[process] = (since, renewed)
        return False


@pytest.fixture(scope="module")
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    METADATA.create_all(engine)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def empty(connection: Connection) -> None:
    for table in (LIMIT_PLACES, LIMIT_WAITERS):
        connection.execute(delete(table))


Action = tuple[str, int, float]
ACTIONS = st.lists(
    st.tuples(st.sampled_from(["take", "take", "give", "time"]), st.integers(0, 3), QUARTERS),
    max_size=50,
)


@given(
    actions=ACTIONS,
    most=st.integers(1, 4),
    rate=st.none() | st.integers(1, 4),
    per=QUARTERS,
)
def test_whoever_asks_and_whoever_dies_the_storage_gives_what_the_model_gives(
    connection: Connection, actions: list[Action], most: int, rate: int | None, per: float
) -> None:
    """Who takes and never gives back has died."""
    empty(connection)
    model = Model(most, rate, per)
    begun: list[float] = []
    for number, (kind, which, size) in enumerate(actions):
        if kind == "time":
            model.now += size
        elif kind == "give" and model.calls:
            holder = list(model.calls)[which % len(model.calls)]
            give_back(connection, "acme", holder)
            del model.calls[holder]
        elif kind == "take":
            process, holder = f"p{which}", f"c{number}"
            wants = (Want("call", most, size),)
            wants += (Want("turn", rate, per),) if rate is not None else ()
            expected = model.take(process, holder, size)
            asker = Asker("acme", process, holder, wants)
            closed = take(connection, asker, lambda: model.now)
            assert (closed is None) == expected
            if expected:
                begun.append(model.now)
            elif closed:
                assert model.busy()[1] == rate
                assert model.now + closed == min(t for t in model.turns if t > model.now)
        assert model.busy()[0] <= most
    for first, beyond in zip(begun, begun[rate or len(begun) :], strict=False):
        assert beyond - first >= per


def test_a_smaller_limit_takes_no_place_beyond_it_while_the_larger_one_still_holds_some(
    connection,
) -> None:
    empty(connection)

    def ask(most: int, holder: str) -> bool:
        asker = Asker("acme", f"of-{most}", holder, (Want("call", most, 10),))
        return take(connection, asker, lambda: 1000.0) is None

    assert [ask(3, f"c{number}") for number in range(4)] == [True, True, True, False]
    assert not ask(2, "c5")
    give_back(connection, "acme", "c2")
    assert not ask(2, "c6")
    give_back(connection, "acme", "c0")
    assert ask(2, "c7")


def test_vendors_have_places_of_their_own(connection) -> None:
    empty(connection)
    wants = (Want("call", 1, 10),)
    for vendor in ("acme", "beta"):
        assert take(connection, Asker(vendor, vendor, vendor, wants), lambda: 1000.0) is None


def test_who_ends_waits_no_more_and_sweeps_up_after_those_who_died_waiting(connection) -> None:
    empty(connection)
    wants = (Want("call", 1, 1e6),)
    moments = {"holder": 0.0, "dead": 0.0, "alive": 4000.0, "ends": 4000.0}
    for name, moment in moments.items():
        take(connection, Asker("acme", name, name, wants), lambda: moment)  # noqa: B023 - called at once
    wait_no_more(connection, "acme", "ends", lambda: 4000.0)
    assert list(connection.scalars(select(LIMIT_WAITERS.c.waiter))) == ["alive"]
