"""A plain JSON order API, faked: the kind that a merchant's own order system offers.

`POST /v1/orders` with `X-Api-Key` and, for safe repeats, `Idempotency-Key`:

    {"reference", "currency", "total", "placed_at"?, "email"?,
     "lines": [{"product_id", "variant_id", "quantity", "unit_price", "sku"?}],
     "ship_to"?: {"name", "address1", "address2"?, "city", "region"?, "postcode"?, "country"}}

201 with `{"id", "reference", "status"}` and `Location`; a repeat with the same key and body is
answered alike, with 200. Errors are `{"error": {"code", "message", "problems": [{"field",
"message"}]}}`. Amounts are JSON numbers in major units.

Run it with `python -m simulators.orders --port 9002`.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, NoReturn, cast

import msgspec
from jsonschema import Draft202012Validator
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulators.kit import Simulator, serve

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from starlette.requests import Request

_TEXT = {"type": "string", "minLength": 1}
_MAYBE_EMPTY = {"type": "string"}
_AMOUNT = {"type": "number", "minimum": 0}


def _object(required: dict[str, object], optional: dict[str, object]) -> dict[str, object]:
    return {
        "type": "object",
        "required": list(required),
        "properties": required | optional,
        "additionalProperties": False,
    }


_LINE = _object(
    {
        "product_id": _TEXT,
        "variant_id": _TEXT,
        "quantity": {"type": "integer", "minimum": 1},
        "unit_price": _AMOUNT,
    },
    {"sku": _MAYBE_EMPTY},
)
_ADDRESS = _object(
    {"name": _TEXT, "address1": _TEXT, "city": _TEXT, "country": _TEXT},
    {"address2": _MAYBE_EMPTY, "region": _MAYBE_EMPTY, "postcode": _MAYBE_EMPTY},
)
_ORDER = Draft202012Validator(
    _object(
        {
            "reference": _TEXT,
            "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
            "total": _AMOUNT,
            "lines": {"type": "array", "minItems": 1, "items": _LINE},
        },
        {"placed_at": _TEXT, "email": _MAYBE_EMPTY, "ship_to": _ADDRESS},
    )
)
_CODES = {404: "not_found", 405: "method_not_allowed"}


@dataclass(frozen=True, slots=True)
class Problem:
    field: str
    message: str


class Refused(Exception):
    """The order system says no."""

    def __init__(
        self, status: int, code: str, message: str, problems: Iterable[Problem] = ()
    ) -> None:
        super().__init__(status, code, message)
        self.status = status
        self.code = code
        self.message = message
        self.problems = tuple(problems)


class OrdersSimulator(Simulator):
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
            routes=[Route("/v1/orders", self._create, methods=["POST"])],
            control=[Route("/known", self._put_known, methods=["PUT"])],
            exception_handlers={Refused: _refused, HTTPException: _no_route},
        )
        self.api_key = api_key
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
        if request.headers.get("x-api-key") != self.api_key:
            raise Refused(401, "unauthorized", "The API key is missing or wrong.")
        order = _read(await request.body())
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
        try:
            self.known = msgspec.json.decode(await request.body(), type=frozenset[str] | None)
        except msgspec.DecodeError as refused:
            raise HTTPException(400, str(refused)) from refused
        return Response(status_code=204)


def _read(document: bytes) -> dict[str, object]:
    try:
        body: object = json.loads(document, parse_float=Decimal, parse_constant=_no_number)
    except ValueError as broken:
        raise Refused(400, "invalid", "The body is no JSON.") from broken
    problems = [
        Problem(error.json_path.removeprefix("$").lstrip("."), error.message)
        for error in _ORDER.iter_errors(body)
    ]
    if problems:
        raise Refused(400, "invalid", "The order is incomplete or wrong.", problems)
    return cast("dict[str, object]", body)


def _no_number(constant: str) -> NoReturn:
    raise ValueError(constant)


def _accepted(status: int, number: str, order: dict[str, object]) -> Response:
    answer = {"id": number, "reference": order["reference"], "status": "accepted"}
    return JSONResponse(answer, status, headers={"location": f"/v1/orders/{number}"})


async def _refused(_: Request, refused: Exception) -> Response:
    if not isinstance(refused, Refused):
        raise refused
    problems = [asdict(problem) for problem in refused.problems]
    error = {"code": refused.code, "message": refused.message, "problems": problems}
    return JSONResponse({"error": error}, refused.status)


async def _no_route(request: Request, refused: Exception) -> Response:
    if not isinstance(refused, HTTPException):
        raise refused
    code = _CODES.get(refused.status_code, "invalid")
    return await _refused(request, Refused(refused.status_code, code, refused.detail))


def main() -> None:
    parser = argparse.ArgumentParser(description="A plain order API, faked on loopback.")
    parser.add_argument("--port", type=int, default=9002)
    parser.add_argument("--api-key", default="orders-key")
    arguments = parser.parse_args()
    serve(OrdersSimulator(api_key=arguments.api_key), arguments.port)


if __name__ == "__main__":
    main()
