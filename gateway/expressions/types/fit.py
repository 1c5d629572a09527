"""Whether a value of one type can be of another: what a vendor's schema asks for, say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches

from gateway.expressions.types.algebra import (
    can_equal,
    element_of,
    field_of,
    fields_of,
    union,
    without_null,
)
from gateway.expressions.types.model import UNKNOWN, Shape, Type
from gateway.expressions.types.words import described

_CUTOFF = 0.8


@dataclass(frozen=True, slots=True)
class Misfit:
    """What can't be right about a part of a value; `path` leads to it, empty for the whole."""

    path: tuple[str, ...]
    message: str
    advice: str | None = None
    code: str = "type-mismatch"


def misfits(given: Type, wanted: Type, path: tuple[str, ...] = ()) -> Iterator[Misfit]:
    """Say where a value can never be what is wanted; what may fit is passed over."""
    there = without_null(given)
    if there.unknown or wanted.unknown or not there.kinds:
        return
    if not there.kinds & wanted.kinds or not can_equal(there, wanted):
        asked = described(without_null(wanted))
        message = f"The schema wants {asked} here, and this is {described(there)}."
        yield Misfit(path, message, _cast(there, wanted))
        return
    if there.kinds == {"array"}:
        element, inner = element_of(there), element_of(wanted)
        if element.kinds and inner.kinds:
            yield from misfits(element, inner, (*path, "[]"))
    if there.kinds == {"object"} and len(there.objects) == 1 and wanted.objects:
        yield from _object(there.objects[0], wanted, path)


def _object(shape: Shape, wanted: Type, path: tuple[str, ...]) -> Iterator[Misfit]:
    if shape.extra is not None or shape.patterns:
        return
    for name in missing_keys(frozenset(shape.fields), wanted):
        message = f"`{name}` is missing: the schema requires it."
        yield Misfit(path, message, f"Add `{name}: …`.", "missing-property")
    for name, later in shape.fields.items():
        misfit = strange_key(name, frozenset(shape.fields), wanted)
        if misfit is not None:
            yield replace(misfit, path=path)
            continue
        yield from misfits(later.get(), wanted_field(wanted, name), (*path, name))


def missing_keys(given: frozenset[str], wanted: Type) -> list[str]:
    """Name the fields that every alternative requires and the object hasn't."""
    if wanted.unknown or wanted.kinds - {"null"} != {"object"}:
        return []
    (first, *others) = wanted.objects
    always = first.required.intersection(*(shape.required for shape in others))
    return [name for name in fields_of(wanted.objects) if name in always and name not in given]


def strange_key(name: str, given: frozenset[str], wanted: Type) -> Misfit | None:
    """Report a key that no alternative has, where it is refused or looks like a slip of the pen."""
    if wanted.unknown or not wanted.objects:
        return None
    if any(field_of(shape, name) is not None for shape in wanted.objects):
        return None
    free = [known for known in fields_of(wanted.objects) if known not in given]
    close = get_close_matches(name, free, 1, _CUTOFF)
    if not close and not all(shape.sealed for shape in wanted.objects):
        return None
    advice = f"Did you mean `{close[0]}`?" if close else None
    return Misfit((), f"`{name}` isn't in the schema.", advice, "unknown-property")


def wanted_field(wanted: Type, name: str) -> Type:
    """Give what is wanted of one field: anything, where nothing is said about it."""
    found = [field_of(shape, name) for shape in wanted.objects]
    known = [type_ for type_ in found if type_ is not None]
    if wanted.unknown or not known:
        return UNKNOWN
    return union(*known)


def wanted_element(wanted: Type) -> Type:
    element = element_of(wanted)
    return element if element.kinds else UNKNOWN


def _cast(given: Type, wanted: Type) -> str | None:
    if given.kinds == {"number"} and "string" in wanted.kinds:
        return "Make text of it with to_string(…)."
    if given.kinds == {"string"} and "number" in wanted.kinds:
        return "Make a number of it with to_number(…)."
    if given.kinds == {"array"} and "array" not in wanted.kinds:
        return "For its first element write … | [0]."
    return None
