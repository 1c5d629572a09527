"""A plain JSON order API, faked: the kind that a merchant's own order system offers.

`POST /v1/orders` with `X-Api-Key` and, for safe repeats, `Idempotency-Key`:

    {"reference", "currency", "total", "placed_at"?, "email"?,
     "lines": [{"product_id", "variant_id", "quantity", "unit_price", "sku"?}],
     "ship_to"?: {"name", "address1", "address2"?, "city", "region"?, "postcode"?, "country"}}

201 with `{"id", "reference", "status"}` and `Location`; a repeat with the same key and body is
answered alike, with 200. Errors are those of `simulators.plain`, 409 `idempotency_conflict` and 422
`unknown_sku`. Amounts are JSON numbers in major units.

Run it with `python -m simulators.orders --port 9002`.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, cast

from jsonschema import Draft202012Validator
from msgspec.json import Decoder
from starlette.responses import Response
from starlette.routing import Route

from simulators.kit import serve
from simulators.plain import (
    AMOUNT,
    COUNT,
    CURRENCY,
    MAYBE_EMPTY,
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
    from collections.abc import Iterable, Iterator

    from starlette.requests import Request

_LINE = object_of(
    {"product_id": TEXT, "variant_id": TEXT, "quantity": COUNT, "unit_price": AMOUNT},
    {"sku": MAYBE_EMPTY},
)
_ADDRESS = object_of(
    {"name": TEXT, "address1": TEXT, "city": TEXT, "country": TEXT},
    {"address2": MAYBE_EMPTY, "region": MAYBE_EMPTY, "postcode": MAYBE_EMPTY},
)
_ORDER = Draft202012Validator(
    object_of(
        {"reference": TEXT, "currency": CURRENCY, "total": AMOUNT, "lines": list_of(_LINE)},
        {"placed_at": TEXT, "email": MAYBE_EMPTY, "ship_to": _ADDRESS},
    )
)
_KNOWN: Decoder[frozenset[str] | None] = Decoder(frozenset[str] | None)


class OrdersSimulator(PlainService):
    """The faked order system.

    `known` are the SKUs and variant ids that it has; None accepts every line. `orders` are those
    accepted, by id, as they came.
    """

    def __init__(
        self,
        *,
        api_key: str = "orders-key",
        known: Iterable[str] | None = None,
    ) -> None:
        super().__init__(
            api_key,
            routes=[Route("/v1/orders", self._create, methods=["POST"])],
            control=[Route("/known", self._put_known, methods=["PUT"])],
        )
        self._known_at_start = None if known is None else frozenset(known)
        self._repeats: dict[str, str] = {}
        self.known = self._known_at_start
        self.orders: dict[str, dict[str, object]] = {}

    def reset(self) -> None:
        super().reset()
        self._repeats.clear()
        self.known = self._known_at_start
        self.orders.clear()

    async def _create(self, request: Request) -> Response:
        order = await self.read(request, _ORDER)
        key = request.headers.get("idempotency-key")
        if key in self._repeats:
            number = self._repeats[key]
            if self.orders[number] != order:
                message = "This Idempotency-Key was used with another order."
                raise Refused(409, "idempotency_conflict", message)
            return _accepted(200, number, order)
        if unknown := list(self._unknown(order)):
            raise Refused(422, "unknown_sku", "Not every item is known.", unknown)
        number = f"ord_{len(self.orders) + 1:06d}"
        self.orders[number] = order
        if key is not None:
            self._repeats[key] = number
        self.ledger.effect("order", number, reference=str(order["reference"]))
        return _accepted(201, number, order)

    def _unknown(self, order: dict[str, object]) -> Iterator[Problem]:
        if self.known is None:
            return
        for index, line in enumerate(cast("list[dict[str, str]]", order["lines"])):
            if self.known.isdisjoint({line.get("sku", line["variant_id"]), line["variant_id"]}):
                name = "sku" if "sku" in line else "variant_id"
                yield Problem(f"lines[{index}].{name}", f"{line[name]} is unknown.")

    async def _put_known(self, request: Request) -> Response:
        self.known = await ordered(request, _KNOWN)
        return Response(status_code=204)


def _accepted(status: int, number: str, order: dict[str, object]) -> Response:
    accepted = {"id": number, "reference": order["reference"], "status": "accepted"}
    return answer(accepted, status, {"location": f"/v1/orders/{number}"})


def main() -> None:
    parser = argparse.ArgumentParser(description="A plain order API, faked on loopback.")
    parser.add_argument("--port", type=int, default=9002)
    parser.add_argument("--api-key", default="orders-key")
    arguments = parser.parse_args()
    serve(OrdersSimulator(api_key=arguments.api_key), arguments.port)


if __name__ == "__main__":
    main()
