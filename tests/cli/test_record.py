"""`gateway try --record`: a live exchange becomes a case, masked, that passes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from simulators.kit import RunningSimulator
from tests.conftest import Canned, Heard, ScriptedVendor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.testing import Result

Record = Callable[..., "Result"]

SECRET = "hunter2-hunter2"
GATEWAY = """
version: 1
mappings: [mappings]
nacelle: {signature: {secrets: [{env: NACELLE_SECRET}]}}
settings: {acme: {site: {env: ACME_SITE, default: W1}}, note: {env: ACME_NOTE, default: none}}
vendors:
  acme:
    base_url: {env: ACME_URL, default: "http://127.0.0.1:1"}
    auth: {type: bearer, token: {env: ACME_TOKEN}}
"""
MAPPING = """
mapping: acme.stock
contract: inventory.validate
vendor: acme
calls:
  who:
    request:
      method: GET
      path: "/customers/{checkout.email}"
      query: {site: settings.acme.site}
      headers: {X-Name: checkout.customer.last_name}
  stock:
    each: lines[].variant_id
    as: id
    at_once: 2
    request: {method: GET, path: "/shelves/{calls.who.headers.\\"x-shelf\\"}/{id}"}
    errors:
      - {when: "ends_with(body.for, 'corp.example')", error: Not for companies}
lines:
  from: stock
  rows: body.rows
  row: id
  line: line.variant_id
  set: {available: row.n}
  unmatched: {available: 0}
"""
CHECKOUT = {
    "email": "zaphod@shop.example",
    "customer": {"first_name": "Zaphod", "last_name": "Beeblebrox"},
    "greeting": "Dear Zaphod Beeblebrox",
    "items": [
        {"product_id": "p", "variant_id": "A", "quantity": 1},
        {"product_id": "p", "variant_id": "B", "quantity": 2},
    ],
}


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedVendor]:
    """A deployment with this mapping, and its vendor: it knows the customer and the secret."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mappings").mkdir()
    (tmp_path / "gateway.yaml").write_text(GATEWAY)
    (tmp_path / "mappings" / "stock.yaml").write_text(MAPPING)
    vendor = ScriptedVendor()
    vendor.answer_by(_answer)
    with RunningSimulator(vendor) as running:
        vendor.url = running.url
        yield vendor


def _answer(heard: Heard) -> Canned:
    if heard.target.startswith("/customers"):
        email = quote("zaphod@shop.example", safe="")
        body = {"name": "ZAPHOD BEEBLEBROX", "link": f"/me?mail={email}", "token": SECRET}
        body["contact"] = {"first_name": "Ford", "last_name": "Prefect", "id": "c-1"}
        return Canned(body, 200, {"X-Shelf": "s7", "Set-Cookie": f"id={SECRET}; Path=/"})
    number = 4 if heard.target.endswith("A") else 5
    return Canned({"for": "zaphod@shop.example", "rows": [{"n": number}]}, 200, {})


@pytest.fixture
def record(run, acme: ScriptedVendor, tmp_path: Path) -> Record:
    """Record a checkout's exchange under a name."""

    def go(name: str, *options: str, **changes: object) -> Result:
        (tmp_path / "checkout.json").write_text(json.dumps(CHECKOUT | changes))
        environment = {
            "ACME_URL": acme.url,
            "ACME_TOKEN": SECRET,
            "ACME_SITE": "W9",
            "ACME_NOTE": "unused",
            "NACELLE_SECRET": "another-one",
        }
        arguments = ("try", "acme.stock", "checkout.json", "--record", name, *options)
        result: Result = run(*arguments, env=environment)
        return result

    return go


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    return tmp_path / "mappings" / "stock.test.yaml"


def test_a_recorded_case_holds_no_secret_and_no_name_and_passes_at_once(
    record: Record, run, recorded: Path
) -> None:
    result = record("two shelves")
    assert result.exit_code == 0, result.output
    assert "Recorded in mappings/stock.test.yaml" in result.output
    assert run("test").output.endswith("1 case, none failed\n")
    text = recorded.read_text().lower()
    for planted in (SECRET, "zaphod", "beeblebrox", "ford", "prefect"):
        assert planted not in text


