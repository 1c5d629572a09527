"""One process of a gateway, for tests that need several: sends requests when it is told to."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections import Counter
from pathlib import Path

from gateway.config.load import load
from gateway.storage.database import Database
from gateway.telemetry.clock import Clock
from gateway.vendors.client import Answer, Deadline, Request
from gateway.vendors.vendor import make_vendor


async def main(path: Path, number: int) -> None:
    configuration = load(path, os.environ)
    assert configuration.gateway is not None
    storage = Database(configuration.gateway.storage.url.reveal(), configuration.folder)
    vendor = make_vendor(
        configuration.gateway.vendors["acme"], Clock(), name="acme", storage=storage
    )
    vendor.open()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.readline)
    deadline = Deadline(time.monotonic() + 60)
    outcomes = await asyncio.gather(
        *(vendor.send(Request("GET", "/api"), deadline) for _ in range(number))
    )
    told = Counter(
        str(outcome.status) if isinstance(outcome, Answer) else outcome.detail
        for outcome in outcomes
    )
    sys.stdout.write(json.dumps(told) + "\n")
    await vendor.close()
    await storage.close()


asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
