"""`gateway explain`: what a mapping does, in the order in which it happens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from gateway.cli.common import Ready, complete_mapping, config_option, find_plan, read
from gateway.cli.flow_text import ending, field_lines, name_lines, part_lines
from gateway.cli.show import printable
from gateway.plan.call import CallStep, KeyStep
from gateway.plan.content import GraphqlContent, JsonContent
from gateway.plan.flow import Flow, StepFlow, flow_of
from gateway.plan.group import GroupStep
from gateway.plan.join import JoinStep
from gateway.plan.reply import ReplyStep
from gateway.plan.stock import ShortageStep
from gateway.plan.worst_case import call_time, worst_case

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gateway.plan.exchange import Plan, Step

_INDENT = "     "


@click.command()
@click.argument("mapping", shell_complete=complete_mapping)
@click.option("--types", "full", is_flag=True, help="Show each field of each name, with its type.")
@config_option
def explain(mapping: str, config: Path, *, full: bool) -> None:
    """Say what a mapping does: its steps, calls, joins and error rules, in order.

    MAPPING is a mapping's name or its contract. Shown are the names in each scope with their types,
    and for each field that is sent or set the data that it comes from (`←`) and its type. A `?`
    marks what may be missing or null, `[]` the elements of a list. The end lists what a document
    must hold besides what the contract asks for.
    """
    ready = read(config, stand_in=True)
    for line in describe(find_plan(ready.plans, mapping), ready, full=full):
        click.echo(printable(line))


def describe(plan: Plan, ready: Ready, *, full: bool) -> Iterator[str]:
    """Describe a plan, line by line; `full` with each field of each name."""
    kind = "an effect: it changes something" if plan.contract.effect else "a read: changes nothing"
    yield f"{plan.mapping} ({plan.file})"
    yield f"  contract   {plan.contract.name}, {kind}"
    yield f"  called at  POST {ready.plans.paths[plan.contract.name]}"
    yield f"  errors as  category {plan.category}"
    worst, deadline = worst_case(plan, ready.spec.vendors), ready.spec.nacelle.deadline.seconds
    yield f"  at worst   {worst.seconds:g} s of calls; the deadline cuts off at {deadline:g} s"
    flow = flow_of(plan)
    yield ""
    yield "names everywhere"
    yield from name_lines(flow.names, "  ", full=full)
    for number, step in enumerate(plan.steps, start=1):
        yield ""
        yield from _step(number, step, ready, Told(flow, full))
    yield from ending(flow)


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of a plan's data, and whether it is told in full."""

    flow: Flow
    full: bool

    def of(self, step: Step) -> StepFlow:
        return self.flow.steps.get(step.name, StepFlow())

    def data(self, step: Step) -> Iterator[str]:
        """Tell a step's own names, and what it makes of which data."""
        found = self.of(step)
        if found.names:
            yield f"{_INDENT}names"
            yield from name_lines(found.names, f"{_INDENT}  ", full=self.full)
        for part in found.parts:
            yield from part_lines(part, _INDENT)


_OUTCOMES = {"done": "done", "find": "in doubt", "retry": "not done, sent again,"}
"""What an error rule that doesn't reply makes of an answer."""


def _step(number: int, step: Step, ready: Ready, told: Told) -> Iterator[str]:
    if isinstance(step, CallStep):
        yield from _call(f"{number}.", step, ready, told)
    elif isinstance(step, GroupStep):
        yield f"{number}. at once: {', '.join(call.call for call in step.calls)}"
        for inner, call in enumerate(step.calls, start=1):
            yield from _call(f"{number}.{inner}.", call, ready, told)
    elif isinstance(step, JoinStep):
        yield from _join(number, step)
        yield from told.data(step)
    elif isinstance(step, ReplyStep):
        fields = [twig.key for twig in step.set.twigs] if step.set else []
        yield f"{number}. reply: " + (f"sets {', '.join(fields)}" if fields else "as it came")
        yield from told.data(step)
    elif isinstance(step, KeyStep):
        yield f"{number}. {step.name}: `{step.key.text}` tells orders apart; without it 400"
    elif isinstance(step, ShortageStep):
        yield f"{number}. {step.name}: lines that stock can't fill end the exchange with 422"
    else:
        yield f"{number}. {step.name}"


def _call(number: str, step: CallStep, ready: Ready, told: Told) -> Iterator[str]:
    effect = "effect" if step.judge.effect else "read"
    yield f"{number} {step.name}: {effect} at {step.vendor}"
    if step.when:
        yield f"     only where `{step.when.leaf.program.text}` is true"
    if step.each:
        each = f"`{step.each.elements.program.text}`"
        yield f"     once for each of {each}, {step.each.at_once} at a time"
    spec = ready.spec.vendors[step.vendor]
    path = "".join(
        part if isinstance(part, str) else f"{{{part.text}}}"
        for part in step.request.path.template.parts
    )
    yield f"     {step.request.method} {spec.base_url}{path}"
    if step.batch:
        yield f"     for each of `{step.batch.keys.text}`, {step.batch.told}"
    if step.pages:
        yield f"     page by page {step.pages.way.told}, ≤ {step.pages.at_most}"
    content = step.request.content
    if isinstance(content, JsonContent | GraphqlContent) and content.schema:
        yield f"     the request satisfies {content.schema.name}"
    if step.judge.schema:
        yield f"     the answer satisfies {step.judge.schema.name}"
    if step.effect and step.effect.find:
        found = step.effect.find.found.text
        yield f"     in doubt {step.vendor} is asked, and has it where `{found}`"
    yield f"     takes at most {call_time(step, spec)}"
    yield from told.data(step)
    for rule, details in zip(step.judge.rules, told.of(step).rules, strict=True):
        outcome = f"error {rule.status}" if rule.then == "fail" else _OUTCOMES[rule.then]
        yield f"     {outcome} when {rule.when.text}"
        yield from field_lines(details, f"{_INDENT}  ")


def _join(number: int, step: JoinStep) -> Iterator[str]:
    fields = ", ".join(twig.key for twig in step.set.block.twigs)
    yield f"{number}. {step.name}: rows of `{step.groups.call}` to lines"
    row, line = step.groups.row.program.text, step.line.program.text
    yield f"     where `{row}` equals `{line}`, sets {fields}"
    if step.refuse_unmatched:
        yield "     a line without a row: 422"
    elif step.unmatched is None:
        yield "     a line without a row stays as it came"
    else:
        others = ", ".join(twig.key for twig in step.unmatched.twigs)
        yield f"     a line without a row gets its own {others}"
    if step.on_fault is not None:
        instead = ", ".join(twig.key for twig in step.on_fault.twigs)
        yield f"     where {step.groups.vendor} fails, lines get their own {instead}"
