"""`gateway test`: cases beside mappings, what differs, and what a bad file of tests is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from gateway.cli import main

if TYPE_CHECKING:
    from click.testing import Result

Test = Callable[..., "Result"]

GATEWAY = """
version: 1
mappings: [mappings]
nacelle: {signature: {secrets: [{env: NACELLE_SECRET}]}, own_fields: {checkout: own.json}}
settings: {acme: {site: W1, low: 0}}
vendors:
  acme:
    base_url: https://api.acme.example/base
    headers: {X-Shop: ours}
    auth: {type: bearer, token: {env: ACME_TOKEN}}
    retry: {attempts: 3}
  other: {base_url: "https://other.example"}
"""
OWN = '{"type": "object", "properties": {"note": {"type": "string"}, "at": {"type": "string"}}}'
MAPPING = """
mapping: acme.stock
contract: inventory.validate
vendor: acme
call:
  request:
    method: POST
    path: "/stock/{received_at}"
    query: {site: settings.acme.site, sku: "lines[].variant_id"}
    headers: {X-Low: to_string(settings.acme.low)}
    body:
      ids: lines[].variant_id
      low: settings.acme.low
      price: decimal('2.50')
      odd key: "`true`"
  errors:
    - {when: status == `418`, error: A teapot}
lines:
  from: call
  rows: body.rows
  row: row.id
  line: line.variant_id
  set: {available: row.n}
  unmatched: {available: 0}
"""
TIME = "2026-11-22T20%3A05%3A00.000Z"
CASE = """
cases:
  - name: it is in stock
    received_at: 2026-11-22T20:05:00Z
    receive: {items: [{product_id: p, variant_id: A, quantity: 1}]}
    vendor:
      - expect:
          vendor: acme
          method: POST
          path: /stock/2026-11-22T20%3A05%3A00.000Z
          query: {site: W1, sku: A}
          headers: {x-low: 0, X-Shop: ours}
          body: {low: 0, price: 2.5, odd key: true, ids: [A]}
        answer: {status: 200, body: {rows: [{id: A, n: 7}]}}
    reply:
      status: 200
      body: {checkout: {items: [{product_id: p, variant_id: A, quantity: 1, available: 7}]}}
"""


@pytest.fixture
def test(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Test:
    """Run `gateway test` on a deployment with these cases, and these texts replaced in them."""
    monkeypatch.chdir(tmp_path)

    def go(*arguments: object, cases: str = CASE, mapping: str = MAPPING, **files: str) -> Result:
        (tmp_path / "mappings").mkdir(exist_ok=True)
        (tmp_path / "schemas").mkdir(exist_ok=True)
        (tmp_path / "schemas" / "own.json").write_text(OWN)
        (tmp_path / "gateway.yaml").write_text(GATEWAY)
        (tmp_path / "mappings" / "stock.yaml").write_text(mapping)
        (tmp_path / "mappings" / "stock.test.yaml").write_text(cases)
        for name, text in files.items():
            (tmp_path / "mappings" / name.replace("_", ".")).write_text(text)
        result: Result = run("test", *arguments)
        return result

    return go


def changed(text: str, *pairs: tuple[str, str]) -> str:
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return text


def mismatches(result: Result) -> list[str]:
    """Give the lines below the case that failed."""
    assert result.exit_code == 1, result.output
    return [line.strip() for line in result.output.splitlines() if line.startswith("  ")]


def test_the_shipped_mappings_pass_their_tests_without_secrets_or_network(run, config) -> None:
    result = run("test", "-c", config)
    assert result.exit_code == 0, result.output
    assert result.output.endswith(" cases, none failed\n")
    assert "no tests" not in result.output


def test_a_case_that_is_as_expected_ends_with_0(test: Test) -> None:
    result = test()
    assert result.exit_code == 0, result.output
    assert result.output == "mappings/stock.test.yaml: 1 case, none failed\n1 case, none failed\n"


def test_all_that_differs_is_told_at_once_with_its_path(test: Test) -> None:
    cases = changed(
        CASE,
        ("vendor: acme", "vendor: other"),
        ("method: POST", "method: PUT"),
        ("path: /stock/", "path: /stocks/"),
        ("query: {site: W1, sku: A}", "query: {sku: [A, B], page: 1}"),
        ("x-low: 0", "x-low: 1, X-None: x"),
        ("odd key: true, ids: [A]", "odd key: 1, ids: [A, B]"),
        ("reply:\n      status: 200", "reply:\n      status: 201"),
        ("available: 7}", "available: 8, gift: null}"),
    )
    result = test(cases=cases)
    assert result.output.startswith("mappings/stock.test.yaml:3:11: it is in stock\n")
    assert mismatches(result) == [
        'vendor[0].vendor: expected "other", got "acme"',
        'vendor[0].method: expected "PUT", got "POST"',
        f'vendor[0].path: expected "/stocks/{TIME}", got "/stock/{TIME}"',
        'vendor[0].query.sku: expected ["A","B"], got "A"',
        'vendor[0].query.page: expected "1", got nothing',
        'vendor[0].query.site: expected nothing, got "W1"',
        'vendor[0].headers[x-low]: expected "1", got "0"',
        'vendor[0].headers[X-None]: expected "x", got nothing',
        'vendor[0].body["odd key"]: expected 1, got true',
        'vendor[0].body.ids[1]: expected "B", got nothing',
        "reply.status: expected 201, got 200",
        "reply.body.checkout.items[0].available: expected 8, got 7",
        "reply.body.checkout.items[0].gift: expected null, got nothing",
    ]
    assert result.output.endswith("1 case, 1 failed\n")


def test_a_body_that_is_not_expected_is_told(test: Test) -> None:
    cases = changed(CASE, ("          body: {low: 0, price: 2.5, odd key: true, ids: [A]}\n", ""))
    found = mismatches(test(cases=cases))
    assert found == [
        'vendor[0].body: expected nothing, got {"ids":["A"],"low":0,"price":2.50,"odd key":true}'
    ]


def test_a_request_that_never_comes_is_told(test: Test) -> None:
    more = "      - {expect: {method: GET, path: /more}, answer: {status: 200}}\n    reply:"
    result = test(cases=changed(CASE, ("    reply:", more)))
    assert mismatches(result) == ["vendor[1]: never sent: GET /more"]


def test_a_request_without_an_entry_ends_the_case(test: Test) -> None:
    start, end = CASE.index("    vendor:"), CASE.index("    reply:")
    request = f"acme: POST /stock/{TIME}?site=W1&sku=A"
    body = '{"ids":["A"],"low":0,"price":2.50,"odd key":true}'
    assert mismatches(test(cases=CASE[:start] + CASE[end:])) == [
        f"vendor: a request that no entry is left for: {request} {body}",
        "reply: not reached",
    ]


def test_an_error_is_compared_whole_and_its_cause_told(test: Test) -> None:
    cases = changed(CASE, ("answer: {status: 200, ", "answer: {status: 418, "))
    assert mismatches(test(cases=cases))[-1] == "because: rule `status == `418``"


FAULT = """answer: {fault: timeout, sent: "yes"}
    reply:
      status: 500
      body:
        checkout: {}
        error:
          error: The vendor did not answer in time
          category: inventory_service
          details: {vendor: acme, reason: vendor_timeout, exchange_id: x1}
