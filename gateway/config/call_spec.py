"""What a mapping file says about one call: request, pages, response, error rules."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gateway.config.computed import (
    EXPRESSION,
    NAME,
    VENDOR,
    Text,
    Tree,
    TreeKind,
    check_name,
)
from gateway.config.effect_spec import ERRORS, ErrorSpec, FindSpec, UndoSpec
from gateway.config.formats import DURATION
from gateway.config.kinds import Choice, Truth, Whole, Word
from gateway.config.pages_spec import PagesSpec, check_pages
from gateway.config.records import Located, Record, entry, record
from gateway.config.request_spec import RequestSpec, check_request
from gateway.config.resilience_spec import RETRY, Retry
from gateway.config.response_spec import ResponseSpec, check_response
from gateway.config.several import MapOf
from gateway.config.units import Duration
from gateway.config.vendor_spec import TIMEOUT, Timeout


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
    at_once: int = entry(
        Whole(1, 100),
        "How many of its calls are made at the same time, of all exchanges where they share.",
        default=4,
    )
    window: Duration | None = entry(
        DURATION,
        "Exchanges share: what several ask for is asked once, and while a call is under way, keys "
        "of others are gathered for the next one, no longer than this.",
        default=None,
    )
    ttl: Duration | None = entry(
        DURATION,
        "How long rows are kept, by key, and used again; shared as with `window`.",
        default=None,
    )
    stale: Duration | None = entry(
        DURATION,
        "For how much longer kept rows stand in where the vendor fails; `meta_data` says so.",
        default=None,
    )

    @property
    def shared(self) -> bool:
        """Whether exchanges share its calls."""
        return self.window is not None or self.ttl is not None


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
    moves_stock: bool = entry(
        Truth(),
        "Whether this effect, in another contract than inventory.consume, also takes the order's "
        "items from the vendor's stock: then no other mapping should.",
        default=False,
    )
    batch: BatchSpec | None = entry(
        Record(BatchSpec, "`batch`"), "Asks for many keys at once.", default=None
    )
    request: RequestSpec = entry(
        Record(RequestSpec, "`request`", check_request),
        "The vendor request.",
        example="{method: GET, path: /}",
    )
    pages: PagesSpec | None = entry(
        Record(PagesSpec, "`pages`", check_pages),
        "How to get all pages of an answer.",
        default=None,
    )
    response: ResponseSpec = entry(
        Record(ResponseSpec, "`response`", check_response),
        "What counts as success.",
        default=ResponseSpec(),
        instead=ResponseSpec(),
    )
    idempotency: Text | None = entry(
        EXPRESSION,
        "The value in the request by which the vendor knows a repeat.",
        default=None,
    )
    find: FindSpec | None = entry(
        Record(FindSpec, "`find`"),
        "How to learn whether the vendor has what was sent, where no answer came.",
        default=None,
        instead=None,
    )
    result: Text | None = entry(
        EXPRESSION,
        "What the vendor made, from its answer; `found` gives the same. Then called `result`.",
        default=None,
    )
    reference: Text | None = entry(
        EXPRESSION,
        "What the vendor calls what it made; kept with the order for people to see.",
        default=None,
    )
    undo: UndoSpec | None = entry(
        Record(UndoSpec, "`undo`"),
        "Takes back what this call did, when a later one fails for good or a person asks.",
        default=None,
        instead=None,
    )
    retry: Retry | None = entry(
        RETRY, "In place of the vendor's `retry`, for this call.", default=None
    )
    timeout: Timeout | None = entry(
        TIMEOUT, "In place of the vendor's `timeout`, for this call.", default=None
    )
    errors: tuple[ErrorSpec, ...] = entry(
        ERRORS,
        "Rules for the vendor's errors; the first that applies decides.",
        default=(),
        instead=(),
    )
