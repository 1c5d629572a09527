"""What goes back to Nacelle besides the lines: rates, discounts, taxes of the vendor's answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gateway.contracts import Contract
from gateway.scaffold.answer import amount, find_field, path_text
from gateway.scaffold.ideas import means_discounts, means_price, means_rates, means_tax, said
from gateway.scaffold.shape import ELEMENT, Path, Shape
from gateway.scaffold.tree import Block, Text, Tree, note


@dataclass(frozen=True, slots=True)
class Reply:
    """`reply.set`, and the ways into the answer that it uses."""

    tree: Block
    used: tuple[Path, ...]


_FIELDS = {
    "shipping.validate": "shipping_rates",
    "promotions.validate": "applied_discounts",
    "taxes.validate": "tax",
    "payments.validate": "payments",
}
"""What each contract is about, besides lines."""

_LISTS: dict[str, tuple[str, str, Callable[[str], bool]]] = {
    "shipping.validate": ("rate", "price", means_rates),
    "promotions.validate": ("discount", "amount", means_discounts),
}
"""What an element of a list is called, where its amount goes, and how the vendor names the list."""

_PARTS: dict[str, tuple[tuple[str, str], ...]] = {
    "rate": (
        ("id", r"(.*_)?(id|code|key)"),
        ("name", r"((display|service|method)_)?(name|title|label)|description|service"),
        ("carrier", r"carrier(_name)?|provider"),
    ),
    "discount": (
        ("code", r"(coupon|promo(tion)?|discount|voucher)?_?code|coupon"),
        ("type", r"((discount|promotion)_)?(type|kind)"),
    ),
}


def make_reply(body: Shape | None, contract: Contract) -> Reply | None:
    """Guess what goes back besides the lines; None for contracts where nothing does.

    What looks like nothing in the answer, or is out of reach (no `body`), goes back as it came.
    """
    name = _FIELDS.get(contract.name)
    if name is None:
        return None
    made = None
    if body is not None and contract.name in _LISTS:
        made = _list(body, name, *_LISTS[contract.name])
    elif body is not None and contract.name == "taxes.validate":
        made = _total(body, name)
    return made or _unchanged(name)


def _unchanged(name: str) -> Reply:
    return Reply(
        Block.of(
            note(f"No field of the answer looks like it: so far `{name}` goes back as it came."),
            (f"{name}?", Text(f"checkout.{name}")),
        ),
        (),
    )


def _total(body: Shape, name: str) -> Reply | None:
    way = find_field(body, means_tax)
    return Reply(Block.of((name, Text(amount("body", body, way)))), (way,)) if way else None


def _list(
    body: Shape, name: str, each: str, label: str, wanted: Callable[[str], bool]
) -> Reply | None:
    for path, element in body.lists():
        price = find_field(element, means_price, deep=2)
        if price is None or not wanted(path[-1] if path else name):
            continue
        parts = list(_parts(element, each))
        entries: list[tuple[str, Tree]] = [(key, Text(text)) for key, _, text in parts]
        entries.append((label, Text(amount(each, element, price))))
        made = Block.of(
            ("$each", Text(path_text(path, "body"))),
            ("$as", Text(each)),
            ("$do", Block.of(*entries)),
        )
        used = [(*path, ELEMENT, *way) for way in [*(way for _, way, _ in parts), price]]
        return Reply(Block.of((name, made)), tuple(used))
    return None


def _parts(element: Shape, each: str) -> Iterator[tuple[str, Path, str]]:
    for label, pattern in _PARTS[each]:
        for name, field in element.fields.items():
            if field.is_scalar and re.fullmatch(pattern, said(name)):
                text = path_text((name,), each)
                sure = name in element.required and not field.has("null")
                key = label if sure else f"{label}?"
                yield key, (name,), text if field.has("string") else f"to_string({text})"
                break
