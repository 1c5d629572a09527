"""From a call's specification to its step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.config.call_spec import CallSpec
from gateway.config.effect_spec import ErrorSpec
from gateway.config.kinds import Word
from gateway.config.wording import suggestion
from gateway.contracts import Contract
from gateway.expressions.compiler import Program
from gateway.expressions.types.algebra import union
from gateway.expressions.types.model import STRING, Type
from gateway.plan.answer import Judge
from gateway.plan.build_batch import BatchBuilder, used_by
from gateway.plan.build_each import EachBuilder
from gateway.plan.build_effect import EffectBuilder, Made
from gateway.plan.build_pages import PagesBuilder, page_names
from gateway.plan.build_request import RequestBuilder
from gateway.plan.build_rules import RulesBuilder
from gateway.plan.builder import Builder
from gateway.plan.call import CallStep, Rows
from gateway.plan.effect import Effect
from gateway.plan.known import ANY_ARRAY, FAULT, answer_types
from gateway.plan.lets import Lets, bind
from gateway.plan.names import VENDOR, Meaning, Names
from gateway.plan.pages import Pages
from gateway.plan.request import RequestPlan

_READING = ("GET", "HEAD")


@dataclass(frozen=True, slots=True)
class CallBuilder:
    """Builds the calls of one mapping."""

    builder: Builder
    contract: Contract
    vendors: Mapping[str, str]
    """The base URL of each vendor; empty where it couldn't be read."""
    vendor: Word | None
    rules: tuple[ErrorSpec, ...]
    """The file's own, tried after a call's."""
    spare: frozenset[str]
    """The calls that some join can do without."""
    lets: Lets
    """The mapping's own."""
    timeouts: Mapping[str, float]
    """The seconds that each vendor has for an answer, where its settings could be read."""
    renewing: bool = False
    """Whether an order that was delivered may be delivered anew, changed."""

    def is_effect(self, spec: CallSpec) -> bool:
        if spec.effect is not None:
            return spec.effect
        return self.contract.effect and spec.request.verb not in _READING

    def build(self, name: str, spec: CallSpec, names: Names, *, alone: bool) -> CallStep | None:
        """Build one call, or report what is wrong and give None. `names` are those before it."""
        effect, vendor = self.is_effect(spec), self._vendor(spec)
        outer = EachBuilder(self.builder, spec, names)
        when, elements = outer.condition(), outer.elements()
        batches = BatchBuilder(self.builder, self.contract, spec.batch, elements.names)
        batch = batches.build()
        asking = page_names(spec.pages, batches.naming_keys(batch))
        before = len(self.builder.programs)
        bound = bind(self.builder, spec, asking)
        bound_at = len(self.builder.programs)
        answered = self.answered(spec, bound.names)
        request = self.requests(bound.names).build(spec, effect=effect)
        self._check_conflicts(spec, vendor, effect=effect)
        pages = self._pages(spec, vendor, answered, request, self.builder.programs[before:])
        rows = self._rows(spec, answered)
        asked_at = len(self.builder.programs)
        judge = self.judge(spec, vendor, answered, effect=effect)
        wanted = ((spec.batch, batch), (spec.pages, pages), (spec.batch or spec.pages, rows))
        if request is None or any(given and built is None for given, built in wanted):
            return None
        lets, spare, used = bound.lets, name in self.spare, self.builder.programs
        decide = used_by(used[bound_at:asked_at], used[asked_at:], judge)
        batch = batches.sharing(batch, vendor, decide, bound.names, self.lets)
        made = Made(name, vendor, lets, request, judge, bound.names, answered)
        act = self._happens(spec, made) if effect else None
        each = outer.each(elements, lets, outer.apart(request, act), judge)
        return CallStep(
            name, alone, when, each, spare, vendor, lets, batch, request, rows, pages, judge, act
        )

    def _happens(self, spec: CallSpec, made: Made) -> Effect | None:
        """Build the effect; that in a contract without effects is reported elsewhere."""
        if not self.contract.effect:
            return None
        return self._acting(spec, made.vendor).build(spec, made)

    def _acting(self, spec: CallSpec, vendor: str) -> EffectBuilder:
        own = spec.timeout.total.seconds if spec.timeout is not None else None
        return EffectBuilder(self.builder, self, own or self.timeouts.get(vendor, 0.0))

    def requests(self, names: Names) -> RequestBuilder:
        return RequestBuilder(self.builder, self.contract, names, self.renewing)

    def answered(self, spec: CallSpec, names: Names) -> Names:
        """Add the names in reach of a call's answer."""
        return names.adding(_answer(self.builder.body_type(spec)))

    def _judged_type(self, spec: CallSpec) -> Type:
        """Give the type of `body` in rules, which see every answer, not only successes."""
        response = spec.response
        if response.as_ == "text":
            return STRING
        schema = self.builder.schema(response.error_schema)
        return union(self.builder.body_type(spec), self.builder.type_of(schema))

    def judge(self, spec: CallSpec, vendor: str, names: Names, *, effect: bool) -> Judge:
        """Build what judges the answers; `names` are those in reach of a success."""
        judged = names.adding(_answer(self._judged_type(spec)))
        response = spec.response
        building = RulesBuilder(self.builder, judged)
        rules = [
            rule
            for specs in (spec.errors, self.rules)
            for rule in building.build(specs, spec, effect=effect)
        ]
        if spec.request.graphql is not None and response.as_ != "json":
            self.builder.problems.error(
                "conflicting-keys",
                "GraphQL answers in JSON.",
                response.key_place("as"),
                f"Leave `as: {response.as_}` out.",
            )
        return Judge(
            vendor=vendor,
            effect=effect,
            idempotent=spec.idempotency is not None or spec.find is not None,
            read_as=response.as_,
            statuses=response.statuses,
            succeeds=self.builder.expression(response.succeeds, names),
            graphql=spec.request.graphql is not None,
            schema=self.builder.schema(response.schema),
            error_schema=self.builder.schema(response.error_schema),
            rules=tuple(rules),
        )

    def _vendor(self, spec: CallSpec) -> str:
        word = spec.vendor or self.vendor
        problems = self.builder.problems
        if word is None:
            problems.error(
                "missing-key",
                "This call names no vendor, nor does the file.",
                spec.key_place("vendor"),
                "Add `vendor: NAME`, a name under `vendors:` in gateway.yaml.",
            )
            return ""
        if word.text not in self.vendors:
            problems.error(
                "unknown-vendor",
                f"There is no vendor `{word.text}` in gateway.yaml.",
                word.place,
                suggestion(word.text, self.vendors),
            )
        return word.text

    def _pages(
        self,
        spec: CallSpec,
        vendor: str,
        names: Names,
        request: RequestPlan | None,
        used: list[Program],
    ) -> Pages | None:
        if spec.pages is None:
            return None
        builder = PagesBuilder(self.builder, self.vendors.get(vendor, ""))
        pages = builder.build(spec.pages, names, used)
        if request is not None and not request.effect:
            builder.check_request(spec, request, used)
        return pages

    def _check_conflicts(self, spec: CallSpec, vendor: str, *, effect: bool) -> None:
        """Refuse keys that contradict each other: an effect run twice, rows told in two ways."""
        if not effect:
            self._acting(spec, vendor).refuse(spec)
        several = "batch" if spec.batch else "pages" if spec.pages else None
        if effect and several and self.contract.effect:
            self.builder.problems.error(
                "conflicting-keys",
                "An effect runs once: it has neither `batch` nor `pages`.",
                spec.key_place(several),
                "Write `effect: false` if this call only reads.",
            )
        if spec.moves_stock and not effect:
            self.builder.problems.error(
                "not-an-effect",
                "`moves_stock` belongs to a call that changes something, and this one reads.",
                spec.key_place("moves_stock"),
                "Leave it out.",
            )
        if spec.pages and spec.batch and spec.batch.rows:
            self.builder.problems.error(
                "conflicting-keys",
                "`pages` says already where the rows are.",
                spec.batch.rows.scalar.place,
                "Leave `rows` out of `batch`.",
            )

    def _rows(self, spec: CallSpec, names: Names) -> Rows | None:
        text = spec.pages.rows if spec.pages else spec.batch.rows if spec.batch else None
        if text is None:
            if spec.batch is not None:
                self.builder.problems.error(
                    "missing-key",
                    "`batch` needs to know where the rows of an answer are.",
                    spec.key_place("batch"),
                    "Add `rows: body.…` to it, or `pages` with its `rows`.",
                )
            return None
        program = self.builder.expression(text, names)
        if program is None:
            return None
        parts = program.text.split(".")
        plain = all(part.strip().isidentifier() for part in parts)
        if not plain or parts[0].strip() != "body":
            self.builder.problems.error(
                "bad-value",
                f"`{program.text}` is no plain path from `body`.",
                text.scalar.place,
                "Type names and dots only, as in `body.items`.",
            )
            return None
        self.builder.expect(text, program, ANY_ARRAY, "Rows are an array")
        return Rows(tuple(part.strip() for part in parts[1:]))


def _answer(body: Type) -> dict[str, Meaning]:
    types = {**answer_types(body), "fault": FAULT}
    return {name: VENDOR.typed(type_) for name, type_ in types.items()}
