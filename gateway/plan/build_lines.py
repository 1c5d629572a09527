"""From a `lines` block to the step that joins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.config.call_spec import CallSpec
from gateway.config.computed import Text, Tree
from gateway.config.mapping_spec import LinesSpec
from gateway.config.source import Mapping as Keys
from gateway.config.wording import nearest, suggestion
from gateway.contracts import Contract
from gateway.expressions.compiler import Program
from gateway.expressions.types.algebra import element_of, without_null
from gateway.expressions.types.model import NUMBER, UNKNOWN, Type, array_of
from gateway.plan.build_directives import is_directive_key
from gateway.plan.builder import Builder
from gateway.plan.call import CallStep
from gateway.plan.fit import check_fields
from gateway.plan.grow import Grower
from gateway.plan.join import Chosen, JoinStep
from gateway.plan.known import ANY_ARRAY, KEY, answer_types
from gateway.plan.missing import Blame
from gateway.plan.names import CONTRACT, INDEX, VENDOR, Meaning, Names
from gateway.plan.row_fields import RowFields, line_fields_read
from gateway.plan.row_groups import Keyed, RowGroups
from gateway.plan.stock import STOCK
from gateway.plan.tree import Block


@dataclass(frozen=True, slots=True)
class LinesBuilder:
    """Builds the joins of one mapping."""

    builder: Builder
    contract: Contract
    specs: Mapping[str, CallSpec]
    calls: Mapping[str, CallStep]

    def build(self, name: str, spec: LinesSpec, names: Names) -> JoinStep | None:
        """Build one join, or report what is wrong and give None."""
        call = self._call(spec)
        self._check_shortage(spec)
        of = self.builder.expression(spec.of, names)
        line_names = names.adding({"line": CONTRACT.typed(self._line_type(spec, of, names))})
        line = self._keyed(spec.line, line_names.adding({INDEX: CONTRACT.typed(NUMBER)}), "line")
        answer_names = names.adding(self._answer(spec) | (_element(call) if call else {}))
        rows = self.builder.expression(self._rows(spec) if call else None, answer_names)
        row_type = without_null(element_of(rows.type)) if rows is not None else UNKNOWN
        row_name = {"row": VENDOR.typed(row_type)}
        row_names = line_names.adding(row_name | {"rows": VENDOR.typed(array_of(row_type))})
        before = len(self.builder.programs)
        set_ = self._fields(spec.set, row_names)
        reads = line_fields_read(self.builder.programs[before:])
        unmatched = None
        if isinstance(spec.unmatched, Tree):
            unmatched = self._fields(spec.unmatched, line_names)
        on_fault = self._fields(spec.on_fault, line_names) if spec.on_fault else None
        if call is None:
            return None
        row = self._keyed(self._row(spec), answer_names.adding(row_name), "row")
        if rows is None or row is None or line is None or set_ is None:
            return None
        element = call.each.name if call.each is not None else None
        self._check_faults(spec, call, row)
        return JoinStep(
            name=name,
            of=Chosen(of, self._blame(spec.of or spec.line, names, of)),
            groups=RowGroups(call.call, call.vendor, element, rows, row),
            line=line,
            set=RowFields(set_, reads, call.vendor),
            unmatched=unmatched,
            refuse_unmatched=spec.unmatched == "error",
            on_fault=on_fault,
            writes=not self.contract.effect,
            reject=spec.shortage == "reject",
        )

    def _line_type(self, spec: LinesSpec, of: Program | None, names: Names) -> Type:
        if of is not None and spec.of is not None:
            self.builder.expect(spec.of, of, ANY_ARRAY, "`of` takes an array of lines")
        return _line_type(of, names)

    def _answer(self, spec: LinesSpec) -> dict[str, Meaning]:
        call = self.specs.get(spec.from_.text)
        body = self.builder.body_type(call) if call is not None else UNKNOWN
        return {name: VENDOR.typed(type_) for name, type_ in answer_types(body).items()}

    def _check_faults(self, spec: LinesSpec, call: CallStep, row: Keyed) -> None:
        """Refuse failures that lines can't show, and stock that nobody knows where it decides."""
        if spec.on_fault is not None and (spec.shortage == "reject" or self.contract.effect):
            self.builder.problems.error(
                "conflicting-keys",
                "`shortage: reject` decides by stock, and with `on_fault` nobody knows it.",
                spec.key_place("on_fault"),
                "Leave `on_fault` out: then a vendor that fails ends the exchange.",
            )
        if call.each is None or not call.each.report:
            return
        if spec.on_fault is None:
            self.builder.problems.error(
                "missing-key",
                f"`{call.call}` goes on where an element fails: its lines would look unmatched.",
                spec.key_place("on_fault"),
                "Add `on_fault: {…}`, what such a line gets.",
            )
        if not row.program.roots & {call.each.name, INDEX}:
            self.builder.problems.error(
                "bad-value",
                "An element that fails has no row, so a row's key can't say whose lines those are.",
                spec.key_place("row"),
                f"Make the key from the element, as in `row: {call.each.name}.id`.",
            )

    def _call(self, spec: LinesSpec) -> CallStep | None:
        name = spec.from_.text
        if name not in self.specs:
            self.builder.problems.error(
                "unknown-call",
                f"There is no call `{name}`.",
                spec.from_.place,
                suggestion(name, self.specs),
            )
            return None
        step = self.calls.get(name)
        if step is not None and step.judge.effect:
            self.builder.problems.error(
                "effect-order",
                f"`{name}` is an effect: lines are joined before it runs.",
                spec.from_.place,
                "Join the rows of a call that reads.",
            )
            return None
        return step

    def _rows(self, spec: LinesSpec) -> Text | None:
        call = self.specs[spec.from_.text]
        inherited = call.pages.rows if call.pages else call.batch.rows if call.batch else None
        return self._need("rows", spec, spec.rows or inherited, "`rows: body.…`")

    def _row(self, spec: LinesSpec) -> Text | None:
        call = self.specs[spec.from_.text]
        inherited = call.batch.row if call.batch else None
        return self._need("row", spec, spec.row or inherited, "`row: row.…`")

    def _need(self, key: str, spec: LinesSpec, text: Text | None, example: str) -> Text | None:
        if text is None:
            self.builder.problems.error(
                "missing-key",
                f"`{key}` is missing from `lines`, and the call has none to take over.",
                spec.key_place(key),
                f"Add {example}.",
            )
        return text

    def _keyed(self, text: Text | None, names: Names, name: str) -> Keyed | None:
        keyed = self.builder.keyed(text, names, name)
        if text is not None and keyed is not None:
            self.builder.expect(text, keyed.program, KEY, "A key is a text or a number")
        return keyed

    def _fields(self, tree: Tree, names: Names) -> Block | None:
        if not isinstance(tree.node, Keys):
            return None
        owned = {STOCK} if self.contract.effect else self.contract.line_fields
        for name, _ in tree.node.entries:
            key = name.text.removesuffix("?")
            if key not in owned and not is_directive_key(key):  # reported as such
                self.builder.problems.error(
                    "not-owned",
                    f"`{self.contract.name}` doesn't let a mapping set `{key}` of a line.",
                    name.place,
                    suggestion(key, owned) if owned else "Leave `lines` out.",
                )
        block = Grower(self.builder, names).block(tree.node)
        if block is not None:
            # Stock is read as a vendor writes it, as text too.
            wanted = names.known["line"].type
            check_fields(block, wanted, self.builder.problems, apart=frozenset({STOCK}))
        return block

    def _check_shortage(self, spec: LinesSpec) -> None:
        entries = spec.set.node.entries if isinstance(spec.set.node, Keys) else ()
        # One that is misspelt is reported as such.
        sets_stock = any(
            nearest(name.text, [STOCK]) for name, _ in entries if name.text != f"{STOCK}?"
        )
        if spec.shortage == "reject" and not sets_stock:
            self.builder.problems.error(
                "missing-key",
                f"`shortage: reject` needs `{STOCK}` under `set`.",
                spec.key_place("set"),
                f"Add `{STOCK}: …`, the stock of a line.",
            )
        self._check_unmatched(spec)
        if self.contract.effect and spec.shortage == "report":
            self.builder.problems.error(
                "missing-key",
                f"`{self.contract.name}` sends the order back as it came: "
                "`lines` can only check its stock.",
                spec.key_place("shortage"),
                "Add `shortage: reject`.",
            )

    def _check_unmatched(self, spec: LinesSpec) -> None:
        """Refuse fields without stock where stock decides: such a line would pass unchecked."""
        node = spec.unmatched.node if isinstance(spec.unmatched, Tree) else None
        if spec.shortage == "reject" and spec.unmatched == "keep":
            self.builder.problems.error(
                "conflicting-keys",
                "`unmatched: keep` would let lines pass whose stock nobody knows.",
                spec.value_place("unmatched"),
                f"Type `{{{STOCK}: 0}}` or `error` instead.",
            )
        if spec.shortage != "reject" or not isinstance(node, Keys):
            return
        names = [name.text for name, _ in node.entries if not name.text.endswith("?")]
        if not any(nearest(name, [STOCK]) for name in names):
            self.builder.problems.error(
                "missing-key",
                f"`shortage: reject` needs `{STOCK}` under `unmatched` too.",
                spec.key_place("unmatched"),
                f"Add `{STOCK}: 0`, or write `unmatched: error`.",
            )

    def _blame(self, text: Text, names: Names, program: Program | None) -> Blame:
        origin = names.meaning([program]).origin if program is not None else CONTRACT.origin
        return Blame(origin, text.scalar.place, names.scope)


def _line_type(of: Program | None, names: Names) -> Type:
    lines = of.type if of is not None else names.known["lines"].type
    return without_null(element_of(lines)) if lines.arrays else UNKNOWN


def _element(call: CallStep) -> dict[str, Meaning]:
    """Name an element of the call's `each`, which its rows may be keyed by."""
    return {call.each.name: VENDOR, INDEX: VENDOR.typed(NUMBER)} if call.each is not None else {}
