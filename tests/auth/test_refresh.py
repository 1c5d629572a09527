"""Refresh tokens that can be used once: stored before they are needed, and what a crash leaves."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select, update

from gateway.storage.database import Database
from gateway.storage.tables import METADATA, TOKEN_CHAINS
from gateway.storage.tokens import Asker, Renewed, claim, keep
from gateway.vendors.auth import chain
from gateway.vendors.auth.chain import LOST
from simulators.faults import Delay, ResetAfterRead, Status

CHAIN = TOKEN_CHAINS.c.chain
ROOT = Path(__file__).parents[2]
WORKER = Path(__file__).with_name("worker.py")


def told(log) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


async def test_each_renewal_uses_the_token_that_the_last_one_brought(
    call_with, refreshing, endpoint, hands
) -> None:
    call = call_with(refreshing)
    for number in range(1, 4):
        assert (await call()).status == 200
        assert endpoint.given == number
        hands.forward(3600)


async def test_a_restart_goes_on_with_what_is_stored(
    call_with, refreshing, endpoint, hands, storage
) -> None:
    first = call_with(refreshing, storage=storage)
    await first()
    await first.vendor.close()
    second = call_with(refreshing, storage=storage)
    assert (await second()).status == 200
    assert (endpoint.given, second.watch.tokens) == (1, ["shared"])
    hands.forward(3600)
    assert (await second()).status == 200
    assert endpoint.given == 2


async def test_after_a_401_another_process_token_is_taken_before_one_is_asked_for(
    call_with, refreshing, endpoint, storage
) -> None:
    first, second = (call_with(refreshing, storage=storage) for _ in range(2))
    await first()
    await second()
    endpoint.revoke()
    assert (await first()).status == (await second()).status == 200
    assert endpoint.given == 2
    assert (first.watch.tokens, second.watch.tokens) == (
        ["renewed", "renewed"],
        ["shared", "shared"],
    )


async def test_a_refresh_token_that_stays_the_same_is_used_again(
    call_with, refreshing, endpoint, hands
) -> None:
    endpoint.rotates = False
    call = call_with(refreshing)
    await call()
    hands.forward(3600)
    assert (await call()).status == 200
    assert endpoint.given == 2


async def test_a_new_configured_token_starts_a_new_chain(
    call_with, refreshing, endpoint, hands
) -> None:
    await call_with(refreshing)()
    endpoint.refresh_token = "from-a-person"
    hands.forward(3600)
    call = call_with(refreshing, environment={"REFRESH_TOKEN": "from-a-person"})
    assert (await call()).status == 200


async def test_two_vendors_with_one_token_share_its_chain(call_with, refreshing, endpoint) -> None:
    """Their names don't matter: the token is what can be used once."""
    first = call_with(refreshing)
    await first()
    second = call_with({**refreshing, "scope": "other"})
    assert (await second()).status == 200
    assert endpoint.given == 1


def test_four_processes_with_50_requests_each_share_one_renewal(
    call_with, refreshing, endpoint, tmp_path, storage
) -> None:
    call_with(refreshing, storage=storage)  # writes gateway.yaml
    endpoint.faults.order(Delay(path="/token", delay_ms=300))
    workers = [start(tmp_path, 50) for _ in range(4)]
    for worker in workers:
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        worker.stdin.write("go\n")
        worker.stdin.flush()
    outcomes = [json.loads(worker.communicate()[0].splitlines()[-1]) for worker in workers]
    assert outcomes == [{"200": 50}] * 4
    assert endpoint.given == 1


def start(folder: Path, requests: int) -> subprocess.Popen[str]:
    known = {
        "CLIENT": "client",
        "CLIENT_SECRET": "client-secret",
        "REFRESH_TOKEN": "refresh-0",
        "SECRET": "x",
        "PYTHONPATH": str(ROOT),
    }
    return subprocess.Popen(
        [sys.executable, str(WORKER), str(folder / "gateway.yaml"), str(requests)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **known},
    )


async def test_a_kill_between_the_answer_and_its_storing_is_recognised(
    call_with, refreshing, endpoint, tmp_path, log, storage
) -> None:
    """The endpoint has used the token up and its answer is on the way when the process dies."""
    call = call_with(refreshing, storage=storage)
    endpoint.faults.order(Delay(path="/token", delay_ms=60_000))
    worker = start(tmp_path, 1)
    worker.stdout.readline()
    worker.stdin.write("go\n")
    worker.stdin.flush()
    while not endpoint.given:
        assert worker.poll() is None
    worker.send_signal(signal.SIGKILL)
    worker.communicate()
    await end_turns(storage, tmp_path)
    outcome = await call()
    assert (outcome.kind, outcome.sent) == ("auth", "no")
    assert LOST in outcome.detail
    lines = [line for line in told(log) if line["event"] == "refresh_token_lost"]
    assert [(line["level"], line["vendor"]) for line in lines] == [("error", "acme")]
    assert "get a new refresh token" in lines[0]["to_do"]


