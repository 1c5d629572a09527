"""A payment provider's check, faked: would these tokens pay? Nothing is reserved or taken.

`POST /v1/payments/verify` with `X-Api-Key`:

    {"currency", "payments": [{"token", "amount"}]}

    {"payments": [{"token", "status": "verified", "brand", "last4"}]}

Amounts are whole minor units: cents. One token that wouldn't pay refuses the whole question: 422
`payment_refused`, with `unknown_token`, `expired_card` or `insufficient_funds` as the message of
each problem. Other errors are those of `simulators.plain`.

Run it with `python -m simulators.payments --port 9006`.
"""

from __future__ import annotations

import argparse
from collections import Counter
from typing import TYPE_CHECKING, TypedDict, cast

import msgspec
from jsonschema import Draft202012Validator
from msgspec.json import Decoder
from starlette.responses import Response
from starlette.routing import Route

from simulators.kit import serve
from simulators.plain import (
    COUNT,
    CURRENCY,
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
    from collections.abc import Iterator

    from starlette.requests import Request

_PAYMENT = object_of({"token": TEXT, "amount": COUNT})
_QUESTION = Draft202012Validator(object_of({"currency": CURRENCY, "payments": list_of(_PAYMENT)}))


class Card(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a token stands for; `limit` is in minor units of whatever currency is asked for."""

    brand: str
    last4: str
    limit: int
    expired: bool = False


class _Asked(TypedDict):
    token: str
    amount: int


Cards = dict[str, Card]
_CARDS: Decoder[Cards] = Decoder(Cards)
_AT_START: Cards = {
    "tok_visa": Card("visa", "4242", 100_000),
    "tok_gift": Card("gift_card", "0007", 2_000),
    "tok_expired": Card("visa", "0069", 100_000, expired=True),
}


class PaymentsSimulator(PlainService):
    """The faked provider; `cards` are what its tokens stand for."""

    def __init__(self, *, api_key: str = "payments-key") -> None:
        super().__init__(
            api_key,
            routes=[Route("/v1/payments/verify", self._verify, methods=["POST"])],
            control=[Route("/cards", self._put_cards, methods=["PUT"])],
        )
        self.cards = dict(_AT_START)

    def reset(self) -> None:
        super().reset()
        self.cards = dict(_AT_START)

    async def _verify(self, request: Request) -> Response:
        body = await self.read(request, _QUESTION)
        asked = cast("list[_Asked]", body["payments"])
        if problems := list(self._problems(asked)):
            raise Refused(422, "payment_refused", "A payment is refused.", problems)
        cards = [(payment["token"], self.cards[payment["token"]]) for payment in asked]
        rows = [
            {"token": token, "status": "verified", "brand": card.brand, "last4": card.last4}
            for token, card in cards
        ]
        return answer({"payments": rows})

    def _problems(self, asked: list[_Asked]) -> Iterator[Problem]:
        wanted: Counter[str] = Counter()
        for index, payment in enumerate(asked):
            wanted[payment["token"]] += payment["amount"]
            card = self.cards.get(payment["token"])
            if card is None:
                yield Problem(f"payments[{index}].token", "unknown_token")
            elif card.expired:
                yield Problem(f"payments[{index}].token", "expired_card")
            elif wanted[payment["token"]] > card.limit:
                yield Problem(f"payments[{index}].amount", "insufficient_funds")

    async def _put_cards(self, request: Request) -> Response:
        self.cards = await ordered(request, _CARDS)
        return Response(status_code=204)


def main() -> None:
    parser = argparse.ArgumentParser(description="A payment provider's check, faked.")
    parser.add_argument("--port", type=int, default=9006)
    parser.add_argument("--api-key", default="payments-key")
    arguments = parser.parse_args()
    serve(PaymentsSimulator(api_key=arguments.api_key), arguments.port)


if __name__ == "__main__":
    main()
