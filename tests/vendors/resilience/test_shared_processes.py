"""A shared limit over real processes, and real databases of each kind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from gateway.config.render import render_text
from gateway.storage.database import Database
from gateway.storage.tables import LIMIT_PLACES
from simulators import faults

if TYPE_CHECKING:
    from gateway.lossless import Json

ROOT = Path(__file__).parents[3]
WORKER = ROOT / "tests" / "auth" / "worker.py"


@pytest.fixture
def shared(configure, vendor, storage):
    """Write gateway.yaml with a vendor `acme` whose limits are shared."""
    vendor.always({})

    def write(**limits: Json) -> None:
        block = {
            "base_url": vendor.url,
            "timeout": {"connect": "20s", "total": "20s"},
            "limits": {"queue": 1000, "shared": True, **limits},
        }
        configuration = configure(vendors={"acme": block}, storage={"url": storage})
        found = [each for each in configuration.problems.sorted() if each.place.line > 1]
        assert not found, render_text(found, configuration.sources, colour=False)

    return write


def start(folder: Path, requests: int) -> subprocess.Popen[str]:
    worker = subprocess.Popen(
        [sys.executable, str(WORKER), str(folder / "gateway.yaml"), str(requests)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "SECRET": "x"},
    )
    assert worker.stdout.readline() == "ready\n"
    return worker


def go(worker: subprocess.Popen[str]) -> None:
    worker.stdin.write("go\n")
    worker.stdin.flush()


def outcome(worker: subprocess.Popen[str]) -> dict[str, int]:
    return json.loads(worker.communicate()[0].splitlines()[-1])


def test_four_processes_never_make_more_calls_at_once_than_the_account_takes(
    shared, vendor, tmp_path
) -> None:
    shared(concurrency=5)
    vendor.faults.order(faults.Delay(delay_ms=10, times=120))
    workers = [start(tmp_path, 30) for _ in range(4)]
    for worker in workers:
        go(worker)
    assert [outcome(worker) for worker in workers] == [{"200": 30}] * 4
    assert len(vendor.heard) == 120
    assert vendor.ledger.most_at_once <= 5
    assert vendor.ledger.most_at_once > 1


def test_two_processes_share_the_turns_of_a_rate(shared, vendor, tmp_path) -> None:
    """With 6 in an hour, who wants more within a minute is told at once that there are none."""
    shared(rate="6/h")
    workers = [start(tmp_path, 5) for _ in range(2)]
    for worker in workers:
        go(worker)
    outcomes = [outcome(worker) for worker in workers]
    assert sum(each.get("200", 0) for each in outcomes) == 6
    late = "its turn would come after the deadline"
    assert sum(each.get(late, 0) for each in outcomes) == 4
    assert len(vendor.heard) == 6


async def test_a_killed_process_gives_its_place_up_when_its_time_is_over(
    shared, vendor, tmp_path, storage
) -> None:
    shared(concurrency=1)
    vendor.faults.order(faults.Hold(times=1))
    killed, waiting = start(tmp_path, 1), start(tmp_path, 1)
    go(killed)
    while not vendor.ledger.requests:
        assert killed.poll() is None
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    database = Database(storage, tmp_path)
    places = await database.run(lambda connection: connection.execute(LIMIT_PLACES.select()).all())
    assert [each.free_at > 0 for each in places] == [True]
    go(waiting)
    # A minute passes: the database's clock can't be put forward, so its moments are put back.
    past = update(LIMIT_PLACES).values(free_at=LIMIT_PLACES.c.free_at - 62)
    await database.run(lambda connection: connection.execute(past))
    await database.close()
    assert outcome(waiting) == {"200": 1}
