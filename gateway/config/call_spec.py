"""What a mapping file says about one call: request, pages, response, error rules."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gateway.config import source
from gateway.config.computed import (
    EXPRESSION,
    NAME,
    TEMPLATE,
    VENDOR,
    Text,
    Tree,
    TreeKind,
    check_name,
)
from gateway.config.kinds import (
    Bad,
    Choice,
    Context,
    Truth,
    Whole,
    Word,
    WordKind,
    wrong_type,
)
from gateway.config.records import Located, Record, entry, record
from gateway.config.resilience_spec import RETRY, Retry
from gateway.config.several import ListOf, MapOf
from gateway.config.source import Node, Scalar
from gateway.config.vendor_spec import TIMEOUT, Timeout
from gateway.lossless import Json

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

    vendor: Word | None = entry(VENDOR, "The vendor; the file's when left out.", default=None)
    when: Text | None = entry(EXPRESSION, "The call is skipped where this is false.", default=None)
    each: Text | None = entry(
        EXPRESSION, "A list: the call is made once for each of its elements.", default=None
    )
    as_: Word | None = entry(NAME, "What an element is called, beside `each`.", default=None)
    at_once: int = entry(
        Whole(1, 100), "How many elements are asked for at the same time.", default=1
    )
    on_failure: str = entry(
        Choice(("fail", "report")),
        "Whether a failure for one element ends the exchange, or is told as its `outcome`.",
        default="fail",
    )
    let: Mapping[str, Tree] = entry(
        MapOf(TreeKind(), "a block of named values", check_name=check_name),
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
    retry: Retry | None = entry(
        RETRY, "In place of the vendor's `retry`, for this call.", default=None
    )
    timeout: Timeout | None = entry(
        TIMEOUT, "In place of the vendor's `timeout`, for this call.", default=None
    )
    errors: tuple[ErrorSpec, ...] = entry(
        ListOf(Record(ErrorSpec, "an error rule"), "a list of error rules"),
        "Rules for the vendor's errors; the first that applies decides.",
        default=(),
        instead=(),
    )
