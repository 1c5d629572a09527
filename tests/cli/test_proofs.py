"""`gateway test --faults`, `--generate` and `--mutate`: what they find, and how they tell it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

if TYPE_CHECKING:
    from click.testing import Result

Prove = Callable[..., "Result"]

GATEWAY = """
version: 1
mappings: [mappings]
nacelle:
  signature: {secrets: [{env: NACELLE_SECRET}]}
  deadline: 5s
  own_fields: {checkout: acme/own.json}
settings: {acme: {site: W1}}
vendors:
  acme:
    base_url: https://api.acme.example
    timeout: {connect: 1s, total: %s}
    retry: {attempts: 3}
    breaker: {of_last: 6}
"""
READ = """
mapping: acme.stock
contract: inventory.validate
vendor: acme
call:
  request:
    method: GET
    path: /stock
    query: {sku: "lines[].variant_id"}
  response: {schema: acme/stock.json}
lines:
  from: call
  rows: body.rows
  row: row.id
  line: line.variant_id
  set: {available: row.count}
  unmatched: {available: 0}
"""
READ_CASE = """
cases:
  - name: it is in stock
    receive: {items: [{product_id: p, variant_id: A, quantity: 1}]}
    vendor:
      - expect: {method: GET, path: /stock, query: {sku: A}}
        answer: {status: 200, body: {rows: [{id: A, count: 7, spare: 9}]}}
    reply:
      status: 200
      body: {checkout: {items: [{product_id: p, variant_id: A, quantity: 1, available: 7}]}}
"""
STOCK = """{"type": "object", "required": ["rows"], "properties": {"rows": {
  "type": "array", "items": {"type": "object", "required": ["id", "count"],
  "properties": {"id": {"type": "string"}, "count": {"type": "integer"},
    "spare": {"type": "integer"}, "price": {"type": "string"}}
}}}}"""
EFFECT = """
mapping: acme.orders
contract: sync.consume
vendor: acme
call:
  request:
    method: POST
    path: /orders
    body: {reference: order_key, mail: order.email}
    schema: acme/order.json
  idempotency: order_key
"""
EFFECT_CASE = """
cases:
  - name: it is sent
    receive:
      id: o-1
      email: ann
      order_items: [{product_id: p, variant_id: A, quantity: 1}]
    vendor:
      - expect: {method: POST, path: /orders, body: {reference: o-1, mail: ann}}
        answer: {status: 200, body: {id: 7}}
    reply:
      status: 200
      body:
        order:
          id: o-1
          email: ann
          order_items: [{product_id: p, variant_id: A, quantity: 1}]
