"""A tax service, faked: sales tax on top of prices, line by line.

`POST /v1/taxes/calculate` with `X-Api-Key`:

    {"currency", "to": {"country", "region"?, "city"?, "postcode"?}, "shipping"?,
     "lines": [{"line", "sku"?, "quantity", "unit_price"}]}

    {"tax", "shipping_tax", "jurisdiction", "lines": [{"line", "tax", "rate"}]}

`line` is the asker's own number of a line. Money and rates are JSON numbers; money is in major
units, each line's tax rounded to two places, and `tax` is the sum of all. It needs the region in
the USA. Errors are those of `simulators.plain`, and 422 `unknown_address`.

Run it with `python -m simulators.taxes --port 9005`.
"""

from __future__ import annotations

import argparse
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, cast

from jsonschema import Draft202012Validator
from msgspec.json import Decoder
from starlette.responses import Response
from starlette.routing import Route

from simulators.kit import serve
from simulators.plain import (
    AMOUNT,
    CENT,
    COUNT,
    CURRENCY,
    MAYBE_EMPTY,
    NUMBER_OF_LINE,
    TEXT,
    PlainService,
    Problem,
    Refused,
    answer,
    list_of,
    object_of,
    ordered,
)

if TYPE_CHECKING:
    from starlette.requests import Request

_TO = object_of({"country": TEXT}, {"region": TEXT, "city": TEXT, "postcode": MAYBE_EMPTY})
_LINE = object_of(
    {"line": NUMBER_OF_LINE, "quantity": COUNT, "unit_price": AMOUNT}, {"sku": MAYBE_EMPTY}
)
_QUESTION = Draft202012Validator(
    object_of({"currency": CURRENCY, "to": _TO, "lines": list_of(_LINE)}, {"shipping": AMOUNT})
)
_BY_REGION = frozenset({"US"})
_RATES: Decoder[dict[str, Decimal]] = Decoder(dict[str, Decimal])
_AT_START = {
    "US-IL": Decimal("0.0625"),
    "US-NY": Decimal("0.08875"),
    "US-OR": Decimal(0),
    "GB": Decimal("0.2"),
}


class TaxesSimulator(PlainService):
    """The faked tax service; `rates` are by jurisdiction, `US-IL` or `GB`."""

    def __init__(self, *, api_key: str = "taxes-key") -> None:
        super().__init__(
            api_key,
            routes=[Route("/v1/taxes/calculate", self._calculate, methods=["POST"])],
            control=[Route("/rates", self._put_rates, methods=["PUT"])],
        )
        self.rates = dict(_AT_START)

    def reset(self) -> None:
        super().reset()
        self.rates = dict(_AT_START)

    async def _calculate(self, request: Request) -> Response:
        body = await self.read(request, _QUESTION)
        place, rate = self._jurisdiction(cast("dict[str, str]", body["to"]))
        shipping = _tax(Decimal(cast("Decimal", body.get("shipping", 0))), rate)
        total, rows = shipping, []
        for line in cast("list[dict[str, int]]", body["lines"]):
            tax = _tax(Decimal(line["unit_price"]) * line["quantity"], rate)
            total += tax
            rows.append({"line": line["line"], "tax": tax, "rate": rate})
        return answer(
            {"tax": total, "shipping_tax": shipping, "jurisdiction": place, "lines": rows}
        )

    def _jurisdiction(self, to: dict[str, str]) -> tuple[str, Decimal]:
        country = to["country"]
        by_region = country in _BY_REGION
        place = f"{country}-{to.get('region')}" if by_region else country
        if place not in self.rates:
            field = "to.region" if by_region else "to.country"
            problem = Problem(field, f"No tax is known for {place}.")
            raise Refused(422, "unknown_address", "The address is not known.", [problem])
        return place, self.rates[place]

    async def _put_rates(self, request: Request) -> Response:
        self.rates = await ordered(request, _RATES)
        return Response(status_code=204)


def _tax(amount: Decimal, rate: Decimal) -> Decimal:
    return (amount * rate).quantize(CENT, ROUND_HALF_UP)


def main() -> None:
    parser = argparse.ArgumentParser(description="A tax service, faked.")
    parser.add_argument("--port", type=int, default=9005)
    parser.add_argument("--api-key", default="taxes-key")
    arguments = parser.parse_args()
    serve(TaxesSimulator(api_key=arguments.api_key), arguments.port)


if __name__ == "__main__":
    main()
