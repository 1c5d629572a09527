"""From `delivery` to how orders are told apart and delivered; whether their effects make sense."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

from gateway.config.call_spec import CallSpec
from gateway.config.computed import Text
from gateway.config.mapping_spec import DeliverySpec, MappingSpec
from gateway.config.problems import Place
from gateway.config.source import Scalar
from gateway.contracts import Contract
from gateway.plan.build_call import CallBuilder
from gateway.plan.builder import Builder
from gateway.plan.call import CallStep, KeyStep
from gateway.plan.exchange import Delivery
from gateway.plan.missing import Blame
from gateway.plan.names import Names
from gateway.plan.tree import Leaf

_ORDER_KEY = Text(Scalar("order_key", "order_key", "plain", Place("")))


@dataclass(frozen=True, slots=True)
class DeliveryBuilder:
    """Builds how the orders of one mapping are delivered."""

    builder: Builder
    spec: MappingSpec
    contract: Contract

    def build(self, names: Names, calls: Mapping[str, CallStep]) -> Delivery | None:
        """Build it; None for a contract that changes nothing, or where it can't be."""
        spec = self.spec.delivery
        if not self.contract.effect:
            if spec is not None:
                self._error(
                    "not-an-effect",
                    f"`{self.contract.name}` changes nothing: there is no delivery.",
                    self.spec.key_place("delivery"),
                    "Leave `delivery` out.",
                )
            return None
        spec = spec or DeliverySpec()
        key = self.builder.expression(spec.key or _ORDER_KEY, names)
        same = self._same(spec.same, names)
        if key is None:
            return None
        effects = [call.vendor for call in calls.values() if call.effect is not None]
        vendors = effects or [call.vendor for call in calls.values()]
        return Delivery(
            key=KeyStep(key),
            same=same,
            changed=cast("Literal['refuse', 'ignore', 'send']", spec.changed),
            stored=spec.answer == "when_stored",
            give_up_after=spec.give_up_after.seconds,
            vendor=vendors[0] if vendors else "",
        )

    def _same(self, text: Text | None, names: Names) -> Leaf | None:
        program = self.builder.expression(text, names)
        if text is None or program is None:
            return None
        origin = names.meaning([program]).origin
        return Leaf(program, Blame(origin, text.scalar.place, names.scope))

    def check_effects(self, specs: Mapping[str, CallSpec], calls: CallBuilder) -> None:
        """Report effects in a contract that has none, and those in the wrong place."""
        effects = [name for name, call in specs.items() if calls.is_effect(call)]
        if not self.contract.effect:
            for name in effects:
                self._error(
                    "effect-in-validate",
                    f"`{self.contract.name}` is asked again and again: it can't have an effect.",
                    specs[name].key_place("effect"),
                    "Leave `effect` out, or use a consume contract.",
                )
            return
        if specs and not effects:
            self.builder.problems.warning(
                "no-effect",
                f"`{self.contract.name}` is to change something at the vendor, and no call does.",
                self.spec.contract.place,
                "Leave `effect: false` out of the call that does.",
            )
        for name in effects[:-1]:
            if specs[name].undo is None:
                self._without_undo(name, effects[-1])
        late = [name for name in specs if name not in effects] if effects else []
        if late and list(specs).index(late[-1]) > list(specs).index(effects[0]):
            self._error(
                "effect-order",
                f"The effect `{effects[0]}` stands before `{late[-1]}`, which reads.",
                self.spec.inner_place("calls", effects[0]),
                "Write reads first, then the effects. A POST that only reads says `effect: false`.",
            )

    def _without_undo(self, name: str, last: str) -> None:
        self.builder.problems.warning(
            "no-undo",
            f"When `{last}` fails, nothing takes back what `{name}` did.",
            self.spec.inner_place("calls", name),
            "Add `undo:` with the request that does; otherwise such an order is held for a person.",
        )

    def _error(self, code: str, message: str, place: Place, advice: str) -> None:
        self.builder.problems.error(code, message, place, advice)
