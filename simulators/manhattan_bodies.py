"""The request bodies that the faked Manhattan Active Omni accepts, and its envelope.

Written from public samples of orders and answers. Manhattan publishes no list of codes: all but
`invalid_token` are this fake's own. It is harsh with fields that no sample has.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import NoReturn, cast

from jsonschema import Draft202012Validator

Body = dict[str, object]

_TEXT: Body = {"type": "string", "minLength": 1}
_MAYBE: Body = {"type": ["string", "null"]}
_AMOUNT: Body = {"type": ["number", "string"], "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}
_COUNT: Body = {"type": "number", "exclusiveMinimum": 0}


@dataclass(frozen=True, slots=True)
class Message:
    """One entry of `messages.Message`."""

    code: str
    description: str
    field: str | None = None

    def row(self) -> Body:
        return {
            "Type": "ERROR",
            "Code": self.code,
            "Description": self.description,
            "ErrorCode": None,
            "ErrorField": self.field,
            "BusinessKeys": None,
        }


class Refused(Exception):
    """Manhattan says no: a status, which may be 200, and messages."""

    def __init__(self, status: int, *messages: Message, key: str | None = None) -> None:
        super().__init__(status, *messages)
        self.status = status
        self.messages = messages
        self.key = key


def envelope(data: object, messages: Iterable[Message] = (), key: str | None = None) -> Body:
    """Give the envelope of every answer; with messages it says that nothing was done."""
    rows = [message.row() for message in messages]
    return {
        "success": not rows,
        "header": None,
        "data": data,
        "messageKey": key,
        "message": key,
        "errors": [],
        "exceptions": [],
        "messages": {"Message": rows, "Size": len(rows)},
        "rootCause": None,
        "requestUri": None,
        "statusCode": "OK" if not rows else "BAD_REQUEST",
    }


def _object(required: Body, optional: Body | None = None) -> Body:
    return {
        "type": "object",
        "required": list(required),
        "properties": required | (optional or {}),
        "additionalProperties": False,
    }


def _list(items: Body) -> Body:
    return {"type": "array", "items": items}


def _id(name: str) -> Body:
    return _object({name: _TEXT})


_ADDRESS = _object(
    {"Address1": _TEXT, "City": _TEXT, "Country": {"type": "string", "pattern": "^[A-Z]{2}$"}},
    dict.fromkeys(
        [
            *("FirstName", "LastName", "Address2", "Address3", "State", "County", "PostalCode"),
            *("Email", "Phone"),
        ],
        _MAYBE,
    ),
)
_SHIP_TO = _object({"Address": _ADDRESS}, {"IsAddressVerified": {"type": "boolean"}})
_CHARGE = _object(
    {"ChargeDetailId": _TEXT, "ChargeTotal": _AMOUNT, "ChargeType": _id("ChargeTypeId")}
)
_LINE = _object(
    {"OrderLineId": _TEXT, "ItemId": _TEXT, "Quantity": _COUNT, "UOM": _TEXT},
    {
        "UnitPrice": _AMOUNT,
        "OrderLineSubTotal": _AMOUNT,
        "TotalTaxes": _AMOUNT,
        "DeliveryMethod": _id("DeliveryMethodId"),
        "ShippingMethodId": _TEXT,
        "ShipToAddress": _SHIP_TO,
        "IsGift": {"type": "boolean"},
        "Extended": {"type": "object"},
    },
)
_METHOD = _object(
    {"Amount": _AMOUNT, "PaymentType": _id("PaymentTypeId")},
    {"PaymentMethodId": _TEXT, "CurrencyCode": _TEXT, "BillingAddress": _SHIP_TO},
)

ORDER = Draft202012Validator(
    _object(
        {
            "OrderId": _TEXT,
            "CurrencyCode": {"type": "string", "pattern": "^[A-Z]{3}$"},
            "DocType": _id("DocTypeId"),
            "OrderLine": {"minItems": 1} | _list(_LINE),
        },
        {
            "CapturedDate": _TEXT,
            "OrderType": _id("OrderTypeId"),
            "IsConfirmed": {"type": "boolean"},
            "OrderSubTotal": _AMOUNT,
            "OrderTotal": _AMOUNT,
            "TotalTaxes": _AMOUNT,
            "OrderChargeDetail": _list(_CHARGE),
            "Payment": _list(_object({"PaymentMethod": _list(_METHOD)})),
            "AlternateOrderId": _TEXT,
            "Extended": {"type": "object"},
        }
        | dict.fromkeys(
            [
                *("CustomerId", "CustomerEmail", "CustomerFirstName", "CustomerLastName"),
                "CustomerPhone",
            ],
            _MAYBE,
        ),
    )
)

AVAILABILITY = Draft202012Validator(
    _object(
        {"Items": {"minItems": 1} | _list(_TEXT), "ViewName": _TEXT}, {"Locations": _list(_TEXT)}
    )
)


def read(document: bytes, accepted: Draft202012Validator) -> Body:
    """Read a body, its decimals exact. Raises `Refused` with every flaw that its shape has."""
    try:
        body: object = json.loads(document, parse_float=Decimal, parse_constant=_no_number)
    except ValueError as broken:
        raise Refused(400, Message("bad_json", "JSON parse error"), key="error.400") from broken
    flaws = [
        Message("invalid_field", error.message, error.json_path.removeprefix("$").lstrip("."))
        for error in accepted.iter_errors(body)
    ]
    if flaws:
        raise Refused(200, *flaws)
    return cast("Body", body)


def _no_number(constant: str) -> NoReturn:
    raise ValueError(constant)
