"""From what a call says of its effect to what makes it happen once, and takes it back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from gateway.config.call_spec import CallSpec
from gateway.config.computed import Text
from gateway.config.effect_spec import FindSpec, UndoSpec
from gateway.plan.answer import Judge
from gateway.plan.build_request import RequestBuilder
from gateway.plan.builder import Builder
from gateway.plan.effect import RESULT, Effect, Find
from gateway.plan.lets import Lets, bind
from gateway.plan.missing import Blame
from gateway.plan.names import VENDOR, Names
from gateway.plan.request import RequestPlan
from gateway.plan.tree import Attempt, Branch, Leaf

_OF_EFFECTS = ("find", "result", "reference", "undo")


@dataclass(frozen=True, slots=True)
class Made:
    """What is built of the call itself, and the names around its request and its answer."""

    name: str
    vendor: str
    lets: Lets
    request: RequestPlan
    judge: Judge
    names: Names
    answered: Names


class Calls(Protocol):
    """Builds the parts of calls."""

    def requests(self, names: Names) -> RequestBuilder: ...

    def answered(self, spec: CallSpec, names: Names) -> Names:
        """Add the names in reach of a call's answer."""
        ...

    def judge(self, spec: CallSpec, vendor: str, names: Names, *, effect: bool) -> Judge: ...


@dataclass(frozen=True, slots=True)
class EffectBuilder:
    """Builds the effect of one call; `patience` are the seconds that its answer may take."""

    builder: Builder
    calls: Calls
    patience: float

    def refuse(self, spec: CallSpec) -> None:
        """Report what only effects have, on a call that reads."""
        for key in _OF_EFFECTS:
            if spec.node.get(key) is not None:
                self.builder.problems.error(
                    "not-an-effect",
                    f"`{key}` belongs to a call that changes something, and this one reads.",
                    spec.key_place(key),
                    "Leave it out.",
                )

    def build(self, spec: CallSpec, made: Made) -> Effect:
        result = self._leaf(spec.result, made.answered)
        type_ = result.program.type if isinstance(result, Leaf) else None
        known = made.answered.adding({RESULT: VENDOR.typed(type_) if type_ else VENDOR})
        return Effect(
            call=made.name,
            vendor=made.vendor,
            lets=made.lets,
            request=made.request,
            judge=made.judge,
            find=self._find(spec, spec.find, made) if spec.find is not None else None,
            result=result,
            reference=self._reference(spec, known),
            undo=self._undo(spec, spec.undo, made, known) if spec.undo is not None else None,
        )

    def _find(self, spec: CallSpec, find: FindSpec, made: Made) -> Find | None:
        asking = _instead(spec, find, request=find.request, response=find.response)
        before = len(self.builder.programs)
        request = self.calls.requests(made.names).build(asking, effect=False)
        question = made.names.meaning(self.builder.programs[before:])
        answered = self.calls.answered(asking, made.names)
        found = self.builder.expression(find.found, answered)
        judge = self.calls.judge(asking, made.vendor, answered, effect=False)
        if request is None or found is None:
            return None
        alike = None
        if spec.each is not None and not answered.meaning([found]).varies:
            alike = Blame(question.origin, spec.key_place("find"), made.names.scope)
            if not question.varies:
                self._ask_of_each(spec)
        return Find(request, judge, found, self.patience, alike)

    def _ask_of_each(self, spec: CallSpec) -> None:
        self.builder.problems.error(
            "unsafe-repeat",
            "`find` asks the same for every element: what was made for one would be found for all.",
            spec.key_place("find"),
            "Ask for what is the element's own, as in "
            f"`uuid5(order_key, {spec.as_.text if spec.as_ else 'element'}.id)`.",
        )

    def _undo(self, spec: CallSpec, undo: UndoSpec, made: Made, known: Names) -> Effect | None:
        taking = _instead(
            spec,
            undo,
            let=undo.let,
            request=undo.request,
            response=undo.response,
            idempotency=undo.idempotency,
            retry=undo.retry,
            timeout=undo.timeout,
            errors=undo.errors,
        )
        bound = bind(self.builder, taking, known)
        request = self.calls.requests(bound.names).build(taking, effect=True)
        judge = self.calls.judge(
            taking, made.vendor, self.calls.answered(taking, bound.names), effect=True
        )
        if request is None:
            return None
        return Effect(made.name, made.vendor, bound.lets, request, judge, undoes=True)

    def _reference(self, spec: CallSpec, names: Names) -> Branch | None:
        leaf = self._leaf(spec.reference, names)
        return Attempt(leaf) if leaf is not None else None

    def _leaf(self, text: Text | None, names: Names) -> Leaf | None:
        program = self.builder.expression(text, names)
        if text is None or program is None:
            return None
        origin = names.meaning([program]).origin
        return Leaf(program, Blame(origin, text.scalar.place, names.scope))


def _instead(spec: CallSpec, inner: FindSpec | UndoSpec, **keys: object) -> CallSpec:
    """Give the call that asks about `spec`, or undoes it: for each element, but else its own."""
    blank: dict[str, object] = {
        "let": {},
        "when": None,
        "batch": None,
        "pages": None,
        "idempotency": None,
        "find": None,
        "result": None,
        "reference": None,
        "undo": None,
        "retry": None,
        "timeout": None,
        "errors": (),
        "place": inner.place,
        "node": inner.node,
    }
    return replace(spec, **{**blank, **keys})  # type: ignore[arg-type]  # keys of CallSpec, by name
