"""Traces: what a collector gets, and what goes on to vendors."""

from __future__ import annotations

import gc
import secrets as random
import socket

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.semconv.attributes import error_attributes, http_attributes, server_attributes

from gateway.telemetry import trace
from gateway.telemetry.otel import MOST_SPANS, OtelTracer
from simulators.faults import Status

TRACE, CALLER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
PARENT = f"00-{TRACE}-{CALLER}-01"
NO_PARENTS = {
    "empty": "",
    "no trace": f"00-{32 * '0'}-{CALLER}-01",
    "no span": f"00-{TRACE}-{16 * '0'}-01",
    "too short": PARENT[:-1],
    "too long": PARENT + "-1",
    "upper case": PARENT.upper(),
    "of version 255": "ff" + PARENT[2:],
    "another header's line": PARENT + "\tx",
}


def sent_parents(vendor) -> list[str | None]:
    requests = vendor.simulator.ledger.requests
    return [received.headers.get("traceparent") for received in requests]


async def test_a_callers_trace_goes_on_through_exchange_step_and_call_to_the_vendor(
    running, collector, vendor, document_for, attributes
) -> None:
    async with running(tracing={"endpoint": collector.url}) as gateway:
        document = document_for("sync.consume")
        answer = await gateway.post("sync.consume", document, {"traceparent": PARENT})
    assert {span.trace_id.hex() for span in collector.spans} == {TRACE}
    exchange, step, call = (collector.named(name) for name in ("sync.consume", "call", "POST"))
    assert exchange.parent_span_id.hex() == CALLER
    steps = [span for span in collector.spans if span.parent_span_id == exchange.span_id]
    assert [span.name for span in steps] == ["key", "call", "reply"]
    assert call.parent_span_id == step.span_id
    assert sent_parents(vendor) == [f"00-{TRACE}-{call.span_id.hex()}-01"]
    assert [exchange.kind, step.kind, call.kind] == [2, 1, 3]  # server, internal, client
    assert attributes(exchange) == {
        "http.request.method": "POST",
        "http.route": "/sync/consume",
        "http.response.status_code": 200,
        "gateway.exchange": answer.headers["x-exchange-id"],
        "gateway.mapping": "sync.consume",
    }
    host, port = vendor.url.removeprefix("http://").split(":")
    assert attributes(call) == {
        "gateway.vendor": "query",
        "server.address": host,
        "server.port": int(port),
        "http.request.method": "POST",
        "http.response.status_code": 200,
    }
    assert gateway.lines[-1]["trace"] == TRACE


async def test_without_a_caller_a_trace_begins_here(
    running, collector, vendor, document_for
) -> None:
    async with running(tracing={"endpoint": collector.url}) as gateway:
        await gateway.post("inventory.validate", document_for("inventory.validate"))
    (line,) = gateway.lines
    (exchange,) = (span for span in collector.spans if not span.parent_span_id)
    assert (exchange.name, exchange.trace_id.hex()) == ("inventory.validate", line["trace"])
    assert sent_parents(vendor)[0].split("-")[1] == line["trace"]


async def test_what_failed_is_marked_with_its_reason(
    running, collector, vendor, document_for, attributes
) -> None:
    vendor.simulator.faults.order(Status(status=503))
    async with running(tracing={"endpoint": collector.url}) as gateway:
        await gateway.post("inventory.validate", document_for("inventory.validate"))
        await gateway.post("inventory.validate", b"{")
    failed, refused = (span for span in collector.spans if span.name == "inventory.validate")
    assert (failed.status.code, attributes(failed)["error.type"]) == (2, "vendor_error")
    assert (refused.status.code, attributes(refused)["gateway.reason"]) == (0, "bad_json")
    step, call = collector.named("call"), collector.named("POST")
    assert attributes(step) == {"error.type": "vendor_error"}
    assert attributes(call)["error.type"] == "503"
    assert [step.status.code, call.status.code] == [2, 2]


