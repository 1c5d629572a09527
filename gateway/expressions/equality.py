"""Equality of JSON values as something hashable, for functions that look for equals."""

from __future__ import annotations

from decimal import Decimal

from gateway.expressions import exact


def identity(value: object) -> object:
    """Give something hashable that is equal for equal JSON; true isn't 1, but 1.0 is."""
    if isinstance(value, list):
        return ("array", *map(identity, value))
    if isinstance(value, dict):
        return ("object", frozenset((key, identity(part)) for key, part in value.items()))
    if isinstance(value, bool):
        return ("boolean", value)
    if isinstance(value, (float, Decimal)):
        return exact.as_decimal(value)
    return value
