"""The values that expressions work on, as JMESPath sees them: types, truth, equality, size."""

from __future__ import annotations

from decimal import Decimal
from types import NoneType
from typing import TYPE_CHECKING

from gateway.expressions import exact

if TYPE_CHECKING:
    from collections.abc import Iterable


class Bytes:
    """A file as a vendor sent it: no text, and nothing that JSON can hold.

    No dataclass, because the writer of JSON would take one for an object.
    """

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Bytes) and self.data == other.data

    def __hash__(self) -> int:
        return hash(self.data)

    def __len__(self) -> int:
        return len(self.data)

    def __repr__(self) -> str:
        return f"Bytes({len(self.data)})"


TYPE_NAMES: dict[type, str] = {
    str: "string",
    bool: "boolean",
    int: "number",
    float: "number",
    Decimal: "number",
    list: "array",
    dict: "object",
    NoneType: "null",
    Bytes: "bytes",
}
NUMBERS = frozenset({int, float, Decimal})
_CONTAINERS = frozenset({list, dict})

MAX_STEPS = 2_000_000
_CHARACTERS_PER_STEP = 16
_COMPARED_PER_STEP = 1_024
_PER_PAIR = 3


class Misfit(Exception):
    """A value that the expression can't work with; `str()` names types, never values."""


class Run:
    """How many steps one evaluation may still take.

    A step is about a node evaluated or an element looked at: well under a microsecond.
    """

    __slots__ = ("_left",)

    def __init__(self) -> None:
        self._left = MAX_STEPS

    def spend(self, steps: int) -> None:
        """Count steps before they are taken. Raises Misfit when there are too many."""
        self._left -= steps
        if self._left < 0:
            raise Misfit("takes too many steps for this document")


def type_name(value: object) -> str:
    return TYPE_NAMES.get(type(value), "value of an unknown type")


def a_type(value: object) -> str:
    """Name the value's type with its article, for messages."""
    name = type_name(value)
    if name in {"null", "bytes", "string"}:
        return "text" if name == "string" else name
    return f"an {name}" if name[0] in "ao" else f"a {name}"


def is_true(value: object) -> bool:
    """Tell truth as JMESPath does: 0 is true; null, false and what is empty are not."""
    if value is None or value is False:
        return False
    return not (isinstance(value, (str, list, dict, Bytes)) and not value)


def equal(left: object, right: object, run: Run) -> bool:
    """Compare as JMESPath's `==` does: a boolean is no number; numbers by what was written."""
    if left is right:
        return True
    if type(left) is not type(right) and (type(left) is bool or type(right) is bool):
        return False
    if isinstance(left, str):
        spend_for_comparing(left, run)
    return same(left, right, run)


def spend_for_comparing(text: str, run: Run) -> None:
    """Count what it takes to compare with a text that may be as long and differ at its end."""
    run.spend(len(text) // _COMPARED_PER_STEP)


def same(left: object, right: object, run: Run) -> bool:
    """Compare as `equal` does, save that within arrays and objects true is 1 (as in jmespath).

    Counts steps, because a value may share its parts and be endless when looked at in full.
    """
    if type(left) not in _CONTAINERS or type(left) is not type(right):
        return _same_scalar(left, right)
    pending = [(left, right)]
    while pending:
        pairs = _parts(*pending.pop(), run)
        if pairs is None:
            return False
        for a, b in pairs:
            if a is b:
                continue
            if type(a) in _CONTAINERS and type(a) is type(b):
                pending.append((a, b))
            elif not _same_scalar(a, b):
                return False
    return True


def _parts(left: object, right: object, run: Run) -> Iterable[tuple[object, object]] | None:
    """Pair the parts of two arrays or objects; None where these differ in length or keys."""
    if isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        run.spend(_PER_PAIR * len(left))
        return zip(left, right, strict=True)
    if isinstance(left, dict) and isinstance(right, dict) and left.keys() == right.keys():
        run.spend(_PER_PAIR * len(left))
        return ((value, right[key]) for key, value in left.items())
    return None


def _same_scalar(left: object, right: object) -> bool:
    if isinstance(left, (float, Decimal)) and isinstance(right, (float, Decimal)):
        left, right = exact.comparable(left, right)
    return left == right


def spend_for(value: object, run: Run, steps: int = 1) -> None:
    """Count what it takes to look at the value's first level, `steps` for each element."""
    if isinstance(value, str):
        run.spend(len(value) * steps // _CHARACTERS_PER_STEP)
    elif isinstance(value, (list, dict)):
        run.spend(len(value) * steps)


def spend_in_full(value: object, run: Run, steps: int = 1) -> None:
    """Count what it takes to write the value out, each shared part as often as it occurs."""
    pending = [value]
    while pending:
        part = pending.pop()
        spend_for(part, run, steps)
        if isinstance(part, list):
            pending.extend(part)
        elif isinstance(part, dict):
            pending.extend(part.values())


def spend_for_texts(array: list[str], run: Run) -> None:
    """Count what it takes to look at each text in full."""
    run.spend(sum(map(len, array)) // _CHARACTERS_PER_STEP)


def holds_bytes(value: object) -> bool:
    """Tell whether bytes, which no JSON can hold, are anywhere in a value."""
    if isinstance(value, dict):
        return any(map(holds_bytes, value.values()))
    if isinstance(value, list):
        return any(map(holds_bytes, value))
    return isinstance(value, Bytes)
