"""From a mapping's specification to its plan: the line of steps in the order of evaluation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.config.call_spec import CallSpec
from gateway.config.mapping_spec import MappingSpec
from gateway.config.schemas import Schema
from gateway.config.source import Mapping as Keys
from gateway.config.wording import suggestion
from gateway.contracts import CONTRACTS, Contract
from gateway.expressions.types.model import STRING, Type
from gateway.plan.build_call import CallBuilder
from gateway.plan.build_delivery import DeliveryBuilder
from gateway.plan.build_directives import is_directive_key
from gateway.plan.build_lines import LinesBuilder
from gateway.plan.builder import Builder
from gateway.plan.call import CallStep
from gateway.plan.exchange import Plan, Step
from gateway.plan.fit import check_fields
from gateway.plan.gateway_notes import NotesStep
from gateway.plan.group import grouped
from gateway.plan.grow import Grower
from gateway.plan.join import JoinStep
from gateway.plan.known import (
    ATTEMPT,
    ORDER_KEY,
    answer_types,
    calls_type,
    lines_type,
    orders_type,
    shared_types,
)
from gateway.plan.lets import Lets, bind
from gateway.plan.names import CONTRACT, SETTINGS, VENDOR, Meaning, Names, Origin
from gateway.plan.reply import ReplyStep
from gateway.plan.stock import ShortageStep

ALONE = "call"
"""The name of a mapping's only call."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """What a mapping finds around it in gateway.yaml."""

    vendors: Mapping[str, str]
    """The base URL of each; empty where it couldn't be read."""
    timeouts: Mapping[str, float]
    """The seconds that each has for an answer, where its settings could be read."""
    categories: Mapping[str, str]
    object_schemas: Mapping[str, Schema]
    settings: Type


def calls_of(spec: MappingSpec) -> tuple[CallSpec, ...]:
    """Give all calls of a mapping, named or not."""
    alone = (spec.call,) if spec.call is not None else ()
    return (*alone, *(spec.calls or {}).values())


def build_mapping(spec: MappingSpec, builder: Builder, around: Deployment) -> Plan | None:
    """Build one mapping's plan; every problem is reported, and None given if there was any."""
    contract = CONTRACTS.get(spec.contract.text)
    if contract is None:
        builder.problems.error(
            "unknown-contract",
            f"`{spec.contract.text}` is no contract of Nacelle's.",
            spec.contract.place,
            suggestion(spec.contract.text, CONTRACTS),
        )
        return None
    return _MappingBuilder(spec, builder, around, contract).build()