"""


def test_a_fault_takes_the_place_of_an_answer(test: Test) -> None:
    start = CASE.index("answer:")
    cases = changed(CASE[:start] + FAULT, ("receive:", "exchange_id: x1\n    receive:"))
    result = test(cases=cases)
    assert result.exit_code == 0, result.output


def test_a_case_puts_its_settings_over_those_of_gateway_yaml(test: Test) -> None:
    cases = changed(
        CASE,
        ("receive:", "settings: {acme: {low: 3}, more: [1]}\n    receive:"),
        ("x-low: 0", "x-low: 3"),
        ("{low: 0,", "{low: 3,"),
    )
    assert test(cases=cases).exit_code == 0


def test_settings_that_a_mapping_cannot_be_loaded_with_fail_the_case(test: Test) -> None:
    cases = changed(CASE, ("receive:", "settings: {acme: 5}\n    receive:"))
    [told] = mismatches(test(cases=cases))
    assert told.startswith("settings: with them, the mapping is refused: ")


WAVE = """
mapping: acme.stock
contract: inventory.validate
vendor: acme
calls:
  first: {request: {method: GET, path: /first}}
  a: {request: {method: GET, path: "/a/{calls.first.body.id}"}}
  b:
    each: lines[].variant_id
    as: sku
    request: {method: GET, path: "/b/{calls.first.body.id}/{sku}"}
lines:
  from: a
  rows: body.rows
  row: row.id
  line: line.variant_id
  set: {available: row.n}
  unmatched: {available: length(calls.b)}
"""
WAVE_CASE = """
cases:
  - name: at once
    receive:
      items:
        - {product_id: p, variant_id: X, quantity: 1}
        - {product_id: p, variant_id: Y, quantity: 1}
    vendor:
      - {expect: {method: GET, path: %s}, answer: {status: 200, body: {id: 5, rows: []}}}
      - {expect: {method: GET, path: %s}, answer: {status: 200, body: {id: 5, rows: []}}}
      - {expect: {method: GET, path: %s}, answer: {status: 200, body: {id: 5, rows: []}}}
      - {expect: {method: GET, path: %s}, answer: {status: 200, body: {id: 5, rows: []}}}
    reply:
      status: 200
      body:
        checkout:
          items:
            - {product_id: p, variant_id: X, quantity: 1, available: 2}
            - {product_id: p, variant_id: Y, quantity: 1, available: 2}
