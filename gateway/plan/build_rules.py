"""From error rules to what runs, and what is wrong with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from gateway.config.call_spec import CallSpec
from gateway.config.effect_spec import ErrorSpec
from gateway.config.source import Mapping as Keys
from gateway.plan.answer import Rule, Then
from gateway.plan.builder import Builder
from gateway.plan.grow import Grower
from gateway.plan.names import Names
from gateway.plan.reach import check_reach


@dataclass(frozen=True, slots=True)
class RulesBuilder:
    """Builds the rules of one call; `names` are those in reach of any answer."""

    builder: Builder
    names: Names

    def build(self, specs: tuple[ErrorSpec, ...], call: CallSpec, *, effect: bool) -> list[Rule]:
        """Build the rules of one list, in order."""
        for spec in specs:
            self._check_then(spec, call, effect=effect)
        rules = [self._rule(spec) for spec in specs]
        check_reach(specs, rules, self.builder.problems)
        return [rule for rule in rules if rule is not None]

    def _rule(self, spec: ErrorSpec) -> Rule | None:
        when = self.builder.expression(spec.when, self.names)
        error = self.builder.prose(spec.error, self.names) if spec.error is not None else None
        details = None
        if spec.details is not None and isinstance(spec.details.node, Keys):
            details = Grower(self.builder, self.names, lenient=True).block(spec.details.node)
        if when is None or (error is None and spec.error is not None):
            return None
        category = spec.category.text if spec.category else None
        return Rule(when, cast("Then", spec.then), spec.status, error, category, details)

    def _check_then(self, spec: ErrorSpec, call: CallSpec, *, effect: bool) -> None:
        place = spec.value_place("then")
        if spec.then == "find" and not effect:
            self.builder.problems.error(
                "not-an-effect",
                "`then: find` belongs to a call that changes something; this one reads.",
                place,
                "Leave the rule out, or let it reply with `error`.",
            )
        elif spec.then == "find" and call.find is None:
            self.builder.problems.error(
                "missing-key",
                "`then: find` asks the vendor, and this call doesn't say how.",
                place,
                "Add `find:` with its `request` and `found` to the call.",
            )
