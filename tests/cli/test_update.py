"""`gateway test --update`: goldens are shown, asked about, and written where they differ."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from click.testing import Result

Update = Callable[..., "Result"]

GATEWAY = """
version: 1
mappings: [mappings]
nacelle: {signature: {secrets: [{env: NACELLE_SECRET}]}}
vendors: {acme: {base_url: "https://acme.example"}}
"""
MAPPING = """\
mapping: acme.stock
contract: inventory.validate
vendor: acme
call:
  request:
    method: POST
    path: /stock
    query: {page: "`1`", site: "'W1'"}
    headers: {X-Trace: "'t1'"}
    body: {ids: "lines[].variant_id"}
lines:
  from: call
  rows: body.rows
  row: row.id
  line: line.variant_id
  set: {available: row.n}
  unmatched: {available: 0}
"""
RIGHT = """\
# Ours.
cases:
  # The first.
  - name: in stock      # as always
    receive: {items: [{product_id: p, variant_id: A, quantity: 1}]}
    vendor:
      - expect:
          method:   POST
          path: /stock
          query: {page: 1, site: W1}     # a number stands for its text
          headers: {x-trace: t1}
          body: {ids: [A]}
        answer: {status: 200, body: {rows: [{id: A, n: 7}]}}

    # What goes back.
    reply:
      status: 200
      body:
        checkout:
          items:
            - {product_id: p, variant_id: A, quantity: 1, available: 7}    # counted

  - name: none
    receive: {items: []}
    reply: {status: 200, body: {checkout: {items: []}}}
"""


@pytest.fixture
def cases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mappings").mkdir()
    (tmp_path / "gateway.yaml").write_text(GATEWAY)
    (tmp_path / "mappings" / "stock.yaml").write_text(MAPPING)
    return tmp_path / "mappings" / "stock.test.yaml"


@pytest.fixture
def update(run, cases: Path) -> Update:
    """Run `--update` on these cases; `stdin` answers its questions."""

    def go(text: str, *options: str, stdin: str = "") -> Result:
        cases.write_bytes(text.encode())
        result: Result = run("test", "--update", *options, stdin=stdin.encode())
        return result

    return go


def wrong(*pairs: tuple[str, str]) -> str:
    text = RIGHT
    for right, otherwise in pairs:
        assert right in text, right
        text = text.replace(right, otherwise)
    return text


@pytest.mark.parametrize(
    "pairs",
    [
        [("available: 7", "available: 8")],
        [("available: 7}", "available: 7, gift: [1, {a: b}]}")],
        [(", available: 7", "")],
        [("      status: 200\n", "      status: 201\n")],
        [("site: W1}", "site: W2}")],
        [("method:   POST", "method:   PUT"), ("path: /stock\n", "path: /shelf\n")],
        [("x-trace: t1", "x-trace: t2"), ("ids: [A]", "ids: [B]")],
    ],
)
def test_what_differs_is_written_and_nothing_else(
    update: Update, cases: Path, pairs: list[tuple[str, str]]
) -> None:
    result = update(wrong(*pairs), "--yes")
    assert result.exit_code == 0, result.output
    assert cases.read_text() == RIGHT
    assert result.output.endswith("2 cases, none failed\n")


def test_keys_and_items_come_and_go_with_the_comments_around_them_kept(
    update: Update, cases: Path
) -> None:
    items, line = RIGHT[RIGHT.index("          items:\n") :].splitlines(keepends=True)[:2]
    reply = items + line
    text = wrong(
        ("          headers: {x-trace: t1}\n", "          headers: {x-trace: t1, X-Gone: x}\n"),
        ("          body: {ids: [A]}\n", ""),
        (reply, "          total: 1    # odd\n" + reply + "            - {more: 1}\n"),
    )
    result = update(text, "--yes")
    assert result.exit_code == 0, result.output
    assert cases.read_text() == RIGHT


def test_what_goes_back_is_that_of_a_case_in_which_no_time_passes(
    update: Update, cases: Path, tmp_path: Path
) -> None:
    slow = 'example", retry: {attempts: 3}, timeout: {connect: 1s, total: 5s}}'
    (tmp_path / "gateway.yaml").write_text(GATEWAY.replace('example"}', slow))
    fault = "answer: {fault: timeout, sent: unknown}"
    result = update(wrong(("answer: {status: 200, body: {rows: [{id: A, n: 7}]}}", fault)), "--yes")
    assert result.exit_code == 0, result.output
    assert "reason: vendor_timeout" in cases.read_text()  # in `serve`, the deadline is up before


def test_each_case_is_shown_and_asked_about(update: Update, cases: Path) -> None:
    text = wrong(("available: 7", "available: 8"), ("{checkout: {items: []}}", "{checkout: {}}"))
    result = update(text, stdin="n\ny\n")
    assert result.exit_code == 1
    assert cases.read_text() == wrong(("available: 7", "available: 8"))
    assert (
        """\
mappings/stock.test.yaml:4:11: in stock
  reply.body.checkout.items[0].available: expected 8, got 7

  Take over what came? [y/N]: n

mappings/stock.test.yaml:23:11: none
  reply.body.checkout.items: expected nothing, got []

  Take over what came? [y/N]: y
  Written into mappings/stock.test.yaml.
"""
        in result.output
    )
    assert result.output.endswith("2 cases, 1 failed\n")


def test_the_line_ends_of_windows_stay(update: Update, cases: Path) -> None:
    text = wrong(("available: 7", "available: 8"), ("\n", "\r\n"))
    assert update(text, "--yes").exit_code == 0
    assert cases.read_bytes().decode() == RIGHT.replace("\n", "\r\n")


def test_without_an_answer_nothing_is_written(update: Update, cases: Path) -> None:
    text = wrong(("available: 7", "available: 8"))
    assert update(text).exit_code == 1
    assert cases.read_text() == text


def test_cases_that_pass_are_not_asked_about(update: Update, cases: Path) -> None:
    result = update(RIGHT)
    assert result.output == "mappings/stock.test.yaml: 2 cases, none failed\n2 cases, none failed\n"
    assert cases.read_text() == RIGHT


@pytest.mark.parametrize(
    ("pair", "told"),
    [
        (
            (
                "    # What",
                "      - {expect: {method: GET, path: /more}, answer: {status: 200}}\n    # What",
            ),
            "nothing is sent for vendor[1]",
        ),
        (
            (
                "    receive: {items: []}",
                "    receive: {items: [{product_id: p, variant_id: A, quantity: 1}]}",
            ),
            "a request that no entry is left for: acme: POST /stock?page=1&site=W1",
        ),
    ],
)
def test_an_exchange_too_few_or_too_many_is_left_to_people(
    update: Update, cases: Path, pair: tuple[str, str], told: str
) -> None:
    text = wrong(pair)
    result = update(text, "--yes")
    assert result.exit_code == 1
    assert "Mend it by hand" in result.output
    assert told in result.output
    assert cases.read_text() == text


def test_yes_alone_means_nothing(run, cases: Path) -> None:
    cases.write_text(RIGHT)
    result = run("test", "--yes")
    assert result.exit_code == 2
    assert "--yes answers the questions of --update" in result.stderr
