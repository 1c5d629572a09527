"""What a name in a vendor's API probably means: expressions to try, the likeliest first.

`@` stands for what Nacelle sent, `checkout` or `order`. Which of the expressions is written is
decided by the schema: the first whose value it takes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

Place = Literal["top", "line", "address"]
Table = tuple[tuple[str, tuple[str, ...]], ...]

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_ID = r"(_(id|ids|code|codes|number|numbers|no|key|keys|ref|refs))?"
_SKU = rf"skus?|(seller|merchant|stock)_sku|(article|material|part|barcode|gtin|ean|upc)s?{_ID}"
_PRODUCT = rf"products?{_ID}"
_VARIANT = (
    rf"((product|catalog)_)?(variants?|variations?|items?|offers?|catalog_objects?){_ID}"
    r"|merchandise_ids?|ids|keys"
)
_MONEY = ("decimal({0})", "{0}", "to_minor({0}, @.currency)")
_QUANTITY = r"(ordered_|requested_)?(quantity|qty|count|units|pieces|amount_ordered)(_ordered)?"
_TIMES = r"(created|placed|ordered|occurred|submitted)(_(at|on|date|time))?|(order_)?date(_time)?"
_REFERENCE = (
    r"(order|external|client|merchant|purchase|po|customer|your|my)?_?(order|reference)"
    r"(_(id|number|no|key|ref|reference|name))?|external_id"
)


def _money(expression: str) -> tuple[str, ...]:
    return tuple(each.format(expression) for each in _MONEY)


_ADDRESS: Table = (
    (r"(first|given)_names?", ("ship.first_name",)),
    (r"(last|family|sur)_?names?", ("ship.last_name",)),
    (
        r"((full|recipient|contact|ship_to|display)_)?name|recipient",
        ("join(' ', [ship.first_name, ship.last_name])",),
    ),
    (r"company(_name)?|organi[sz]ation", ("ship.company",)),
    (
        r"(address_?)?(line_?)?1|address(_line_?1)?|street(_?1|_address)?|line_?1",
        ("ship.address1",),
    ),
    (r"(address_?)?(line_?)?2|street_?2|line_?2", ("ship.address2",)),
    (r"city|town|locality", ("ship.city",)),
    (
        r"state(_code|_province)?|province(_code)?|region(_code)?|administrative_district_level_1",
        ("ship.province || ship.state",),
    ),
    (r"zip(_?code)?|post(al)?_?code", ("ship.zip",)),
    (r"country(_code|_iso2?)?", ("ship.country_iso2",)),
    (r"phone(_number)?|telephone", ("ship.phone", "@.phone")),
    (r"e?_?mail(_address)?", ("@.email",)),
)
_TOP: Table = (
    (r"idempotency_?(key|token|id)?|deduplication_id|request_id", ("key",)),
    (r"currency(_code)?", ("@.currency",)),
    (r"(buyer_|customer_|contact_)?e?_?mail(_address)?", ("@.email",)),
    (r"(buyer_|customer_|contact_)?phone(_number)?", ("@.phone",)),
    (_REFERENCE, ("order_key", "@.id")),
    (r"(grand_|order_)?total(_price|_amount)?|amount|price|value", _money("@.price")),
    (r"sub_?total", _money("@.subtotal")),
    (r"(total_)?tax(es)?(_amount|_total)?", _money("@.tax")),
    (_TIMES, ("@.created_at",)),
    (
        r"coupons?(_codes?)?|(promo|promotion|discount|voucher)_?codes?",
        ("@.promotions.coupon_codes", "@.promotions.coupon_codes[0]"),
    ),
    (r"(payment_)?token", ("@.payments[0].external_id",)),
    *_ADDRESS,
)
_LINE: Table = (
    (_SKU, ("line.sku", "to_number(line.sku)")),
    (_PRODUCT, ("line.product_id", "to_number(line.product_id)")),
    (_VARIANT, ("line.variant_id", "to_number(line.variant_id)")),
    (_QUANTITY, ("line.quantity", "to_string(line.quantity)")),
    (
        r"line|line_(id|number|no|item_id)|position|index|sequence(_number)?|reference_line",
        ("index", "to_string(index)"),
    ),
    (r"(unit_|base_|list_|sale_|line_)?(price|amount|cost|value)", _money("line.price")),
    (r"currency(_code)?", ("@.currency",)),
    (r"name|title|description|label", ("line.sku",)),
    (_REFERENCE, ("order_key", "@.id")),
    (_TIMES, ("@.created_at",)),
)
_TABLES: dict[Place, Table] = {"top": _TOP, "line": _LINE, "address": _ADDRESS}


def words(name: str) -> list[str]:
    """Split a name as APIs write them (`catalogObjectId`, `catalog-object-id`) into small words."""
    return [found.lower() for found in _WORD.findall(name)]


def said(name: str) -> str:
    return "_".join(words(name))


def ideas(name: str, place: Place, object_name: str) -> list[str]:
    """Give expressions for a field of a request."""
    found = [made for pattern, made in _TABLES[place] if re.fullmatch(pattern, said(name))]
    return [each.replace("@", object_name) for group in found[:1] for each in group]


def key_field(name: str) -> str | None:
    """Say by which field of a line a vendor's name means it; None where it means no line."""
    for field, pattern in (("sku", _SKU), ("product_id", _PRODUCT), ("variant_id", _VARIANT)):
        if re.fullmatch(pattern, said(name)):
            return field
    return None