"""


@pytest.mark.parametrize(
    "order",
    [("/a/5", "/b/5/X", "/b/5/Y"), ("/b/5/X", "/b/5/Y", "/a/5"), ("/b/5/X", "/a/5", "/b/5/Y")],
)
def test_requests_may_stand_in_any_order_in_which_vendors_could_answer(test: Test, order) -> None:
    result = test(mapping=WAVE, cases=WAVE_CASE % ("/first", *order))
    assert result.exit_code == 0, result.output


def test_requests_that_need_an_answer_may_not_stand_before_it(test: Test) -> None:
    result = test(mapping=WAVE, cases=WAVE_CASE % ("/a/5", "/first", "/b/5/X", "/b/5/Y"))
    assert mismatches(result) == ["vendor[1]: sent too early, before vendor[0]"]


FAILS = """
cases:
  - name: one of them fails
    receive: {items: [{product_id: p, variant_id: X, quantity: 1}]}
    vendor:
      - {expect: {method: GET, path: /first}, answer: {status: 200, body: {id: 5}}}
      - {expect: {method: GET, path: /a/5}, answer: {status: 500}}
    reply:
      status: 500
      body:
        checkout: {}
        error:
          error: The vendor answered with an error
          category: inventory_service
          details:
            vendor: acme
            vendor_status: 500
            reason: vendor_error
            exchange_id: 0123456789abcdef
"""
ENTRY = "      - {expect: {method: GET, path: /b/5/%s}, answer: {status: 200}}\n    reply:"


@pytest.mark.parametrize("reply", ["    reply:", ENTRY % "X"], ids=["not listed", "listed"])
def test_what_was_sent_at_once_with_a_request_that_fails_need_not_be_listed(
    test: Test, reply: str
) -> None:
    result = test(mapping=WAVE, cases=changed(FAILS, ("    reply:", reply)))
    assert result.exit_code == 0, result.output


def test_what_could_not_have_been_sent_at_once_is_told_all_the_same(test: Test) -> None:
    cases = changed(FAILS, ("    reply:", ENTRY % "Y"))
    assert mismatches(test(mapping=WAVE, cases=cases)) == ["vendor[2]: never sent: GET /b/5/Y"]


def test_of_requests_sent_at_once_the_one_that_differs_is_told(test: Test) -> None:
    result = test(mapping=WAVE, cases=WAVE_CASE % ("/first", "/b/5/Z", "/a/5", "/b/5/X"))
    assert mismatches(result) == ['vendor[1].path: expected "/b/5/Z", got "/b/5/Y"']


TWO = CASE + CASE.replace("cases:\n", "").replace("it is in stock", "Another one")


@pytest.mark.parametrize("part", ["another", "ONE", "Another one"])
def test_cases_are_picked_by_a_part_of_their_name(test: Test, part: str) -> None:
    result = test("--case", part, cases=TWO)
    assert result.output.endswith("1 case, none failed\n")


def test_a_part_that_no_name_has_is_a_usage_error(test: Test) -> None:
    result = test("--case", "nowhere")
    assert result.exit_code == 2
    assert "There is no case with 'nowhere' in its name." in result.output


TAKE = """
mapping: acme.take
contract: inventory.consume
vendor: acme
call: {request: {method: POST, path: /take}}
"""


@pytest.mark.parametrize(
    "name",
    ["acme.stock", "inventory.validate", "mappings/stock.yaml", "./mappings/stock.test.yaml"],
)
def test_a_mapping_is_picked_by_its_name_contract_or_files(test: Test, name: str) -> None:
    result = test(name, take_yaml=TAKE)
    assert result.output == "mappings/stock.test.yaml: 1 case, none failed\n1 case, none failed\n"
    assert "take.yaml: no tests" in test(take_yaml=TAKE).output


def test_an_unknown_mapping_is_a_usage_error(test: Test) -> None:
    result = test("acme.stok")
    assert result.exit_code == 2
    assert "There is no mapping acme.stok. There are: acme.stock." in result.output


def test_junit_tells_every_case_and_what_differs(test: Test, tmp_path: Path) -> None:
    cases = changed(TWO, ("name: Another one", 'name: "Another <one>"'))
    cases = cases[: cases.rindex("available: 7")] + "available: 8" + cases[cases.rindex("}]}}") :]
    result = test("--junit", "report.xml", cases=cases)
    assert result.exit_code == 1
    root = ET.parse(tmp_path / "report.xml").getroot()  # noqa: S314 - it was written just now
    assert (root.tag, root.get("tests"), root.get("failures")) == ("testsuites", "2", "1")
    [suite] = root
    assert suite.get("name") == "mappings/stock.test.yaml"
    good, bad = suite
    assert (good.get("name"), good.get("classname"), list(good)) == (
        "it is in stock",
        "acme.stock",
        [],
    )
    assert bad.get("name") == "Another <one>"
    assert bad[0].get("message") == "reply.body.checkout.items[0].available: expected 8, got 7"


def test_without_any_case_the_command_fails(test: Test, tmp_path: Path) -> None:
    assert test().exit_code == 0
    (tmp_path / "mappings" / "stock.test.yaml").unlink()
    result = CliRunner().invoke(main, ["test"])
    assert result.exit_code == 1
    assert result.output == (
        "mappings/stock.yaml: no tests; they would stand in mappings/stock.test.yaml\n"
        "0 cases, none failed\n"
    )


PROBLEMS = [
    (("status: 200, body: {rows", "statuss: 200, body: {rows"), "14:18", "unknown-key"),
    (("answer: {status: 200, ", "answer: {"), "14:17", "missing-key"),
    (("answer: {status: 200, ", "answer: {fault: timeout, "), "14:34", "unknown-key"),
    (("answer: {status: 200, ", "answer: {sent: unknown, "), "14:17", "missing-key"),
    (
        ("answer: {status: 200, body: {rows", "answer: {fault: boom, body: {rows"),
        "14:25",
        "bad-value",
    ),
    (("received_at: 2026-11-22T20:05:00Z", "received_at: yesterday"), "4:18", "bad-value"),
    (("received_at: 2026-11-22T20:05:00Z", "received_at: 2026-11-22"), "4:18", "bad-value"),
    (("quantity: 1, available", "quantity: 1.50, available"), "17:74", "yaml-surprise"),
    (
        ("receive: {items: [{product_id: p, variant_id: A, quantity: 1}]}", "receive: []"),
        "5:14",
        "wrong-type",
    ),
    (("sku: A}", "sku: {a: b}}"), "11:34", "wrong-type"),
    (("sku: A}", "sku: []}"), "11:34", "bad-value"),
]


@pytest.mark.parametrize(("pair", "place", "code"), PROBLEMS, ids=lambda each: str(each)[:30])
def test_a_bad_file_of_tests_is_told_by_line_and_column(test: Test, pair, place, code) -> None:
    result = test(cases=changed(CASE, pair))
    assert result.exit_code == 1
    assert f"mappings/stock.test.yaml:{place}: error[{code}]" in result.output
    assert "failed" not in result.output


def test_two_cases_of_one_name_are_a_problem(test: Test) -> None:
    result = test(cases=changed(TWO, ("Another one", "it is in stock")))
    assert "mappings/stock.test.yaml:19:11: error[bad-value]" in result.output


def test_tests_whose_mapping_is_gone_are_a_problem(test: Test) -> None:
    result = test(stok_test_yaml=CASE)
    assert result.exit_code == 1
    assert "mappings/stok.test.yaml:1:1: error[missing-file]" in result.output
    assert "There is no mapping stok.yaml beside this file of tests." in result.output


BODIES = """
mapping: acme.stock
contract: inventory.validate
vendor: acme
calls:
  asked:
    request:
      method: POST
      path: /form
      form: {sku: "lines[0].variant_id", word: "'a b'"}
    response: {as: text}
