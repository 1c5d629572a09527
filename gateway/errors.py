"""What can go wrong while the gateway runs, in one tree.

GatewayError
├── BadConfiguration    the files say something wrong; carries every problem, found at load
├── ExpressionFailed    an expression met data that it can't work with (a cast of garbage, say)
└── Refusal             an exchange ends here: status, reason and text of the error envelope

Vendor trouble is no exception but a value: `vendors.client.Fault`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.lossless import Json

Reason = Literal[
    "bad_json",
    "cancelled",
    "config",
    "deadline",
    "forbidden",
    "in_doubt",
    "in_progress",
    "internal",
    "invalid",
    "key_missing",
    "key_reused",
    "method_not_allowed",
    "missing_data",
    "no_lines",
    "no_mapping",
    "not_an_object",
    "not_found",
    "out_of_stock",
    "overloaded",
    "partly_done",
    "refused",
    "reply_invalid",
    "slow_body",
    "storage_unavailable",
    "too_large",
    "unauthorized",
    "undo_failed",
    "unmatched",
    "unsupported_media_type",
    "vendor_answer",
    "vendor_auth",
    "vendor_busy",
    "vendor_credentials",
    "vendor_disconnected",
    "vendor_down",
    "vendor_error",
    "vendor_request",
    "vendor_throttled",
    "vendor_timeout",
    "vendor_unreachable",
]
"""What `details.reason` of an error envelope can be: stable, for programs to decide on."""

REASONS: Mapping[Reason, tuple[str, str, str]] = {
    # reason: its status, what it says, whether asking again makes sense
    "bad_json": ("400", "The body is no acceptable JSON.", "no"),
    "cancelled": ("422", "A person cancelled this order.", "no"),
    "config": ("500", "A mapping needs a setting that gateway.yaml doesn't give.", "once set"),
    "deadline": ("500", "The time for the whole request was up.", "yes"),
    "forbidden": ("403", "The caller is known, but may not call this contract.", "no"),
    "in_doubt": (
        "500",
        "An effect was sent, and no clear answer came: the vendor may have done it.",
        "as `details.repeat` says",
    ),
    "in_progress": (
        "500",
        "The order is being delivered, and that goes on.",
        "yes: it gets the result",
    ),
    "internal": ("500", "A bug of the gateway's; the log has it under the exchange id.", "no"),
    "invalid": ("400", "The object lacks what the contract needs: `details.problems`.", "no"),
    "key_missing": ("400", "No id tells this order from others.", "no"),
    "key_reused": (
        "422",
        "Another order came under this key before, and was delivered or still is.",
        "under another key",
    ),
    "method_not_allowed": ("405", "Contracts are called with POST.", "no"),
    "missing_data": ("400", "The mapping needs a field that this object doesn't have.", "no"),
    "no_lines": ("400", "An order without a single line.", "no"),
    "no_mapping": ("404", "No mapping is loaded for this contract.", "no"),
    "not_an_object": ("400", "The body is JSON, but no object.", "no"),
    "not_found": ("404", "There is nothing under this path.", "no"),
    "out_of_stock": ("422", "Stock doesn't suffice: `details.lines`.", "with less"),
    "overloaded": ("503", "More requests at once than `max_in_flight`.", "after `Retry-After`"),
    "partly_done": (
        "500",
        "An effect was done for some elements of its `each` and not for others: `details.done`.",
        "as `details.repeat` says",
    ),
    "refused": ("422", "The vendor says no, or an error rule says so for it.", "once corrected"),
    "reply_invalid": ("500", "What the mapping set would break the contract.", "no"),
    "slow_body": ("408", "The body did not arrive in time.", "yes"),
    "storage_unavailable": (
        "500",
        "The database can't be used; nothing was sent to the vendor.",
        "yes",
    ),
    "too_large": ("413", "The body is over `max_body`.", "no"),
    "unauthorized": ("401", "The signature or the shared secret is missing or wrong.", "no"),
    "undo_failed": (
        "500",
        "What was done of the order couldn't be taken back; a person has to look at it.",
        "no",
    ),
    "unmatched": ("422", "The vendor doesn't know some lines: `details.lines`.", "without them"),
    "unsupported_media_type": ("415", "The body isn't declared as plain JSON.", "no"),
    "vendor_answer": ("500", "The vendor's answer can't be read or lacks what is needed.", "no"),
    "vendor_auth": ("500", "No token for the vendor could be had; `cause` has why.", "once mended"),
    "vendor_busy": ("500", "The vendor's `limits` leave no room for this call.", "yes"),
    "vendor_credentials": ("500", "The vendor refused the gateway's credentials.", "once mended"),
    "vendor_disconnected": ("500", "The connection broke before the whole answer came.", "yes"),
    "vendor_down": ("500", "The vendor failed too often, and is spared for now.", "later"),
    "vendor_error": ("500", "The vendor answered with an error.", "after 408 and 5xx"),
    "vendor_request": ("500", "The request would break the vendor's schema.", "no"),
    "vendor_throttled": ("500", "The vendor allows no more calls for now.", "later"),
    "vendor_timeout": ("500", "The vendor did not answer in time.", "yes"),
    "vendor_unreachable": ("500", "No connection to the vendor could be made.", "yes"),
}


def status_of(reason: Reason) -> int:
    """Give the status that a reason comes with, unless an error rule gives another."""
    return int(REASONS[reason][0])


class GatewayError(Exception):
    """The root of the tree."""


class ExpressionFailed(GatewayError):
    """An expression met data that it can't work with.

    `expression` is its text (from the configuration, so safe to log); `reason` names types and
    functions, never values.
    """

    def __init__(self, expression: str, reason: str) -> None:
        super().__init__(f"{expression}: {reason}")
        self.expression = expression
        self.reason = reason


class Refusal(GatewayError):
    """An exchange ends here, with the error envelope that these fields make.

    `category` None means the contract's own. `cause` goes to the log and never to the client.
    """

    def __init__(  # noqa: PLR0913 - the fields of the envelope, all by name
        self,
        status: int,
        reason: Reason,
        message: str,
        *,
        details: Mapping[str, Json] | None = None,
        category: str | None = None,
        cause: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.message = message
        self.details = dict(details or {})
        self.category = category
        self.cause = cause
        self.headers = dict(headers or {})

    def anew(self) -> Refusal:
        """Give the same once more, for another exchange."""
        return Refusal(
            self.status,
            self.reason,
            self.message,
            details=self.details,
            category=self.category,
            cause=self.cause,
            headers=self.headers,
        )
