"""What both Starlette peers share: Square's request, and the stock for the checkout's lines."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Final, TypedDict

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Lifespan

URL: Final = f"{os.environ.get('SQUARE_URL', '')}/v2/inventory/counts/batch-retrieve"
HEADERS: Final = {
    "authorization": f"Bearer {os.environ.get('SQUARE_ACCESS_TOKEN', '')}",
    "square-version": "2025-08-20",
}
CONNECTIONS: Final = 300


Validate = Callable[[Request], Awaitable[Response]]


class Line(TypedDict):
    """A line of a checkout, as far as it is looked at."""

    variant_id: str
    available: int


class Checkout(TypedDict):
    """A checkout, as far as it is looked at."""

    items: list[Line]


class Count(TypedDict):
    """A row of Square's answer, as far as it is looked at."""

    catalog_object_id: str
    quantity: str


class Counts(TypedDict):
    """Square's answer, as far as it is looked at."""

    counts: list[Count]


def asked(checkout: Checkout) -> dict[str, list[str]]:
    """Make Square's request."""
    return {
        "catalog_object_ids": list({line["variant_id"]: None for line in checkout["items"]}),
        "location_ids": ["L1"],
        "states": ["IN_STOCK"],
    }


def answered(checkout: Checkout, answer: Counts) -> dict[str, Checkout]:
    """Join the counts to the lines."""
    stock: defaultdict[str, int] = defaultdict(int)
    for count in answer["counts"]:
        stock[count["catalog_object_id"]] += int(count["quantity"])
    for line in checkout["items"]:
        line["available"] = stock[line["variant_id"]]
    return {"checkout": checkout}


def serve(validate: Validate, lifespan: Lifespan[Starlette]) -> None:
    """Serve as the gateway is served: one process, uvloop, httptools, no access log."""
    uvicorn.run(
        Starlette(
            routes=[
                Route("/inventory/validate", validate, methods=["POST"]),
                Route("/health/ready", _ready),
            ],
            lifespan=lifespan,
        ),
        host="127.0.0.1",
        port=int(os.environ["PORT"]),
        loop="uvloop",
        http="httptools",
        log_level="warning",
        access_log=False,
    )


async def _ready(_: Request) -> Response:
    return JSONResponse({})
