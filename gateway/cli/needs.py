"""What a mapping needs of those who run it: settings, environment variables, secret files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.config.nodes import Mapping, Scalar, Sequence
from gateway.expressions.reads import reads_of
from gateway.plan.group import calls_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.cli.common import Ready
    from gateway.config.nodes import Node
    from gateway.expressions.compiler import Program
    from gateway.plan.call import CallStep
    from gateway.plan.exchange import Plan
    from gateway.plan.flow import Flow


@dataclass(frozen=True, slots=True)
class Outside:
    """A place of gateway.yaml whose value comes from elsewhere: a `variable`, or else a file."""

    place: str
    name: str
    variable: bool
    default: bool


def settings_of(plan: Plan, flow: Flow) -> list[str]:
    """Name the settings that a plan reads."""
    texts = [text for name in flow.names for text in name.sources]
    later = [field for step in flow.steps.values() for field in step.later]
    texts += [text for field in (*flow.fields, *later) for text in field.reads.texts]
    judging = [each for call in _calls(plan) for each in _judging(call)]
    texts += [text for each in judging for text in reads_of(each.ast, {}).texts]
    return sorted({text.partition("[")[0] for text in texts if text.startswith("settings.")})


def _judging(call: CallStep) -> Iterator[Program]:
    """Give what says what an answer means, also that of a `find` or an `undo`."""
    judges, effect = [call.judge], call.effect
    if effect is not None and effect.find is not None:
        judges.append(effect.find.judge)
        yield effect.find.found
    if effect is not None and effect.undo is not None:
        judges.append(effect.undo.judge)
    for judge in judges:
        if judge.succeeds is not None:
            yield judge.succeeds
        for rule in judge.rules:
            yield rule.when
            yield from rule.error.inserts if rule.error is not None else ()


def outside_of(plan: Plan, ready: Ready) -> list[Outside]:
    """List what gateway.yaml takes from elsewhere for who calls and for the vendors it calls."""
    found = list(_outside(ready.spec.node.get("nacelle"), "nacelle"))
    for name in dict.fromkeys(call.vendor for call in _calls(plan)):
        found += _outside(ready.spec.vendors[name].node, f"vendors.{name}")
    return found


def _calls(plan: Plan) -> Iterator[CallStep]:
    for step in plan.steps:
        yield from calls_in(step)


def _outside(node: Node | None, place: str) -> Iterator[Outside]:
    if isinstance(node, Sequence):
        for at, item in enumerate(node.items):
            yield from _outside(item, f"{place}[{at}]")
    if not isinstance(node, Mapping):
        return
    variable, file = node.get("env"), node.get("file")
    if isinstance(variable, Scalar):
        yield Outside(place, variable.text, variable=True, default=node.get("default") is not None)
    elif isinstance(file, Scalar):
        yield Outside(place, file.text, variable=False, default=False)
    else:
        for name, value in node.entries:
            yield from _outside(value, f"{place}.{name.text}")