def row_key_field(name: str) -> str | None:
    """The same for the key of an answer's row, which may just be an `id`."""
    return key_field(name) or ("variant_id" if said(name) in ("id", "key", "code") else None)


def _named(pattern: str) -> Callable[[str], bool]:
    """Make a check whether a name, in small words, is one of these."""
    known = re.compile(pattern)
    return lambda name: known.fullmatch(said(name)) is not None


means_quantity = _named(_QUANTITY)
means_lines = _named(
    r"(.*_)?(lines?|items?|products?|positions?|articles?|skus?|variants?|changes|adjustments"
    r"|reservations?|entries|merchandise|units|parts)"
)
means_address = _named(
    r"(.*_)?(address|addr|destination|recipient|consignee)|to|ship_?to|deliver_?to|shipping|delivery"
)
means_person = _named(
    r"(.*_)?(e_?mail|phone|telephone|mobile|fax|ssn|passport|iban)(_(address|number))?"
    r"|(.*_)?(first|last|given|family|middle|full|contact|customer|recipient|buyer|sur)_?names?"
    r"|(date_of_)?birth(_?da(y|te))?|dob|ip(_address)?|(card|account)_(number|holder)"
    r"|(street|address)(_?line)?_?[123]?|customer|buyer|contact|recipient|cardholder"
)
means_stock = _named(
    r"(.*_)?(quantity|qty|available|availability|stock|on_hand|onhand|count|level|units|inventory)"
    r"(_(quantity|qty|available|count|level|on_hand|to_sell))?"
)
means_held_back = _named(
    r"(.*_)?(reserved|allocated|committed|held|on_hold)(_(quantity|qty|stock))?"
)
means_price = _named(r"(.*_)?(price|amount|cost|rate|charge|fee|total|value)")
means_tax = _named(r"(.*_)?tax(es)?(_(amount|total|money|due))?")
means_rates = _named(r"(.*_)?(rates?|options|methods|services|quotes|shipments|deliveries|offers)")
means_discounts = _named(r"(.*_)?(discounts?|promotions?|coupons?|adjustments|vouchers?)")
means_place = _named(r"(.*_)?(location|warehouse|site|store|depot|facility|node|channel)(_.*)?")
means_line_number = _named(r"(line|item)(_(id|index|number|no))?|index|position")
means_cursor = _named(
    r"((next|page|continuation|pagination)_?)*(cursor|page_token|next_token|token)|next_page"
)


def means_goods(name: str) -> bool:
    """Say whether a name is one that only the line of an order has."""
    return key_field(name) is not None or means_quantity(name)
