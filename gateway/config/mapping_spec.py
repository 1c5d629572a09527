"""What a mapping file says: its keys, as frozen records. What computes stays text until built.

The language: docs/mapping-language.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from gateway.config import source
from gateway.config.kinds import (
    BAD,
    Bad,
    Choice,
    Context,
    Kind,
    Truth,
    Whole,
    Word,
    WordKind,
    read_text,
    wrong_type,
)
from gateway.config.records import Located, Record, entry, record
from gateway.config.several import ListOf, MapOf
from gateway.config.source import Node, Scalar
from gateway.config.wording import is_blank, or_empty
from gateway.contracts import CONTRACTS
from gateway.lossless import Json


@dataclass(frozen=True, slots=True)
class Text:
    """An expression or a template as written; `plan` compiles it."""

    scalar: Scalar

    @property
    def text(self) -> str:
        return self.scalar.text


@dataclass(frozen=True, slots=True)
class TextKind:
    """An expression (it `computes`), or text with `{expression}` inserts."""

    expected: str
    computes: bool = True

    def read(self, node: Node, context: Context) -> Text | Bad:
        scalar = read_text(node, self.expected, context, computes=self.computes)
        return BAD if scalar is BAD else Text(scalar)

    def json_schema(self) -> dict[str, Json]:
        return {"type": "string"}


@dataclass(frozen=True, slots=True)
class Tree:
    """YAML whose leaves are expressions."""

    node: Node


@dataclass(frozen=True, slots=True)
class TreeKind:
    """A tree; `block` ones start with keys, and `blank` ones may have none."""

    block: bool = False
    blank: bool = True

    @property
    def expected(self) -> str:
        return "a block of keys with expressions" if self.block else "an expression or a tree"

    def read(self, node: Node, context: Context) -> Tree | Bad:
        if self.block and self.blank:
            node = or_empty(node)
        if self.block and not isinstance(node, source.Mapping):
            return wrong_type(node, self.expected, context)
        return Tree(node)

    def json_schema(self) -> dict[str, Json]:
        if not self.block:
            return {}
        return {"type": ["object", "null"] if self.blank else "object"}


EXPRESSION = TextKind("an expression")
TEMPLATE = TextKind("text with {expression} inserts", computes=False)


def _check_name(text: str) -> str | None:
    good = text.isidentifier() and text.isascii()
    return None if good else f"`{text}` is no plain name: letters, digits and `_` only"


_NAME = WordKind("a name", _check_name)
_VENDOR = WordKind("the name of a vendor")
_SCHEMA = WordKind("the name of a schema, as in `square/request.json`")


class _Statuses:
    """HTTP statuses: whole numbers and classes such as `2xx`."""

    expected = "a status such as `404` or `2xx`, or a list of them"

    def read(self, node: Node, context: Context) -> frozenset[int] | Bad:
        items = node.items if isinstance(node, source.Sequence) else (node,)
        found: set[int] = set()
        for item in items:
            text = item.text if isinstance(item, Scalar) else ""
            if text in ("2xx", "3xx", "4xx", "5xx"):
                found.update(range(int(text[0]) * 100, int(text[0]) * 100 + 100))
            elif text.isdecimal() and 100 <= int(text) <= 599:  # noqa: PLR2004 - HTTP's range
                found.add(int(text))
            else:
                return wrong_type(item, "a status such as `404` or `2xx`", context)
        return frozenset(found)

    def json_schema(self) -> dict[str, Json]:
        status: dict[str, Json] = {
            "anyOf": [
                {"type": "integer", "minimum": 100, "maximum": 599},
                {"enum": ["2xx", "3xx", "4xx", "5xx"]},
            ]
        }
        return {"anyOf": [status, {"type": "array", "items": status}]}


@record
class RequestSpec(Located):
    """The vendor request."""

    method: str = entry(
        Choice(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")),
        "The HTTP method.",
        example="POST",
    )
    path: Text = entry(
        TEMPLATE,
        "The path below the vendor's base_url; inserts are percent-encoded.",
        example="/v1/stock/{settings.acme.warehouse}",
    )
    query: Tree | None = entry(
        TreeKind(block=True), "Query parameters; a list repeats its name.", default=None
    )
    headers: Tree | None = entry(TreeKind(block=True), "Headers of this request.", default=None)
    body: Tree | None = entry(TreeKind(), "The JSON body.", default=None)
    schema: Word | None = entry(
        _SCHEMA, "The JSON Schema that the body must satisfy.", default=None
    )


@record
class BatchSpec(Located):
    """One call for many keys, split to what the vendor takes at once."""

    keys: Text = entry(
        EXPRESSION,
        "The keys to ask for; each is asked for once.",
        example='"lines[].variant_id"',
    )
    row: Text = entry(EXPRESSION, "The key of an answer's row, as in `row.item`.", example="row.id")
    rows: Text | None = entry(
        EXPRESSION, "The rows of an answer; those of `pages` when left out.", default=None
    )
    size: int = entry(
        Whole(1, 100_000), "The most keys that the vendor takes in one call.", example="100"
    )


@record
class PagesSpec(Located):
    """An answer that comes in pages."""

    rows: Text = entry(EXPRESSION, "The plain path of a page's rows.", example="body.items")
    next: Text = entry(
        EXPRESSION,
        "What the next page is asked with, as `page.next`; null on the last page.",
        example="body.cursor",
    )
    at_most: int = entry(Whole(1, 10_000), "More pages than this are a failure.", default=100)


@record
class ResponseSpec(Located):
    """What counts as an answer, and what it must look like."""

    as_: str = entry(
        Choice(("json", "none")), "How the body is read; `none` leaves it unread.", default="json"
    )
    statuses: frozenset[int] = entry(
        _Statuses(), "The statuses of success.", default=frozenset(range(200, 300))
    )
    succeeds: Text | None = entry(
        EXPRESSION, "What must be true of a success besides its status.", default=None
    )
    schema: Word | None = entry(
        _SCHEMA, "The JSON Schema that a success must satisfy.", default=None
    )
    error_schema: Word | None = entry(
        _SCHEMA, "The JSON Schema of the vendor's error bodies, for reading them.", default=None
    )


@record
class ErrorSpec(Located):
    """A rule that recognises an error and words the reply."""

    when: Text = entry(EXPRESSION, "The rule applies when this is true.", example="status == `404`")
    status: int = entry(Whole(400, 599), "The status of the reply.", default=422)
    error: Text = entry(TEMPLATE, "What the reply says.", example="The order was refused")
    category: Word | None = entry(
        WordKind("a category"), "The category; the contract's when left out.", default=None
    )
    details: Tree | None = entry(
        TreeKind(block=True), "What goes into the reply's `details`.", default=None
    )


@record
class CallSpec(Located):
    """One call of a vendor."""

    vendor: Word | None = entry(_VENDOR, "The vendor; the file's when left out.", default=None)
    let: Mapping[str, Tree] = entry(
        MapOf(TreeKind(), "a block of named values", check_name=_check_name),
        "Named values for this call.",
        default=MappingProxyType({}),
    )
    effect: bool | None = entry(
        Truth(),
        "Whether the call changes something at the vendor; when left out: yes, unless it is "
        "a GET, a HEAD or in a validate contract.",
        default=None,
    )
    batch: BatchSpec | None = entry(
        Record(BatchSpec, "`batch`"), "Asks for many keys at once.", default=None
    )
    request: RequestSpec = entry(
        Record(RequestSpec, "`request`"), "The vendor request.", example="{method: GET, path: /}"
    )
    pages: PagesSpec | None = entry(
        Record(PagesSpec, "`pages`"), "How to get all pages of an answer.", default=None
    )
    response: ResponseSpec = entry(
        Record(ResponseSpec, "`response`"),
        "What counts as success.",
        default=ResponseSpec(),
        instead=ResponseSpec(),
    )
    idempotency: Text | None = entry(
        EXPRESSION,
        "The value in the request by which the vendor knows a repeat.",
        default=None,
    )
    errors: tuple[ErrorSpec, ...] = entry(
        ListOf(Record(ErrorSpec, "an error rule"), "a list of error rules"),
        "Rules for the vendor's errors; the first that applies decides.",
        default=(),
        instead=(),
    )


class _Unmatched:
    """What becomes of a line without a row."""

    expected = "`keep`, `error`, or a block of fields to set"

    def read(self, node: Node, context: Context) -> Tree | str | Bad:
        if isinstance(node, source.Mapping):
            return Tree(node)
        if not isinstance(node, Scalar) or is_blank(node):
            return wrong_type(node, self.expected, context)
        return Choice(("keep", "error")).read(node, context)

    def json_schema(self) -> dict[str, Json]:
        return {"anyOf": [{"enum": ["keep", "error"]}, {"type": "object"}]}


_UNMATCHED: Kind[Tree | str] = _Unmatched()


@record
class LinesSpec(Located):
    """Joins the vendor's rows to the lines."""

    of: Text | None = entry(EXPRESSION, "Which lines; all of them when left out.", default=None)
    from_: Word = entry(_NAME, "The call whose rows are joined.", example="call")
    rows: Text | None = entry(
        EXPRESSION, "The rows; those of the call's batch or pages when left out.", default=None
    )
    row: Text | None = entry(
        EXPRESSION, "The key of a row; the batch's when left out.", default=None
    )
    line: Text = entry(EXPRESSION, "The key of a line.", example="line.variant_id")
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
    """How an effect is delivered."""

    key: Text = entry(EXPRESSION, "What makes two requests the same order.", example="order_key")


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
        _VENDOR, "The vendor of gateway.yaml that calls go to.", default=None
    )
    let: Mapping[str, Tree] = entry(
        MapOf(TreeKind(), "a block of named values", check_name=_check_name),
        "Named values, computed once when first used.",
        default=MappingProxyType({}),
    )
    call: CallSpec | None = entry(
        Record(CallSpec, "`call`"), "The one call of this mapping.", default=None
    )
    calls: Mapping[str, CallSpec] | None = entry(
        MapOf(Record(CallSpec, "a call"), "a block of named calls", check_name=_check_name),
        "Several calls by name, in order: reads, then at most one effect.",
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
        ListOf(Record(ErrorSpec, "an error rule"), "a list of error rules"),
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