"""
ORDER = """{"type": "object", "required": ["reference", "mail"], "properties": {
  "reference": {"type": "string"}, "mail": {"type": "string", "maxLength": 3}
}}"""


@pytest.fixture
def prove(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Prove:
    """Run `gateway test` on a deployment with one mapping and its cases."""
    monkeypatch.chdir(tmp_path)

    def go(
        *arguments: str,
        mapping: str = READ,
        cases: str | None = READ_CASE,
        total: str = "1s",
        own: str = "{}",
    ) -> Result:
        for folder in ("mappings", "schemas/acme"):
            (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / "schemas/acme/stock.json").write_text(STOCK)
        (tmp_path / "schemas/acme/order.json").write_text(ORDER)
        (tmp_path / "schemas/acme/own.json").write_text(own)
        (tmp_path / "gateway.yaml").write_text(GATEWAY % total)
        (tmp_path / "mappings/m.yaml").write_text(mapping)
        if cases is not None:
            (tmp_path / "mappings/m.test.yaml").write_text(cases)
        result: Result = run("test", *arguments)
        return result

    return go


def lines(result: Result) -> list[str]:
    return result.output.splitlines()


def row(result: Result, trouble: str) -> str:
    """Give what came of a trouble, in a table with a single column."""
    return next(line for line in lines(result) if line.startswith(trouble)).split("  ")[-1].strip()


def changed(text: str, old: str, new: str) -> str:
    assert old in text, old
    return text.replace(old, new)


def test_faults_show_what_goes_back_in_each_trouble_of_each_call(prove: Prove) -> None:
    result = prove("--faults")
    assert result.exit_code == 0, result.output
    assert "breaker" not in result.output  # nothing is logged
    assert "acme.stock" in result.output
    assert row(result, "not there") == "vendor_unreachable"
    assert row(result, "429 with Retry-After") == "vendor_throttled"
    assert row(result, "a field left out") == "vendor_answer 3, 200 1"
    assert row(result, "a negative number") == "200"
    assert lines(result)[-1].startswith("1 call, ")
    assert lines(result)[-1].endswith(" broken answers, none failed")


def test_faults_keep_the_time_of_retries_and_deadlines_without_waiting(prove: Prove) -> None:
    assert row(prove("--faults", total="1s"), "no answer in time") == "vendor_timeout"
    assert row(prove("--faults", total="2s"), "no answer in time") == "deadline"  # the third one


def test_a_rule_that_takes_doubt_for_a_no_fails_the_faults(prove: Prove) -> None:
    rule = EFFECT + "  errors: [{when: fault == 'timeout', error: It is too slow}]\n"
    rule += "  retry: {attempts: 1}\n"  # a repeat would leave doubt that no rule can take
    result = prove("--faults", mapping=rule, cases=EFFECT_CASE)
    assert result.exit_code == 1
    start = lines(result).index("mappings/m.test.yaml:3:11: it is sent")
    assert lines(result)[start + 1 : start + 3] == [
        "  vendor[0], the answer to call: no answer in time (timeout, sent: unknown)",
        "  reply: refused, though the effect may or may not have happened",
    ]
    assert row(result, "no answer in time") == "✗ refused"
    assert lines(result)[-1].endswith("2 failed")


def test_faults_say_which_call_no_good_case_makes(prove: Prove) -> None:
    case = changed(
        READ_CASE, "{status: 200, body: {rows: [{id: A, count: 7, spare: 9}]}}", "{status: 500}"
    )
    case = (
        case[: case.index("    reply:")]
        + """
    reply:
      status: 500
      body:
        checkout: {}
        error:
          error: The vendor answered with an error
          category: inventory_service
          details:
            {vendor: acme, vendor_status: 500, reason: vendor_error, exchange_id: 0123456789abcdef}
"""
    )
    result = prove("--faults", cases=case)
    assert result.exit_code == 1
    assert "acme.stock, call: no case that ends well makes this call: nothing to break" in lines(
        result
    )


@pytest.mark.parametrize("proof", ["--faults", "--generate", "--mutate"])
def test_cases_that_fail_are_to_be_mended_first(prove: Prove, proof: str) -> None:
    result = prove(proof, cases=changed(READ_CASE, "available: 7", "available: 8"))
    assert result.exit_code == 1
    assert lines(result)[-1] == f"{proof} starts from cases that pass: mend these first."


def test_changes_that_no_case_notices_are_shown_in_their_file(prove: Prove) -> None:
    result = prove("--mutate", mapping=changed(READ, "row: row.id", "row: row.id || 'none'"))
    assert result.exit_code == 1
    start = lines(result).index("mappings/m.yaml:14:18: no case notices when this is left out")
    assert lines(result)[start + 1 : start + 4] == [
        "   |",
        "14 |   row: row.id || 'none'",
        "   |                  ^^^^^^",
    ]
    assert "mappings/m.yaml:17:26: no case notices `1` in this place" in lines(result)
    assert lines(result)[-1] == "mappings/m.test.yaml: 9 changes, 3 unnoticed"


def test_cases_that_notice_every_change_end_with_0(prove: Prove) -> None:
    result = prove("--mutate", mapping=changed(READ, "{available: 0}", "error"))
    assert result.exit_code == 0, result.output
    assert lines(result)[-1] == "mappings/m.test.yaml: 5 changes, none unnoticed"


@pytest.mark.parametrize(
    ("expression", "unnoticed"),
    [
        ("row.count", []),
        ("row.count || row.spare", ["when this is left out", "`count` in this place"]),
        ("rows[0].count", ["`-1` in this place"]),
        ("multiply(row.count, `1`)", []),
        ("divide(row.count, `1`)", []),
        ("sum(rows[].count)", ["`max` in this place"]),
        ("sum(rows[?id != 'B'].count)", ["`max` in this place", "`'B_'` in this place"]),
        (
            "row.count > `3` && row.count",
            [
                "when this is left out",
                "`spare` in this place",
                "`>=` in this place",
                "`4` in this place",
            ],
        ),
    ],
)
def test_each_kind_of_change_is_noticed_or_told(
    prove: Prove, expression: str, unnoticed: list[str]
) -> None:
    mapping = changed(READ, "available: row.count", f'available: "{expression}"')
    result = prove("--mutate", mapping=mapping)
    told = [line for line in lines(result) if line.startswith("mappings/m.yaml:16:")]
    assert [line.partition("no case notices ")[2] for line in told] == unnoticed


def test_mutate_without_a_case_has_nothing_that_could_notice(prove: Prove) -> None:
    assert prove("--mutate", cases=None).exit_code == 1


FOUND = """\
acme.orders: a counterexample
  vendor_request: a request would break the vendor's schema, or can't be sent: acme/order.json: \
