"""What goes in and out of each step of a plan, for `gateway explain`: names, types, sources."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from gateway.expressions.frame import Frame
from gateway.expressions.reads import Place, Reads, reads_of
from gateway.expressions.types.model import UNKNOWN, Type
from gateway.plan.call import CallStep
from gateway.plan.content import (
    FormContent,
    GraphqlContent,
    JsonContent,
    MultipartContent,
    TextContent,
)
from gateway.plan.effect import Effect
from gateway.plan.exchange import Plan
from gateway.plan.group import GroupStep
from gateway.plan.join import JoinStep
from gateway.plan.lets import Named
from gateway.plan.names import INDEX
from gateway.plan.outputs import Field, Known, Lack, fields_of, reads_of_branch, type_at
from gateway.plan.reply import ReplyStep
from gateway.plan.request import RequestPlan
from gateway.plan.tree import Branch, Leaf, Words

_EVERYWHERE = ("lines", "orders", "order_key", "settings", "received_at")
_ANSWER = ("status", "headers", "body")


@dataclass(frozen=True, slots=True)
class Name:
    """A name of the scope; `sources` of one that is made from others."""

    name: str
    type: Type
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One part of what a step makes: a request's `body`, the fields that a join `sets`."""

    title: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class StepFlow:
    """The names that a step adds to those around it, what it makes, and what its rules say."""

    names: tuple[Name, ...] = ()
    parts: tuple[Part, ...] = ()
    rules: tuple[tuple[Field, ...], ...] = ()
    """One for each error rule, in order."""
    later: tuple[Field, ...] = ()
    """What goes into the requests that ask for an effect in doubt, or take it back."""

    @property
    def fields(self) -> Iterator[Field]:
        for part in self.parts:
            yield from part.fields
        for rule in self.rules:
            yield from rule


@dataclass(frozen=True, slots=True)
class Flow:
    """A plan's names, and the flow of its calls, joins and reply by the name of the step."""

    names: tuple[Name, ...]
    steps: Mapping[str, StepFlow]
    bare: Mapping[str, str]
    """The calls whose answers have no schema, each with the name of its answer's body."""

    @property
    def fields(self) -> list[Field]:
        return [field for step in self.steps.values() for field in step.fields]

    @property
    def lacks(self) -> list[tuple[Field, Lack]]:
        """Give what may be missing for fields that must be there."""
        return [(field, lack) for field in self.fields for lack in field.lacks]

    @property
    def leaves(self) -> list[Field]:
        """Give the fields whose values come from data, one by one."""
        return [field for field in self.fields if field.written is None and not field.role]

    @property
    def unknown(self) -> list[Field]:
        """Give those of which nothing is known until they are there."""
        return [field for field in self.leaves if field.type.unknown]

    @property
    def without_schema(self) -> list[str]:
        """Name the calls from which such fields come, and whose answers have no schema."""
        sources = [text for field in self.unknown for text in field.reads.texts]
        return [
            call
            for call, body in self.bare.items()
            if any(text == body or text.startswith((f"{body}.", f"{body}[")) for text in sources)
        ]


def flow_of(plan: Plan) -> Flow:
    """Follow the data through a plan."""
    known = _named(plan.lets, {})
    steps: dict[str, StepFlow] = {}
    calls = list(_calls(plan))
    for call in calls:
        steps[call.name] = _CallFlow(call, known).flow()
    for step in plan.steps:
        if isinstance(step, JoinStep):
            source = next(call for call in calls if call.call == step.groups.call)
            steps[step.name] = _join_flow(step, known, source)
        if isinstance(step, ReplyStep) and step.set is not None:
            steps[step.name] = StepFlow(parts=(_part("sets", step.set, known),))
    bare = {
        call.call: _body(call).text
        for call in calls
        if call.judge.schema is None and call.judge.read_as == "json"
    }
    types = calls[0].request.path.blame.scope.types
    everywhere = [
        Name(name, types[name]) for name in (plan.contract.object, *_EVERYWHERE) if name in types
    ]
    made = [Name(name, types.get(name, UNKNOWN), known[name].texts) for name in plan.lets]
    return Flow((*everywhere, *made), steps, bare)


def _calls(plan: Plan) -> Iterator[CallStep]:
    for step in plan.steps:
        if isinstance(step, CallStep):
            yield step
        elif isinstance(step, GroupStep):
            yield from step.calls


def _named(lets: Mapping[str, Callable[[Frame], object]], around: Known) -> dict[str, Reads]:
    """Find what the names of a `let` come from; they stand in the order of their need."""
    known = dict(around)
    for name, value in lets.items():
        known[name] = reads_of_branch(value.branch, known) if isinstance(value, Named) else Reads()
    return known


