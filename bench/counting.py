"""A vendor that counts: `python -m bench.counting`, which serves on $PORT.

It takes 50 calls a second and 100 ms for each; one more is refused with 429. `GET /asked` tells how
many calls came, how many were refused, and how often each key was fetched.
"""

from __future__ import annotations

import asyncio
import os
import time
from typing import Final

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bench.documents import count_of
from bench.servers import READY
from bench.vendor import PATH

RATE: Final = 50
LATENCY: Final = 0.1
ASKED: Final = "/asked"


class Asked(msgspec.Struct):
    """What it counted."""

    calls: int = 0
    refused: int = 0
    fetched: dict[str, int] = {}


class Counting:
    """Counts since it was asked last."""

    def __init__(self) -> None:
        self._asked = Asked()
        self._left = float(RATE)
        self._at = time.monotonic()

    def _admits(self) -> bool:
        """Take one of the calls of this second, if one is left."""
        now = time.monotonic()
        self._left = min(RATE, self._left + (now - self._at) * RATE)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True

    async def counts(self, request: Request) -> Response:
        asked = self._asked
        asked.calls += 1
        if not self._admits():
            asked.refused += 1
            errors = [{"category": "RATE_LIMIT_ERROR", "code": "RATE_LIMITED"}]
            return JSONResponse({"errors": errors}, 429)
        keys: list[str] = (await request.json())["catalog_object_ids"]
        for key in keys:
            asked.fetched[key] = asked.fetched.get(key, 0) + 1
        await asyncio.sleep(LATENCY)
        return JSONResponse({"counts": [count_of(key) for key in keys]})

    async def asked(self, _: Request) -> Response:
        told, self._asked = self._asked, Asked()
        return Response(msgspec.json.encode(told), media_type="application/json")

    async def ready(self, _: Request) -> Response:
        return JSONResponse({})


if __name__ == "__main__":
    counting = Counting()
    routes = [
        Route(PATH, counting.counts, methods=["POST"]),
        Route(ASKED, counting.asked),
        Route(READY, counting.ready),
    ]
    port = int(os.environ["PORT"])
    uvicorn.run(
        Starlette(routes=routes), port=port, loop="uvloop", http="httptools", log_level="warning"
    )
