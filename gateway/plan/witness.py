"""What the log says of an exchange's steps and calls: durations and outcomes, no bodies."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.plan.exchange import Exchange, Failed, Round, Share
from gateway.telemetry.logs import logger
from gateway.telemetry.record import KeysFrom, Record, milliseconds
from gateway.vendors.client import Answer


@dataclass(slots=True)
class Witness:
    """Writes down for the log line how long steps took and what vendors said; keeps no bodies."""

    record: Record
    debug: bool = field(kw_only=True)

    def step(self, name: str, seconds: float, exchange: Exchange) -> None:  # noqa: ARG002 - the seam's signature
        self.record.steps[name] = milliseconds(seconds)

    def ended(self, exchange: Exchange) -> None:
        """Write down what the exchange itself knows."""
        self.record.key, self.record.lines = exchange.key, len(exchange.lines)
        self.record.notes = exchange.notes
        self.record.shares = [_share(share) for share in exchange.shares]
        self.record.failed = [_told(failed) for failed in exchange.failed]

    def sent(self, sent: Round) -> None:
        outcome = sent.outcome
        told: dict[str, object] = {"call": sent.call, "vendor": sent.vendor}
        if sent.index is not None:
            told["index"] = sent.index
        if isinstance(outcome, Answer):
            told["status"] = outcome.status
        else:
            told |= {"fault": outcome.kind, "sent": outcome.sent, "detail": outcome.detail}
        if outcome.attempts > 1:
            told["attempts"] = outcome.attempts
        self.record.calls.append({**told, "ms": milliseconds(sent.seconds)})
        if self.debug:
            logger().debug(
                "payload",
                exchange=self.record.id,
                call=sent.call,
                request=sent.request.body.decode(errors="replace"),
                answer=outcome.body.decode(errors="replace")
                if isinstance(outcome, Answer)
                else None,
            )


def _share(share: Share) -> KeysFrom:
    counts = {source: count for source, count in share.sources.items() if count}
    return KeysFrom(share.call, share.vendor, counts)


def _told(failed: Failed) -> dict[str, object]:
    number: dict[str, object] = {} if failed.index is None else {"index": failed.index}
    refusal = failed.refusal
    return {"call": failed.call, **number, "reason": refusal.reason, "cause": refusal.cause}