def _part(title: str, branch: Branch, known: Known, path: str = "") -> Part:
    return Part(title, tuple(fields_of(branch, known, path)))


@dataclass(frozen=True, slots=True)
class _CallFlow:
    call: CallStep
    around: Known

    def flow(self) -> StepFlow:
        call = self.call
        known = dict(self.around)
        if call.each is not None:
            known[call.each.name] = reads_of(call.each.elements.program.ast, known).element
            known[INDEX] = Reads()
        if call.batch is not None:
            known["keys"] = reads_of(call.batch.keys.ast, known)
        known = _named(call.lets, known)
        judged = known | _answer(call)
        rules = (
            tuple(fields_of(rule.details, judged, "details")) if rule.details is not None else ()
            for rule in call.judge.rules
        )
        parts = [self._deciding(known), *_sent(call.request, known)]
        return StepFlow(
            tuple(self._names(known)),
            tuple(part for part in parts if part.fields),
            tuple(rules),
            tuple(_later(call.effect, known)) if call.effect is not None else (),
        )

    def _names(self, known: Known) -> Iterator[Name]:
        types = self.call.request.path.blame.scope.types
        each = self.call.each.name if self.call.each is not None else None
        for name in (each, "keys", "page", *self.call.lets):
            if name is not None and name in types:
                yield Name(name, types[name], known[name].texts if name in known else ())
        body = _body(self.call)
        yield Name(body.text, type_at(body, types))

    def _deciding(self, known: Known) -> Part:
        """Give what decides whether, how often and under which key the call is made."""
        call = self.call
        outer = self.around
        found: list[Field] = []
        if call.when is not None:
            found.extend(fields_of(call.when.leaf, outer, "when"))
        if call.each is not None:
            found.extend(fields_of(call.each.elements, outer, "each"))
        if call.batch is not None:
            found.extend(fields_of(Leaf(call.batch.keys, call.batch.blame), known, "keys"))
        if call.request.idempotency is not None:
            found.extend(fields_of(call.request.idempotency, known, "idempotency"))
        return Part("decides", tuple(found))


def _sent(request: RequestPlan, known: Known) -> Iterator[Part]:
    path = request.path
    if path.template.inserts:
        yield _part("path", Words(path.template, path.blame), known, path.template.text)
    for title, pairs in (("query", request.query), ("headers", request.headers)):
        if pairs is not None:
            yield _part(title, pairs.block, known)
    match request.content:
        case JsonContent(document=document):
            yield _part("body", document, known)
        case FormContent(fields=pairs):
            yield _part("form", pairs.block, known)
        case MultipartContent(parts=parts):
            yield _part("multipart", parts, known)
        case TextContent(text=text):
            yield _part("text", text, known)
        case GraphqlContent(variables=variables) if variables is not None:
            yield _part("variables", variables, known)


def _later(effect: Effect, known: Known) -> Iterator[Field]:
    find, undo = effect.find, effect.undo
    parts = [*_sent(find.request, known)] if find is not None else []
    parts += _sent(undo.request, _named(undo.lets, known)) if undo is not None else []
    for part in parts:
        yield from part.fields


def _answer(call: CallStep) -> dict[str, Reads]:
    """Lead the names of an answer to where it is kept."""
    home: tuple[str, ...] = () if call.alone and call.each is None else ("calls", f".{call.call}")
    if call.each is not None:
        home = (*home, "[]")
    return {name: Reads((Place((*home, f".{name}") if home else (name,)),)) for name in _ANSWER}


def _body(call: CallStep) -> Place:
    (place,) = _answer(call)["body"].places
    return place


def _join_flow(step: JoinStep, around: Known, call: CallStep) -> StepFlow:
    known = dict(around)
    lines = Reads((Place(("lines",)),))
    of = reads_of(step.of.program.ast, known) if step.of.program is not None else lines
    known["line"] = of.element
    inner = known | _answer(call)
    if call.each is not None:
        inner[call.each.name] = reads_of(call.each.elements.program.ast, around).element
        inner[INDEX] = Reads()
    rows = reads_of(step.groups.rows.ast, inner)
    matched = {**known, "row": rows.element, "rows": rows}
    key = Leaf(step.line.program, step.line.blame)
    blocks = (
        ("sets", step.set.block, matched),
        ("unmatched", step.unmatched, known),
        ("on_fault", step.on_fault, known),
    )
    made = [_part(title, block, names) for title, block, names in blocks if block is not None]
    names = (
        Name("line", step.line.blame.scope.types.get("line", UNKNOWN), of.element.texts),
        Name("row", step.groups.row.blame.scope.types.get("row", UNKNOWN), rows.element.texts),
    )
    return StepFlow(names, (_part("key", key, known, "line"), *made))
