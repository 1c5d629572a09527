"""By hand: Starlette answers, httpx2 asks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2 as httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse

from bench.peers.by_hand import CONNECTIONS, HEADERS, URL, answered, asked, serve


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
    async with httpx.AsyncClient(headers=HEADERS, limits=limits) as client:
        app.state.client = client
        yield


async def validate(request: Request) -> JSONResponse:
    checkout = await request.json()
    answer = await request.app.state.client.post(URL, json=asked(checkout))
    return JSONResponse(answered(checkout, answer.json()))


if __name__ == "__main__":
    serve(validate, lifespan)
