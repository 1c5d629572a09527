"""What Nacelle calls: the seven contracts, as one table.

Source: Nacelle's mapper pages (inventory, shipping rates, promotions, sync); the paths of taxes and
payments are on no public page, so every path is a default that `contracts:` in gateway.yaml
changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ObjectName = Literal["checkout", "order"]


@dataclass(frozen=True, slots=True)
class Contract:
    """One step of Nacelle's orchestration.

    `object` is what is sent and what goes back under that name; `effect` is true where the vendor's
    state changes; `line_fields` and `fields` are what a mapping may set of a line and of the
    object; `category` is the error category when a mapping names none.
    """

    name: str
    path: str
    object: ObjectName
    effect: bool
    category: str
    line_fields: frozenset[str] = frozenset()
    fields: frozenset[str] = frozenset()


def _validate(
    name: str, path: str, category: str, *, line_fields: set[str], fields: set[str]
) -> Contract:
    return Contract(
        name,
        path,
        "checkout",
        effect=False,
        category=category,
        line_fields=frozenset(line_fields),
        fields=frozenset(fields | {"meta_data"}),
    )


_TABLE = (
    _validate(
        "inventory.validate",
        "/inventory/validate",
        "inventory_service",
        line_fields={"available"},
        fields=set(),
    ),
    Contract(
        "inventory.consume",
        "/inventory/consume",
        "order",
        effect=True,
        category="inventory_service",
    ),
    _validate(
        "shipping.validate",
        "/shipping_rates/validate",
        "shipping_service",
        line_fields=set(),
        fields={"shipping_rates", "shipping_rate"},
    ),
    _validate(
        "promotions.validate",
        "/promotions/validate",
        "promotions_service",
        line_fields={"price"},
        fields={"applied_discounts"},
    ),
    _validate(
        "taxes.validate",
        "/taxes/validate",
        "taxes_service",
        line_fields={"tax", "tax_data"},
        fields={"tax", "tax_data"},
    ),
    _validate(
        "payments.validate",
        "/payments/validate",
        "payments_service",
        line_fields=set(),
        fields={"payments"},
    ),
    Contract("sync.consume", "/sync/consume", "order", effect=True, category="sync_service"),
)

CONTRACTS: dict[str, Contract] = {contract.name: contract for contract in _TABLE}
