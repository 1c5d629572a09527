"""A promotion engine, faked: which coupons count, and what that makes of the prices.

`POST /v1/promotions/evaluate` with `X-Api-Key`:

    {"currency", "coupons": [code, …], "lines": [{"line", "sku"?, "quantity", "unit_price"}]}

    {"lines": [{"line", "unit_price"}], "discounts": [{"coupon", "kind", "amount"}]}

`line` is the asker's own number of a line. Money is decimal text in major units with two places.
One coupon that doesn't count refuses the whole question: 422 `invalid_coupon` with the code as
`coupon` and `unknown` or `expired` as `why`. Other errors are those of `simulators.plain`.

Run it with `python -m simulators.promotions --port 9004`.
"""

from __future__ import annotations

import argparse
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, cast

import msgspec
from jsonschema import Draft202012Validator
from msgspec.json import Decoder
from starlette.responses import Response
from starlette.routing import Route

from simulators.kit import serve
from simulators.plain import (
    AMOUNT_TEXT,
    CENT,
    COUNT,
    CURRENCY,
    MAYBE_EMPTY,
    NUMBER_OF_LINE,
    TEXT,
    Body,
    PlainService,
    Refused,
    answer,
    list_of,
    object_of,
    ordered,
)

if TYPE_CHECKING:
    from starlette.requests import Request

_LINE = object_of(
    {"line": NUMBER_OF_LINE, "quantity": COUNT, "unit_price": AMOUNT_TEXT}, {"sku": MAYBE_EMPTY}
)
_QUESTION = Draft202012Validator(
    object_of(
        {
            "currency": CURRENCY,
            "coupons": {"type": "array", "items": TEXT, "uniqueItems": True},
            "lines": list_of(_LINE),
        }
    )
)


class Coupon(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So many percent off every line."""

    percent: Decimal
    expired: bool = False


Coupons = dict[str, Coupon]
_COUPONS: Decoder[Coupons] = Decoder(Coupons)
_AT_START: Coupons = {
    "WELCOME-10": Coupon(Decimal(10)),
    "VIP-5": Coupon(Decimal(5)),
    "SPRING-20": Coupon(Decimal(20), expired=True),
}


class PromotionsSimulator(PlainService):
    """The faked engine; `coupons` are those that it knows. They apply one after another."""

    def __init__(self, *, api_key: str = "promotions-key") -> None:
        super().__init__(
            api_key,
            routes=[Route("/v1/promotions/evaluate", self._evaluate, methods=["POST"])],
            control=[Route("/coupons", self._put_coupons, methods=["PUT"])],
        )
        self.coupons = dict(_AT_START)

    def reset(self) -> None:
        super().reset()
        self.coupons = dict(_AT_START)

    async def _evaluate(self, request: Request) -> Response:
        body = await self.read(request, _QUESTION)
        lines = cast("list[dict[str, str | int]]", body["lines"])
        prices = [Decimal(line["unit_price"]) for line in lines]
        discounts: list[Body] = []
        for code in cast("list[str]", body["coupons"]):
            part = 1 - self._valid(code).percent / 100
            cut = [(price * part).quantize(CENT, ROUND_HALF_UP) for price in prices]
            saved = sum(
                (old - new) * int(line["quantity"])
                for old, new, line in zip(prices, cut, lines, strict=True)
            )
            discounts.append({"coupon": code, "kind": "percentage", "amount": str(saved)})
            prices = cut
        rows = [
            {"line": line["line"], "unit_price": str(price)}
            for line, price in zip(lines, prices, strict=True)
        ]
        return answer({"lines": rows, "discounts": discounts})

    def _valid(self, code: str) -> Coupon:
        coupon = self.coupons.get(code)
        if coupon is None or coupon.expired:
            why = "unknown" if coupon is None else "expired"
            raise Refused(422, "invalid_coupon", "A coupon is not valid.", coupon=code, why=why)
        return coupon

    async def _put_coupons(self, request: Request) -> Response:
        self.coupons = await ordered(request, _COUPONS)
        return Response(status_code=204)


def main() -> None:
    parser = argparse.ArgumentParser(description="A promotion engine, faked.")
    parser.add_argument("--port", type=int, default=9004)
    parser.add_argument("--api-key", default="promotions-key")
    arguments = parser.parse_args()
    serve(PromotionsSimulator(api_key=arguments.api_key), arguments.port)


if __name__ == "__main__":
    main()