def test_a_case_has_what_is_needed_and_no_more(record: Record, recorded: Path) -> None:
    record("two shelves")
    assert (
        recorded.read_text()
        == """\
cases:
  - name: two shelves
    settings: {acme: {site: W9}}
    receive:
      email: xxxxxx@xxxx.xxxxxxx
      customer: {first_name: Xxxxxx, last_name: Xxxxxxxxxx}
      greeting: Xxxx Xxxxxx Xxxxxxxxxx
      items:
        - {product_id: p, variant_id: A, quantity: 1}
        - {product_id: p, variant_id: B, quantity: 2}
    vendor:
      - expect:
          method: GET
          path: /customers/xxxxxx%40xxxx.xxxxxxx
          query: {site: W9}
          headers: {X-Name: Xxxxxxxxxx}
        answer:
          status: 200
          headers: {x-shelf: s7}
          body:
            name: XXXXXX XXXXXXXXXX
            link: "/me?mail=xxxxxx%11xxxx.xxxxxxx"
            token: xxxxxx1-xxxxxx1
            contact: {first_name: Xxxx, last_name: Xxxxxxx, id: c-1}
      - expect: {method: GET, path: /shelves/s7/A}
        answer: {status: 200, body: {for: xxxxxx@xxxx.xxxxxxx, rows: [{n: 4}]}}
      - expect: {method: GET, path: /shelves/s7/B}
        answer: {status: 200, body: {for: xxxxxx@xxxx.xxxxxxx, rows: [{n: 5}]}}
    reply:
      status: 200
      body:
        checkout:
          email: xxxxxx@xxxx.xxxxxxx
          customer: {first_name: Xxxxxx, last_name: Xxxxxxxxxx}
          greeting: Xxxx Xxxxxx Xxxxxxxxxx
          items:
            - {product_id: p, variant_id: A, quantity: 1, available: 4}
            - {product_id: p, variant_id: B, quantity: 2, available: 5}
"""
    )


def test_a_second_case_stands_below_the_first_which_stays_as_it_is(
    record: Record, run, recorded: Path
) -> None:
    record("the first")
    before = "# ours\n" + recorded.read_text().replace("    receive:", "    receive:   # a comment")
    recorded.write_text(before)
    assert record("the second").exit_code == 0
    assert recorded.read_text().startswith(f"{before}\n  - name: the second\n")
    assert run("test").output.endswith("2 cases, none failed\n")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (Canned(b"<h1>Zaphod, no</h1>", 502, {"content-type": "text/html"}), "vendor_error"),
        (Canned({"message": "Zaphod who?"}, 404, {}), "vendor_error"),
        (Canned(b"{", 200, {"content-type": "application/json"}), "vendor_answer"),
    ],
)
def test_what_ends_in_an_error_is_recorded_too(
    acme: ScriptedVendor, record: Record, run, recorded: Path, said: Canned, expected: str
) -> None:
    acme.answers.append(said)
    assert record("no").exit_code == 0
    assert f"reason: {expected}" in recorded.read_text()
    assert "zaphod" not in recorded.read_text().lower()
    assert run("test").output.endswith("1 case, none failed\n")


def test_what_was_cut_off_beside_a_failure_need_not_be_there(
    acme: ScriptedVendor, record: Record, run
) -> None:
    def answer(heard: Heard) -> Canned:
        return Canned({}, 500) if heard.target.endswith("/A") else _answer(heard)

    acme.answer_by(answer)
    assert record("the first fails").exit_code == 0
    assert run("test").output.endswith("1 case, none failed\n")


def test_a_vendor_that_is_not_there_is_recorded_as_a_fault(
    acme: ScriptedVendor, record: Record, recorded: Path
) -> None:
    acme.url = "http://127.0.0.1:9"
    assert record("nobody").exit_code == 0
    assert 'answer: {fault: connect, sent: "no"}' in recorded.read_text()


def test_a_request_that_is_sent_twice_is_recorded_twice(
    record: Record, run, recorded: Path
) -> None:
    line = CHECKOUT["items"][0]
    result = record("twice", items=[line, line])
    assert result.exit_code == 0, result.output
    assert recorded.read_text().count("path: /shelves/s7/A") == 2
    assert run("test").output.endswith("1 case, none failed\n")


def test_an_empty_checkout_is_recorded(record: Record, run, recorded: Path) -> None:
    assert record("nothing", items=[]).exit_code == 0
    assert "vendor" not in recorded.read_text()
    assert run("test").exit_code == 0


def test_personal_data_that_decide_are_told_and_nothing_is_written(
    acme: ScriptedVendor, record: Record, recorded: Path
) -> None:
    email = "zaphod@corp.example"
    acme.answer_by(
        lambda heard: _answer(heard) if "customers" in heard.target else Canned({"for": email})
    )
    result = record("a company", email=email, items=CHECKOUT["items"][:1])
    assert result.exit_code == 1
    told = "Not recorded: with its data masked, it ends with 200 instead of 422 refused"
    assert told in result.stderr
    assert "made-up customer" in result.stderr
    assert not recorded.exists()


def test_a_name_among_keys_is_told_by_its_place(record: Record, recorded: Path) -> None:
    result = record("by name", greeting={"Beeblebrox": 1})
    assert result.exit_code == 1
    assert "personal data or a secret would be left in receive.greeting" in result.stderr
    assert not recorded.exists()


