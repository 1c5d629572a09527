"""A mapping's page in Markdown: what it does, from what, what can go wrong, and what it needs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gateway.cli.diagram import diagram
from gateway.cli.needs import outside_of, settings_of
from gateway.cli.show import printable
from gateway.config.nodes import Mapping, Scalar
from gateway.expressions.types.words import describe
from gateway.plan.content import GraphqlContent, JsonContent
from gateway.plan.flow import StepFlow, flow_of
from gateway.plan.group import calls_in
from gateway.plan.join import JoinStep
from gateway.plan.names import Origin
from gateway.plan.reply import ReplyStep
from gateway.plan.stock import ShortageStep
from gateway.plan.worst_case import call_time, worst_case

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gateway.cli.common import Ready
    from gateway.config.vendor_spec import VendorSpec
    from gateway.plan.call import CallStep
    from gateway.plan.effect import Effect
    from gateway.plan.exchange import Delivery, Plan
    from gateway.plan.flow import Flow
    from gateway.plan.outputs import Field, Lack

_TITLES = {
    "decides": "What decides about it",
    "path": "In the path",
    "query": "In the query",
    "headers": "Headers",
    "sets": "What a line gets",
    "unmatched": "What a line without a row gets",
    "on_fault": "What the lines get where the vendor fails",
}


_BECOMES = {
    "retry": "sent again: nothing was done",
    "find": "asked for: it may have been done",
    "done": "taken for a success",
}
_CHANGED = {
    "refuse": "is refused",
    "ignore": "is answered as the first was",
    "send": "is delivered as well",
}
_FIELDS = ("field", "from", "type")
_BAR = "\\|"


def page(plan: Plan, ready: Ready) -> str:
    """Write the page of a mapping."""
    flow = flow_of(plan)
    blocks = [
        *_head(plan, ready),
        *_calls(plan, ready, flow),
        *_answer(plan, flow),
        *_needs(plan, ready, flow),
    ]
    return "\n\n".join(blocks) + "\n"


def _head(plan: Plan, ready: Ready) -> Iterator[str]:
    contract, path = plan.contract, ready.plans.paths[plan.contract.name]
    kind = "an effect: it changes something" if contract.effect else "a read: it changes nothing"
    worst, deadline = worst_case(plan, ready.spec.vendors), ready.spec.nacelle.deadline.seconds
    yield f"<!-- Made by `gateway docs` from {plan.file}: change it there. -->"
    yield f"# {plan.mapping}"
    yield (
        f"Answers {code(f'POST {path}')}, the contract `{contract.name}`, {kind}. "
        f"Errors have the category `{plan.category}`."
    )
    yield (
        f"**Time.** Its calls take {worst.seconds:g} s at worst ({worst}). "
        f"The deadline cuts off at {deadline:g} s."
    )
    if plan.delivery is not None:
        yield _delivery(plan.delivery)
    yield "\n".join(["```mermaid", *diagram(plan, path), "```"])


def _delivery(delivery: Delivery) -> str:
    when = "as soon as the order is stored" if delivery.stored else "when it is delivered"
    hours = delivery.give_up_after / 3600
    return (
        f"**Delivery.** Nacelle is answered {when}. Where that fails for a time, it is tried again "
        f"for {hours:g} hours. The same order with other content {_CHANGED[delivery.changed]}."
    )


def _calls(plan: Plan, ready: Ready, flow: Flow) -> Iterator[str]:
    for step in plan.steps:
        for call in calls_in(step):
            spec = ready.spec.vendors[call.vendor]
            effect = "an effect" if call.judge.effect else "a read"
            yield f"## {code(call.name)}: {effect} at {call.vendor}"
            if len(calls_in(step)) > 1:
                others = [code(each.name) for each in calls_in(step) if each is not call]
                yield f"At the same time as {', '.join(others)}."
            yield "\n".join(f"- {each}" for each in _facts(call, spec))
            found = flow.steps.get(call.name, StepFlow())
            yield from _parts(found)
            yield from _rules(call, found)


def _facts(call: CallStep, spec: VendorSpec) -> Iterator[str]:
    request, judge = call.request, call.judge
    yield code(f"{request.method} {_address(spec)}{request.path.template.text}")
    if call.when:
        yield f"only where {code(call.when.leaf.program.text)} is true"
    if call.each:
        elements = code(call.each.elements.program.text)
        yield f"once for each of {elements}, {call.each.at_once} at a time"
    if call.batch:
        yield f"for each of {code(call.batch.keys.text)}, {call.batch.told}"
    if call.pages:
        yield f"page by page {call.pages.way.told}, {call.pages.at_most} pages at most"
    content = request.content
    if isinstance(content, JsonContent | GraphqlContent) and content.schema:
        yield f"the request satisfies `{content.schema.name}`"
    if judge.schema:
        yield f"the answer satisfies `{judge.schema.name}`"
    yield from _doubt(call.effect) if call.effect else ()
    yield f"takes at most {call_time(call, spec)}"


def _doubt(effect: Effect) -> Iterator[str]:
    """Tell what becomes of an effect that may have happened, or that has to be taken back."""
    if effect.find is not None:
        asks, found = effect.find.request, code(effect.find.found.text)
        called = code(f"{asks.method} {asks.path.template.text}")
        yield f"where no answer came: {called} asks for it, and {found} is what is there"
    if effect.undo is not None:
        back = effect.undo.request
        called = code(f"{back.method} {back.path.template.text}")
        yield f"where a later call fails for good: {called} takes it back"


def _address(spec: VendorSpec) -> str:
    """Give a vendor's address as gateway.yaml has it, so that a page is the same everywhere."""
    node = spec.node.get("base_url")
    variable = node.get("env") if isinstance(node, Mapping) else None
    return f"{{{variable.text}}}" if isinstance(variable, Scalar) else spec.base_url


