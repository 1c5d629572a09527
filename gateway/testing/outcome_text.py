"""What a vendor really answered, as the `answer` of a case."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from gateway.lossless import BadJson, Json, loads
from gateway.vendors.client import Answer, Fault

if TYPE_CHECKING:
    from gateway.config.personal import Path
    from gateway.testing.masking import Masker

_TEXT = "text/plain"


def body_of(outcome: Answer | Fault) -> Json:
    """Give an answer's body: as JSON where it is, else as text; null where there is none."""
    if isinstance(outcome, Fault) or not outcome.body:
        return None
    try:
        return loads(outcome.body)
    except BadJson:
        return outcome.body.decode(errors="replace")


def answer_text(
    outcome: Answer | Fault, personal: Iterable[Path], masker: Masker
) -> dict[str, Json]:
    """Write what came of a request, masked."""
    if isinstance(outcome, Fault):
        return {"fault": outcome.kind, "sent": outcome.sent}
    headers = {name: masker.text(value) for name, value in outcome.headers.items()}
    declared = headers.pop("content-type", "")
    if not outcome.body:
        return _told(outcome.status, headers)
    if not _is_json(outcome.body):
        headers["content-type"] = _TEXT if not declared or "json" in declared else declared
    body = masker.masked(body_of(outcome), personal)
    return _told(outcome.status, headers) | {"body": body}


def _told(status: int, headers: dict[str, str]) -> dict[str, Json]:
    return {"status": status, **({"headers": {**headers}} if headers else {})}


def _is_json(body: bytes) -> bool:
    try:
        loads(body)
    except BadJson:
        return False
    return True
