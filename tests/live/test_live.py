"""One edge after another: vendors are opened and closed when they are needed, and once only."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest

from gateway.app import Edge
from gateway.cli.serve import server_config
from gateway.config.nacelle_spec import Nacelle
from gateway.config.units import parse_duration
from gateway.live import Live
from gateway.plan.exchange import ForgetfulJournal, Ports
from gateway.telemetry.clock import Clock
from gateway.vendors.client import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.vendors.client import Deadline, Request


@dataclass(eq=False)
class Vendor:
    """Tells what is done to it; `broken` can't be opened."""

    name: str
    told: list[str]
    broken: bool = False

    def open(self) -> None:
        self.told.append(f"open {self.name}")
        if self.broken:
            raise OSError("it can't")

    async def send(self, request: Request, deadline: Deadline) -> Fault:  # noqa: ARG002 - the seam's signature
        return Fault("connect", "no")

    async def close(self) -> None:
        self.told.append(f"close {self.name}")
