"""A plan as a Mermaid flowchart: its steps, the vendors that they call, and where it can end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.plan.call import CallStep, KeyStep
from gateway.plan.group import GroupStep, calls_in
from gateway.plan.join import JoinStep
from gateway.plan.reply import ReplyStep
from gateway.plan.stock import ShortageStep

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.plan.exchange import Plan, Step

_MOST = 60
"""A longer line in a box is cut."""


def diagram(plan: Plan, path: str) -> Iterator[str]:
    """Draw a plan that is called at this path, line by line."""
    yield "flowchart TD"
    yield f"  start([{_label(f'POST {path}')}])"
    before, refused = ["start"], False
    for number, step in enumerate(plan.steps, start=1):
        now = []
        for at, (text, part) in enumerate(_boxes(step), start=1):
            box = f"step{number}_{at}" if isinstance(step, GroupStep) else f"step{number}"
            now.append(box)
            yield f"  {box}[{_label(*text)}]"
            yield from (f"  {each} --> {box}" for each in before)
            if isinstance(part, CallStep):
                yield f"  {box} <--> {_vendor(part.vendor)}[({_label(part.vendor)})]"
            statuses = refusals(part)
            refused = refused or bool(statuses)
            if statuses:
                yield f"  {box} -. {_label(', '.join(map(str, statuses)))} .-> refused"
        before = now
    yield f"  answered([{_label(f'200, the {plan.contract.object}')}])"
    yield from (f"  {each} --> answered" for each in before)
    if refused:
        yield f"  refused([{_label('an error')}])"


def refusals(step: Step) -> list[int]:
    """Name the statuses with which a step ends an exchange as its mapping says."""
    found: set[int] = set()
    if isinstance(step, CallStep):
        found |= {rule.status for rule in step.judge.rules if rule.then == "fail"}
    elif isinstance(step, KeyStep):
        found.add(400)
    elif isinstance(step, ShortageStep) or (isinstance(step, JoinStep) and step.refuse_unmatched):
        found.add(422)
    return sorted(found)


def _boxes(step: Step) -> Iterator[tuple[list[str], Step]]:
    """Give what stands in a step's box; calls that run at once have one each."""
    calls = calls_in(step)
    for call in calls:
        text = [call.name, f"{call.request.method} {call.request.path.template.text}"]
        if call.when:
            text.append(f"only where {call.when.leaf.program.text}")
        if call.each:
            text.append(f"for each of {call.each.elements.program.text}")
        yield text, call
    if isinstance(step, JoinStep):
        sets = ", ".join(twig.key for twig in step.set.block.twigs)
        yield [step.name, f"rows of {step.groups.call}, sets {sets}"], step
    elif isinstance(step, ReplyStep):
        sets = ", ".join(twig.key for twig in step.set.twigs) if step.set else ""
        yield [step.name, f"sets {sets}" if sets else "as it came"], step
    elif not calls:
        yield [step.name], step


def _vendor(name: str) -> str:
    return "vendor_" + "".join(each if each.isalnum() else "_" for each in name)


def _label(*lines: str) -> str:
    """Quote a text for Mermaid, which has names for what means something to it."""
    cut = (line if len(line) <= _MOST else f"{line[: _MOST - 1]}…" for line in lines)
    return '"' + "<br/>".join(map(_escaped, cut)) + '"'


def _escaped(line: str) -> str:
    # In this order: the names themselves begin with `#`.
    for mark, name in (("#", "#35;"), ('"', "#quot;"), ("<", "#lt;"), (">", "#gt;"), ("`", "#96;")):
        line = line.replace(mark, name)
    return line
