"""From a call's specification to its step."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.config.kinds import Word, suggestion
from gateway.config.mapping_spec import CallSpec, ErrorSpec, RequestSpec, Text, Tree
from gateway.config.problems import Place
from gateway.config.source import Mapping as Keys
from gateway.contracts import Contract
from gateway.expressions.compiler import Program
from gateway.plan.answer import Judge, Rule
from gateway.plan.builder import Builder
from gateway.plan.call import Batch, CallStep, Pages, Rows
from gateway.plan.grow import Grower
from gateway.plan.lets import bind
from gateway.plan.missing import Blame
from gateway.plan.names import CONTRACT, VENDOR, Names
from gateway.plan.request import Pairs, Path, RequestPlan

_ANSWER = {"status": VENDOR, "headers": VENDOR, "body": VENDOR, "fault": VENDOR}
_READING = ("GET", "HEAD")


@dataclass(frozen=True, slots=True)
class CallBuilder:
    """Builds the calls of one mapping."""

    builder: Builder
    contract: Contract
    vendors: frozenset[str]
    vendor: Word | None
    rules: tuple[ErrorSpec, ...]
    """The file's own, tried after a call's."""

    def is_effect(self, spec: CallSpec) -> bool:
        if spec.effect is not None:
            return spec.effect
        return self.contract.effect and spec.request.method not in _READING

    def build(self, name: str, spec: CallSpec, names: Names, *, alone: bool) -> CallStep | None:
        """Build one call, or report what is wrong and give None. `names` are those before it."""
        effect = self.is_effect(spec)
        vendor = self._vendor(spec)
        batch_names = names.adding({"keys": CONTRACT}) if spec.batch else names
        asking = batch_names.adding({"page": VENDOR}) if spec.pages else batch_names
        bound = bind(self.builder, spec.let, asking)
        answered = bound.names.adding(_ANSWER)
        before = len(self.builder.programs)
        request = self._request(spec.request, bound.names, effect=effect)
        self._check_idempotency(spec, bound.names, self.builder.programs[before:], effect=effect)
        batch = self._batch(spec, names)
        pages = self._pages(spec, answered)
        rows = self._rows(spec, answered)
        rules = [self.rule(rule, answered) for rule in (*spec.errors, *self.rules)]
        judge = Judge(
            vendor=vendor,
            effect=effect,
            idempotent=spec.idempotency is not None,
            reads_body=spec.response.as_ == "json",
            statuses=spec.response.statuses,
            succeeds=self.builder.expression(spec.response.succeeds, answered),
            schema=self.builder.schema(spec.response.schema),
            rules=tuple(rule for rule in rules if rule is not None),
        )
        self.builder.schema(spec.response.error_schema)
        if request is None or (spec.batch and batch is None) or (spec.pages and pages is None):
            return None
        return CallStep(name, alone, vendor, bound.lets, batch, request, rows, pages, judge)

    def rule(self, spec: ErrorSpec, names: Names) -> Rule | None:
        when = self.builder.expression(spec.when, names)
        error = self.builder.template(spec.error, names)
        details = None
        if spec.details is not None and isinstance(spec.details.node, Keys):
            details = Grower(self.builder, names, lenient=True).block(spec.details.node)
        if when is None or error is None:
            return None
        category = spec.category.text if spec.category else None
        return Rule(when, spec.status, error, category, details)

    def _vendor(self, spec: CallSpec) -> str:
        word = spec.vendor or self.vendor
        problems = self.builder.problems
        if word is None:
            problems.error(
                "missing-key",
                "This call names no vendor, nor does the file.",
                spec.place,
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

    def _request(self, spec: RequestSpec, names: Names, *, effect: bool) -> RequestPlan | None:
        self._check_path(spec.path)
        template = self.builder.template(spec.path, names)
        grower = Grower(self.builder, names)
        query = self._pairs(spec.query, grower)
        headers = self._pairs(spec.headers, grower)
        body = grower.grow(spec.body.node) if spec.body is not None else None
        schema = self.builder.schema(spec.schema)
        if template is None or (spec.body is not None and body is None):
            return None
        path = Path(template, self._blame(spec.path.scalar.place, names, *template.inserts))
        return RequestPlan(spec.method, path, query, headers, body, schema, effect)

    def _check_path(self, path: Text) -> None:
        fixed = path.text.split("{")[0]
        if not path.text.startswith("/") or any(mark in fixed for mark in "?# "):
            self.builder.problems.error(
                "bad-value",
                f"`{path.text}` is no path.",
                path.scalar.place,
                "A path starts with `/`; what follows `?` goes under `query:`.",
            )

    def _pairs(self, tree: Tree | None, grower: Grower) -> Pairs | None:
        if tree is None or not isinstance(tree.node, Keys):
            return None
        before = len(self.builder.programs)
        block = grower.block(tree.node)
        if block is None:
            return None
        blame = self._blame(tree.node.place, grower.names, *self.builder.programs[before:])
        return Pairs(block, blame)

    def _batch(self, spec: CallSpec, names: Names) -> Batch | None:
        if spec.batch is None:
            return None
        keys = self.builder.expression(spec.batch.keys, names)
        if keys is None:
            return None
        return Batch(
            keys, self._blame(spec.batch.keys.scalar.place, names, keys), spec.batch.size
        )

    def _pages(self, spec: CallSpec, names: Names) -> Pages | None:
        if spec.pages is None:
            return None
        following = self.builder.expression(spec.pages.next, names)
        return Pages(following, spec.pages.at_most) if following is not None else None

    def _rows(self, spec: CallSpec, names: Names) -> Rows | None:
        text = spec.pages.rows if spec.pages else spec.batch.rows if spec.batch else None
        if text is None:
            if spec.batch is not None:
                self.builder.problems.error(
                    "missing-key",
                    "`batch` needs to know where the rows are.",
                    spec.batch.place,
                    "Add `rows: body.…`, or `pages` with its `rows`.",
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
                "As in `body.items`: names and dots only.",
            )
            return None
        return Rows(tuple(part.strip() for part in parts[1:]))

    def _check_idempotency(
        self, spec: CallSpec, names: Names, used: list[Program], *, effect: bool
    ) -> None:
        if spec.idempotency is None:
            if effect:
                self.builder.problems.warning(
                    "unsafe-repeat",
                    "Nothing tells the vendor a repeat of this effect from a new one.",
                    spec.place,
                    "Send a key that is the same in every repeat, and name it: "
                    "`idempotency: order_key`.",
                )
            return
        program = self.builder.expression(spec.idempotency, names)
        if program is None:
            return
        place = spec.idempotency.scalar.place
        if not effect:
            self.builder.problems.error(
                "not-an-effect", "`idempotency` belongs to a call that changes something.", place
            )
        elif not any(program.text in other.text for other in used):
            self.builder.problems.error(
                "unused-idempotency",
                f"The request doesn't carry `{program.text}`.",
                place,
                "Put it into the request where the vendor looks for its idempotency key.",
            )

    def _blame(self, place: Place, names: Names, *programs: Program) -> Blame:
        return Blame(names.meaning(programs).origin, place, names.scope)
