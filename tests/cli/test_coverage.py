"""`gateway test --coverage`: what no case runs is shown where it stands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from click.testing import Result

Covered = Callable[..., "Result"]

GATEWAY = """
version: 1
mappings: [mappings]
nacelle: {signature: {secrets: [{env: NACELLE_SECRET}]}}
settings: {site: W1}
vendors: {acme: {base_url: "https://acme.example"}}
"""
MAPPING = """\
mapping: acme.stock
contract: inventory.validate
vendor: acme
let:
  unused: "'x'"
calls:
  rows:
    request:
      method: POST
      path: "/stock/{settings.site}"
      body:
        ids: lines[].variant_id
        rush:
          $if: checkout.email == 'a'
          $then: "'euro'"
          $else: settings.site
    response: {succeeds: body.ok}
    errors:
      - when: status == `404`
        error: "No shop {settings.site}"
        details: {site: settings.site}
  spare:
    when: checkout.currency == 'EUR'
    request: {method: GET, path: "/spare/{checkout.currency}"}
lines:
  from: rows
  rows: body.rows
  row: row.id
  line: line.variant_id
  set: {available: row.n}
  unmatched: {available: 0}
  on_fault: {available: length(lines)}
"""
CASE = """
  - name: %s
    receive: {%sitems: [{product_id: p, variant_id: A, quantity: 1}]}
    vendor:
      - expect: {method: POST, path: /stock/W1, body: {ids: [A], rush: %s}}
        answer: %s
"""
STOCK = "{status: 200, body: {ok: true, rows: [{id: A, n: 7}]}}"
REPLY = """\
    reply:
      status: 200
      body: {checkout: {%sitems: [{product_id: p, variant_id: A, quantity: 1, available: %s}]}}
"""
NOTED = """\
    reply:
      status: 200
      body:
        checkout:
          items: [{product_id: p, variant_id: A, quantity: 1, available: 1}]
          meta_data: [{gateway: {call: rows, reason: vendor_error}}]
"""
PLAIN = "cases:" + CASE % ("in stock", "", "W1", STOCK) + REPLY % ("", 7)


@pytest.fixture
def covered(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Covered:
    """Run these cases with `--coverage`."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mappings").mkdir()
    (tmp_path / "gateway.yaml").write_text(GATEWAY)
    (tmp_path / "mappings" / "stock.yaml").write_text(MAPPING)

    def go(cases: str, *options: str) -> Result:
        (tmp_path / "mappings" / "stock.test.yaml").write_text(cases)
        result: Result = run("test", "--coverage", *options)
        return result

    return go


def gaps(result: Result) -> list[str]:
    """Give what is told of places in the mapping."""
    start = "mappings/stock.yaml:"
    return [
        line.removeprefix(start)
        for line in result.output.splitlines()
        if line.startswith(start) and not line.startswith(f"{start} ")
    ]


def test_what_no_case_runs_is_told_by_its_place_and_not_what_is_within_it(covered: Covered) -> None:
    result = covered(PLAIN)
    assert gaps(result) == [
        "5:11: No case runs this.",
        "14:16: In no case is this true.",
        "17:26: In no case is this false.",
        "19:15: This rule applies in no case.",
        "23:11: In no case is this true.",
        "31:3: In no case is a line unmatched.",
        "32:3: In no case does the call fail.",
    ]


def test_the_place_is_shown_as_problems_are(covered: Covered) -> None:
    assert (
        """
mappings/stock.yaml:19:15: This rule applies in no case.
   |
19 |       - when: status == `404`
   |               ^^^^^^^^^^^^^^^
"""
        in covered(PLAIN).output
    )


def test_each_mapping_has_a_percentage_of_all_that_could_run(covered: Covered) -> None:
    assert covered(PLAIN).output.endswith("\nmappings/stock.yaml: 45 % covered (10 of 22)\n")


def test_gaps_are_no_failure_and_failures_stay_one(covered: Covered) -> None:
    assert covered(PLAIN).exit_code == 0
    result = covered(PLAIN.replace("available: 7", "available: 8"))
    assert result.exit_code == 1
    assert "45 % covered" in result.output


def error(reason: str, text: str, more: str = "") -> str:
    details = f"{{{more}reason: {reason}, exchange_id: 0123456789abcdef}}"
    said = f"{{error: {text}, category: inventory_service, details: {details}}}"
    status = 422 if reason == "refused" else 500
    return f"    reply: {{status: {status}, body: {{checkout: {{}}, error: {said}}}}}\n"


def test_with_a_case_for_each_way_all_is_covered(covered: Covered) -> None:
    spare = "      - {expect: {method: GET, path: /spare/EUR}, answer: {status: 200, body: {}}}\n"
    cases = [
        PLAIN,
        CASE % ("in euro", "currency: EUR, email: a, ", "euro", STOCK),
        spare,
        REPLY % ("currency: EUR, email: a, ", 7),
        CASE % ("none", "", "W1", "{status: 200, body: {ok: true, rows: []}}"),
        REPLY % ("", 0),
        CASE % ("no shop", "", "W1", "{status: 404}"),
        error("refused", "No shop W1", "site: W1, "),
        CASE % ("not ok", "", "W1", "{status: 200, body: {ok: false, rows: []}}"),
        NOTED,
    ]
    result = covered("".join(cases))
    assert result.exit_code == 0, result.output
    assert gaps(result) == ["5:11: No case runs this."]
    assert "mappings/stock.yaml: 95 % covered (21 of 22)" in result.output


def test_only_cases_that_run_count(covered: Covered) -> None:
    result = covered(
        PLAIN + CASE % ("other", "", "W1", "{status: 404}") + error("refused", "x"),
        "--case",
        "stock",
    )
    assert "45 % covered" in result.output


def test_a_mapping_without_cases_is_not_covered_at_all(
    covered: Covered, tmp_path: Path, run
) -> None:
    covered(PLAIN)
    (tmp_path / "mappings" / "stock.test.yaml").unlink()
    result = run("test", "--coverage")
    assert gaps(result) == []
    assert result.output.endswith("mappings/stock.yaml: 0 % covered (0 of 22)\n")


def test_a_line_that_is_short_is_a_way_of_its_own(covered: Covered, tmp_path: Path, run) -> None:
    covered(PLAIN)
    (tmp_path / "mappings" / "take.yaml").write_text("""\
mapping: acme.take
contract: inventory.consume
vendor: acme
calls:
  rows: {request: {method: GET, path: /stock}}
  take: {request: {method: POST, path: /take}}
lines:
  - {from: rows, rows: body.rows, row: row.id, line: line.variant_id, set: {available: row.n},
     unmatched: error, shortage: reject}
""")
    (tmp_path / "mappings" / "take.test.yaml").write_text("""\
cases:
  - name: enough
    receive: {id: 1, order_items: [{product_id: p, variant_id: A, quantity: 1}]}
    vendor:
      - {expect: {method: GET, path: /stock}, answer: {status: 200, body: {rows: [{id: A, n: 1}]}}}
      - {expect: {method: POST, path: /take}, answer: {status: 200}}
    reply:
      status: 200
      body: {order: {id: 1, order_items: [{product_id: p, variant_id: A, quantity: 1}]}}
""")
    result = run("test", "--coverage", "acme.take")
    assert result.exit_code == 0, result.output
    assert "take.yaml:9:6: In no case is a line unmatched." in result.output
    assert "take.yaml:9:24: In no case is a line short." in result.output
