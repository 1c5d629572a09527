"""Events become Prometheus metrics; imported only where gateway.yaml asks for them."""

from __future__ import annotations

from typing import Final, Generic, Literal, TypeVar, get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.metrics import MetricWrapperBase

from gateway.telemetry.metric_table import METRICS, SECONDS
from gateway.telemetry.watch import BreakerState

MOST_CHILDREN: Final = 2000
"""Label values come from configuration and code; should they ever not, memory stays bounded."""
_OTHER: Final = "other"
_STATES: Final[tuple[BreakerState, ...]] = get_args(BreakerState)
_TABLE: Final = {metric.name: metric for metric in METRICS}

M = TypeVar("M", bound=MetricWrapperBase)


class _Bound(dict[tuple[object, ...], M], Generic[M]):
    """A metric's children by their label values, each bound once: an event costs one look-up."""

    __slots__ = ("_family",)

    def __init__(self, family: M) -> None:
        super().__init__()
        self._family = family

    def __missing__(self, values: tuple[object, ...]) -> M:
        if len(self) >= MOST_CHILDREN:
            return self._family.labels(*(_OTHER for _ in values))
        child = self[values] = self._family.labels(*values)
        return child


class Metrics:
    """A `Watch` that counts; one in each process.

    With PROMETHEUS_MULTIPROC_DIR set before this module's import, the figures are in files of that
    folder, and one process reads those of all.
    """

    def __init__(self, registry: CollectorRegistry, version: str) -> None:
        # It would be a second series for each counter, of no use to anybody.
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library's

        def counter(name: str) -> _Bound[Counter]:
            return _Bound(Counter(*_described(name), registry=registry))

        def gauge(name: str, mode: Literal["livesum", "livemax"] = "livesum") -> _Bound[Gauge]:
            return _Bound(Gauge(*_described(name), registry=registry, multiprocess_mode=mode))

        def histogram(name: str) -> _Bound[Histogram]:
            return _Bound(Histogram(*_described(name), registry=registry, buckets=SECONDS))

        self._exchanges = counter("gateway_exchanges_total")
        self._exchange_seconds = histogram("gateway_exchange_seconds")
        self._calls = counter("gateway_vendor_calls_total")
        self._call_seconds = histogram("gateway_vendor_call_seconds")
        self._keys = counter("gateway_batch_keys_total")
        self._deliveries = counter("gateway_deliveries_total")
        self._orders = gauge("gateway_orders", "livemax")
        self._retries = counter("gateway_vendor_retries_total")
        self._refused = counter("gateway_vendor_refused_total")
        self._breaker = gauge("gateway_vendor_breaker")
        self._running = gauge("gateway_vendor_running")
        self._waiting = gauge("gateway_vendor_waiting")
        self._tokens = counter("gateway_vendor_tokens_total")
        self._processes = gauge("gateway_processes")
        self._version = version

    def serves(self, configuration: str) -> None:
        for before in self._processes.values():
            before.set(0)
        self._processes[self._version, configuration].set(1)

    def vendor_call(self, vendor: str, outcome: str, seconds: float) -> None:
        self._calls[vendor, outcome].inc()
        self._call_seconds[vendor,].observe(seconds)

    def retried(self, vendor: str, cause: str) -> None:
        self._retries[vendor, cause].inc()

    def breaker(self, vendor: str, state: BreakerState) -> None:
        for each in _STATES:
            self._breaker[vendor, each].set(each == state)

    def queue(self, vendor: str, running: int, waiting: int) -> None:
        self._running[vendor,].set(running)
        self._waiting[vendor,].set(waiting)

    def refused(self, vendor: str, cause: str) -> None:
        self._refused[vendor, cause].inc()

    def token(self, vendor: str, outcome: str) -> None:
        self._tokens[vendor, outcome].inc()

    def exchange(
        self, contract: str, mapping: str, status: int, reason: str, seconds: float
    ) -> None:
        self._exchanges[contract, mapping, status, reason].inc()
        self._exchange_seconds[contract, mapping].observe(seconds)

    def keys(self, vendor: str, source: str, count: int) -> None:
        self._keys[vendor, source].inc(count)

    def delivered(self, mapping: str, state: str) -> None:
        self._deliveries[mapping, state].inc()

    def orders(self, state: str, count: int) -> None:
        self._orders[(state,)].set(count)


def _described(name: str) -> tuple[str, str, tuple[str, ...]]:
    metric = _TABLE[name]
    return metric.name, metric.meaning, metric.labels
