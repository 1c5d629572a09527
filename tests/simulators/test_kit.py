"""What every simulator can do: faults to order, a ledger, a clean life on a port of its own."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import subprocess
import sys

import httpx2 as httpx
import pytest

from simulators import faults
from simulators.kit import RunningSimulator
from simulators.orders import OrdersSimulator
from simulators.square import SquareSimulator

Square = RunningSimulator[SquareSimulator]
COUNTS = "/v2/inventory/counts/batch-retrieve"
CHANGES = "/v2/inventory/changes/batch-create"
MODULES = ["square", "orders", "rates", "promotions", "taxes", "payments"]


def _take(key: str = "k1") -> dict[str, object]:
    adjustment = {
        "from_state": "IN_STOCK",
        "to_state": "SOLD",
        "location_id": "L1",
        "catalog_object_id": "A",
        "quantity": "2",
    }
    change = {"type": "ADJUSTMENT", "adjustment": adjustment}
    return {"idempotency_key": key, "changes": [change]}


def _effects(square: Square) -> int:
    return len(square.simulator.ledger.effects)


class TestFaults:
    def test_a_status_replaces_as_many_answers_as_ordered(
        self, square: Square, square_client: httpx.Client
    ) -> None:
        square.simulator.faults.order(
            faults.Status(status=429, headers={"Retry-After": "3"}, body={"errors": []}, times=2)
        )
        answers = [square_client.post(COUNTS, json={}) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [429, 429, 200]
        assert answers[0].headers["retry-after"] == "3"
        assert answers[0].json() == {"errors": []}

    def test_a_text_body_is_sent_as_html(self, square: Square, square_client: httpx.Client) -> None:
        square.simulator.faults.order(faults.Status(status=500, body="<h1>Oops</h1>"))
        answer = square_client.post(COUNTS, json={})
        assert (answer.status_code, answer.text) == (500, "<h1>Oops</h1>")
        assert answer.headers["content-type"] == "text/html; charset=utf-8"

    @pytest.mark.parametrize(("applied", "effects"), [(True, 1), (False, 0)])
    def test_a_status_can_come_after_the_effect_or_instead_of_it(
        self, square: Square, square_client: httpx.Client, *, applied: bool, effects: int
    ) -> None:
        square.simulator.set_stock("A", "L1", 5)
        square.simulator.faults.order(faults.Status(status=500, applied=applied))
        assert square_client.post(CHANGES, json=_take()).status_code == 500
        assert _effects(square) == effects

    def test_other_methods_and_paths_are_spared(
        self, square: Square, square_client: httpx.Client
    ) -> None:
        square.simulator.faults.order(
            faults.Status(status=500, method="GET"),
            faults.Status(status=503, path="/v2/inventory/changes"),
        )
        assert square_client.post(COUNTS, json={}).status_code == 200
        assert square_client.post(CHANGES, json={}).status_code == 503

    def test_a_reset_before_reading_cuts_the_connection_without_effect(
        self, square: Square, square_client: httpx.Client
    ) -> None:
        square.simulator.set_stock("A", "L1", 5)
        square.simulator.faults.order(faults.ResetBeforeRead())
        with pytest.raises((httpx.NetworkError, httpx.RemoteProtocolError)):
            # what the client sees depends on whether it was still writing
            square_client.post(CHANGES, json=_take())
        [request] = square.simulator.ledger.requests
        assert (request.body, request.fault) == (None, "reset_before_read")
        assert _effects(square) == 0

    @pytest.mark.parametrize(("applied", "effects"), [(True, 1), (False, 0)])
    def test_a_reset_after_reading_has_an_effect_if_so_ordered(
        self, square: Square, square_client: httpx.Client, *, applied: bool, effects: int
    ) -> None:
        square.simulator.set_stock("A", "L1", 5)
        square.simulator.faults.order(faults.ResetAfterRead(applied=applied))
        with pytest.raises(httpx.ReadError):
            square_client.post(CHANGES, json=_take())
        [request] = square.simulator.ledger.requests
        assert json.loads(request.body or "") == _take()
        assert _effects(square) == effects

    def test_a_reset_is_one_on_the_wire(self, square: Square) -> None:
        square.simulator.faults.order(faults.ResetAfterRead(applied=True))
        with socket.create_connection(("127.0.0.1", int(square.url.rsplit(":")[-1]))) as client:
            client.sendall(b"GET /v2 HTTP/1.1\r\nHost: square\r\n\r\n")
            with pytest.raises(ConnectionResetError):
                client.recv(1)

    def test_the_effect_of_a_late_answer_is_there_when_the_client_gives_up(
        self, square: Square, square_client: httpx.Client
    ) -> None:
        square.simulator.set_stock("A", "L1", 5)
        square.simulator.faults.order(faults.Delay(delay_ms=600_000))
        with pytest.raises(httpx.ReadTimeout):
            square_client.post(CHANGES, json=_take(), timeout=1)
        assert _effects(square) == 1

    def test_a_late_answer_is_the_right_one(
        self, square: Square, square_client: httpx.Client
    ) -> None:
        square.simulator.faults.order(faults.Delay(delay_ms=1))
        assert square_client.post(COUNTS, json={}).json() == {"counts": []}

    def test_a_dripping_body_comes_in_pieces_and_whole(
        self, square: Square, square_client: httpx.Client
    ) -> None:
        square.simulator.faults.order(faults.Drip(pause_ms=1, piece=4))
        with square_client.stream("POST", COUNTS, json={}) as answer:
            pieces = list(answer.iter_raw())
        assert len(pieces) > 1
        assert json.loads(b"".join(pieces)) == {"counts": []}

    def test_a_truncated_body_ends_before_its_length(
        self, square: Square, square_client: httpx.Client
    ) -> None:
        square.simulator.faults.order(faults.Truncate())
        with pytest.raises(httpx.RemoteProtocolError):
            square_client.post(COUNTS, json={})

    def test_the_media_type_can_be_wrong(self, square: Square, square_client: httpx.Client) -> None:
        square.simulator.faults.order(faults.WrongContentType())
        answer = square_client.post(COUNTS, json={})
        assert answer.headers.get_list("content-type") == ["text/html; charset=utf-8"]
        assert answer.json() == {"counts": []}

    def test_a_huge_body_is_json_of_the_size_ordered_and_unannounced(
        self, square: Square, square_client: httpx.Client
    ) -> None:
        square.simulator.faults.order(faults.Huge(size=300_000))
        answer = square_client.post(COUNTS, json={})
        assert "content-length" not in answer.headers
        assert len(answer.content) >= 300_000
        assert answer.json()["filler"].startswith("xxx")

    @pytest.mark.parametrize(
        ("says", "header"),
        [
            ("seconds", "retry-after"),
            ("date", "retry-after"),
            ("reset", "x-ratelimit-reset"),
            ("reset_ms", "x-rate-limit-time-reset-ms"),
            ("nothing", None),
        ],
    )
    def test_a_throttled_request_is_told_when_to_come_back_in_the_way_that_was_ordered(
        self, square_client: httpx.Client, says: str, header: str | None
    ) -> None:
        order = {"fault": "throttle", "seconds": 60, "says": says}
        square_client.post("/_simulator/faults", json=[order]).raise_for_status()
        answer = square_client.post(COUNTS, json={})
        assert answer.status_code == 429
        known = {"retry-after", "x-ratelimit-reset", "x-rate-limit-time-reset-ms"}
        assert known & set(answer.headers) == ({header} if header else set())
        assert square_client.post(COUNTS, json={}).status_code == 200

    def test_answers_on_hold_come_when_they_are_released(self, square: Square) -> None:
        """And the ledger knows how many there were at once."""
        square.simulator.faults.order(faults.Hold(path=COUNTS, times=2))

        async def main() -> None:
            headers = {"Authorization": "Bearer square-token", "Square-Version": "2025-08-20"}
            async with httpx.AsyncClient(base_url=square.url, headers=headers) as client:
                held = [asyncio.create_task(client.post(COUNTS, json={})) for _ in range(2)]
                while square.simulator.ledger.running < 2:
                    await asyncio.sleep(0)
                assert (await client.post(COUNTS, json={})).status_code == 200
                assert not any(task.done() for task in held)
                await client.post("/_simulator/release")
                assert [answer.status_code for answer in await asyncio.gather(*held)] == [200, 200]

        asyncio.run(main())
        assert square.simulator.ledger.most_at_once == 3
        assert square.simulator.ledger.running == 0


class TestControl:
    def test_faults_are_ordered_over_http_and_withdrawn(self, square_client: httpx.Client) -> None:
        order = [{"fault": "status", "status": 418, "times": 5, "body": "teapot"}]
        assert square_client.post("/_simulator/faults", json=order).status_code == 204
        assert square_client.post(COUNTS, json={}).text == "teapot"
        assert square_client.delete("/_simulator/faults").status_code == 204
        assert square_client.post(COUNTS, json={}).status_code == 200

    @pytest.mark.parametrize(
        ("order", "said"),
        [
            ([{"fault": "status"}], "status"),
            ([{"fault": "delay", "delay": 3}], "delay"),
            ([{"fault": "flood"}], "flood"),
            ([{"fault": "delay", "times": 0}], "times"),
            ({}, "array"),
        ],
    )
    def test_a_wrong_order_is_refused_with_the_reason(
        self, square_client: httpx.Client, order: object, said: str
    ) -> None:
        answer = square_client.post("/_simulator/faults", json=order)
        assert answer.status_code == 400
        assert said in answer.json()["error"]

    def test_the_ledger_has_requests_and_effects_but_no_token(
        self, square: Square, square_client: httpx.Client
    ) -> None:
        square.simulator.set_stock("A", "L1", 5)
        square_client.post(CHANGES, params={"a": "1"}, json=_take())
        answer = square_client.get("/_simulator/ledger")
        ledger = answer.json()
        [request] = ledger["requests"]
        assert (request["number"], request["method"], request["path"]) == (1, "POST", CHANGES)
        assert (request["query"], request["fault"]) == ("a=1", None)
        assert json.loads(request["body"]) == _take()
        assert request["headers"]["square-version"] == "2025-08-20"
        assert ledger["effects"] == [
            {"kind": "stock", "key": "A/L1/IN_STOCK", "change": {"before": "5", "after": "3"}}
        ]
        assert "square-token" not in answer.text

    def test_a_reset_forgets_ledger_faults_and_state(
        self, square: Square, square_client: httpx.Client
    ) -> None:
        square.simulator.set_stock("A", "L1", 5)
        square_client.post(CHANGES, json=_take())
        square.simulator.faults.order(faults.Status(status=500))
        assert square_client.post("/_simulator/reset").status_code == 204
        empty = {"requests": [], "effects": [], "running": 0, "most_at_once": 0}
        assert square_client.get("/_simulator/ledger").json() == empty
        assert square_client.post(COUNTS, json={}).json() == {"counts": []}
        # the key is free again as well: the change is tried and finds no such variation
        assert square_client.post(CHANGES, json=_take()).status_code == 404


class TestLife:
    def test_two_run_side_by_side(self) -> None:
        with (
            RunningSimulator(SquareSimulator()) as one,
            RunningSimulator(OrdersSimulator()) as other,
        ):
            assert one.url != other.url
            assert httpx.get(f"{one.url}/nothing").json()["errors"]
            assert httpx.get(f"{other.url}/nothing").json()["error"]

    def test_its_port_is_free_after_it(self) -> None:
        with RunningSimulator(SquareSimulator()) as running:
            pass
        with pytest.raises(httpx.ConnectError):
            httpx.get(running.url)

    def test_a_taken_port_is_an_error(self, square: Square) -> None:
        port = int(square.url.rsplit(":")[-1])
        with pytest.raises(OSError, match="in use"), RunningSimulator(SquareSimulator(), port):
            pass

    def test_it_ends_while_a_client_waits(self) -> None:
        with socket.socket() as client:
            client.settimeout(10)
            with RunningSimulator(SquareSimulator()) as running:
                running.simulator.faults.order(faults.Drip(pause_ms=600_000))
                client.connect(("127.0.0.1", int(running.url.rsplit(":")[-1])))
                client.sendall(b"GET /v2 HTTP/1.1\r\nHost: square\r\n\r\n")
                assert client.recv(4) == b"HTTP"

    @pytest.mark.parametrize("module", [f"simulators.{name}" for name in MODULES])
    def test_it_runs_by_itself_until_told_to_end(self, module: str) -> None:
        command = [sys.executable, "-m", module, "--port", "0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            assert httpx.get(f"{url}/_simulator/ledger").status_code == 200
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=10) == 0
