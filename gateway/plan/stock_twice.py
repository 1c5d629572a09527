"""Whether a deployment takes the stock of one order twice: once as stock, once with the order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gateway.config.mapping_spec import MappingSpec
from gateway.config.problems import Problems
from gateway.plan.build_mapping import calls_of
from gateway.plan.exchange import Plan
from gateway.plan.group import calls_in

_TAKES_STOCK = "inventory.consume"


def check_stock(
    specs: Iterable[MappingSpec], plans: Mapping[str, Plan], problems: Problems
) -> None:
    """Warn of effects with `moves_stock` at a vendor whose stock another mapping takes already."""
    taking = plans.get(_TAKES_STOCK)
    steps = taking.steps if taking is not None else ()
    taken = {call.vendor for step in steps for call in calls_in(step) if call.judge.effect}
    for spec in specs:
        for call in calls_of(spec):
            vendor = call.vendor or spec.vendor
            if not call.moves_stock or vendor is None:
                continue
            if spec.contract.text == _TAKES_STOCK:
                problems.error(
                    "conflicting-keys",
                    f"Every effect of `{_TAKES_STOCK}` takes stock: `moves_stock` says nothing.",
                    call.key_place("moves_stock"),
                    "Leave it out.",
                )
            elif taking is not None and vendor.text in taken:
                problems.warning(
                    "stock-taken-twice",
                    f"`{vendor.text}` would lose each order's items twice: `{taking.mapping}` "
                    "takes them, and so does this effect.",
                    call.key_place("moves_stock"),
                    "Load one of the two mappings. Or change this request so that the vendor "
                    "keeps its stock as it is, and leave `moves_stock` out.",
                )
