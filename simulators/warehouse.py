"""A small stock API, faked: the vendor of the README's tutorial.

`GET /v1/stock?site=BERLIN&sku=A&sku=B` with `Authorization: Token <key>`:

    {"site": "BERLIN", "stock": [{"sku": "A", "on_hand": "12.00", "reserved": "2.00"}]}

At most 20 SKUs a call; one that the warehouse doesn't keep has no row. Errors are `{"code",
"message"}`: 400 `bad_request`, 401 `unauthorized`, 404 `unknown_site`.

Run it with `python -m simulators.warehouse --port 9010`.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulators.kit import Simulator, serve

if TYPE_CHECKING:
    from starlette.requests import Request

_MOST = 20
_CODES = {400: "bad_request", 401: "unauthorized", 404: "unknown_site"}


@dataclass(frozen=True, slots=True)
class Shelf:
    """What is on hand, and how much of it is promised to others."""

    on_hand: Decimal
    reserved: Decimal = Decimal(0)


_AT_START = {
    "SHIRT-M": Shelf(Decimal("12.00"), Decimal("2.00")),
    "MUG-BLUE": Shelf(Decimal("1.00")),
}


class WarehouseSimulator(Simulator):
    """The faked warehouse; `shelves` are its stock by SKU, all at one site."""

    def __init__(self, *, api_key: str = "warehouse-key", site: str = "BERLIN") -> None:
        super().__init__(
            routes=[Route("/v1/stock", self._stock, methods=["GET"])],
            control=[],
            exception_handlers={HTTPException: _refused},
        )
        self.api_key = api_key
        self.site = site
        self.shelves = dict(_AT_START)

    def reset(self) -> None:
        super().reset()
        self.shelves = dict(_AT_START)

    async def _stock(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"Token {self.api_key}":
            raise HTTPException(401, "The key is missing or wrong.")
        if request.query_params.get("site") != self.site:
            raise HTTPException(404, "There is no such site.")
        skus = request.query_params.getlist("sku")
        if not 1 <= len(skus) <= _MOST:
            raise HTTPException(400, f"Ask for 1 to {_MOST} SKUs.")
        rows = [
            {"sku": sku, "on_hand": str(shelf.on_hand), "reserved": str(shelf.reserved)}
            for sku, shelf in self.shelves.items()
            if sku in skus
        ]
        return JSONResponse({"site": self.site, "stock": rows})


async def _refused(_: Request, refused: Exception) -> Response:
    if not isinstance(refused, HTTPException):
        raise refused
    code = _CODES.get(refused.status_code, "bad_request")
    return JSONResponse({"code": code, "message": refused.detail}, refused.status_code)


def main() -> None:
    parser = argparse.ArgumentParser(description="The tutorial's warehouse.")
    parser.add_argument("--port", type=int, default=9010)
    parser.add_argument("--api-key", default="warehouse-key")
    arguments = parser.parse_args()
    serve(WarehouseSimulator(api_key=arguments.api_key), arguments.port)


if __name__ == "__main__":
    main()
