"""From a call's `when` and `each` to what runs, and what is wrong with them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from gateway.config.call_spec import CallSpec
from gateway.config.computed import Text
from gateway.expressions.frame import Frame
from gateway.expressions.types.model import NUMBER
from gateway.lossless import dumps
from gateway.plan.answer import Judge
from gateway.plan.builder import Builder
from gateway.plan.each import Apart, Each
from gateway.plan.effect import Effect
from gateway.plan.lets import Lets
from gateway.plan.missing import Blame
from gateway.plan.names import INDEX, LATER, SETTINGS, Meaning, Names, Origin
from gateway.plan.request import RequestPlan
from gateway.plan.tree import Leaf, required
from gateway.plan.when import Condition

_BESIDE_EACH = ("as", "at_once", "on_failure")


@dataclass(frozen=True, slots=True)
class Elements:
    """The list of an `each`, and the names inside the call."""

    list: Leaf | None
    names: Names


@dataclass(frozen=True, slots=True)
class EachBuilder:
    """Builds what decides whether and how often one call is made; `names` are those around it."""

    builder: Builder
    spec: CallSpec
    names: Names

    def condition(self) -> Condition | None:
        leaf = self._leaf(self.spec.when)
        return Condition(leaf) if leaf is not None else None

    def elements(self) -> Elements:
        """Compile the list, and name its elements."""
        spec = self.spec
        if spec.each is None:
            self._check_alone()
            return Elements(None, self.names)
        if spec.as_ is None:
            self._error("missing-key", "`each` needs `as` beside it.", "each", _AS)
        leaf = self._leaf(spec.each)
        if leaf is None:
            meaning = SETTINGS
        else:
            meaning = replace(self.names.meaning([leaf.program]), varies=True)
        if spec.batch is not None:
            message = "`each` asks for one element at a time, `batch` for many keys at once."
            self._error("conflicting-keys", message, "each", "Leave one of the two out.")
        return Elements(leaf, self._naming(meaning))

    def each(
        self, elements: Elements, lets: Lets, apart: tuple[Apart, ...], judge: Judge
    ) -> Each | None:
        """Put together what is made for each element."""
        spec = self.spec
        if elements.list is None or spec.as_ is None:
            return None
        report = spec.on_failure == "report"
        if judge.effect and report:
            message = "An effect that fails for one element can't be passed over."
            self._error("conflicting-keys", message, "on_failure", "Leave `on_failure` out.")
        return Each(
            elements=elements.list,
            name=spec.as_.text,
            at_once=spec.at_once,
            report=report,
            vendor=judge.vendor,
            effect=judge.effect,
            lets=lets,
            apart=apart,
            idempotent=judge.idempotent,
        )

    def apart(self, request: RequestPlan, happens: Effect | None) -> tuple[Apart, ...]:
        """Give what tells the elements apart: to the vendor, and to who asks it in doubt."""
        found: list[Apart] = []
        key = request.idempotency
        if key is not None:
            found.append(Apart(key.program.text, key.blame, partial(_written, key)))
        find = happens.find if happens is not None else None
        if find is not None and find.alike is not None:
            found.append(Apart("find", find.alike, find.asked))
        return tuple(found)

    def _naming(self, meaning: Meaning) -> Names:
        word = self.spec.as_
        # Whatever is listed, the first is 0: so a key that is made from it is the same in a repeat.
        named = {INDEX: replace(meaning, origin=Origin.SETTINGS).typed(NUMBER)}
        if word is not None:
            taken = self.names.adding(dict.fromkeys(LATER, SETTINGS))
            self.builder.refuse_shadowing(taken, [(word.text, word.place)])
            named[word.text] = meaning
        return self.names.adding(named)

    def _check_alone(self) -> None:
        for key in _BESIDE_EACH:
            if self.spec.node.get(key) is not None:
                message = f"`{key}` says something about the elements of `each`, and there is none."
                self._error("missing-key", message, key, f"Add `each`, or leave `{key}` out.")

    def _leaf(self, text: Text | None) -> Leaf | None:
        program = self.builder.expression(text, self.names)
        if text is None or program is None:
            return None
        origin = self.names.meaning([program]).origin
        return Leaf(program, Blame(origin, text.scalar.place, self.names.scope))

    def _error(self, code: str, message: str, key: str, advice: str) -> None:
        self.builder.problems.error(code, message, self.spec.key_place(key), advice)


def _written(leaf: Leaf, frame: Frame) -> bytes:
    return dumps(required(leaf, frame))


_AS = "Add `as: NAME`, what an element is called in the call."
