"""From `batch` to the keys that a call asks for, and to what exchanges may share of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from gateway.config.call_spec import BatchSpec
from gateway.contracts import Contract
from gateway.expressions.compiler import Program, compile_expression
from gateway.expressions.types.algebra import element_of, without_null
from gateway.expressions.types.model import UNKNOWN, array_of
from gateway.plan.answer import Judge
from gateway.plan.batch import Batch
from gateway.plan.builder import Builder
from gateway.plan.known import KEY
from gateway.plan.lets import Lets
from gateway.plan.missing import Blame
from gateway.plan.names import CONTRACT, LATER, VENDOR, Names
from gateway.plan.sharing import Sharing

_ALIKE = LATER | {"settings"}
"""Names that don't tell calls apart: the same for all, or made from the keys and the answer."""


@dataclass(frozen=True, slots=True)
class Used:
    """The expressions of a call: those that decide on what it brings, and the words of rules."""

    deciding: tuple[Program, ...]
    wording: tuple[Program, ...]


def used_by(asking: Iterable[Program], judging: Iterable[Program], judge: Judge) -> Used:
    """Sort a call's expressions; of those of `judging` some only word what rules reply."""
    conditions = {rule.when.text for rule in judge.rules}
    conditions |= {judge.succeeds.text} if judge.succeeds is not None else set()
    judging = tuple(judging)
    deciding = (program for program in judging if program.text in conditions)
    wording = tuple(program for program in judging if program.text not in conditions)
    return Used((*asking, *deciding), wording)


@dataclass(frozen=True, slots=True)
class BatchBuilder:
    """Builds the batch of one call, if it has one; `names` are those in reach of its keys."""

    builder: Builder
    contract: Contract
    spec: BatchSpec | None
    names: Names

    def build(self) -> Batch | None:
        if self.spec is None:
            return None
        keys = self.builder.expression(self.spec.keys, self.names)
        row = self.builder.keyed(self.spec.row, self.names.adding({"row": VENDOR}), "row")
        self._check_sharing(self.spec)
        if keys is None or row is None:
            return None
        self.builder.expect(self.spec.keys, keys, array_of(KEY), "`keys` takes an array of keys")
        blame = Blame(
            self.names.meaning([keys]).origin, self.spec.keys.scalar.place, self.names.scope
        )
        return Batch(keys, blame, row, self.spec.size, self.spec.at_once)

    def naming_keys(self, batch: Batch | None) -> Names:
        """Add the name of the keys; nothing is known of those that couldn't be compiled."""
        if self.spec is None:
            return self.names
        if batch is None:
            return self.names.adding({"keys": CONTRACT.typed(array_of(UNKNOWN))})
        element = without_null(element_of(batch.keys.type))
        meaning = replace(self.names.meaning([batch.keys]), bases=None)
        return self.names.adding({"keys": meaning.typed(array_of(element))})

    def _check_sharing(self, spec: BatchSpec) -> None:
        problems = self.builder.problems
        key = next((key for key in ("window", "ttl") if getattr(spec, key)), None)
        if self.contract.effect and key is not None:
            problems.error(
                "conflicting-keys",
                "What an order reads is remembered with it, and shared with no other.",
                spec.key_place(key),
                f"Leave `{key}` out of mappings for `{self.contract.name}`.",
            )
        if spec.stale is not None and spec.ttl is None:
            problems.error(
                "missing-key",
                "`stale` is about rows that are kept, and `ttl` says how long they are.",
                spec.key_place("stale"),
                "Add `ttl: 30s`, or leave `stale` out.",
            )

    def sharing(
        self, batch: Batch | None, vendor: str, used: Used, names: Names, lets: Lets
    ) -> Batch | None:
        """Add what exchanges share; `names` are those of the request, `lets` the mapping's."""
        spec = self.spec
        if spec is None or batch is None or not spec.shared or self.contract.effect:
            return batch
        parts = {part.text: part for program in used.deciding for part in _parts(program, names)}
        self._check_alike(spec, parts.values(), names)
        of_lines = self.names.meaning([batch.keys]).bases or frozenset()
        sharing = Sharing(
            vendor=vendor,
            size=spec.size,
            at_once=spec.at_once,
            window=spec.window.seconds if spec.window else 0.0,
            ttl=spec.ttl.seconds if spec.ttl else 0.0,
            stale=spec.stale.seconds if spec.stale else 0.0,
            parts=tuple(parts.values()),
            own_words=any(_says_something(program, names) for program in used.wording),
            of_lines=batch.keys if of_lines <= {"lines", "settings"} else None,
            lets=lets,
        )
        return replace(batch, sharing=sharing)

    def _check_alike(self, spec: BatchSpec, parts: Iterable[Program], names: Names) -> None:
        """Refuse what makes each exchange's call another one: then nothing would be shared."""
        whole = {self.contract.object, "lines", "orders", "order_key"}
        for part in parts:
            timed = any("received_at" in names.bases_of(root) for root in part.roots)
            if part.text not in whole and not timed:
                continue
            self.builder.problems.error(
                "never-shared",
                f"Every exchange has another `{part.text}`, and the request depends on it: "
                "nothing would be shared.",
                spec.key_place("window" if spec.window else "ttl"),
                "Make the request from `keys` and `settings`, or leave `window` and `ttl` out.",
            )


def _parts(program: Program, names: Names) -> Iterator[Program]:
    """Give what must be equal in calls that are alike: the expression, or what it is made from."""
    bases = {base for root in program.roots for base in names.bases_of(root)}
    if program.roots <= names.known.keys() and bases.isdisjoint(LATER):
        if not bases <= _ALIKE:
            yield program
        return
    for root in sorted(program.roots & names.known.keys()):
        bases = set(names.bases_of(root))
        tells = sorted(bases - _ALIKE)
        for name in tells if bases & LATER else [root] if tells else []:
            yield compile_expression(name, names.scope)


def _says_something(program: Program, names: Names) -> bool:
    """Tell words about this exchange's document or keys from those about the vendor's answer."""
    bases = {base for root in program.roots for base in names.bases_of(root)}
    return not bases <= _ALIKE or "keys" in bases
