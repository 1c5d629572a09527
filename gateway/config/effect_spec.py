"""What a mapping file says of a call that changes something: did it happen, what undoes it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gateway.config.computed import EXPRESSION, TEMPLATE, Text, Tree, TreeKind, check_name
from gateway.config.kinds import Choice, Context, Whole, Word, WordKind
from gateway.config.records import Located, Record, entry, record
from gateway.config.request_spec import RequestSpec, check_request
from gateway.config.resilience_spec import RETRY, Retry
from gateway.config.response_spec import ResponseSpec, check_response
from gateway.config.several import ListOf, MapOf
from gateway.config.vendor_spec import TIMEOUT, Timeout


@record
class ErrorSpec(Located):
    """A rule that recognises an error and says what becomes of it."""

    when: Text = entry(EXPRESSION, "The rule applies when this is true.", example="status == `404`")
    then: str = entry(
        Choice(("fail", "retry", "find", "done")),
        "`fail` replies with `error`; `done` takes the answer for a success; `retry`, nothing was "
        "done, it may be sent again; of effects also `find`, ask whether the vendor has it.",
        default="fail",
    )
    status: int = entry(Whole(400, 599), "The status of the reply.", default=422)
    error: Text | None = entry(
        TEMPLATE,
        "What the reply says; needed beside `then: fail`.",
        default=None,
        example="The order was refused",
    )
    category: Word | None = entry(
        WordKind("a category"), "The category; the contract's when left out.", default=None
    )
    details: Tree | None = entry(
        TreeKind(block=True), "What goes into the reply's `details`.", default=None
    )


_OF_REPLIES = ("status", "error", "category", "details")


def check_error(spec: ErrorSpec, context: Context) -> None:
    """Report a reply without words, and words where there is no reply."""
    if spec.then == "fail":
        if spec.error is None:
            context.problems.error(
                "missing-key",
                "`error` is missing from an error rule.",
                spec.key_place("error"),
                "Add `error: The order was refused`, what the reply is to say.",
            )
        return
    for key in _OF_REPLIES:
        if spec.node.get(key) is not None:
            context.problems.error(
                "conflicting-keys",
                f"`then: {spec.then}` makes no reply, so `{key}` would never be seen.",
                spec.key_place(key),
                f"Leave `{key}` out.",
            )


ERRORS = ListOf(Record(ErrorSpec, "an error rule", check_error), "a list of error rules")


@record
class FindSpec(Located):
    """Asks the vendor whether it has what was sent, after an answer that never came."""

    request: RequestSpec = entry(
        Record(RequestSpec, "`request`", check_request),
        "The request that asks; it changes nothing.",
        example="{method: GET, path: /}",
    )
    response: ResponseSpec = entry(
        Record(ResponseSpec, "`response`", check_response),
        "What counts as an answer; 404 and 410 say that the vendor doesn't have it.",
        default=ResponseSpec(),
        instead=ResponseSpec(),
    )
    found: Text = entry(
        EXPRESSION,
        "What the vendor has, from the answer; it doesn't have it where this is null or false.",
        example="body.id",
    )


@record
class UndoSpec(Located):
    """Takes back what a call has done, when a later one fails for good."""

    let: Mapping[str, Tree] = entry(
        MapOf(TreeKind(), "a block of named values", check_name=check_name),
        "Named values for this request.",
        default=MappingProxyType({}),
    )
    request: RequestSpec = entry(
        Record(RequestSpec, "`request`", check_request),
        "The request that takes it back.",
        example="{method: DELETE, path: /}",
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
    retry: Retry | None = entry(
        RETRY, "In place of the vendor's `retry`, for this request.", default=None
    )
    timeout: Timeout | None = entry(
        TIMEOUT, "In place of the vendor's `timeout`, for this request.", default=None
    )
    errors: tuple[ErrorSpec, ...] = entry(
        ERRORS,
        "Rules for the vendor's errors; the first that applies decides.",
        default=(),
        instead=(),
    )
