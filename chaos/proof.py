"""`python -m chaos.proof`: orders against a vendor that counts, while gateways are killed.

Prints its seed and every kill; ends with 1 where an order was delivered twice, lost, or answered
wrongly. `--sabotage` takes the recording of intents away, so that the proof has to fail.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import httpx2 as httpx

from chaos.deployment import WAYS, Gateway, free_port, write
from chaos.servers import Postgres

_CLIENTS = 12
_LONGEST_SECONDS = 240
_PATHS = {"inventory.consume": "/inventory/consume", "sync.consume": "/sync/consume"}


@dataclass(slots=True)
class Proof:
    """One run: so many orders delivered in these ways, so many kills."""

    ways: list[str]
    orders: int
    kills: int
    gateways: list[Gateway]
    random: random.Random
    postgres: Postgres | None
    last_stays_dead: bool
    answers: dict[str, str] = field(default_factory=dict)
    repeats: int = 0

    async def run(self) -> None:
        """Send all orders, each until it is answered, and kill meanwhile."""
        queue: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        for number in range(self.orders):
            way = self.ways[number % len(self.ways)]
            queue.put_nowait((way, f"o-{number}"))
        killing = asyncio.create_task(self._kill())
        await asyncio.gather(*(self._client(queue) for _ in range(_CLIENTS)))
        await killing

    async def _client(self, queue: asyncio.Queue[tuple[str, str]]) -> None:
        async with httpx.AsyncClient(timeout=10, headers={"Secret": "chaos"}) as client:
            while not queue.empty():
                way, key = queue.get_nowait()
                await self._deliver(client, way, key)
                await asyncio.sleep(self.random.random() * 0.3)

    async def _deliver(self, client: httpx.AsyncClient, way: str, key: str) -> None:
        line = {"product_id": "p", "variant_id": "v", "quantity": 1}
        order = {"id": key, "order_items": [line]}
        until = time.monotonic() + _LONGEST_SECONDS
        while time.monotonic() < until:
            gateway = self.random.choice(self.gateways)
            try:
                answer = await client.post(gateway.url + _PATHS[WAYS[way]], json=order)
            except httpx.HTTPError:
                await asyncio.sleep(0.1)
                continue
            reason = _reason(answer)
            if reason not in {"in_progress", "storage_unavailable", "deadline"}:
                self.answers[f"/{way} {key}"] = reason
                return
            self.repeats += 1
            await asyncio.sleep(0.05)
        self.answers[f"/{way} {key}"] = "never answered"

    async def _kill(self) -> None:
        for number in range(self.kills):
            await asyncio.sleep(0.5 + self.random.random())
            gateway = self.random.choice(self.gateways)
            print(f"kill {number + 1}: {gateway.url}", flush=True)
            await asyncio.to_thread(gateway.kill)
            if self.postgres is not None and number % 10 == 5:  # noqa: PLR2004 - now and then
                print("the database restarts", flush=True)
                await asyncio.to_thread(self.postgres.restart)
            if self.last_stays_dead and number == self.kills // 2 and len(self.gateways) > 1:
                print("it never comes back", flush=True)
                self.gateways.remove(gateway)
                continue
            await asyncio.to_thread(gateway.start)
            await asyncio.to_thread(gateway.await_ready)

    def verdict(self, ledger: dict[str, int]) -> list[str]:
        """Hold the answers against the vendor's ledger; give all that is wrong."""
        wrong = []
        for entry, reason in sorted(self.answers.items()):
            way, done = entry.split()[0][1:], ledger.get(entry, 0)
            once = done == 1 and reason == "200"
            held = way == "blind" and reason == "in_doubt" and done <= 1
            if not once and not held:
                wrong.append(f"{entry}: answered {reason}, done {done} times")
        if len(self.answers) != self.orders:
            wrong.append(f"{self.orders - len(self.answers)} orders were lost")
        return wrong


def _reason(answer: httpx.Response) -> str:
    if answer.status_code == httpx.codes.OK:
        return "200"
    return str(answer.json()["error"]["details"]["reason"])


def prove(arguments: argparse.Namespace, ways: list[str]) -> bool:
    """Run the proof for some ways; say whether it holds."""
    seed = arguments.seed
    print(f"seed {seed}: {', '.join(ways)} on {arguments.storage}", flush=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        port = free_port()
        vendor = subprocess.Popen([sys.executable, "-m", "chaos.vendor", str(port), str(seed)])
        stack.callback(vendor.kill)
        postgres = stack.enter_context(Postgres()) if arguments.storage == "postgres" else None
        write(folder, ways, port)
        url = postgres.url if postgres is not None else f"sqlite:///{folder}/orders.db"
        environment = {"CHAOS_SECRET": "chaos", "CHAOS_STORAGE": url}
        gateways = [
            Gateway(folder, environment, arguments.sabotage) for _ in range(3 if postgres else 1)
        ]
        for gateway in gateways:
            stack.callback(gateway.kill)
            gateway.start()
        for gateway in gateways:
            gateway.await_ready()
        proof = Proof(
            ways,
            arguments.orders,
            arguments.kills,
            gateways,
            random.Random(seed),  # noqa: S311 - seeded on purpose
            postgres,
            last_stays_dead=postgres is not None,
        )
        started = time.monotonic()
        asyncio.run(proof.run())
        ledger = httpx.get(f"http://127.0.0.1:{port}/ledger").json()
        return _told(proof, ledger, time.monotonic() - started)


def _told(proof: Proof, ledger: dict[str, int], seconds: float) -> bool:
    wrong = proof.verdict(ledger)
    reasons = Counter(proof.answers.values())
    told = f"{proof.orders} orders, {proof.kills} kills, {proof.repeats} repeats, {seconds:.0f} s"
    print(f"{told}: {dict(reasons)}, effects {sum(ledger.values())}", flush=True)
    for line in wrong:
        print(f"WRONG {line}", flush=True)
    return not wrong


def main() -> None:
    """Run the proof from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--storage", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--orders", type=int, default=250)
    parser.add_argument("--kills", type=int, default=15)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--sabotage", action="store_true")
    arguments = parser.parse_args()
    good = [prove(arguments, ways) for ways in (["knows", "asked"], ["blind"])]
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