def test_a_name_that_is_taken_is_refused_before_any_vendor_is_called(
    acme: ScriptedVendor, record: Record
) -> None:
    record("one")
    acme.heard.clear()
    result = record("one")
    assert result.exit_code == 2
    assert "There is a case named 'one' in mappings/stock.test.yaml already." in result.stderr
    assert acme.heard == []


def test_without_vendors_there_is_nothing_to_record(record: Record) -> None:
    result = record("dry", "--dry-run")
    assert result.exit_code == 2
    assert "leave --dry-run out" in result.stderr


TAKE = """
mapping: acme.take
contract: inventory.consume
vendor: acme
calls:
  take:
    request: {method: POST, path: /take, body: {key: order_key}}
    response: {schema: acme/taken.json}
    find:
      request: {method: GET, path: "/take/{order_key}"}
      response: {schema: acme/found.json}
      found: body.id
    result: body.id
    undo:
      request: {method: DELETE, path: "/take/{result}", headers: {X-Key: order_key}}
      response: {schema: acme/found.json}
      idempotency: order_key
  ship:
    request: {method: POST, path: /ship, body: {key: order_key}}
    idempotency: order_key
    errors: [{when: status == `409`, error: It can't be shipped}]
"""
LINE = {"product_id": "p", "variant_id": "A", "quantity": 1}
TAKEN = {"type": "object", "properties": {"id": {"type": "string"}}}
FOUND = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "colour": {"type": "string"},
        "holder": {"type": "string", "x-personal": True},
    },
}


@pytest.fixture
def undone(acme: ScriptedVendor, run, tmp_path: Path) -> Result:
    """Record an order whose effect is in doubt, found, and taken back."""

    def answer(heard: Heard) -> Canned:
        if heard.target == "/ship":
            return Canned({}, 409)
        if heard.target == "/take":
            return Canned({}, 500)
        return Canned({"id": "T-7", "colour": "blue", "holder": "Slartibartfast"})

    (tmp_path / "schemas" / "acme").mkdir(parents=True)
    (tmp_path / "schemas" / "acme" / "taken.json").write_text(json.dumps(TAKEN))
    (tmp_path / "schemas" / "acme" / "found.json").write_text(json.dumps(FOUND))
    (tmp_path / "mappings" / "take.yaml").write_text(TAKE)
    (tmp_path / "order.json").write_text(json.dumps({"id": "o-1", "order_items": [LINE]}))
    acme.answer_by(answer)
    environment = {"ACME_URL": acme.url, "ACME_TOKEN": SECRET, "NACELLE_SECRET": "another-one"}
    result: Result = run("try", "acme.take", "order.json", "--record", "undone", env=environment)
    assert result.exit_code == 0, result.output
    return result


@pytest.fixture
def case(undone: Result, tmp_path: Path) -> str:
    """The order, as it was recorded."""
    assert "Recorded in mappings/take.test.yaml" in undone.output
    return (tmp_path / "mappings" / "take.test.yaml").read_text()


def test_what_asks_for_an_effect_and_takes_it_back_is_shown(undone: Result) -> None:
    told = ("POST /take", "GET /take/o-1", "── call:ship", "── undo:take", "DELETE /take/T-7")
    places = [undone.output.index(each) for each in (*told, "── answer 422")]
    assert places == sorted(places)


def test_what_asks_for_an_effect_and_takes_it_back_is_recorded_and_passes(case: str, run) -> None:
    asked = ("method: POST", "method: GET", "path: /ship", "method: DELETE", "undone: [take]")
    places = [case.index(each) for each in asked]
    assert places == sorted(places)
    assert run("test", "acme.take").output.endswith("1 case, none failed\n")


def test_answers_to_a_find_and_an_undo_are_masked_by_schemas_of_their_own(case: str) -> None:
    assert case.count("{id: T-7, colour: blue, holder: Xxxxxxxxxxxxxx}") == 2


@pytest.mark.usefixtures("case")
def test_what_asks_and_takes_back_counts_as_covered(run) -> None:
    covered = run("test", "acme.take", "--coverage").output
    told = [line for line in covered.splitlines() if "No case" in line]
    assert told == ["mappings/take.yaml:13:13: No case runs this."]  # `result`, of no answer


@pytest.mark.usefixtures("case")
def test_what_asks_and_takes_back_is_updated_where_the_mapping_changes(run, tmp_path: Path) -> None:
    mapping = TAKE.replace('"/take/{order_key}"', '"/asked/{order_key}"')
    mapping = mapping.replace('"/take/{result}"', '"/undone/{result}"')
    (tmp_path / "mappings" / "take.yaml").write_text(mapping)
    assert run("test", "acme.take", "--update", "--yes").exit_code == 0
    text = (tmp_path / "mappings" / "take.test.yaml").read_text()
    assert all(path in text for path in ("path: /asked/o-1", "path: /undone/T-7"))
    assert run("test", "acme.take").exit_code == 0
