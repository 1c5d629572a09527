"""The ways in which a vendor can fail a mapping: what comes in place of a good answer.

A test drives each of them over sockets too, so that what stands here is what really comes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from gateway.testing.damage import (
    doubled_keys,
    fractional,
    negative,
    nulled,
    other_types,
    with_element_twice,
    without_element,
    without_key,
)
from gateway.vendors.client import Answer, Fault, FaultKind, Sent

Outcome = Answer | Fault

_JSON = {"content-type": "application/json"}
_PAGE = b"<html><body>Welcome</body></html>"


@dataclass(frozen=True, slots=True)
class Trouble:
    """One way to fail, by a name that people read; of some there are many, one for each field."""

    name: str
    outcomes: Callable[[Answer], Iterable[Outcome]]


def _fault(name: str, kind: FaultKind, sent: Sent) -> Trouble:
    return Trouble(name, lambda _: [Fault(kind, sent, f"as said: {name}")])


def _status(status: int, name: str = "", body: bytes = b"", **headers: str) -> Trouble:
    sent = {key.replace("_", "-"): value for key, value in headers.items()}
    return Trouble(name or str(status), lambda _: [Answer(status, sent, body)])


def _instead(name: str, body: bytes) -> Trouble:
    """Answer with the good answer's status, and another body."""
    return Trouble(name, lambda good: [Answer(good.status, _JSON, body)])


def _damaged(name: str, damage: Callable[[bytes], Iterable[bytes]]) -> Trouble:
    """Answer with the good answer, damaged at one place after the other."""
    return Trouble(
        name, lambda good: (good._replace(body=damaged) for damaged in damage(good.body))
    )


TROUBLES = (
    _fault("not there", "connect", "no"),
    _fault("no connection in time", "connect_timeout", "no"),
    _fault("an untrusted certificate", "tls", "no"),
    _fault("no answer in time", "timeout", "unknown"),
    _fault("an answer byte by byte", "timeout", "yes"),
    _fault("a reset before the answer", "disconnected", "unknown"),
    _fault("a reset within the answer", "disconnected", "yes"),
    _fault("an answer that is no HTTP", "protocol", "unknown"),
    _fault("an answer that is too large", "too_large", "yes"),
    _status(202),
    _status(302, location="https://elsewhere.example/"),
    *map(_status, (400, 401, 403, 404, 408, 409, 422)),
    _status(429, "429 with Retry-After", retry_after="2"),
    _status(429, "429 with a long Retry-After", retry_after="86400"),
    _status(500),
    _status(500, "500 with HTML", _PAGE, content_type="text/html"),
    _status(503),
    _instead("an empty answer", b""),
    Trouble("HTML", lambda good: [Answer(good.status, {"content-type": "text/html"}, _PAGE)]),
    Trouble(
        "half of the answer", lambda good: [good._replace(body=good.body[: len(good.body) // 2])]
    ),
    Trouble(
        "another media type",
        lambda good: [good._replace(headers={**good.headers, "content-type": "text/plain"})],
    ),
    _instead("null", b"null"),
    _instead("a list", b"[]"),
    _instead("a list of numbers", b"[1, 2]"),
    _instead("a text", b'"text"'),
    _instead("a number", b"7"),
    _damaged("a field left out", without_key),
    _damaged("a field that is null", nulled),
    _damaged("a field of another type", other_types),
    _damaged("a key given twice", doubled_keys),
    _damaged("a negative number", negative),
    _damaged("a fractional number", fractional),
    _damaged("an element left out", without_element),
    _damaged("an element given twice", with_element_twice),
)