@dataclass(frozen=True, slots=True)
class _MappingBuilder:
    spec: MappingSpec
    builder: Builder
    around: Deployment
    contract: Contract

    def build(self) -> Plan | None:
        specs = self._specs()
        if not specs:
            return None
        alone = self.spec.call is not None
        names = self._names(specs, alone=alone)
        bound = bind(self.builder, self.spec, names.after(specs))
        calls = self._call_builder(bound.lets)
        before = bound.names.after(())
        deliveries = DeliveryBuilder(self.builder, self.spec, self.contract)
        deliveries.check_effects(specs, calls)
        built: dict[str, CallStep] = {}
        needs: dict[str, frozenset[str]] = {}
        for position, (name, call) in enumerate(specs.items()):
            earlier = before.after(list(specs)[:position])
            compiled = len(self.builder.programs)
            step = calls.build(name, call, earlier, alone=alone)
            needs[name] = before.meaning(self.builder.programs[compiled:]).needs - {name}
            if step is not None:
                built[name] = step
        reads = [name for name in specs if not calls.is_effect(specs[name])]
        joins = self._joins(specs, built, before.after(reads))
        reply = self._reply(before.after(specs))
        delivery = deliveries.build(before, built)
        if reply is None or self.builder.problems.fatal:
            return None
        key = [delivery.key] if delivery is not None else []
        return Plan(
            mapping=self.spec.mapping.text,
            file=self.spec.place.file,
            contract=self.contract,
            category=self.around.categories[self.contract.name],
            lets=bound.lets,
            calls=tuple(built),
            steps=(*key, *_between(list(built.values()), needs, joins), reply, *self._notes(built)),
            delivery=delivery,
        )

    def _call_builder(self, lets: Lets) -> CallBuilder:
        return CallBuilder(
            self.builder,
            self.contract,
            self.around.vendors,
            self.spec.vendor,
            self.spec.errors,
            spare=frozenset(lines.from_.text for lines in self.spec.lines if lines.on_fault),
            lets=lets,
            timeouts=self.around.timeouts,
            renewing=self.spec.delivery is not None and self.spec.delivery.changed == "send",
        )

    def _specs(self) -> dict[str, CallSpec]:
        """Give the calls by name; none where that isn't clear, which is reported."""
        if self.spec.call is not None and self.spec.calls is not None:
            self.builder.problems.error(
                "conflicting-keys",
                "`call` and `calls` can't both be given.",
                self.spec.key_place("call"),
                "Move this call below `calls:` and give it a name.",
            )
            return {}
        if self.spec.calls:
            return dict(self.spec.calls)
        if self.spec.call is None:
            self.builder.problems.error(
                "missing-key",
                "This mapping has no call.",
                self.spec.key_place("calls"),
                "Add `call:` with its `request:`; or `calls:`, with several by name.",
            )
            return {}
        return {ALONE: self.spec.call}

    def _names(self, specs: Mapping[str, CallSpec], *, alone: bool) -> Names:
        document = self.builder.type_of(self.around.object_schemas.get(self.contract.object))
        lists = frozenset(name for name, call in specs.items() if call.each is not None)
        results = frozenset(name for name, call in specs.items() if call.result is not None)
        answered = {name: self._answered(call) for name, call in specs.items()}
        known = {
            self.contract.object: CONTRACT.typed(document),
            "lines": CONTRACT.typed(lines_type(document)),
            "orders": CONTRACT.typed(orders_type(document)),
            "order_key": CONTRACT.typed(ORDER_KEY),
            "settings": SETTINGS.typed(self.around.settings),
            "received_at": SETTINGS.typed(
                STRING
            ),  # an order's stays what it was when it first came
            "calls": VENDOR.typed(calls_type(answered, lists, results)),
        }
        if self.contract.effect:
            known["attempt"] = ATTEMPT
        if alone and not lists:
            answer = Meaning(Origin.VENDOR, frozenset({ALONE}))
            known |= {name: answer.typed(type_) for name, type_ in answered[ALONE].items()}
        return Names(known, tuple(specs))

    def _answered(self, call: CallSpec) -> Mapping[str, Type]:
        """Give the types of what the rest of the mapping sees of a call's answer."""
        body = self.builder.body_type(call)
        rows = call.pages.rows if call.pages else call.batch.rows if call.batch else None
        if rows is None or call.batch is None or not call.batch.shared:
            return answer_types(body)
        return shared_types(body, [part.strip() for part in rows.text.split(".")[1:]])

    def _joins(
        self, specs: Mapping[str, CallSpec], built: Mapping[str, CallStep], names: Names
    ) -> list[JoinStep]:
        lines = LinesBuilder(self.builder, self.contract, specs, built)
        several = len(self.spec.lines) > 1
        joins = [
            lines.build(f"lines {number}" if several else "lines", spec, names)
            for number, spec in enumerate(self.spec.lines, start=1)
        ]
        return [join for join in joins if join is not None]

    def _reply(self, names: Names) -> ReplyStep | None:
        schema = self.around.object_schemas.get(self.contract.object)
        if schema is None:  # the deployment's own is broken, which is reported
            return None
        if self.spec.reply is None or not isinstance(self.spec.reply.set.node, Keys):
            return ReplyStep(None, schema)
        if not self.contract.fields:
            self.builder.problems.error(
                "not-owned",
                f"`{self.contract.name}` sends the order back as it came.",
                self.spec.key_place("reply"),
                "Leave `reply` out.",
            )
        self._check_owned(self.spec.reply.set.node)
        block = Grower(self.builder, names).block(self.spec.reply.set.node)
        if block is not None:
            check_fields(block, self.builder.type_of(schema), self.builder.problems)
        return ReplyStep(block, schema)

    def _notes(self, calls: Mapping[str, CallStep]) -> list[Step]:
        """Tell what a checkout had to do without; an order goes back as it came."""
        may_fail = (
            call.spare
            or (call.each and call.each.report)
            or (call.batch and call.batch.sharing and call.batch.sharing.stale)
            for call in calls.values()
        )
        return [NotesStep()] if any(may_fail) and not self.contract.effect else []

    def _check_owned(self, block: Keys) -> None:
        for name, _ in block.entries if self.contract.fields else ():
            key = name.text.removesuffix("?")
            if key not in self.contract.fields and not is_directive_key(key):  # reported as such
                self.builder.problems.error(
                    "not-owned",
                    f"`{self.contract.name}` doesn't let a mapping set `{key}`.",
                    name.place,
                    suggestion(key, self.contract.fields),
                )


def _between(
    calls: list[CallStep], needs: Mapping[str, frozenset[str]], joins: list[JoinStep]
) -> list[Step]:
    """Order what runs between the key and the reply: nothing is taken before all is checked."""
    reads = [call for call in calls if not call.judge.effect]
    effects = [call for call in calls if call.judge.effect]
    shortage = [ShortageStep()] if any(join.reject for join in joins) else []
    return [*grouped(reads, needs), *joins, *shortage, *effects]
