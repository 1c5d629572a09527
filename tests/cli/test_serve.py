"""`gateway serve` as the process that it is: starts, answers, says why not, stops well."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import shutil
import signal
import socket
import threading
from datetime import UTC, datetime, timedelta
from http.client import HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

import httpx2 as httpx
import pytest

from gateway.config.load import load

BODY = b'{"items": [{"product_id": "p", "variant_id": "A", "quantity": 2}]}'
COUNTS = (
    b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 13\r\n\r\n{"counts":[]}'
)
UNSIGNED = """
version: 1
mappings: [{mappings}]
settings: {{square: {{location_ids: [L1], changes_at_once: 100}}}}
vendors:
  square:
    base_url: http://127.0.0.1:9
    auth: {{type: bearer, token: {{env: SQUARE_ACCESS_TOKEN}}}}
"""


@pytest.fixture
def headers(secrets) -> dict[str, str]:
    key = secrets["NACELLE_SIGNATURE_SECRET"].encode()
    digest = hmac.new(key, BODY, hashlib.sha256).hexdigest()
    return {"content-type": "application/json", "x-nacelle-signature-sha256": f"sha256={digest}"}


@pytest.fixture
def unsigned(tmp_path: Path, config: Path) -> Path:
    path = tmp_path / "gateway.yaml"
    path.write_text(
        UNSIGNED.format(mappings=config.parent / "mappings" / "square" / "inventory-validate.yaml")
    )
    return path


@pytest.fixture
def patient(tmp_path: Path, config: Path, reading: Path) -> Path:
    """The shipped deployment with time enough for a slow machine."""
    shutil.copytree(config.parent / "mappings", tmp_path / "mappings")
    path = tmp_path / "patient.yaml"
    text = reading.read_text().replace("total: 2500ms", "total: 60s")
    path.write_text(text.replace("deadline: 8s", "deadline: 60s"))
    return path


@pytest.fixture
def vendor():
    """The test is the vendor itself: what it accepts is a request that is running."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(60)
        yield listener


def url_of(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


def begin(url: str, headers: dict[str, str]) -> socket.socket:
    """Send a request, and don't wait for its answer."""
    connection = socket.create_connection(("127.0.0.1", urlsplit(url).port), 60)
    lines = [f"{name}: {value}" for name, value in headers.items()]
    head = ["POST /inventory/validate HTTP/1.1", "host: x", f"content-length: {len(BODY)}", *lines]
    connection.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + BODY)
    return connection


def finish(connection: socket.socket) -> tuple[int, dict[str, object]]:
    with connection:
        response = HTTPResponse(connection)
        response.begin()
        return response.status, json.loads(response.read())


def test_it_says_where_it_listens_and_answers_there(serve, headers, square) -> None:
    gateway = serve(env={"SQUARE_URL": square.url})
    answer = httpx.post(f"{gateway.url}/inventory/validate", content=BODY, headers=headers)
    assert answer.status_code == 200
    assert answer.json()["checkout"]["items"][0]["available"] == 5
    line = gateway.log()
    assert line["exchange"] == answer.headers["x-exchange-id"]


def test_health_tells_that_it_lives_and_what_it_has_loaded(serve, config, secrets) -> None:
    gateway = serve()
    live = httpx.get(f"{gateway.url}/health/live")
    assert (live.status_code, live.json()) == (200, {"status": "live"})
    ready = httpx.get(f"{gateway.url}/health/ready")
    assert ready.status_code == 200
    told = ready.json()
    assert datetime.now(UTC) - datetime.fromisoformat(told["loaded_at"]) < timedelta(minutes=10)
    assert told == {
        "status": "ready",
        "loaded_at": told["loaded_at"],
        "version": load(config, secrets).version,
        "mappings": [
            "generic.payments.validate",
            "generic.promotions.validate",
            "generic.shipping.validate",
            "generic.sync.consume",
            "generic.taxes.validate",
            "square.inventory.consume",
            "square.inventory.validate",
        ],
    }


def test_the_version_changes_with_a_mapping_and_only_then(config, secrets, tmp_path) -> None:
    for name in ("mappings", "schemas"):
        shutil.copytree(config.parent / name, tmp_path / name)
    copy = Path(shutil.copy(config, tmp_path))
    first, second = (load(copy, secrets).version for _ in range(2))
    assert first == second
    mapping = tmp_path / "mappings" / "square" / "inventory-validate.yaml"
    mapping.write_text(mapping.read_text() + "# changed\n")
    assert load(copy, secrets).version != first


def test_it_refuses_to_start_where_nobody_would_be_checked(spawn, unsigned, secrets) -> None:
    popen = spawn("serve", "--port", 0, "--config", unsigned, env=secrets).popen
    out, err = popen.communicate()
    assert (popen.returncode, out) == (1, "")
    assert "--insecure" in err
    assert "nacelle.signature" in err
    assert "Listening" not in err


def test_insecure_lets_everybody_in_and_says_so_on_every_start(spawn, unsigned, secrets) -> None:
    for workers in (1, 2):
        arguments = ("--config", unsigned, "--insecure", "--workers", workers)
        gateway = spawn("serve", "--port", 0, *arguments, env=secrets)
        gateway.await_line("stderr", "WARNING: --insecure: every caller is let in")
        url = gateway.await_line("stderr", "Listening on ").split()[2]
        json_type = {"content-type": "application/json"}
        answer = httpx.post(f"{url}/taxes/validate", content=b"{}", headers=json_type, timeout=60)
        assert answer.json()["error"]["details"]["reason"] == "no_mapping"
        assert gateway.end(signal.SIGTERM)[0] == 0


