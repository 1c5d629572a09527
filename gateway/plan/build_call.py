"""From a call's specification to its step."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.config.call_spec import CallSpec, ErrorSpec, RequestSpec
from gateway.config.computed import Text, Tree
from gateway.config.hiding import is_secret_header
from gateway.config.kinds import Word
from gateway.config.problems import Place
from gateway.config.source import Mapping as Keys
from gateway.config.wording import suggestion
from gateway.contracts import Contract
from gateway.expressions.compiler import Program
from gateway.expressions.template import Template
from gateway.expressions.types.algebra import element_of, without_null
from gateway.expressions.types.model import UNKNOWN, Type, array_of
from gateway.plan.answer import Judge, Rule
from gateway.plan.build_repeat import Repeats
from gateway.plan.builder import Builder
from gateway.plan.call import Batch, CallStep, Pages, Rows
from gateway.plan.fit import check_fit
from gateway.plan.grow import Grower
from gateway.plan.known import FAULT, KEY, PAGE, answer_types
from gateway.plan.lets import bind
from gateway.plan.missing import Blame
from gateway.plan.names import CONTRACT, VENDOR, Meaning, Names
from gateway.plan.reach import check_reach
from gateway.plan.request import Pairs, Path, RequestPlan
from gateway.vendors.grammar import header_name

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
        batch = self._batch(spec, names)
        meant = names.meaning([batch.keys]) if batch is not None else CONTRACT
        keys = without_null(element_of(batch.keys.type)) if batch is not None else UNKNOWN
        batch_names = names.adding({"keys": meant.typed(array_of(keys))}) if spec.batch else names
        asking = batch_names.adding({"page": VENDOR.typed(PAGE)}) if spec.pages else batch_names
        bound = bind(self.builder, spec, asking)
        body = self.builder.body_type(spec.response)
        answered = bound.names.adding(_answer(body))
        # A rule sees every answer, and only a success has to satisfy the schema.
        judged = bound.names.adding(_answer(UNKNOWN if spec.response.as_ == "json" else body))
        request = self._request(spec, bound.names, effect=effect)
        self._check_conflicts(spec, effect=effect)
        pages = self._pages(spec, answered)
        rows = self._rows(spec, answered)
        rules = [*self._rules(spec.errors, judged), *self._rules(self.rules, judged)]
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
        if request is None or (spec.batch and batch is None) or (spec.pages and pages is None):
            return None
        if rows is None and (spec.batch or spec.pages):
            return None
        return CallStep(name, alone, vendor, bound.lets, batch, request, rows, pages, judge)

    def _rules(self, specs: tuple[ErrorSpec, ...], names: Names) -> list[Rule | None]:
        rules = [self.rule(spec, names) for spec in specs]
        check_reach(specs, rules, self.builder.problems)
        return rules

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

    def _request(self, call: CallSpec, names: Names, *, effect: bool) -> RequestPlan | None:
        spec = call.request
        before = len(self.builder.programs)
        template = self.builder.template(spec.path, names)
        self._check_path(spec.path, template)
        grower = Grower(self.builder, names)
        self._check_headers(spec)
        query = self._pairs(spec.query, grower, repeats=True)
        headers = self._pairs(spec.headers, grower, repeats=False)
        body = grower.grow(spec.body.node) if spec.body is not None else None
        schema = self.builder.schema(spec.schema)
        if body is not None and spec.body is not None:
            wanted = self.builder.type_of(schema)
            check_fit(body, wanted, spec.body.node.place, self.builder.problems)
        used = tuple(self.builder.programs[before:])
        repeat = Repeats(self.builder, self.contract, names).build(call, used, effect=effect)
        if template is None or (spec.body is not None and body is None):
            return None
        path = Path(template, self._blame(spec.path.scalar.place, names, *template.inserts))
        return RequestPlan(spec.method, path, query, headers, body, schema, effect, repeat)

    def _check_path(self, path: Text, template: Template | None) -> None:
        parts = template.parts if template is not None else ()
        fixed = "".join(part for part in parts if isinstance(part, str))
        if any(isinstance(part, str) and part.endswith("$") for part in parts[:-1]):
            self.builder.problems.error(
                "bad-value",
                "A `$` before an insert would stay in the path.",
                path.scalar.place,
                "Type the braces alone, as in `/orders/{order_key}`.",
            )
        if not path.text.startswith("/") or any(mark in fixed for mark in "?# "):
            self.builder.problems.error(
                "bad-value",
                f"`{path.text}` is no path.",
                path.scalar.place,
                "A path starts with `/`; what follows `?` goes under `query:`.",
            )

    def _check_headers(self, spec: RequestSpec) -> None:
        node = spec.headers.node if spec.headers else None
        for name, value in node.entries if isinstance(node, Keys) else ():
            if is_secret_header(name.text.removesuffix("?")):
                self.builder.problems.secret_literal(
                    value.place,
                    "Give the vendor an `auth:` in gateway.yaml; it writes this header.",
                )
            elif header_name(name.text.removesuffix("?")) is None:
                self.builder.problems.error(
                    "bad-value",
                    f"`{name.text}` is no name of a header that a mapping can set.",
                    name.place,
                    "Headers' names have letters, digits and `-`; "
                    "those of the message itself, such as Content-Length, are set already.",
                )

    def _pairs(self, tree: Tree | None, grower: Grower, *, repeats: bool) -> Pairs | None:
        if tree is None or not isinstance(tree.node, Keys):
            return None
        before = len(self.builder.programs)
        block = grower.block(tree.node)
        if block is None:
            return None
        blame = self._blame(tree.node.place, grower.names, *self.builder.programs[before:])
        return Pairs(block, blame, repeats)

    def _batch(self, spec: CallSpec, names: Names) -> Batch | None:
        if spec.batch is None:
            return None
        keys = self.builder.expression(spec.batch.keys, names)
        self.builder.expression(spec.batch.row, names.adding({"row": VENDOR}))
        if keys is None:
            return None
        self.builder.expect(spec.batch.keys, keys, array_of(KEY), "`keys` takes an array of keys")
        return Batch(keys, self._blame(spec.batch.keys.scalar.place, names, keys), spec.batch.size)

    def _pages(self, spec: CallSpec, names: Names) -> Pages | None:
        if spec.pages is None:
            return None
        following = self.builder.expression(spec.pages.next, names)
        return Pages(following, spec.pages.at_most) if following is not None else None

    def _check_conflicts(self, spec: CallSpec, *, effect: bool) -> None:
        """Refuse keys that contradict each other: an effect run twice, rows told in two ways."""
        several = "batch" if spec.batch else "pages" if spec.pages else None
        if effect and several and self.contract.effect:
            self.builder.problems.error(
                "conflicting-keys",
                "An effect runs once: it has neither `batch` nor `pages`.",
                spec.key_place(several),
                "Write `effect: false` if this call only reads.",
            )
        if spec.response.as_ == "none" and spec.response.schema:
            self.builder.problems.error(
                "conflicting-keys",
                "`as: none` leaves the body unread, so no schema can check it.",
                spec.response.schema.place,
                "Leave `schema` out, or `as: none`.",
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
        return Rows(tuple(part.strip() for part in parts[1:]))

    def _blame(self, place: Place, names: Names, *programs: Program) -> Blame:
        return Blame(names.meaning(programs).origin, place, names.scope)


def _answer(body: Type) -> dict[str, Meaning]:
    types = {**answer_types(body), "fault": FAULT}
    return {name: VENDOR.typed(type_) for name, type_ in types.items()}