lines:
  from: asked
  rows: "[body]"
  row: "'A'"
  line: line.variant_id
  set: {available: to_int(row)}
  unmatched: keep
"""
BODIES_CASE = """
cases:
  - name: no JSON at all
    receive: {items: [{product_id: p, variant_id: A, quantity: 1}]}
    vendor:
      - expect:
          method: POST
          path: /form
          headers: {Content-Type: application/x-www-form-urlencoded}
          body: sku=A&word=a+b
        answer: {status: 200, headers: {Content-Type: text/plain}, body: "12"}
    reply:
      status: 200
      body: {checkout: {items: [{product_id: p, variant_id: A, quantity: 1, available: 12}]}}
"""


def test_bodies_that_are_no_json_are_compared_and_answered_as_text(test: Test) -> None:
    result = test(mapping=BODIES, cases=BODIES_CASE)
    assert result.exit_code == 0, result.output


def test_one_request_too_many_among_those_sent_at_once_ends_the_case(test: Test) -> None:
    cases = WAVE_CASE % ("/first", "/a/5", "/b/5/X", "/b/5/Y")
    cases = "\n".join(line for line in cases.splitlines() if "/b/5/Y" not in line)
    assert mismatches(test(mapping=WAVE, cases=cases)) == [
        "vendor: a request that no entry is left for: acme: GET /b/5/Y",
        "reply: not reached",
    ]


def test_a_report_that_cannot_be_written_is_told(test: Test) -> None:
    result = test("--junit", "nowhere/report.xml")
    assert result.exit_code == 1
    assert "nowhere/report.xml" in result.output
    assert "Traceback" not in result.output
