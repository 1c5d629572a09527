"""Requests, answers, faults and refusals as JSON, and back: what the journal keeps."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, cast

from gateway.errors import Refusal
from gateway.lossless import Json, dumps, loads
from gateway.vendors.client import Answer, Fault, Request

if TYPE_CHECKING:
    from gateway.errors import Reason
    from gateway.vendors.client import FaultKind, Sent

_UNKEPT = frozenset({"set-cookie"})
"""Headers of answers that are as good as secrets, and that no mapping needs."""


def write(document: Json) -> str:
    return dumps(document).decode()


def write_request(request: Request) -> str:
    """Write what tells a repeat from another request; secrets come when it is sent."""
    return write(
        {
            "method": request.method,
            "target": request.target,
            "headers": dict(request.headers),
            **_body(request.body),
        }
    )


def read_request(text: str) -> Request:
    found = _object(text)
    return Request(found["method"], found["target"], found["headers"], _bytes(found), effect=True)


def write_outcome(outcome: Answer | Fault) -> str:
    if isinstance(outcome, Fault):
        return write(
            {
                "fault": outcome.kind,
                "sent": outcome.sent,
                "detail": outcome.detail,
                "attempts": outcome.attempts,
                "doubtful": outcome.doubtful,
            }
        )
    headers = {name: value for name, value in outcome.headers.items() if name not in _UNKEPT}
    return write(
        {
            "status": outcome.status,
            "headers": cast("Json", headers),
            **_body(outcome.body),
            "attempts": outcome.attempts,
            "doubtful": outcome.doubtful,
        }
    )


def read_outcome(text: str) -> Answer | Fault:
    found = _object(text)
    attempts, doubtful = found["attempts"], found["doubtful"]
    if "fault" in found:
        kind, sent = cast("FaultKind", found["fault"]), cast("Sent", found["sent"])
        return Fault(kind, sent, found["detail"], attempts, doubtful)
    return Answer(found["status"], found["headers"], _bytes(found), attempts, doubtful)


def write_refusal(refusal: Refusal) -> str:
    return write(
        {
            "status": refusal.status,
            "reason": refusal.reason,
            "message": refusal.message,
            "details": refusal.details,
            "category": refusal.category,
            "cause": refusal.cause,
        }
    )


def read_refusal(text: str) -> Refusal:
    found = _object(text)
    return Refusal(
        found["status"],
        cast("Reason", found["reason"]),
        found["message"],
        details=found["details"],
        category=found["category"],
        cause=found["cause"],
    )


def _object(text: str) -> dict[str, Any]:  # what we wrote ourselves
    return cast("dict[str, Any]", loads(text.encode()))


def _body(body: bytes) -> dict[str, Json]:
    """Write a body as text where it is text, so that people can read it."""
    try:
        return {"body": body.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode()}


def _bytes(found: dict[str, Any]) -> bytes:
    if "base64" in found:
        return base64.b64decode(found["base64"])
    return cast("str", found["body"]).encode()
