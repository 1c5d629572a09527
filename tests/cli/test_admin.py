"""Orders as JSON on a port of their own, and `gateway orders` from beside a running gateway."""

from __future__ import annotations

import json
import signal
import socket
from typing import TYPE_CHECKING, Any

import httpx2 as httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MAPPING = """
mapping: acme.orders
contract: sync.consume
vendor: acme
call:
  request: {method: POST, path: /orders, body: {key: order_key}}
delivery: {answer: when_stored}
"""
MAIL = "ann.lee@example.com"
_LONGEST_WAIT = 300
ENVIRONMENT = {"ADMIN_TOKEN": "the-token", "SECRET": "nacelle-secret"}


@pytest.fixture
def shop(tmp_path: Path, vendor: Any, storage: str) -> Path:
    """A deployment whose vendor refuses the first order, with the admin port."""
    vendor.say({"mail": MAIL}, 422)
    vendor.always({})
    (tmp_path / "mapping.yaml").write_text(MAPPING)
    path = tmp_path / "gateway.yaml"
    gateway = {
        "version": 1,
        "mappings": ["mapping.yaml"],
        "vendors": {"acme": {"base_url": vendor.url}},
        "storage": {"url": storage},
        "admin": {"port": 0, "token": {"env": "ADMIN_TOKEN"}},
    }
    path.write_text(json.dumps(gateway))
    return path


@pytest.fixture
def api(spawn: Callable[..., Any], shop: Path, storage: str) -> Iterator[httpx.Client]:
    """A running gateway with one order, held; on PostgreSQL with two workers."""
    workers = 2 if storage.startswith("postgres") else 1
    options = ("--port", 0, "--config", shop, "--workers", workers, "--insecure")
    process = spawn("serve", *options, env=ENVIRONMENT)
    orders = process.await_line("stderr", "Orders on ").removeprefix("Orders on ")
    url = process.await_line("stderr", "Listening on ").split()[2]
    line = {"product_id": "p", "variant_id": "v", "quantity": 1}
    document = {"id": "o1", "email": MAIL, "order_items": [line]}
    answer = httpx.post(f"{url}/sync/consume", json=document, timeout=_LONGEST_WAIT)
    assert answer.status_code == 200
    headers = {"authorization": "Bearer the-token"}
    with httpx.Client(
        base_url=orders.removesuffix("/orders"), headers=headers, timeout=_LONGEST_WAIT
    ) as client:
        _until(client, "held")
        yield client
    assert process.end(signal.SIGTERM)[0] == 0


def _until(client: httpx.Client, state: str) -> dict[str, Any]:
    while True:
        (order,) = client.get("/orders", params={"mapping": "acme.orders"}).json()["orders"]
        if order["state"] == state:
            assert isinstance(order, dict)
            return order


def test_orders_are_seen_and_acted_on_by_who_knows_the_token(api: httpx.Client, run, shop) -> None:
    for headers in ({"authorization": "Bearer wrong"}, {"authorization": ""}):
        for method, path in (("GET", "/orders"), ("POST", "/orders/1/cancel")):
            answer = api.request(method, path, headers=headers)
            assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    listed = api.get("/orders", params={"state": "held", "since": "1h"}).json()
    assert (listed["total"], listed["states"]) == (1, {"held": 1})
    number = listed["orders"][0]["id"]
    assert api.get("/orders", params={"state": "done,undone"}).json()["orders"] == []
    assert api.get("/orders", params={"offset": "1"}).json()["orders"] == []
    assert MAIL not in api.get(f"/orders/{number}").text
    assert MAIL in api.get(f"/orders/{number}", params={"unmask": "true"}).text
    answer = api.post(f"/orders/{number}/retry", json={"by": "ann", "note": "mended"})
    assert answer.json()["done"] == "It goes on now, as attempt 2"
    _until(api, "done")
    (act,) = api.get(f"/orders/{number}").json()["acts"]
    assert (act["act"], act["by"], act["note"]) == ("retry", "ann", "mended")
    shown = run("orders", "show", "o1", "--json", "--config", shop, env=ENVIRONMENT)
    assert json.loads(shown.output) == api.get(f"/orders/{number}").json()


@pytest.mark.parametrize("storage", ["sqlite:///var/gateway.db"])
def test_what_can_not_be_is_said_with_the_way_out(api: httpx.Client) -> None:
    number = _until(api, "held")["id"]
    for answer, status, said in (
        (api.get("/orders", params={"nonsense": "1"}), 400, "no parameter nonsense"),
        (api.get("/orders", params={"state": "lost"}), 400, "no state lost"),
        (api.get("/orders", params={"since": "soon"}), 400, "`since` is a moment"),
        (api.get("/orders", params={"limit": "-1"}), 400, "`limit` is a whole number"),
        (api.get("/orders/99"), 404, "no order 99"),
        (api.get("/nonsense"), 404, "nothing under this path"),
        (api.put("/orders"), 405, "nothing under this path and method"),
        (api.post(f"/orders/{number}/burn"), 404, "retry, cancel, undo, release"),
        (api.post(f"/orders/{number}/retry", content=b"{"), 400, "no JSON"),
        (api.post(f"/orders/{number}/retry", json={"curent": True}), 400, "curent"),
        (api.post(f"/orders/{number}/release", json={"done": True}), 400, "needs a `note`"),
        (api.post(f"/orders/{number}/release", json={"note": "so"}), 400, "`done` is true"),
        (api.post(f"/orders/{number}/undo"), 409, "Only what is done"),
    ):
        assert (answer.status_code, said in answer.json()["error"]) == (status, True), answer.text


@pytest.mark.parametrize("storage", ["sqlite:///var/gateway.db"])
def test_with_current_the_files_count_as_they_are_now(
    api: httpx.Client, shop: Path, vendor
) -> None:
    path = f"/orders/{_until(api, 'held')['id']}/retry"
    mapping = shop.with_name("mapping.yaml")
    mapping.write_text("nonsense: yes\n")
    answer = api.post(path, json={"current": True})
    assert (answer.status_code, "validate-config" in answer.json()["error"]) == (409, True)
    mapping.write_text(MAPPING.replace("/orders", "/newer"))
    assert api.post(path, json={"current": True}).status_code == 200
    _until(api, "done")
    assert [heard.target for heard in vendor.heard] == ["/orders", "/newer"]


def test_a_taken_admin_port_is_said_and_ends_it_with_1(spawn, shop: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        shop.write_text(shop.read_text().replace('"port": 0', f'"port": {port}'))
        options = ("--port", 0, "--config", shop, "--insecure")
        out, err = spawn("serve", *options, env=ENVIRONMENT).popen.communicate()
    said = f"Can't serve orders on 127.0.0.1, port {port}: Address already in use.\n"
    assert err.endswith(said)
    assert out == ""
