"""The record bodies that the faked NetSuite accepts, and how it says what is wrong with one.

Only the fields that an order or an adjustment of stock needs are known here. Written from the
record shapes that Oracle's REST API browser shows; a field that they don't have is refused.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import NoReturn, cast

from jsonschema import Draft202012Validator, ValidationError

from simulators.netsuite_errors import Flaw, Refused, invalid

Body = dict[str, object]

_TEXT: Body = {"type": "string"}
_NUMBER: Body = {"type": "number"}
_REFERENCE: Body = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": ["string", "integer"]}},
    "additionalProperties": False,
}
_EXTERNAL_ID: Body = {"type": "string", "pattern": "^[A-Za-z0-9_-]+$"}


def _object(required: Body, optional: Body) -> Body:
    return {
        "type": "object",
        "required": list(required),
        "properties": required | optional,
        "additionalProperties": False,
    }


def _lines(line: Body) -> Body:
    return _object({"items": {"type": "array", "minItems": 1, "items": line}}, {})


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of record: its sublist, the line's field that says how many, and its shape."""

    name: str
    sublist: str
    quantity: str
    shape: Draft202012Validator


ADJUSTMENT = Kind(
    "inventoryAdjustment",
    "inventory",
    "adjustQtyBy",
    Draft202012Validator(
        _object(
            {
                "subsidiary": _REFERENCE,
                "account": _REFERENCE,
                "inventory": _lines(
                    _object(
                        {"item": _REFERENCE, "location": _REFERENCE, "adjustQtyBy": _NUMBER},
                        {"memo": _TEXT, "unitCost": _NUMBER},
                    )
                ),
            },
            {
                "externalId": _EXTERNAL_ID,
                "adjLocation": _REFERENCE,
                "memo": _TEXT | {"maxLength": 4000},
                "tranDate": _TEXT,
            },
        )
    ),
)
_ADDRESS = _object(
    {},
    {
        **dict.fromkeys(("addressee", "attention", "addr1", "addr2", "addr3"), _TEXT),
        **dict.fromkeys(("city", "state", "zip", "addrPhone"), _TEXT),
        "country": _REFERENCE,
    },
)
ORDER = Kind(
    "salesOrder",
    "item",
    "quantity",
    Draft202012Validator(
        _object(
            {
                "entity": _REFERENCE,
                "item": _lines(
                    _object(
                        {"item": _REFERENCE, "quantity": _NUMBER | {"exclusiveMinimum": 0}},
                        {
                            **dict.fromkeys(("location", "price"), _REFERENCE),
                            **dict.fromkeys(("rate", "amount"), _NUMBER),
                            "description": _TEXT,
                        },
                    )
                ),
            },
            {
                "externalId": _EXTERNAL_ID,
                **dict.fromkeys(("subsidiary", "location", "currency", "shipMethod"), _REFERENCE),
                "otherRefNum": _TEXT | {"maxLength": 45},
                "email": _TEXT | {"maxLength": 254},
                "memo": _TEXT | {"maxLength": 999},
                "tranDate": _TEXT,
                "shippingCost": _NUMBER,
                "shippingAddress": _ADDRESS,
                "billingAddress": _ADDRESS,
            },
        )
    ),
)
KINDS = {kind.name: kind for kind in (ADJUSTMENT, ORDER)}
_QUOTED = re.compile("'([^']*)'")


def read(document: bytes) -> Body:
    """Read a JSON object, its numbers exact. Raises `Refused` (400)."""
    try:
        body: object = json.loads(document, parse_float=Decimal, parse_constant=_no_number)
    except ValueError as broken:
        raise Refused(400, Flaw("INVALID_CONTENT", "The request body is no JSON.")) from broken
    if not isinstance(body, dict):
        raise Refused(400, Flaw("INVALID_CONTENT", "The request body is no JSON object."))
    return body


def check(kind: Kind, body: Body) -> None:
    """Raises `Refused` (400) with every flaw that a record's shape has."""
    flaws = [flaw for error in kind.shape.iter_errors(body) for flaw in _flaws(error)]
    if flaws:
        raise Refused(400, *flaws)


def _flaws(error: ValidationError) -> list[Flaw]:
    path = "".join(
        f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.absolute_path
    ).lstrip(".")
    if error.validator in {"required", "additionalProperties"}:
        # the field in question is none of the path's: the message quotes it first
        path += "".join(f".{name}" for name in _QUOTED.findall(error.message)[:1])
    field = path.lstrip(".")
    if error.validator == "required":
        return list(invalid(f"Please enter value(s) for: {field.rpartition('.')[2]}", field).flaws)
    return list(invalid(error.message, field).flaws)


def lines_of(kind: Kind, body: Body) -> list[Body]:
    sublist = cast("dict[str, list[Body]]", body[kind.sublist])
    return sublist["items"]


def number(value: object) -> Decimal:
    return Decimal(str(value))


def reference(body: Body, name: str) -> str | None:
    """Give the id that a field refers to, as text."""
    field = cast("dict[str, object] | None", body.get(name))
    return None if field is None else str(field["id"])


def _no_number(constant: str) -> NoReturn:
    raise ValueError(constant)