async def test_the_collector_learns_the_service_and_no_secret_and_no_payload(
    running, collector, document_for, contracts, secrets, personal
) -> None:
    settings = {
        "endpoint": collector.url,
        "headers": {"X-Key": {"env": "COLLECTOR_KEY"}},
        "service": "mapper",
    }
    async with running(tracing=settings) as gateway:
        for contract in contracts:
            await gateway.post(contract, document_for(contract))
    assert collector.headers[0]["x-key"] == secrets["COLLECTOR_KEY"]
    assert collector.resources[0]["service.name"] == "mapper"
    whole = b"".join(collector.bodies)
    assert b"sync.consume" in whole
    for planted in (*secrets.values(), *personal.values()):
        assert planted.encode() not in whole
        assert planted not in gateway.log


async def test_proxies_of_the_environment_are_not_asked(
    running, collector, document_for, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    async with running(tracing={"endpoint": collector.url}) as gateway:
        await gateway.post("sync.consume", document_for("sync.consume"))
    assert collector.named("sync.consume")


async def test_what_the_caller_does_not_keep_is_not_kept_here_and_still_passed_on(
    running, collector, vendor, document_for
) -> None:
    async with running(tracing={"endpoint": collector.url}) as gateway:
        document = document_for("inventory.validate")
        await gateway.post("inventory.validate", document, {"traceparent": PARENT[:-1] + "0"})
    assert collector.spans == []
    (sent,) = sent_parents(vendor)
    assert (sent[:35], sent[-3:]) == (f"00-{TRACE}", "-00")


async def test_of_traces_that_begin_here_a_share_is_kept(running, collector) -> None:
    async with running(tracing={"endpoint": collector.url, "percent": 1}) as gateway:
        for _ in range(25):
            await gateway.post("inventory.validate", b"{")
    assert len(collector.spans) < 25


async def test_without_tracing_a_callers_trace_is_passed_on_as_it_came(
    start, vendor, document_for
) -> None:
    gateway = await start()
    document = document_for("sync.consume")
    headers = {"traceparent": PARENT, "tracestate": "a=b", "baggage": "c=d"}
    await gateway.post("sync.consume", document, headers)
    await gateway.post("sync.consume", {**document, "id": "o-2"})
    assert sent_parents(vendor) == [PARENT, None]
    assert not {"tracestate", "baggage"} & set(vendor.simulator.ledger.requests[0].headers)
    assert [line.get("trace") for line in gateway.lines] == [TRACE, None]


@pytest.mark.parametrize("header", NO_PARENTS.values(), ids=list(NO_PARENTS))
async def test_what_is_no_traceparent_is_not_passed_on(
    start, vendor, document_for, header: str
) -> None:
    gateway = await start()
    document = document_for("inventory.validate")
    await gateway.post("inventory.validate", document, {"traceparent": header})
    assert sent_parents(vendor) == [None]


async def test_a_dead_collector_holds_up_no_request(running, document_for) -> None:
    """It takes connections and never answers; even the end doesn't wait for it for long."""
    with socket.create_server(("127.0.0.1", 0)) as dead:
        url = f"http://127.0.0.1:{dead.getsockname()[1]}/v1/traces"
        async with running(tracing={"endpoint": url}) as gateway:
            answer = await gateway.post("sync.consume", document_for("sync.consume"))
    assert answer.status_code == 200


def test_a_dead_collector_costs_a_bounded_number_of_spans() -> None:
    with socket.create_server(("127.0.0.1", 0)) as dead:
        url = f"http://127.0.0.1:{dead.getsockname()[1]}/v1/traces"
        tracer = OtelTracer(url, {}, share=1, resource={"service.name": random.token_hex(4)})
        for _ in range(4 * MOST_SPANS):
            with tracer.begin("exchange", None, {}):
                pass
        kept = sum(isinstance(thing, ReadableSpan) for thing in gc.get_objects())
        tracer.close()
    assert kept < 2 * MOST_SPANS


def test_the_names_are_those_of_the_semantic_conventions() -> None:
    ours = (trace.METHOD, trace.ROUTE, trace.STATUS, trace.HOST, trace.PORT, trace.ERROR)
    assert ours == (
        http_attributes.HTTP_REQUEST_METHOD,
        http_attributes.HTTP_ROUTE,
        http_attributes.HTTP_RESPONSE_STATUS_CODE,
        server_attributes.SERVER_ADDRESS,
        server_attributes.SERVER_PORT,
        error_attributes.ERROR_TYPE,
    )
