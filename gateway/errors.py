"""What can go wrong while the gateway runs, in one tree.

GatewayError
├── BadConfiguration    the files say something wrong; carries every problem, found at load
├── BadJson             bytes that are no acceptable JSON document
├── ExpressionFailed    an expression met data that it can't work with (a cast of garbage, say)
└── Refusal             an exchange ends here: status, reason and text of the error envelope

Vendor trouble is no exception but a value: `vendors.client.Fault`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.lossless import Json


class GatewayError(Exception):
    """The root of the tree."""


class BadJson(GatewayError):
    """Bytes that are no acceptable JSON document; `str()` says why, without quoting the document.

    `offset` is the byte at which it went wrong, from 0, where that is known.
    """

    def __init__(self, reason: str, offset: int | None = None) -> None:
        super().__init__(reason if offset is None else f"{reason} (byte {offset})")
        self.offset = offset


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
        reason: str,
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
