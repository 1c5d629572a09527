"""The line of an exchange: what operators find out from it."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from datetime import datetime

import pytest

from gateway.telemetry import logs


async def test_each_exchange_makes_one_line_with_what_happened(start, document_for) -> None:
    gateway = await start()
    answer = await gateway.post("sync.consume", document_for("sync.consume"))
    (line,) = gateway.lines
    assert line["exchange"] == answer.headers["x-exchange-id"]
    assert datetime.fromisoformat(line["time"]).utcoffset().total_seconds() == 0
    (call,) = line["calls"]
    assert line["ms"] >= sum(line["steps"].values()) - 1
    assert list(line["steps"]) == ["key", "call", "reply"]
    assert call.pop("ms") <= line["steps"]["call"]
    assert call == {"call": "call", "vendor": "query", "status": 200}
    rest = {name: line[name] for name in ("event", "level", "contract", "mapping", "status", "key")}
    assert rest == {
        "event": "exchange",
        "level": "info",
        "contract": "sync.consume",
        "mapping": "sync.consume",
        "status": 200,
        "key": "o-1",
    }


async def test_a_failure_says_the_reason_the_cause_and_whether_it_was_sent(
    start, document_for
) -> None:
    gateway = await start(url="http://127.0.0.1:9")
    answer = await gateway.post("inventory.validate", document_for("inventory.validate"))
    (line,) = gateway.lines
    assert (line["level"], line["status"]) == ("error", 500)
    assert line["reason"] == answer.json()["error"]["details"]["reason"]
    assert line["cause"].startswith("bearer: connect, sent: no")
    (call,) = line["calls"]
    assert (call["fault"], call["sent"]) == ("connect", "no")


@pytest.mark.parametrize(
    ("body", "reason", "mapping"),
    [(b"{", "bad_json", "inventory.validate"), (b'{"items": {}}', "invalid", "inventory.validate")],
)
async def test_a_refused_request_names_the_mapping_that_it_was_for(
    start, body: bytes, reason: str, mapping: str
) -> None:
    gateway = await start()
    await gateway.post("inventory.validate", body)
    (line,) = gateway.lines
    assert (line["level"], line["reason"], line["mapping"]) == ("info", reason, mapping)


async def test_a_path_that_is_nobodys_is_logged_with_what_was_asked_for(start) -> None:
    gateway = await start()
    answer = await gateway.client.post("/tax/validate?token=planted")
    (line,) = gateway.lines
    assert line["exchange"] == answer.headers["x-exchange-id"]
    assert (line["contract"], line["status"]) == ("gateway", 404)
    assert line["cause"] == "POST /tax/validate"


async def test_an_exchange_that_is_cut_off_leaves_its_line(start, document_for) -> None:
    """Cancelled while the vendor works, as when the server is told twice to stop."""
    arrived = asyncio.Event()

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        arrived.set()
        await reader.read()
        writer.close()

    async with await asyncio.start_server(hold, "127.0.0.1", 0) as vendor:
        port = vendor.sockets[0].getsockname()[1]
        gateway = await start(url=f"http://127.0.0.1:{port}")
        document = document_for("inventory.validate")
        posting = asyncio.create_task(gateway.post("inventory.validate", document))
        await arrived.wait()
        posting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await posting
    (line,) = gateway.lines
    assert (line["status"], line["reason"]) == (499, "cut_off")


def test_lines_go_where_they_were_last_told_to() -> None:
    streams = [io.TextIOWrapper(io.BytesIO()) for _ in range(2)]
    try:
        for number, stream in enumerate(streams):
            logs.configure("info", stream)
            logs.logger().info("told", number=number)
    finally:
        logs.logger().opens(logging.INFO, None)
        logging.basicConfig(force=True)
    lines = [json.loads(stream.buffer.getvalue()) for stream in streams]
    assert [line["number"] for line in lines] == [0, 1]
    assert list(lines[0]) == ["number", "event", "level", "time"]


def test_what_libraries_log_becomes_a_line_too_without_exception_texts(
    capfd: pytest.CaptureFixture[str],
) -> None:
    logs.configure("info")
    library = logging.getLogger("some.package")
    try:
        library.error("It broke\nwith %s details", "planted", exc_info=ValueError("planted"))
        library.info("nobody's business")
    finally:
        logs.logger().opens(logging.INFO, None)
        logging.basicConfig(force=True)
    out, err = capfd.readouterr()
    (line,) = map(json.loads, out.splitlines())
    assert (line["event"], line["level"], line["logger"]) == ("It broke", "error", "some.package")
    assert line["exception"].endswith("ValueError")
    assert "details" not in out
    assert err == ""
