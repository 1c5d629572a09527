"""From `idempotency` to the value by which a vendor knows a repeat, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.config.call_spec import CallSpec
from gateway.config.computed import Text
from gateway.contracts import Contract
from gateway.expressions.compiler import Program
from gateway.expressions.syntax import Node
from gateway.plan.builder import Builder
from gateway.plan.missing import Blame
from gateway.plan.names import Names, Origin
from gateway.plan.tree import Leaf

_RESCOPED = frozenset(
    {
        "filter_projection",
        "index_expression",
        "pipe",
        "projection",
        "subexpression",
        "value_projection",
    }
)
"""Nodes of which only the first child is evaluated in the scope: `order.key` holds no `key`."""


@dataclass(frozen=True, slots=True)
class Repeats:
    """Builds the idempotency value of one call."""

    builder: Builder
    contract: Contract
    names: Names
    renewing: bool

    def build(self, spec: CallSpec, used: tuple[Program, ...], *, effect: bool) -> Leaf | None:
        """Build the value; `used` are the expressions of the request that must carry it."""
        text = spec.idempotency
        if text is None:
            if effect and self.contract.effect:
                self._check_without(spec)
            return None
        program = self.builder.expression(text, self.names)
        if program is None:
            return None
        meaning = self.names.meaning([program])
        if not effect:
            self._error("not-an-effect", text, _READS, "Leave it out.")
        elif meaning.origin is not Origin.CONTRACT:
            self._not_the_orders(text, program, meaning.origin)
        elif spec.each is not None and not meaning.varies:
            self._not_the_elements(spec, text, program)
        elif (self.renewing or spec.undo is not None) and not meaning.renewed:
            self._not_the_attempts(text, program)
        elif not any(_holds(other.ast, other, program) for other in used):
            self._error(
                "unused-idempotency",
                text,
                f"The request doesn't carry `{program.text}`, so the vendor can't see it.",
                "Put it into the request where the vendor looks for its idempotency key.",
            )
        return Leaf(program, Blame(meaning.origin, text.scalar.place, self.names.scope))

    def _check_without(self, spec: CallSpec) -> None:
        if spec.find is None:
            self.builder.problems.warning(
                "unsafe-repeat",
                "Nothing tells the vendor a repeat of this effect from a new one.",
                spec.key_place("idempotency"),
                "Send a key that is the same in every repeat, and name it here: "
                "`idempotency: order_key`; or say with `find` how to ask for it. Otherwise an "
                "order without an answer is held for a person.",
            )
        self._check_retry(spec)

    def _check_retry(self, spec: CallSpec) -> None:
        if spec.retry is not None and spec.retry.attempts > 1:
            self.builder.problems.error(
                "unsafe-repeat",
                "`retry` would repeat an effect that the vendor can't tell from a new one.",
                spec.key_place("retry"),
                "Name in `idempotency` the value by which it knows a repeat. Without that only the "
                "vendor's own `retry` holds, for what was surely not done.",
            )

    def _not_the_orders(self, text: Text, program: Program, origin: Origin) -> None:
        why = (
            f"`{program.text}` is the same for every order: the vendor would take the second "
            "one for a repeat of the first."
            if origin is Origin.SETTINGS
            else f"`{program.text}` comes from a vendor: a repeat may get another one."
        )
        advice = "Make it from what tells orders apart: `idempotency: order_key`."
        self._error("unsafe-repeat", text, why, advice)

    def _not_the_elements(self, spec: CallSpec, text: Text, program: Program) -> None:
        self._error(
            "unsafe-repeat",
            text,
            f"`{program.text}` is the same for every element: the vendor would take the second one "
            "for a repeat of the first.",
            "Make it from the element too, as in `uuid5(order_key, "
            f"{spec.as_.text if spec.as_ else 'element'}.id)`.",
        )

    def _not_the_attempts(self, text: Text, program: Program) -> None:
        self._error(
            "unsafe-repeat",
            text,
            f"`{program.text}` is the same in every attempt: once undone or changed, the vendor "
            "would take the order for a repeat, and do nothing.",
            "Make it from the attempt too, as in `uuid5(order_key, attempt)`.",
        )

    def _error(self, code: str, text: Text, message: str, advice: str) -> None:
        self.builder.problems.error(code, message, text.scalar.place, advice)


_READS = "`idempotency` belongs to a call that changes something, and this one reads."


def _holds(node: Node, program: Program, part: Program) -> bool:
    """Say whether an expression, from `node` on, has another one as a part."""
    if program.text[node.start : node.end] == part.text.strip():
        return True
    if node.kind == "expref":
        return False
    children = node.children[:1] if node.kind in _RESCOPED else node.children
    return any(_holds(child, program, part) for child in children)
