"""A service for shipping rates, faked: one question, all carriers.

`POST /v1/rates` with `X-Api-Key`:

    {"to": {"country", "region"?, "city"?, "postcode"?}, "currency",
     "items": [{"sku"?, "quantity", "value"}]}

    {"rates": [{"service_code", "display_name", "carrier", "amount", "currency", "days"?}]}

An amount is decimal text in major units. A country to which nobody delivers has an empty list.
Errors are those of `simulators.plain`, and 422 `invalid_address` and `unsupported_currency`.

Run it with `python -m simulators.rates --port 9003`.
"""

from __future__ import annotations

import argparse
import re
from decimal import Decimal
from typing import TYPE_CHECKING, cast

import msgspec
from jsonschema import Draft202012Validator
from msgspec.json import Decoder
from starlette.responses import Response
from starlette.routing import Route

from simulators.kit import serve
from simulators.plain import (
    AMOUNT_TEXT,
    COUNT,
    CURRENCY,
    MAYBE_EMPTY,
    TEXT,
    Body,
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

_TO = object_of({"country": TEXT}, {"region": MAYBE_EMPTY, "city": TEXT, "postcode": MAYBE_EMPTY})
_ITEM = object_of({"quantity": COUNT, "value": AMOUNT_TEXT}, {"sku": MAYBE_EMPTY})
_QUESTION = Draft202012Validator(
    object_of({"to": _TO, "currency": CURRENCY, "items": list_of(_ITEM)})
)
_POSTCODES = {"US": re.compile(r"[0-9]{5}(-[0-9]{4})?"), "DE": re.compile(r"[0-9]{5}")}


class Service(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One way to ship: `base` for the parcel and `each` for every piece in it."""

    code: str
    name: str
    carrier: str
    base: Decimal
    each: Decimal = Decimal(0)
    days: int | None = None


Zones = dict[str, list[Service]]
_ZONES: Decoder[Zones] = Decoder(Zones)
_AT_START: Zones = {
    "US": [
        Service("std", "Standard", "Parcel Post", Decimal("4.90"), Decimal("0.50"), 4),
        Service("exp", "Express", "Air Post", Decimal("14.9"), Decimal("1.25"), 1),
    ],
    "GB": [Service("intl", "International", "Air Post", Decimal(25))],
}


class RatesSimulator(PlainService):
    """The faked service; `zones` are the ways to ship by country, all priced in `currency`."""

    def __init__(self, *, api_key: str = "rates-key", currency: str = "USD") -> None:
        super().__init__(
            api_key,
            routes=[Route("/v1/rates", self._rates, methods=["POST"])],
            control=[Route("/zones", self._put_zones, methods=["PUT"])],
        )
        self.currency = currency
        self.zones = dict(_AT_START)

    def reset(self) -> None:
        super().reset()
        self.zones = dict(_AT_START)

    async def _rates(self, request: Request) -> Response:
        body = await self.read(request, _QUESTION)
        if body["currency"] != self.currency:
            message = f"Rates are in {self.currency} only."
            raise Refused(422, "unsupported_currency", message)
        to = cast("dict[str, str]", body["to"])
        pattern = _POSTCODES.get(to["country"])
        if pattern and not pattern.fullmatch(to.get("postcode", "")):
            problem = Problem("to.postcode", f"This is no postcode of {to['country']}.")
            raise Refused(422, "invalid_address", "The address is not complete.", [problem])
        pieces = sum(item["quantity"] for item in cast("list[dict[str, int]]", body["items"]))
        services = self.zones.get(to["country"], [])
        return answer({"rates": [self._rate(service, pieces) for service in services]})

    def _rate(self, service: Service, pieces: int) -> Body:
        rate: Body = {
            "service_code": service.code,
            "display_name": service.name,
            "carrier": service.carrier,
            "amount": str(service.base + pieces * service.each),
            "currency": self.currency,
        }
        return rate if service.days is None else rate | {"days": service.days}

    async def _put_zones(self, request: Request) -> Response:
        self.zones = await ordered(request, _ZONES)
        return Response(status_code=204)


def main() -> None:
    parser = argparse.ArgumentParser(description="A service for shipping rates, faked.")
    parser.add_argument("--port", type=int, default=9003)
    parser.add_argument("--api-key", default="rates-key")
    arguments = parser.parse_args()
    serve(RatesSimulator(api_key=arguments.api_key), arguments.port)


if __name__ == "__main__":
    main()
