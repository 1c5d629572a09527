"""What is found in a vendor's answer by its name: the rows that lines are joined with, amounts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gateway.contracts import Contract
from gateway.scaffold.ideas import (
    key_field,
    means_cursor,
    means_held_back,
    means_line_number,
    means_place,
    means_price,
    means_stock,
    means_tax,
    row_key_field,
    said,
)
from gateway.scaffold.shape import ELEMENT, Path, Shape
from gateway.scaffold.tree import quoted

_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_DEEP = 3


def path_text(path: Path, root: str) -> str:
    """Write the way to a value as an expression."""
    steps = (step if _NAME.fullmatch(step) else quoted(step) for step in path)
    return ".".join((root, *steps))


@dataclass(frozen=True, slots=True)
class Rows:
    """A list in the answer whose elements belong to lines.

    `key` is the way to a row's key, `field` that of a line, or `index` for its number; `value` the
    way to what a line gets from it, where such a thing was found.
    """

    path: Path
    element: Shape
    key: Path
    field: str
    value: Path | None
    whole: bool = False
    """Whether the answer itself is the only row: that of the element that was asked for."""

    @property
    def text(self) -> str:
        return "[body]" if self.whole else path_text(self.path, "body")

    @property
    def is_plain(self) -> bool:
        """Whether the path is one that `batch` and `pages` take."""
        return all(step.isidentifier() for step in self.path)

    @property
    def line(self) -> str:
        return self.field if self.field == "index" else f"line.{self.field}"

    def kept(self, way: Path) -> Path:
        return way if self.whole else (*self.path, ELEMENT, *way)


LINE_VALUES: dict[str, tuple[str, Callable[[str], bool]]] = {
    "inventory.validate": ("available", means_stock),
    "taxes.validate": ("tax", means_tax),
    "promotions.validate": ("price", means_price),
}
"""Which field of a line a contract is about, and the vendor's names for it."""


def find_rows(body: Shape, contract: Contract, asked_by: str | None) -> Rows | None:
    """Find the list that a contract's lines are joined with; `asked_by` is a line's field."""
    if contract.name not in LINE_VALUES:
        return None
    wanted = LINE_VALUES[contract.name][1]
    stock = contract.name == "inventory.validate"
    key_of = row_key_field if stock else key_field
    made = (_rows(path, element, wanted, key_of, asked_by) for path, element in body.lists())
    # Without what it is about, a join says nothing; but stock is always a row's.
    found = [rows for rows in made if rows and (stock or rows.value is not None)]
    return max(found, key=lambda rows: rows.value is not None, default=None)


def whole_answer(body: Shape, contract: Contract, field: str) -> Rows | None:
    """Take an answer about one item for its row."""
    if contract.name not in LINE_VALUES:
        return None
    value = find_field(body, LINE_VALUES[contract.name][1])
    if value is None and contract.name != "inventory.validate":
        return None
    return Rows((), body, (), field, value, whole=True)


def _rows(
    path: Path,
    element: Shape,
    wanted: Callable[[str], bool],
    key_of: Callable[[str], str | None],
    asked_by: str | None,
) -> Rows | None:
    fields = {way: key_of(way[-1]) for way, _ in _scalars(element, deep=2)}
    keys = {way: field for way, field in fields.items() if field is not None}
    same = [way for way, field in keys.items() if field == asked_by]
    numbers = [way for way in fields if len(way) == 1 and means_line_number(way[0])]
    key = next(iter([*same, *keys, *numbers]), None)
    if key is None:
        return None
    field = "index" if key in numbers and key not in keys else asked_by or keys[key]
    return Rows(path, element, key, field, find_field(element, wanted, but=key))


def find_field(
    shape: Shape, wanted: Callable[[str], bool], but: Path = (), *, deep: int = _DEEP
) -> Path | None:
    """Find the value of a name nearest to the top; of one with an `amount`, that."""
    nearest = sorted(_fields(shape, deep), key=lambda each: (not _is_best(each[0]), len(each[0])))
    for way, found in nearest:
        if way == but or not wanted(way[-1]):
            continue
        if {"string", "integer", "number"} & {*found.kinds}:
            return way
        for name, inner in found.fields.items():
            if said(name) in ("amount", "value") and inner.is_scalar:
                return (*way, name)
    return None


def _is_best(way: Path) -> bool:
    """Say whether a name is of what can be sold, before others of what is there."""
    return re.search(r"avail|sell|atp", said(way[-1])) is not None


def held_back(rows: Rows) -> str | None:
    """Find what may have to be taken off a row's stock, where that isn't done already."""
    if rows.value is None or _is_best(rows.value):
        return None
    fields = at(rows.element, rows.value[:-1]).fields
    return next((name for name in fields if means_held_back(name)), None)


def at(shape: Shape, path: Path) -> Shape:
    """Go down to a field."""
    for step in path:
        shape = shape.fields[step]
    return shape


def amount(root: str, shape: Shape, path: Path) -> str:
    """Give the expression for a price: minor units where an amount of money is a whole number."""
    text = path_text(path, root)
    minor = said(path[-1]) == "amount" and "number" not in (kinds := at(shape, path).kinds)
    if minor and "integer" in kinds:
        text = f"from_minor({text}, checkout.currency)"
    return f"money({text}, checkout.currency)"


def sums_up(rows: Rows) -> bool:
    """Say whether one key may have several rows: its stock in several places."""
    return any(means_place(name) for name in rows.element.fields)


def cursor(body: Shape) -> str | None:
    """Find the field by which the next page is asked for."""
    for name, field in body.fields.items():
        if means_cursor(name) and field.has("string"):
            return name
    return None


def _fields(shape: Shape, deep: int, path: Path = ()) -> Iterator[tuple[Path, Shape]]:
    for name, field in shape.fields.items():
        yield (*path, name), field
        if deep > 1:
            yield from _fields(field, deep - 1, (*path, name))


def _scalars(shape: Shape, deep: int) -> Iterator[tuple[Path, Shape]]:
    return ((path, field) for path, field in _fields(shape, deep) if field.is_scalar)
