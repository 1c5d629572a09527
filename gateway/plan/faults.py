"""Vendor trouble → what Nacelle is told: one table, its reasons stable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.errors import Reason, Refusal
from gateway.lossless import Json
from gateway.vendors.client import Answer, Fault, FaultKind

# What a vendor's 4xx says about the order itself, rather than about us.
_ABOUT_THE_ORDER = frozenset({400, 409, 422})
_CREDENTIALS = frozenset({401, 403})
_THROTTLED = 429
_TIMED_OUT = 408
_SERVER = 500


@dataclass(frozen=True, slots=True)
class Trouble:
    """How one kind of trouble is told: a reason for machines, a text for people."""

    reason: Reason
    message: str


FAULTS: dict[FaultKind, Trouble] = {
    "connect": Trouble("vendor_unreachable", "The vendor can't be reached"),
    "connect_timeout": Trouble("vendor_unreachable", "The vendor can't be reached"),
    "tls": Trouble("vendor_unreachable", "No trusted connection to the vendor can be made"),
    "timeout": Trouble("vendor_timeout", "The vendor did not answer in time"),
    "disconnected": Trouble("vendor_disconnected", "The vendor broke the connection"),
    "protocol": Trouble("vendor_answer", "The vendor's answer can't be used"),
    "too_large": Trouble("vendor_answer", "The vendor's answer can't be used"),
    "deadline": Trouble("deadline", "The time for this request is up"),
    "invalid_request": Trouble("vendor_request", "The request to the vendor can't be sent"),
}

IN_DOUBT = Trouble("in_doubt", "Whether the vendor took the order is not known")

_ERROR = Trouble("vendor_error", "The vendor answered with an error")


def of_fault(fault: Fault, vendor: str, *, effect: bool, idempotent: bool) -> Refusal:
    """Word the refusal for a call without an answer.

    An effect that may have been sent is in doubt; `repeat` says whether asking again is safe.
    """
    cause = f"{vendor}: {fault.kind}, sent: {fault.sent} {fault.detail}".rstrip()
    if effect and fault.sent != "no":
        return in_doubt(vendor, cause, idempotent=idempotent)
    trouble = FAULTS[fault.kind]
    return Refusal(500, trouble.reason, trouble.message, details={"vendor": vendor}, cause=cause)


def in_doubt(vendor: str, cause: str, *, idempotent: bool, status: int | None = None) -> Refusal:
    """Word the refusal for an effect of which nobody can say whether it happened.

    `details.repeat` is `safe` where the vendor knows a repeat by its idempotency key.
    """
    details: dict[str, Json] = {"vendor": vendor, "repeat": "safe" if idempotent else "unsafe"}
    if status is not None:
        details["vendor_status"] = status
    return Refusal(500, IN_DOUBT.reason, IN_DOUBT.message, details=details, cause=cause)


def of_status(answer: Answer, vendor: str, *, effect: bool, idempotent: bool) -> Refusal:
    """Word the refusal for an answer that is no success and that no rule takes.

    To an effect, 400, 409 and 422 speak of the order: 422. After 408 and 5xx it may have happened.
    Everything else is ours: 500.
    """
    details: dict[str, Json] = {"vendor": vendor, "vendor_status": answer.status}
    cause = f"{vendor} answered {answer.status}"
    if effect and (answer.status >= _SERVER or answer.status == _TIMED_OUT):
        return in_doubt(vendor, cause, idempotent=idempotent, status=answer.status)
    if effect and answer.status in _ABOUT_THE_ORDER:
        return Refusal(422, "refused", "The vendor refused the order", details=details, cause=cause)
    trouble = _ERROR
    if answer.status in _CREDENTIALS:
        trouble = Trouble("vendor_credentials", "The vendor refused the gateway's credentials")
    elif answer.status == _THROTTLED:
        trouble = Trouble("vendor_throttled", "The vendor allows no more calls for now")
    return Refusal(500, trouble.reason, trouble.message, details=details, cause=cause)


def of_no(vendor: str, succeeds: str, *, effect: bool) -> Refusal:
    """Word the refusal for an answer of which `succeeds` isn't true and that no rule takes.

    To an effect the vendor says no: 422. A read that brings nothing is our trouble: 500.
    """
    details: dict[str, Json] = {"vendor": vendor}
    cause = f"{vendor}: `{succeeds}` is not true"
    if effect:
        return Refusal(422, "refused", "The vendor refused the order", details=details, cause=cause)
    return Refusal(500, _ERROR.reason, _ERROR.message, details=details, cause=cause)


def of_nonsense(vendor: str, what: str) -> Refusal:
    """Word the refusal for an answer that can't be read or isn't what was promised."""
    message = FAULTS["protocol"].message
    return Refusal(
        500, "vendor_answer", message, details={"vendor": vendor}, cause=f"{vendor}: {what}"
    )


def is_the_vendors(refusal: Refusal) -> bool:
    """Tell a vendor that failed from a request that can't be made and from a rule that says no."""
    theirs = refusal.reason.startswith("vendor_") and refusal.reason != "vendor_request"
    return theirs or refusal.reason == "deadline"


def of_elements(
    vendor: str, done: list[int], refused: Mapping[int, Refusal], *, idempotent: bool
) -> Refusal:
    """Word the refusal for an effect that was done for some elements only, by their numbers."""
    in_order = sorted(refused.items())
    failed: list[Json] = [
        {"index": index, "reason": each.reason, "error": each.message} for index, each in in_order
    ]
    details: dict[str, Json] = {
        "vendor": vendor,
        "done": [*done],
        "failed": failed,
        "repeat": "safe" if idempotent else "unsafe",
    }
    cause = "; ".join(f"element {index}: {each.cause}" for index, each in in_order)
    message = "The vendor took only a part of the order"
    return Refusal(500, "partly_done", message, details=details, cause=cause)
