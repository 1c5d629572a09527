"""What a mapping file says: its keys, as frozen records. What computes stays text until built.

The language: docs/mapping-language.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from gateway.config import source
from gateway.config.call_spec import CallSpec
from gateway.config.computed import EXPRESSION, NAME, VENDOR, Text, Tree, TreeKind, check_name
from gateway.config.effect_spec import ERRORS, ErrorSpec
from gateway.config.formats import DURATION
from gateway.config.kinds import (
    BAD,
    Bad,
    Choice,
    Context,
    Kind,
    Word,
    WordKind,
    wrong_type,
)
from gateway.config.records import Located, Record, entry, record
from gateway.config.several import ListOf, MapOf
from gateway.config.source import Node, Scalar
from gateway.config.units import Duration
from gateway.config.wording import is_blank, listed
from gateway.contracts import CONTRACTS
from gateway.lossless import Json


@dataclass(frozen=True, slots=True)
class _OneCall(Record[CallSpec]):
    """The one call; several by name belong below `calls:`."""

    def read(self, node: Node, context: Context) -> CallSpec | Bad:
        entries = node.entries if isinstance(node, source.Mapping) else ()
        named = [name for name, value in entries if _is_call(value)]
        if named and len(named) == len(entries):
            context.problems.error(
                "unknown-key",
                f"{listed(name.text for name in named)} can't stand below `call`: "
                "it is one call, without a name.",
                named[0].place,
                "For calls by name write `calls:` instead of `call:`.",
            )
            return BAD
        return Record.read(self, node, context)


def _is_call(node: Node) -> bool:
    return isinstance(node, source.Mapping) and node.get("request") is not None


class _Unmatched:
    """What becomes of a line without a row."""

    expected = "`keep`, `error`, or a block of fields to set"

    def read(self, node: Node, context: Context) -> Tree | str | Bad:
        if isinstance(node, source.Mapping):
            return Tree(node)
        if not isinstance(node, Scalar) or is_blank(node):
            return wrong_type(node, self.expected, context)
        if isinstance(node.value, int) and not isinstance(node.value, bool):
            advice = f"Write the field that gets it: {{available: {node.text}}}."
            return wrong_type(node, self.expected, context, advice)
        return Choice(("keep", "error")).read(node, context)

    def json_schema(self) -> dict[str, Json]:
        return {"anyOf": [{"enum": ["keep", "error"]}, {"type": "object"}]}


_UNMATCHED: Kind[Tree | str] = _Unmatched()


@record
class LinesSpec(Located):
    """Joins the vendor's rows to the lines."""

    of: Text | None = entry(EXPRESSION, "Which lines; all of them when left out.", default=None)
    from_: Word = entry(NAME, "The call whose rows are joined.", example="call")
    rows: Text | None = entry(
        EXPRESSION, "The rows; those of the call's batch or pages when left out.", default=None
    )
    row: Text | None = entry(
        EXPRESSION, "The key of a row; the batch's when left out.", default=None
    )
    line: Text = entry(
        EXPRESSION,
        "The key of a line; `index` is its place among all lines.",
        example="line.variant_id",
    )
    set: Tree = entry(
        TreeKind(block=True, blank=False),
        "The fields of a matched line, from `row` (the first) or `rows` (all).",
        example="{available: row.quantity}",
    )
    unmatched: Tree | str = entry(
        _UNMATCHED,
        "What a line without a row gets: fields, `keep` (as it came) or `error`.",
        example="{available: 0}",
    )
    on_fault: Tree | None = entry(
        TreeKind(block=True, blank=False),
        "What the lines get where the vendor fails; when left out the whole exchange fails.",
        default=None,
    )
    shortage: str = entry(
        Choice(("report", "reject")),
        "`reject` answers 422 with the short lines where stock doesn't suffice.",
        default="report",
    )


@record
class ReplySpec(Located):
    """What goes back besides the lines."""

    set: Tree = entry(
        TreeKind(block=True, blank=False),
        "Fields of the checkout that this contract may set.",
        example="{shipping_rates: body.rates}",
    )


@record
class DeliverySpec(Located):
    """How an order is delivered: what tells orders apart, when Nacelle is answered."""

    key: Text | None = entry(
        EXPRESSION,
        "What makes two requests the same order; `order_key` when left out.",
        default=None,
        example="order_key",
    )
    same: Text | None = entry(
        EXPRESSION,
        "What must not differ in a repeat; when left out: product, variant and quantity of the "
        "lines, price, subtotal, tax and currency.",
        default=None,
        example="order.lines",
    )
    changed: str = entry(
        Choice(("refuse", "ignore", "send")),
        "What becomes of an order that differs from the one that came under its key before: "
        "refused, answered as that one was, or delivered as well.",
        default="refuse",
    )
    answer: str = entry(
        Choice(("when_done", "when_stored")),
        "`when_done` answers with what the vendor says; `when_stored` as soon as the order is "
        "safe, and delivers it in the background.",
        default="when_done",
    )
    give_up_after: Duration = entry(
        DURATION,
        "How long delivery is tried again before a person has to look at it.",
        default=Duration(24 * 3_600_000),
        example="24h",
    )


@record
class MappingSpec(Located):
    """A mapping file: from one contract of Nacelle's to a vendor and back."""

    mapping: Word = entry(
        WordKind("the mapping's name"), "The mapping's name, unique here.", example="acme.stock"
    )
    contract: Word = entry(
        WordKind("the name of a contract"),
        "What Nacelle calls: " + ", ".join(CONTRACTS) + ".",
        example="inventory.validate",
    )
    vendor: Word | None = entry(
        VENDOR, "The vendor of gateway.yaml that calls go to.", default=None
    )
    let: Mapping[str, Tree] = entry(
        MapOf(TreeKind(), "a block of named values", check_name=check_name),
        "Named values, computed once when first used.",
        default=MappingProxyType({}),
    )
    call: CallSpec | None = entry(
        _OneCall(CallSpec, "`call`"), "The one call of this mapping.", default=None
    )
    calls: Mapping[str, CallSpec] | None = entry(
        MapOf(Record(CallSpec, "a call"), "a block of named calls", check_name=check_name),
        "Several calls by name: reads, at once where none needs another, then at most one effect.",
        default=None,
    )
    lines: tuple[LinesSpec, ...] = entry(
        ListOf(Record(LinesSpec, "`lines`"), "a list of joins", or_one=True),
        "Joins the vendor's rows to the lines.",
        default=(),
        instead=(),
    )
    reply: ReplySpec | None = entry(
        Record(ReplySpec, "`reply`"),
        "What goes back besides the lines.",
        default=None,
        instead=None,
    )
    errors: tuple[ErrorSpec, ...] = entry(
        ERRORS,
        "Rules that are tried on every call's answer, after the call's own.",
        default=(),
        instead=(),
    )
    delivery: DeliverySpec | None = entry(
        Record(DeliverySpec, "`delivery`"),
        "How an effect is delivered.",
        default=None,
        instead=None,
    )


MAPPING_FILE = Record(MappingSpec, "a mapping file")
