"""What may stand in a request line and in a header (RFC 9110, RFC 9112, RFC 3986)."""

from __future__ import annotations

import re
from functools import lru_cache

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_TARGET = re.compile(r"/[!-\"$-~]*")
# A server may unescape before it resolves, and some drop `;parameters` first.
_DOT_SEGMENT = re.compile(r"/(?:\.|%2e){1,2}(?:;[^/]*)?(?:/|$)", re.IGNORECASE)

OWN_HEADERS = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""Headers that frame the message; only the transports write them."""


@lru_cache(maxsize=64)
def method_problem(method: str) -> str | None:
    if _TOKEN.fullmatch(method) and method.upper() != "CONNECT":
        return None
    return f"{method!r} is no method for a request to a vendor"


def target_problem(target: str) -> str | None:
    """Say what is wrong with a path and query, without quoting it: it may carry an API key."""
    if not _TARGET.fullmatch(target):
        return "the target must start with `/` and be percent-encoded, without `#`"
    path = target.partition("?")[0]
    if ("/." in path or "/%" in path) and _DOT_SEGMENT.search(path):
        return "the path has a segment `.` or `..`"
    return None


@lru_cache(maxsize=1024)
def header_name(name: str) -> str | None:
    """Give the name in lower case; None where it is no token or not the caller's to set."""
    lower = name.lower()
    return lower if _TOKEN.fullmatch(name) and lower not in OWN_HEADERS else None


def header_value(value: str) -> str | None:
    """Give the value without the blanks around it; None where it can't be sent."""
    if _CONTROL.search(value):
        return None
    try:
        value.encode()
    except UnicodeEncodeError:  # a lone surrogate
        return None
    return value.strip(" \t")
