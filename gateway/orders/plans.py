"""Which plan an order is delivered with: that with which it began, also after a deploy."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.config.load import Configuration
from gateway.config.snapshot import restored
from gateway.plan.build import Equipped, Plans, build
from gateway.storage.order import Order


@dataclass(slots=True)
class KnownPlans:
    """The plans of today, and those of orders that began before."""

    plans: Plans
    configuration: Configuration
    _earlier: dict[str, Equipped | None] = field(default_factory=dict)

    def today(self, mapping: str) -> Equipped | None:
        for plan in self.plans.by_contract.values():
            if plan.mapping == mapping and plan.snapshot is not None:
                return Equipped(plan, self.plans)
        return None

    @property
    def loaded(self) -> list[str]:
        """The digests of today's snapshots."""
        shots = (plan.snapshot for plan in self.plans.by_contract.values())
        return [snapshot.digest for snapshot in shots if snapshot is not None]

    def known(self, order: Order) -> Equipped | None:
        """Give the plan that an order began with, if it is today's or was built before."""
        today = self.today(order.mapping)
        if today is not None and _digest(today) == order.snapshot:
            return today
        return self._earlier.get(order.snapshot)

    def build(self, order: Order, content: str) -> Equipped | None:
        """Build it from its snapshot; None where today's gateway can't read it any more."""
        plans = build(restored(content, self.configuration))
        plan = plans.by_contract.get(order.contract) if plans is not None else None
        found = Equipped(plan, plans) if plans is not None and plan is not None else None
        self._earlier[order.snapshot] = found
        return found


def _digest(equipped: Equipped) -> str | None:
    snapshot = equipped.plan.snapshot
    return None if snapshot is None else snapshot.digest
