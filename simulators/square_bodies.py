"""The request bodies that the faked Square accepts, and how it says what is wrong with one.

Written from Square's OpenAPI document (Square-Version 2025-08-20): BatchRetrieveInventoryCounts,
BatchChangeInventory and the enumerations ErrorCode and ErrorCategory. Which code Square picks for
which mistake is on no page; here each mistake has the code whose published meaning fits it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn, cast

from jsonschema import Draft202012Validator, ValidationError

_STATES = [
    *("CUSTOM", "IN_STOCK", "SOLD", "RETURNED_BY_CUSTOMER", "RESERVED_FOR_SALE", "SOLD_ONLINE"),
    *("ORDERED_FROM_VENDOR", "RECEIVED_FROM_VENDOR", "IN_TRANSIT_TO", "NONE", "WASTE"),
    *("UNLINKED_RETURN", "COMPOSED", "DECOMPOSED", "SUPPORTED_BY_NEWER_VERSION", "IN_TRANSIT"),
]


@dataclass(frozen=True, slots=True)
class Flaw:
    """One entry of Square's `errors`."""

    code: str
    detail: str
    field: str | None = None

    @property
    def category(self) -> str:
        if self.code == "UNAUTHORIZED":
            return "AUTHENTICATION_ERROR"
        return "INVALID_REQUEST_ERROR"


class Refused(Exception):
    """Square says no: a status and its `errors`."""

    def __init__(self, status: int, *flaws: Flaw) -> None:
        super().__init__(status, *flaws)
        self.status = status
        self.flaws = flaws


def text(longest: int | None = None) -> dict[str, object]:
    return {"type": ["string", "null"]} | ({} if longest is None else {"maxLength": longest})


def object_of(**properties: object) -> dict[str, object]:
    return {
        "type": ["object", "null"],
        "properties": properties,
        "additionalProperties": False,
    }


_STATE: dict[str, object] = {"type": ["string", "null"], "enum": [*_STATES, None]}
_IDS: dict[str, object] = {"type": ["array", "null"], "items": {"type": "string"}}
_QUANTITY = text(26) | {"pattern": r"^-?[0-9]+(\.[0-9]{1,5})?$"}
_ANY_CHANGE = {
    "id": text(100),
    "reference_id": text(255),
    "catalog_object_id": text(100),
    "catalog_object_type": text(14),
    "quantity": _QUANTITY,
    "occurred_at": text(34),
    "employee_id": text(100),
    "team_member_id": text(100),
}

COUNTS = Draft202012Validator(
    {
        "type": "object",
        "properties": {
            "catalog_object_ids": _IDS,
            "location_ids": _IDS,
            "updated_after": text(),
            "cursor": text(),
            "states": {"type": ["array", "null"], "items": {"type": "string", "enum": _STATES}},
            "limit": {"type": ["integer", "null"], "minimum": 1, "maximum": 1000},
        },
        "additionalProperties": False,
    }
)

CHANGES = Draft202012Validator(
    {
        "type": "object",
        "required": ["idempotency_key"],
        "properties": {
            "idempotency_key": {"type": "string", "minLength": 1, "maxLength": 128},
            "ignore_unchanged_counts": {"type": ["boolean", "null"]},
            "changes": {
                "type": ["array", "null"],
                "maxItems": 100,  # in no specification, but what Square is known to take
                "items": object_of(
                    type={"enum": ["PHYSICAL_COUNT", "ADJUSTMENT", "TRANSFER", None]},
                    physical_count=object_of(**_ANY_CHANGE, state=_STATE, location_id=text(100)),
                    adjustment=object_of(
                        **_ANY_CHANGE,
                        from_state=_STATE,
                        to_state=_STATE,
                        location_id=text(100),
                    ),
                    transfer=object_of(
                        **_ANY_CHANGE,
                        state=_STATE,
                        from_location_id=text(100),
                        to_location_id=text(100),
                    ),
                ),
            },
        },
        "additionalProperties": False,
    }
)

_CODES = {
    "enum": "INVALID_ENUM_VALUE",
    "maxItems": "ARRAY_LENGTH_TOO_LONG",
    "maxLength": "VALUE_TOO_LONG",
    "maximum": "VALUE_TOO_HIGH",
    "minLength": "VALUE_TOO_SHORT",
    "minimum": "VALUE_TOO_LOW",
    "pattern": "INVALID_VALUE",
    "maxProperties": "TOO_MANY_MAP_ENTRIES",
    "required": "MISSING_REQUIRED_PARAMETER",
    "additionalProperties": "UNKNOWN_BODY_PARAMETER",
}
_QUOTED = re.compile("'([^']*)'")


def read(document: bytes, accepted: Draft202012Validator) -> dict[str, object]:
    """Read a body. Raises `Refused` (400) with every flaw that its shape has."""
    try:
        body: object = json.loads(document, parse_constant=_no_number)
    except ValueError as broken:
        raise Refused(400, Flaw("EXPECTED_JSON_BODY", "The body is no JSON.")) from broken
    if not isinstance(body, dict):
        raise Refused(400, Flaw("EXPECTED_JSON_BODY", "The body is no JSON object."))
    flaws = [_flaw(error) for error in accepted.iter_errors(body)]
    if flaws:
        raise Refused(400, *flaws)
    return body


def _no_number(constant: str) -> NoReturn:
    raise ValueError(constant)


def _flaw(error: ValidationError) -> Flaw:
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.absolute_path)
    place = "".join(steps)
    if error.validator in {"required", "additionalProperties"}:
        # the field in question is none of the path's: the message quotes it first
        place += "".join(f".{name}" for name in _QUOTED.findall(error.message)[:1])
    if error.validator == "type":
        wanted = cast("str | list[str]", error.validator_value)
        code = f"EXPECTED_{(wanted if isinstance(wanted, str) else wanted[0]).upper()}"
    else:
        code = _CODES[str(error.validator)]
    return Flaw(code, error.message, place.lstrip("."))


_RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})"
)


def moment(text: str, place: str) -> datetime:
    """Read an RFC 3339 time. Raises `Refused` (400, INVALID_TIME)."""
    try:
        time = datetime.fromisoformat(text) if _RFC3339.fullmatch(text) else None
    except ValueError:  # the form is right, but there is no such day or hour
        time = None
    if time is None:
        raise Refused(400, Flaw("INVALID_TIME", "Not an RFC 3339 time.", place))
    return time
