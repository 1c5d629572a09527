"""What /metrics shows: one table, of which the metrics and their reference page are made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2, 3, 4, 6, 8, 10, 15, 30)
"""Upper bounds of the histograms' buckets: fine where vendors answer, whole around deadlines."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric; `name` as it is asked for, so a counter's ends in `_total`."""

    name: str
    type: Literal["counter", "gauge", "histogram"]
    labels: tuple[str, ...]
    meaning: str
    look: str
    """What to look for."""


METRICS: Final = (
    Metric(
        "gateway_exchanges_total",
        "counter",
        ("contract", "mapping", "status", "reason"),
        "Requests that were answered. `reason` is empty for a success, `mapping` where none was "
        "met; the `contract` of unknown paths is `gateway`; the `status` of a caller that hung up "
        "is 499.",
        "The share of 5xx, and `in_doubt` above all: those orders need a look.",
    ),
    Metric(
        "gateway_exchange_seconds",
        "histogram",
        ("contract", "mapping"),
        "Time from a request's head to its answer.",
        "A 99th percentile near `nacelle.deadline`.",
    ),
    Metric(
        "gateway_vendor_calls_total",
        "counter",
        ("vendor", "outcome"),
        "Requests to vendors. `outcome` is the class of the status, as in `2xx`, the fault where "
        "no answer came, or `cancelled` where nobody waited any more.",
        "A vendor whose share of `2xx` falls, while the others' doesn't.",
    ),
    Metric(
        "gateway_vendor_call_seconds",
        "histogram",
        ("vendor",),
        "Time of a request to a vendor, until its whole answer or its fault.",
        "A 99th percentile near `vendors.NAME.timeout.total`.",
    ),
    Metric(
        "gateway_vendor_retries_total",
        "counter",
        ("vendor", "cause"),
        "Calls that were made again, by the fault or the status that was the cause.",
        "A rate near that of the calls: retries then add to the vendor's load.",
    ),
    Metric(
        "gateway_vendor_refused_total",
        "counter",
        ("vendor", "cause"),
        "Calls that were not sent, by why: `breaker_open`, `queue_full`, `rate_limited` (the turn "
        "would come too late), or `deadline` where it didn't come in time.",
        "Anything above zero for long: requests fail without the vendor being asked.",
    ),
    Metric(
        "gateway_vendor_breaker",
        "gauge",
        ("vendor", "state"),
        "Processes whose circuit breaker is in this `state`: `closed`, `half_open` or `open`. "
        "Shown from its first change on.",
        "`open` above zero: this vendor is given up for the moment.",
    ),
    Metric(
        "gateway_vendor_running",
        "gauge",
        ("vendor",),
        "Calls that are on their way, of all processes, where the vendor has a limit.",
        "At the limit for long: the limit is what slows requests down.",
    ),
    Metric(
        "gateway_vendor_waiting",
        "gauge",
        ("vendor",),
        "Calls that wait for their turn, of all processes, where the vendor has a limit.",
        "A queue that doesn't empty: next, calls are refused.",
    ),
    Metric(
        "gateway_vendor_tokens_total",
        "counter",
        ("vendor", "outcome"),
        "Tokens that were asked for: `renewed`, `failed`, or `shared` where another request had "
        "renewed it already.",
        "`failed`: soon every call of this vendor is refused.",
    ),
    Metric(
        "gateway_batch_keys_total",
        "counter",
        ("vendor", "source"),
        "Keys of calls that exchanges share, by where their rows came from: `asked` of the vendor "
        "for this exchange, `joined` where another was asking for them, `kept` from before. Those "
        "that the vendor then failed to bring, and that old rows stood in for, are `stale` too.",
        "`stale`: the vendor fails, and checkouts are answered from memory. `asked` as many as all "
        "together: nothing is shared.",
    ),
    Metric(
        "gateway_deliveries_total",
        "counter",
        ("mapping", "state"),
        "Runs of orders, by the state in which they ended: `done`, `refused`, `undone`, `held`, or "
        "`waiting` where the order is tried again.",
        "`held`: each of these waits for a person.",
    ),
    Metric(
        "gateway_orders",
        "gauge",
        ("state",),
        "Orders of the database that are `waiting`, `running` or `held`; every process on it says "
        "the same.",
        "`held` above zero: `gateway orders list --state held`. `waiting` that only grows.",
    ),
    Metric(
        "gateway_processes",
        "gauge",
        ("version", "configuration"),
        "Processes that serve, by the gateway's version and that of its configuration, which is "
        "the `version` of `/health/ready`.",
        "Less than `--workers`; two configurations for longer than a deploy takes.",
    ),
)
