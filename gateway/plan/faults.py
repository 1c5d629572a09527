"""Vendor trouble → what Nacelle is told: one table, its reasons stable."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Literal

from gateway.errors import Reason, Refusal, status_of
from gateway.lossless import Json
from gateway.vendors.client import Answer, Fault, FaultKind


@dataclass(frozen=True, slots=True)
class Trouble:
    """How one kind of trouble is told: a reason for machines, a text for people.

    `repeat` says whether asking again makes sense where that is known better than by the reason.
    """

    reason: Reason
    message: str
    repeat: str | None = None


FAULTS: dict[FaultKind, Trouble] = {
    "connect": Trouble("vendor_unreachable", "The vendor can't be reached"),
    "connect_timeout": Trouble("vendor_unreachable", "The vendor can't be reached"),
    "tls": Trouble(
        "vendor_unreachable", "No trusted connection to the vendor can be made", "once mended"
    ),
    "auth": Trouble(
        "vendor_auth", "The gateway has no valid credentials for the vendor", "once mended"
    ),
    "timeout": Trouble("vendor_timeout", "The vendor did not answer in time"),
    "disconnected": Trouble("vendor_disconnected", "The vendor broke the connection"),
    "protocol": Trouble("vendor_answer", "The vendor's answer can't be used"),
    "too_large": Trouble("vendor_answer", "The vendor's answer can't be used"),
    "deadline": Trouble("deadline", "The time for this request is up"),
    "breaker_open": Trouble("vendor_down", "The vendor is down"),
    "queue_full": Trouble("vendor_busy", "The vendor takes no more calls for now"),
    "rate_limited": Trouble("vendor_busy", "The vendor takes no more calls for now"),
    "invalid_request": Trouble("vendor_request", "The request to the vendor can't be sent"),
}

IN_DOUBT = Trouble("in_doubt", "Whether the vendor took the order is not known")

_ERROR = Trouble("vendor_error", "The vendor answered with an error", "perhaps")
_FAILED = Trouble("vendor_error", _ERROR.message, "yes")
_REJECTED = Trouble("vendor_error", _ERROR.message, "no")
_REFUSED = Trouble("refused", "The vendor refused the order")
_CREDENTIALS = Trouble("vendor_credentials", "The vendor refused the gateway's credentials")
_THROTTLED = Trouble("vendor_throttled", "The vendor allows no more calls for now")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an answer without success means: to a call that only reads, and to an effect."""

    read: Trouble
    effect: Trouble

    def of(self, *, effect: bool) -> Trouble:
        return self.effect if effect else self.read


@dataclass(frozen=True, slots=True)
class Said:
    """What a vendor says with some statuses; `name` is for people."""

    name: str
    statuses: Container[int]
    verdict: Verdict


# To an effect, 400, 409 and 422 speak of the order. After 408 and 5xx it may have happened, and
# after a success that the mapping doesn't know it probably has.
STATUSES = (
    Said(
        "2xx that `statuses` leaves out, 303",
        {*range(200, 300), 303},
        Verdict(read=_REJECTED, effect=IN_DOUBT),
    ),
    Said("400, 409, 422", {400, 409, 422}, Verdict(read=_REJECTED, effect=_REFUSED)),
    Said("401, 403", {401, 403}, Verdict(read=_CREDENTIALS, effect=_CREDENTIALS)),
    Said("408", {408}, Verdict(read=_FAILED, effect=IN_DOUBT)),
    Said("429", {429}, Verdict(read=_THROTTLED, effect=_THROTTLED)),
    Said("5xx", range(500, 1000), Verdict(read=_FAILED, effect=IN_DOUBT)),
    Said("any other", range(500), Verdict(read=_REJECTED, effect=_REJECTED)),
)
"""The first that has the status holds."""

_ERRORS: Container[int] = {408, *range(500, 1000)}

NO = Verdict(read=_ERROR, effect=_REFUSED)
"""`succeeds` isn't true: to an effect the vendor says no, and a read brings nothing."""

NONSENSE = Verdict(read=FAULTS["protocol"], effect=IN_DOUBT)
"""A success that can't be read: an effect may well have happened."""


def of_fault(fault: Fault, vendor: str, *, effect: bool, idempotent: bool) -> Refusal:
    """Word the refusal for a call without an answer.

    An effect that may have been sent is in doubt; `repeat` says whether asking again is safe.
    """
    cause = f"{vendor}: {fault.kind}, sent: {fault.sent} {fault.detail}".rstrip()
    if effect and fault.sent != "no":
        return in_doubt(vendor, cause, idempotent=idempotent)
    return _refusal(FAULTS[fault.kind], {"vendor": vendor}, cause)


