"""What /metrics shows of exchanges and calls."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from gateway.telemetry.metric_table import METRICS
from gateway.telemetry.metrics import MOST_CHILDREN, Metrics
from gateway.telemetry.scrape import registry_of_workers
from simulators.faults import ResetAfterRead, Status

EXCHANGES = "gateway_exchanges_total"
CALLS = "gateway_vendor_calls_total"
LAZY = """
import sys, gateway.cli.serve
assert not {"prometheus_client", "opentelemetry", "requests"} & set(sys.modules)
"""
WORKER = """
import sys
from prometheus_client import CollectorRegistry
from gateway.telemetry.metrics import Metrics
metrics = Metrics(CollectorRegistry(), "1")
metrics.serves("abc")
metrics.vendor_call("acme", "2xx", 0.02)
metrics.queue("acme", 5, 7)
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def metrics(registry: CollectorRegistry) -> Metrics:
    return Metrics(registry, "1.2.3")


@pytest.fixture
def planted(secrets: dict[str, str], personal: dict[str, str]) -> list[str]:
    return [*secrets.values(), *personal.values()]


def samples(registry: CollectorRegistry, name: str) -> dict[tuple[str, ...], float]:
    """Give a metric's values by its labels' values, in the order of the table."""
    labels = next(metric.labels for metric in METRICS if metric.name == name)
    return {
        tuple(sample.labels[label] for label in labels): sample.value
        for family in registry.collect()
        for sample in family.samples
        if sample.name == name
    }


def test_the_table_and_the_metrics_are_the_same(
    registry: CollectorRegistry, metrics: Metrics
) -> None:
    metrics.serves("abc")
    metrics.exchange("c", "m", 200, "", 0.1)
    metrics.vendor_call("v", "2xx", 0.1)
    metrics.retried("v", "503")
    metrics.refused("v", "queue_full")
    metrics.breaker("v", "open")
    metrics.queue("v", 1, 2)
    metrics.token("v", "renewed")
    metrics.keys("v", "asked", 3)
    metrics.delivered("m", "done")
    metrics.orders("held", 1)
    made = {
        (
            family.name + ("_total" if family.type == "counter" else ""),
            family.type,
            frozenset(label for sample in family.samples for label in sample.labels) - {"le"},
            family.documentation,
        )
        for family in registry.collect()
    }
    table = {(each.name, each.type, frozenset(each.labels), each.meaning) for each in METRICS}
    assert made == table


def test_a_process_counts_with_the_configuration_that_it_serves_now(
    registry: CollectorRegistry, metrics: Metrics
) -> None:
    metrics.serves("abc")
    metrics.serves("def")
    assert samples(registry, "gateway_processes") == {("1.2.3", "abc"): 0, ("1.2.3", "def"): 1}


async def test_exchanges_and_calls_are_counted_as_they_are_logged(
    start, registry, metrics, vendor, document_for
) -> None:
    gateway = await start(watch=metrics)
    document = document_for("inventory.validate")
    await gateway.post("inventory.validate", document)
    await gateway.post("inventory.validate", document)
    vendor.simulator.faults.order(Status(status=503), ResetAfterRead(applied=False, times=9))
    await gateway.post("inventory.validate", document)
    await gateway.post("inventory.validate", document)
    await gateway.post("inventory.validate", document, {"secret": "wrong"})
    await gateway.client.post("/nowhere", content=b"")
    mapped = ("inventory.validate", "inventory.validate")
    assert samples(registry, EXCHANGES) == {
        (*mapped, "200", ""): 2,
        (*mapped, "500", "vendor_error"): 1,
        (*mapped, "500", "vendor_disconnected"): 1,
        ("inventory.validate", "", "401", "unauthorized"): 1,
        ("gateway", "", "404", "not_found"): 1,
    }
    told = {("bearer", "2xx"): 2, ("bearer", "5xx"): 1, ("bearer", "disconnected"): 1}
    assert samples(registry, CALLS) == told
    counted = {"contract": mapped[0], "mapping": mapped[1]}
    assert registry.get_sample_value("gateway_exchange_seconds_count", counted) == 4
    bearer = {"vendor": "bearer"}
    assert registry.get_sample_value("gateway_vendor_call_seconds_count", bearer) == 4
    log = sum(line["ms"] for line in gateway.lines if line.get("mapping")) / 1000
    spent = registry.get_sample_value("gateway_exchange_seconds_sum", counted)
    assert spent == pytest.approx(log, abs=0.001)


async def test_a_call_that_nobody_waits_for_any_more_is_counted_too(
    start, registry, metrics, document_for
) -> None:
    arrived = asyncio.Event()

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        arrived.set()
        await reader.read()
        writer.close()

    async with await asyncio.start_server(hold, "127.0.0.1", 0) as vendor:
        port = vendor.sockets[0].getsockname()[1]
        gateway = await start(watch=metrics, url=f"http://127.0.0.1:{port}")
        document = document_for("inventory.validate")
        posting = asyncio.create_task(gateway.post("inventory.validate", document))
        await arrived.wait()
        posting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await posting
    assert samples(registry, CALLS) == {("bearer", "cancelled"): 1}
    ((labels, count),) = samples(registry, EXCHANGES).items()
    assert (labels[2:], count) == (("499", "cut_off"), 1)


async def test_no_secret_and_nothing_of_a_request_becomes_a_label(
    start, registry, metrics, document_for, planted
) -> None:
    gateway = await start(watch=metrics)
    for contract in ("sync.consume", "inventory.validate", "payments.validate"):
        await gateway.post(contract, document_for(contract))
    text = generate_latest(registry).decode()
    assert 'contract="sync.consume"' in text
    assert not [each for each in planted if each in text]


def test_a_breaker_is_in_one_state_at_a_time(registry, metrics) -> None:
    for state in ("open", "half_open"):
        metrics.breaker("acme", state)
    states = {
        labels[1]: value for labels, value in samples(registry, "gateway_vendor_breaker").items()
    }
    assert states == {"closed": 0, "half_open": 1, "open": 0}


def test_values_without_end_share_one_child_in_the_end(registry, metrics) -> None:
    for number in range(MOST_CHILDREN + 50):
        metrics.refused("acme", str(number))
    found = samples(registry, "gateway_vendor_refused_total")
    assert len(found) == MOST_CHILDREN + 1
    assert found["other", "other"] == 50


def test_the_libraries_are_not_loaded_where_nobody_asked_for_them() -> None:
    subprocess.run([sys.executable, "-c", LAZY], check=True)


def test_of_a_worker_that_died_what_it_counted_stays_and_what_it_had_running_goes(
    tmp_path: Path,
) -> None:
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER],
            env={**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for _ in range(2)
    ]
    registry = registry_of_workers(tmp_path)
    for worker in workers:
        assert worker.stdout.readline() == b"ready\n"
    assert samples(registry, "gateway_processes") == {("1", "abc"): 2}
    assert samples(registry, "gateway_vendor_waiting") == {("acme",): 14}
    workers[0].kill()
    workers[0].communicate()
    assert samples(registry, "gateway_processes") == {("1", "abc"): 1}
    assert samples(registry, "gateway_vendor_waiting") == {("acme",): 7}
    assert samples(registry, CALLS) == {("acme", "2xx"): 2}
    workers[1].communicate()