async def end_turns(storage: str, folder: Path) -> None:
    """As if the time of a dead process's turn were up: PostgreSQL has a clock of its own."""
    database = Database(storage, folder)
    await database.run(
        lambda connection: connection.execute(update(TOKEN_CHAINS).values(lease_until=0))
    )
    await database.close()


async def test_a_clock_that_is_an_hour_fast_takes_no_turn_from_another_machine(
    tmp_path, postgres
) -> None:
    database = Database(postgres, tmp_path)
    first, second = (Asker("chain", "refresh-0", None, name, 30) for name in ("a", "b"))
    assert await database.run(partial(claim, asker=first, now=time.time)) is not None
    late = partial(claim, asker=second, now=lambda: time.time() + 3600)
    assert await database.run(late) is None
    await database.close()


async def test_chains_of_which_nothing_was_stored_for_over_a_year_are_forgotten(
    tmp_path, storage
) -> None:
    database = Database(storage, tmp_path)

    async def renew(chain: str, age: float) -> None:
        now = lambda: time.time() - age  # noqa: E731 - a clock
        asker = Asker(chain, "refresh-0", None, "a", 30)
        turn = await database.run(partial(claim, asker=asker, now=now))
        kept = Renewed("access", None, "refresh-1")
        assert await database.run(partial(keep, chain=chain, turn=turn, renewed=kept, now=now))
        if age:
            past = update(TOKEN_CHAINS).where(TOKEN_CHAINS.c.chain == chain)
            work = past.values(kept_at=time.time() - age)
            await database.run(lambda connection: connection.execute(work))

    await renew("for a yearly sale", 370 * 86_400)
    await renew("old", 401 * 86_400)
    await renew("new", 0)
    found = await database.run(lambda connection: set(connection.scalars(select(CHAIN))))
    assert found == {"for a yearly sale", "new"}
    await database.close()


async def test_a_wrong_refresh_token_is_no_lost_one(call_with, refreshing, log) -> None:
    call = call_with(refreshing, environment={"REFRESH_TOKEN": "mistyped"})
    outcome = await call()
    assert outcome.detail == "the token endpoint answered 400 invalid_grant"
    assert [line["event"] for line in told(log)] == ["token_refused"]


UNSURE = {
    "the answer is lost": ResetAfterRead(path="/token", applied=True),
    "an error after the work": Status(path="/token", status=502, applied=True),
}


@pytest.mark.parametrize("fault", UNSURE.values(), ids=UNSURE)
async def test_an_answer_that_was_lost_on_its_way_is_recognised_too(
    call_with, refreshing, endpoint, hands, fault
) -> None:
    endpoint.faults.order(fault)
    call = call_with(refreshing)
    assert LOST not in (await call()).detail
    hands.forward(2)
    assert LOST in (await call()).detail


@pytest.mark.parametrize(
    "fault",
    [Status(path="/token", status=502), Status(path="/token", status=429)],
    ids=["error", "throttled"],
)
async def test_trouble_that_did_not_use_the_token_up_passes(
    call_with, refreshing, endpoint, hands, fault
) -> None:
    endpoint.faults.order(fault)
    call = call_with(refreshing)
    assert (await call()).kind == "auth"
    hands.forward(31)
    assert (await call()).status == 200


async def test_after_a_refusal_that_used_nothing_up_a_wrong_token_is_just_wrong(
    call_with, refreshing, endpoint, hands
) -> None:
    endpoint.faults.order(Status(path="/token", status=401, body={"error": "invalid_client"}))
    call = call_with(refreshing, environment={"REFRESH_TOKEN": "mistyped"})
    await call()
    hands.forward(31)
    assert (await call()).detail == "the token endpoint answered 400 invalid_grant"


async def test_a_storage_that_cant_be_used_sends_nothing(
    call_with, refreshing, endpoint, tmp_path
) -> None:
    (tmp_path / "var").write_text("a file where the folder should be")
    outcome = await call_with(refreshing)()
    assert (outcome.kind, outcome.sent) == ("auth", "no")
    assert "storage" in outcome.detail
    assert endpoint.ledger.requests == []


async def test_the_storage_is_for_its_owner_only(call_with, refreshing, tmp_path) -> None:
    await call_with(refreshing)()
    files = sorted((tmp_path / "var").iterdir())
    assert {oct(path.stat().st_mode & 0o777) for path in files} == {"0o600"}
    assert oct((tmp_path / "var").stat().st_mode & 0o777) == "0o700"


async def test_a_token_that_cant_be_stored_still_serves_and_is_told_loudly(
    call_with, refreshing, log, monkeypatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(chain, "keep", fail)
    assert (await call_with(refreshing)()).status == 200
    lines = [line for line in told(log) if line["event"] == "refresh_token_not_stored"]
    assert [line["level"] for line in lines] == ["error"]
    assert lines[0]["cause"] == "OSError"


def test_the_migrations_make_the_tables_that_the_code_uses(tmp_path, storage) -> None:
    database = Database(storage, tmp_path)
    database.open()
    with database._engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    database.dispose()
