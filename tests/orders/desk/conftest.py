"""Orders as people see to them: a gateway that delivers, and `gateway orders` beside it.

async def test_…(shop):
    gateway = await shop.open(MAPPING)
    …
    await shop.orders("retry", "o1")
    assert (await shop.state("o1", "done"))["attempt"] == 2
"""

from __future__ import annotations

import asyncio
import io
import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from gateway.cli import main
from gateway.telemetry import logs
from tests.conftest import SECRET

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from click.testing import Result

_LOOKS, _LOOK_SECONDS = 3000, 0.02


@dataclass(frozen=True)
class Shop:
    """A deployment in a folder: its gateway, and the command line beside it."""

    folder: Path
    deploy: Callable[..., Awaitable[Any]]
    storage: str
    log: io.BytesIO

    async def open(self, *mappings: str, **settings: object) -> Any:
        block = {"url": self.storage, **settings.pop("storage", {})}  # type: ignore[dict-item]
        return await self.deploy(*mappings, durable=True, storage=block, **settings)

    async def command(self, *arguments: object, stdin: str | None = None) -> Result:
        """Run `gateway orders`, while the gateway runs."""
        words = ["orders", *map(str, arguments), "--config", str(self.folder / "gateway.yaml")]
        env = {"SECRET": SECRET}
        return await asyncio.to_thread(CliRunner().invoke, main, words, stdin, env)

    async def orders(self, *arguments: object, stdin: str | None = None) -> str:
        """Run it, and give its output."""
        result = await self.command(*arguments, stdin=stdin)
        assert result.exit_code == 0, (result.output, result.exception)
        return str(result.output)

    async def refused(self, *arguments: object) -> str:
        """Run it where it can't be done, and give what it says."""
        result = await self.command(*arguments)
        assert result.exit_code == 1, (result.output, result.exception)
        return str(result.stderr)

    async def show(self, key: str = "o1", *options: str) -> dict[str, Any]:
        found = json.loads(await self.orders("show", key, "--json", *options))
        assert isinstance(found, dict)
        return found

    async def state(self, key: str, state: str, effect: str | None = None) -> dict[str, Any]:
        """Wait until the log says that an order has come into a state, and show it."""
        for _ in range(_LOOKS):
            lines = [json.loads(line) for line in self.log.getvalue().splitlines()]
            told = [each for each in lines if each["event"] == "delivery" and each["key"] == key]
            if told and told[-1]["state"] == state and effect in {None, told[-1]["effect"]}:
                return await self.show(key)
            await asyncio.sleep(_LOOK_SECONDS)
        raise AssertionError(self.log.getvalue())


@pytest.fixture
def shop(
    tmp_path: Path, deploy: Callable[..., Awaitable[Any]], storage: str, log: io.BytesIO
) -> Iterator[Shop]:
    """A shop with each kind of storage."""
    yield Shop(tmp_path, deploy, storage, log)
    logs.logger().opens(logging.INFO, None)