def _rules(call: CallStep, found: StepFlow) -> Iterator[str]:
    if not call.judge.rules:
        return
    yield "**Errors**, the first that applies:"
    rows = []
    for rule, details in zip(call.judge.rules, found.rules, strict=True):
        told = ", ".join(f"{code(each.path)} ← {_from(each)}" for each in details)
        becomes = str(rule.status) if rule.then == "fail" else _BECOMES[rule.then]
        said = code(rule.error.text) if rule.error else ""
        rows.append((code(rule.when.text), becomes, said, told))
    yield table(("where", "then", "says", "details"), rows)


def _answer(plan: Plan, flow: Flow) -> Iterator[str]:
    yield "## What goes back"
    joins = [step for step in plan.steps if isinstance(step, JoinStep)]
    for step in joins:
        row, line = code(step.groups.row.program.text), code(step.line.program.text)
        aim = "" if step.writes else ", to check the stock only"
        yield f"Rows of `{step.groups.call}` go to lines where {row} equals {line}{aim}."
        yield from _parts(flow.steps[step.name])
        if step.refuse_unmatched:
            yield "A line without a row ends the exchange with 422."
        elif step.unmatched is None:
            yield "A line without a row stays as it came."
    if any(isinstance(step, ShortageStep) for step in plan.steps):
        yield "Lines that stock can't fill end the exchange with 422."
    reply = next((step for step in plan.steps if isinstance(step, ReplyStep) and step.set), None)
    if reply is not None:
        yield f"What the {plan.contract.object} gets:"
        fields = [field for part in flow.steps[reply.name].parts for field in part.fields]
        yield table(_FIELDS, map(_row, fields))
    elif not any(step.writes for step in joins):
        yield f"The {plan.contract.object} goes back as it came."


def _parts(found: StepFlow) -> Iterator[str]:
    for part in found.parts:
        if part.title == "key":
            continue
        yield f"{_TITLES.get(part.title, f'The {part.title}')}:"
        yield table(_FIELDS, map(_row, part.fields))


def _row(field: Field) -> tuple[str, str, str]:
    kind = "" if field.written is not None else describe(field.type)
    return code(field.path) if field.path else "all of it", _from(field), kind


def _from(field: Field) -> str:
    if field.written is not None:
        return f"always {code(field.written)}"
    texts = ", ".join(map(code, field.reads.texts)) or "no data"
    return f"{field.role} {texts}" if field.role else texts


def _needs(plan: Plan, ready: Ready, flow: Flow) -> Iterator[str]:
    yield "## What it needs"
    settings = settings_of(plan, flow)
    if settings:
        yield f"Settings of gateway.yaml: {', '.join(map(code, settings))}."
    rows = [
        (
            code(each.name),
            ("variable" if each.variable else "file") + (", or a default" if each.default else ""),
            code(each.place),
        )
        for each in outside_of(plan, ready)
    ]
    if rows:
        yield table(("from outside", "kind", "for"), rows)
    lacks = [lack for _, lack in flow.lacks]
    absent = [lack for lack in lacks if lack.origin is Origin.CONTRACT]
    if absent:
        yield f"Without one of these the answer is 400: {_wanted(absent)}."
    null = [lack for lack in lacks if lack.origin is not Origin.CONTRACT]
    if null:
        yield f"Where one of these is null it is 500: {_wanted(null)}."


def _wanted(lacks: Iterable[Lack]) -> str:
    return ", ".join(dict.fromkeys(" or ".join(map(code, lack.wanted)) for lack in lacks))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table, also of cells that hold what would end one."""
    lines = [f"| {' | '.join(cell.replace('|', _BAR) for cell in row)} |" for row in (head, *rows)]
    return "\n".join([lines[0], f"|{'---|' * len(head)}", *lines[1:]])


def code(text: str) -> str:
    """Write an expression or a name as code, on one line, whatever backticks it has of its own."""
    text = " ".join(printable(text).split())
    runs = [len(run) for run in re.findall("`+", text)]
    fence = "`" * (max(runs, default=0) + 1)
    pad = " " if runs else ""
    return f"{fence}{pad}{text}{pad}{fence}"
