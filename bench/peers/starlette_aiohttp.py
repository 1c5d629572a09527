"""By hand: Starlette answers, aiohttp asks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse

from bench.peers.by_hand import CONNECTIONS, HEADERS, URL, answered, asked, serve


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    connector = aiohttp.TCPConnector(limit=CONNECTIONS)
    async with aiohttp.ClientSession(connector=connector, headers=HEADERS) as session:
        app.state.session = session
        yield


async def validate(request: Request) -> JSONResponse:
    checkout = await request.json()
    async with request.app.state.session.post(URL, json=asked(checkout)) as answer:
        return JSONResponse(answered(checkout, await answer.json()))


if __name__ == "__main__":
    serve(validate, lifespan)