/mail: must have at most 3 characters (maxLength), is text, made by `order.email` \
(mappings/m.yaml:9:40)
  - name: a counterexample
    receive: {id: o-1, email: "0000", order_items: [{product_id: p, variant_id: A, quantity: 1}]}
    reply:
      status: 500
      body:
        order: {}
        error:
          error: The request to the vendor can't be made from this data
          category: sync_service
          details: {reason: vendor_request, exchange_id: 0123456789abcdef}
"""


def test_a_request_that_breaks_the_vendors_schema_is_found_and_made_small(prove: Prove) -> None:
    result = prove("--generate", mapping=EFFECT, cases=EFFECT_CASE)
    assert result.exit_code == 1
    assert FOUND in result.output, result.output
    assert "With --write it is added to mappings/m.test.yaml." in lines(result)


def test_a_counterexample_can_be_kept_as_a_case(prove: Prove, tmp_path: Path) -> None:
    result = prove("--generate", "--write", mapping=EFFECT, cases=EFFECT_CASE)
    assert result.exit_code == 1
    written = (tmp_path / "mappings/m.test.yaml").read_text()
    assert written.startswith(EFFECT_CASE)
    assert 'email: "0000"' in written
    assert "Added to mappings/m.test.yaml." in result.output
    again = prove(mapping=EFFECT, cases=written)
    assert again.output.endswith("2 cases, none failed\n")


def test_a_reply_that_breaks_the_contract_is_found_in_what_a_vendor_may_answer(
    prove: Prove,
) -> None:
    mapping = changed(READ, "inventory.validate", "promotions.validate")
    mapping = changed(mapping, "available: row.count", "price: row.price")
    cases = changed(READ_CASE, "available: 7", "price: '1.00'")
    cases = changed(cases, "spare: 9", "price: '1.00'")
    result = prove("--generate", mapping=changed(mapping, "{available: 0}", "keep"), cases=cases)
    assert result.exit_code == 1
    told = next(line for line in lines(result) if line.startswith("  reply_invalid: "))
    assert "/items/0/price: must match " in told
    assert '        answer: {status: 200, body: {rows: [{id: A, count: 7, price: ""}]}}' in lines(
        result
    )


def test_what_fits_the_schemas_is_counted_by_what_goes_back_the_same_in_every_run(
    prove: Prove,
) -> None:
    result = prove("--generate")
    assert result.exit_code == 0, result.output
    assert lines(result)[-1].startswith("acme.stock: 200 exchanges, all as they must be: 200 ")
    assert prove("--generate").output == result.output


def test_documents_and_answers_are_made_from_schemas_alone_where_there_is_no_case(
    prove: Prove,
) -> None:
    mapping = changed(EFFECT, "mail: order.email", "mail: order_key")
    result = prove("--generate", mapping=mapping, cases=None)
    assert result.exit_code == 1
    assert "acme.orders: a counterexample" in lines(result)


def test_schemas_that_nothing_fits_prove_nothing(prove: Prove) -> None:
    result = prove("--generate", cases=None, own='{"not": {"type": "object"}}')
    assert result.exit_code == 1
    assert lines(result)[-1] == "acme.stock: nothing could be made that fits its schemas"


def test_only_generate_writes(prove: Prove) -> None:
    result = prove("--write")
    assert result.exit_code == 2
    assert "--write needs --generate, whose counterexamples it writes." in result.output


def test_hypothesis_is_loaded_only_to_generate(config: Path) -> None:
    script = "import sys; from gateway.cli import main\nmain(sys.argv[1:], standalone_mode=False)\n"
    watched = (
        "import sys, atexit\natexit.register(lambda: print('hypothesis' in sys.modules))\n" + script
    )
    ran = subprocess.run(
        [sys.executable, "-c", watched, "test", "-c", config, "square.inventory.validate"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stdout.splitlines()[-1] == "False"


def reported(folder: Path) -> dict[str | None, list[str]]:
    """Give what a report has of each entry: the lines of its failure, or none."""
    root = ET.parse(folder / "report.xml").getroot()  # noqa: S314 - it was written just now
    failures = {each.get("name"): each.findtext("failure", "") for each in root.iter("testcase")}
    assert root.get("failures") == str(sum(map(bool, failures.values())))
    return {name: text.splitlines() for name, text in failures.items()}


def test_junit_tells_what_the_proofs_of_a_mapping_found(prove: Prove, tmp_path: Path) -> None:
    rule = EFFECT + "  errors: [{when: fault == 'timeout', error: It is too slow}]\n"
    rule += "  retry: {attempts: 1}\n"
    rule = changed(rule, "order.email}", "order.email || 'x'}")
    proofs = ("--faults", "--generate", "--mutate", "--junit", "report.xml")
    prove(*proofs, mapping=rule, cases=EFFECT_CASE)
    found = reported(tmp_path)
    assert list(found) == ["it is sent", "--faults: call", "--generate", "--mutate"]
    assert found["it is sent"] == []
    assert (
        "  reply: refused, though the effect may or may not have happened"
        in found["--faults: call"]
    )
    assert "  - name: a counterexample" in found["--generate"]
    assert found["--mutate"][0] == "mappings/m.yaml:9:55: no case notices when this is left out"


def test_junit_tells_of_proofs_in_which_all_went_well(prove: Prove, tmp_path: Path) -> None:
    prove(
        "--faults",
        "--generate",
        "--mutate",
        "--junit",
        "report.xml",
        mapping=changed(READ, "{available: 0}", "error"),
    )
    assert reported(tmp_path) == {
        "it is in stock": [],
        "--faults: call": [],
        "--generate": [],
        "--mutate": [],
    }


@pytest.mark.parametrize("proof", ["--faults", "--mutate"])
def test_junit_tells_where_there_was_no_case_to_begin_with(
    prove: Prove, tmp_path: Path, proof: str
) -> None:
    assert prove(proof, "--junit", "report.xml", cases=None).exit_code == 1
    assert len(reported(tmp_path)) == 1
    assert all(reported(tmp_path).values())


def test_several_proofs_are_run_one_after_another(prove: Prove) -> None:
    result = prove("--faults", "--mutate")
    assert result.exit_code == 1  # `unmatched` is in no case
    assert "broken answers, none failed" in result.output
    assert lines(result)[-1].endswith(" changes, 1 unnoticed")


@pytest.mark.parametrize("proof", ["--generate", "--mutate"])
def test_the_shipped_mappings_are_proved(run, config: Path, proof: str) -> None:
    result = run("test", proof, "-c", config)
    assert result.exit_code == 0, result.output
