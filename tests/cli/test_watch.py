"""`gateway test --watch`: cases run again when a file changes, whatever is wrong meanwhile."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Process

GATEWAY = """
version: 1
mappings: [mappings]
nacelle: {signature: {secrets: [{env: NACELLE_SECRET}]}}
vendors: {acme: {base_url: "https://acme.example"}}
"""
MAPPING = """
mapping: acme.stock
contract: inventory.validate
vendor: acme
call:
  request: {method: POST, path: /stock, body: {ids: "lines[].variant_id"}, schema: acme/ask.json}
lines:
  {from: call, rows: body.rows, row: row.id, line: line.variant_id, set: {available: row.n},
   unmatched: {available: 0}}
"""
SCHEMA = '{"type": "object", "properties": {"ids": {"type": "array"}}}'
CASES = """
cases:
  - name: in stock
    receive: {items: [{product_id: p, variant_id: A, quantity: 1}]}
    vendor:
      - expect: {method: POST, path: /stock, body: {ids: [A]}}
        answer: {status: 200, body: {rows: [{id: A, n: 7}]}}
    reply:
      status: 200
      body: {checkout: {items: [{product_id: p, variant_id: A, quantity: 1, available: 7}]}}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    for folder in ("mappings", "schemas/acme"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "gateway.yaml").write_text(GATEWAY)
    (tmp_path / "mappings" / "stock.yaml").write_text(MAPPING)
    (tmp_path / "mappings" / "stock.test.yaml").write_text(CASES)
    (tmp_path / "schemas" / "acme" / "ask.json").write_text(SCHEMA)
    return tmp_path


def test_each_change_runs_the_cases_again_until_ctrl_c(
    spawn: Callable[..., Process], shop: Path
) -> None:
    watching = spawn("test", "--watch", cwd=shop)

    def after(path: str, text: str, *, stream: str, told: str) -> None:
        (shop / path).write_text(text)
        watching.await_line("stdout", "── changed: " + path)
        watching.await_line(stream, told)
        watching.await_line("stderr", "Watching.")

    watching.await_line("stdout", "1 case, none failed")
    watching.await_line("stderr", "Watching.")
    wrong = CASES.replace("available: 7", "available: 8")
    after("mappings/stock.test.yaml", wrong, stream="stdout", told="1 case, 1 failed")
    eight = MAPPING.replace("row.n", "'sum([row.n, `1`])'")
    after("mappings/stock.yaml", eight, stream="stdout", told="1 case, none failed")
    strict = SCHEMA.replace('"array"', '"array", "maxItems": 0')
    after("schemas/acme/ask.json", strict, stream="stdout", told="1 case, 1 failed")
    after("schemas/acme/ask.json", "{", stream="stderr", told="schemas/acme/ask.json:1:2: error")
    after("schemas/acme/ask.json", SCHEMA, stream="stdout", told="1 case, none failed")
    code, out, _ = watching.end(signal.SIGINT)
    assert (code, out) == (0, "")


def test_what_writes_does_not_go_with_watching(run, shop: Path) -> None:
    result = run("test", "--watch", "--update", "-c", shop / "gateway.yaml")
    assert result.exit_code == 2
    assert "--watch only looks" in result.stderr