@pytest.mark.parametrize("workers", [1, 2])
def test_problems_of_the_configuration_end_it_with_1(spawn, config, secrets, workers: int) -> None:
    popen = spawn("serve", "--port", 0, "--config", config, "--workers", workers).popen
    out, err = popen.communicate()
    assert (popen.returncode, out) == (1, "")
    assert err.count("error[unset-variable]") == len(secrets)
    assert "Traceback" not in err


def test_a_certificate_of_no_use_is_said_before_it_listens(
    spawn, unsigned, secrets, tmp_path
) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    text = unsigned.read_text().replace("http://127", "https://127")
    unsigned.write_text(f"{text}    tls: {{ca: ca.pem}}\n")
    popen = spawn("serve", "--port", 0, "--config", unsigned, "--insecure", env=secrets).popen
    _, err = popen.communicate()
    assert popen.returncode == 1
    assert "The files under `vendors.square.tls` can't be used" in err
    assert "Listening" not in err


NEEDS_STORAGE = {
    "tokens": "auth: {type: oauth2, grant: refresh_token, token_url: 'http://127.0.0.1:9/token', "
    "client: body, client_id: {env: A}, refresh_token: {env: A}}",
    "limits": "limits: {concurrency: 5, shared: true}",
}


@pytest.mark.parametrize("needs", NEEDS_STORAGE.values(), ids=NEEDS_STORAGE)
def test_a_storage_of_no_use_is_said_before_it_listens(
    spawn, unsigned, secrets, tmp_path, needs
) -> None:
    (tmp_path / "var").write_text("a file where the folder should be")
    vendor = f"  other: {{base_url: 'http://127.0.0.1:9', {needs}}}\n"
    unsigned.write_text(f"{unsigned.read_text()}{vendor}")
    known = {**secrets, "A": "a"}
    popen = spawn("serve", "--port", 0, "--config", unsigned, "--insecure", env=known).popen
    _, err = popen.communicate()
    assert popen.returncode == 1
    assert "The database of `storage.url` can't be used" in err
    assert "Listening" not in err


@pytest.mark.parametrize("workers", [1, 2])
def test_a_taken_port_is_said_and_ends_it_with_1(
    spawn, reading, secrets, vendor, workers: int
) -> None:
    port = vendor.getsockname()[1]
    arguments = ("--port", port, "--config", reading, "--workers", workers)
    popen = spawn("serve", *arguments, env=secrets).popen
    out, err = popen.communicate()
    assert (popen.returncode, out) == (1, "")
    said = f"Can't listen on 127.0.0.1, port {port}: the port is taken."
    assert err == f"{said} Choose another one with --port.\n"


def test_an_address_that_is_not_ours_is_said_too(spawn, config, secrets) -> None:
    arguments = ("--port", 0, "--config", config, "--host", "192.0.2.1")
    popen = spawn("serve", *arguments, env=secrets).popen
    _, err = popen.communicate()
    assert popen.returncode == 1
    assert err.startswith("Can't listen on 192.0.2.1, port 0: ")
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_when_told_to_stop_it_finishes_what_is_running_and_ends_with_0(
    serve, headers, vendor, patient, workers: int, sent: signal.Signals
) -> None:
    where = {"SQUARE_URL": url_of(vendor)}
    gateway = serve("--workers", workers, env=where, config=patient)
    running = begin(gateway.url, headers)
    asked, _ = vendor.accept()
    gateway.popen.send_signal(sent)
    with asked:
        asked.recv(65536)
        asked.sendall(COUNTS)
        status, body = finish(running)
    assert status == 200
    assert body["checkout"]["items"][0]["available"] == 0  # type: ignore[index]
    out, err = gateway.popen.communicate()
    assert gateway.popen.returncode == 0
    assert err == ""
    (line,) = [json.loads(line) for line in out.splitlines()]
    assert (line["event"], line["status"]) == ("exchange", 200)


def answer_all(vendor: socket.socket) -> None:
    """Answer each connection once, until the vendor is shut down."""
    with contextlib.suppress(OSError):
        while True:
            connection, _ = vendor.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(COUNTS)


def test_workers_share_the_port_and_each_answer_has_its_line(
    serve, headers, vendor, patient
) -> None:
    """Eight requests run at once, whichever worker has them; their lines don't mix."""
    where = {"SQUARE_URL": url_of(vendor), "PYTHONUNBUFFERED": "1"}
    gateway = serve("--workers", 2, env=where, cwd=patient.parent, config=Path(patient.name))
    running = [begin(gateway.url, headers) for _ in range(8)]
    # How many calls they make together depends on which worker has which.
    answering = threading.Thread(target=answer_all, args=(vendor,))
    answering.start()
    assert [finish(connection)[0] for connection in running] == 8 * [200]
    vendor.shutdown(socket.SHUT_RDWR)
    answering.join()
    code, out, err = gateway.end(signal.SIGTERM)
    assert (code, err) == (0, "")
    lines = [json.loads(line) for line in out.splitlines()]
    assert len({line["exchange"] for line in lines}) == 8


def test_what_the_server_itself_refuses_is_logged_as_json_too(serve) -> None:
    gateway = serve()
    with socket.create_connection(("127.0.0.1", urlsplit(gateway.url).port)) as connection:
        connection.sendall(b"nonsense\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 400 ")
    line = gateway.log()
    assert (line["level"], line["logger"]) == ("warning", "uvicorn.error")