def in_doubt(vendor: str, cause: str, *, idempotent: bool, status: int | None = None) -> Refusal:
    """Word the refusal for an effect of which nobody can say whether it happened.

    `details.repeat` is `safe` where the vendor knows a repeat by its key, or can be asked.
    """
    details: dict[str, Json] = {"vendor": vendor, "repeat": "safe" if idempotent else "unsafe"}
    if status is not None:
        details["vendor_status"] = status
    return _refusal(IN_DOUBT, details, cause)


def of_status(answer: Answer, vendor: str, *, effect: bool, idempotent: bool) -> Refusal:
    """Word the refusal for an answer that is no success and that no rule takes.

    An effect may have happened, too, where an earlier attempt is in doubt.
    """
    status = answer.status
    cause = f"{vendor} answered {status}"
    verdict = next(said.verdict for said in STATUSES if status in said.statuses)
    trouble = verdict.of(effect=effect)
    if trouble is IN_DOUBT or (effect and answer.doubtful):
        return in_doubt(vendor, cause, idempotent=idempotent, status=status)
    return _refusal(trouble, {"vendor": vendor, "vendor_status": status}, cause)


def of_no(vendor: str, succeeds: str, *, effect: bool) -> Refusal:
    """Word the refusal for an answer of which `succeeds` isn't true and that no rule takes."""
    cause = f"{vendor}: `{succeeds}` is not true"
    return _refusal(NO.of(effect=effect), {"vendor": vendor}, cause)


def of_nonsense(vendor: str, what: str) -> Refusal:
    """Word the refusal for a read's answer that can't be read or isn't what was promised."""
    return _refusal(NONSENSE.read, {"vendor": vendor}, f"{vendor}: {what}")


def to_retry(vendor: str, cause: str) -> Refusal:
    """Word the refusal of a call of which a rule says that it wasn't done and may be sent again."""
    return _refusal(_THROTTLED, {"vendor": vendor}, f"{vendor}: {cause}")


def is_the_vendors(refusal: Refusal) -> bool:
    """Tell a vendor that failed from a request that can't be made and from a rule that says no."""
    theirs = refusal.reason.startswith("vendor_") and refusal.reason != "vendor_request"
    return theirs or refusal.reason == "deadline"


def concerns_all(refusal: Refusal) -> bool:
    """Tell a vendor in trouble from one that may have stumbled over just what it was asked."""
    if refusal.reason == "vendor_error":
        status = refusal.details.get("vendor_status")
        return isinstance(status, int) and status in _ERRORS
    return is_the_vendors(refusal) and refusal.reason != "vendor_answer"


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


def of_whole(refusal: Refusal) -> Refusal:
    """Give what an element was refused for, as nothing stays of those that were done."""
    first = refusal.__cause__
    if refusal.reason != "partly_done" or not isinstance(first, Refusal):
        return refusal
    first.details["failed"] = refusal.details["failed"]
    return first


def of_part(refusal: Refusal, done: list[Json]) -> Refusal:
    """Word the refusal of an order of which a part is done that nothing can take back."""
    details: dict[str, Json] = {**refusal.details, "done": done, "failed": refusal.reason}
    message = "The order was done in part, and then failed"
    return Refusal(500, "partly_done", message, details=details, cause=refusal.cause)


def of_undo(refusal: Refusal, call: str) -> Refusal:
    """Word the refusal of an order that was done in part and couldn't be taken back."""
    cause = f"undo of {call}: {refusal.cause or refusal.message}"
    details: dict[str, Json] = {**refusal.details, "undo": call}
    lasting = verdict_of(refusal) == "no"
    reason: Reason = "undo_failed" if lasting else refusal.reason
    message = "What was done of the order couldn't be taken back" if lasting else refusal.message
    return Refusal(500, reason, message, details=details, cause=cause)


def verdict_of(refusal: Refusal) -> Literal["no", "again", "doubt"]:
    """Say what a refusal means for an order: surely not done, and asking again may help or not."""
    if refusal.reason == "in_doubt":
        return "doubt"
    if refusal.reason == "partly_done":
        return _verdict_of_parts(refusal)
    passing = is_the_vendors(refusal) or refusal.reason == "storage_unavailable"
    return "again" if passing else "no"


def _verdict_of_parts(refusal: Refusal) -> Literal["no", "again", "doubt"]:
    """Let the part decide of which least is known."""
    failed = refusal.details.get("failed")
    parts = failed if isinstance(failed, list) else [{"reason": failed}]
    reasons = {part.get("reason") for part in parts if isinstance(part, dict)}
    if "in_doubt" in reasons:
        return "doubt"
    passing = {reason for reason in reasons if str(reason).startswith("vendor_")} | {"deadline"}
    return "again" if reasons & passing else "no"


def _refusal(trouble: Trouble, details: dict[str, Json], cause: str) -> Refusal:
    status = status_of(trouble.reason)
    return Refusal(status, trouble.reason, trouble.message, details=details, cause=cause)
