"""`gateway eval`: an expression tried on a document."""

from __future__ import annotations

import json

import pytest

DOCUMENT = {
    "order": {"id": "o-1", "total": 1.5},
    "lines": [{"sku": "A", "quantity": "2"}, {"sku": "B", "quantity": "x"}],
}


@pytest.fixture
def document(tmp_path):
    path = tmp_path / "document.json"
    path.write_text(json.dumps(DOCUMENT))
    return path


def test_the_result_is_printed_as_json_with_every_digit(run, tmp_path) -> None:
    path = tmp_path / "numbers.json"
    path.write_text('{"n": 12345678901234567890.10}')
    result = run("eval", "{n: n}", path)
    assert (result.exit_code, result.stdout) == (0, '{\n  "n": 12345678901234567890.10\n}\n')


def test_a_document_may_come_from_standard_input_or_not_at_all(run) -> None:
    assert run("eval", "a", "-", stdin=b'{"a": 1}').stdout == "1\n"
    assert run("eval", "multiply(`1.10`, `3`)").stdout == "3.30\n"


def test_a_null_says_what_vanished(run, document) -> None:
    result = run("eval", "lines[?sku == 'C'] | [0].quantity", document)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "null",
        "because: `lines[?sku == 'C']` matched 0 of 2 rows: `sku` was `A` in 1, `B` in 1",
    ]


def test_a_failure_names_the_part_and_ends_with_1(run, document) -> None:
    result = run("eval", "lines[].to_int(quantity)", document)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines() == [
        "type: array of numbers",
        "to_int() got text that is no number; in `to_int(quantity)` of element 1",
    ]


def test_with_a_scope_the_documents_keys_are_the_names(run, document) -> None:
    expression = "lines[?sku != var('order').id].sku"
    assert run("eval", expression, document, "--scope").stdout == '[\n  "A",\n  "B"\n]\n'
    assert "var() needs a scope" in run("eval", expression, document).stderr
    misspelt = run("eval", "ordr.id", document, "--scope")
    assert (misspelt.exit_code, "Did you mean order?" in misspelt.stderr) == (1, True)


def test_a_scope_has_to_be_an_object(run) -> None:
    result = run("eval", "a", "-", "--scope", stdin=b"[1]")
    assert (result.exit_code, "JSON object" in result.stderr) == (1, True)


def test_what_is_wrong_with_an_expression_is_shown_at_its_characters(run) -> None:
    result = run("eval", "lines[?sku = 'A']")
    assert result.exit_code == 1
    assert result.stderr.startswith(
        "EXPRESSION:1:12: error[expression-syntax] A single `=` compares nothing.\n"
        "  |\n"
        "1 | lines[?sku = 'A']\n"
        "  |            ^\n"
    )


def test_a_file_that_is_no_json_ends_with_1(run, tmp_path) -> None:
    path = tmp_path / "bad.json"
    path.write_text("{")
    result = run("eval", "a", path)
    assert (result.exit_code, "no acceptable JSON" in result.stderr) == (1, True)


def test_the_trace_shows_each_part_in_the_order_of_evaluation(run) -> None:
    document = b'{"rows": [{"a": "x", "n": "2"}, {"a": "y"}]}'
    result = run("eval", "rows[?a=='x'].to_int(n) | [0]", "-", "--trace", stdin=document)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        'rows                           [{"a":"x","n":"2"},{"a":"y"}]  (2 elements)',
        '  a                            "x"',
        "  a=='x'                       true",
        '  n                            "2"',
        "  to_int(n)                    2",
        "rows[?a=='x'].to_int(n)        [2]  (1 element)",
        "rows[?a=='x'].to_int(n) | [0]  2",
        "",
        "2",
    ]


def test_the_trace_leaves_out_what_isnt_evaluated_and_ends_at_a_failure(run, document) -> None:
    chosen = run("eval", "order.id || order.none", document, "--trace").stdout
    assert not any(line.startswith("order.none") for line in chosen.splitlines())
    failed = run("eval", "[order.id, to_int(order.id), order.total]", document, "--trace")
    assert failed.exit_code == 1
    assert failed.stdout.splitlines()[-2].endswith("fails: to_int() got text that is no number")
    assert "order.total" not in failed.stdout


def test_a_long_value_is_shortened_in_the_trace_only(run) -> None:
    text = "x" * 500
    result = run("eval", "a.b", "-", "--trace", stdin=json.dumps({"a": {"b": text}}).encode())
    *steps, _, shown = result.stdout.splitlines()
    assert all(len(line) < 100 for line in steps)
    assert shown == f'"{text}"'


@pytest.mark.parametrize("options", [[], ["--trace"]])
def test_a_terminal_gets_no_control_characters_of_the_data(run, options) -> None:
    data = json.dumps({"a": "\x1b[31m\x9b1m\u202e", "\x1b]0;x": 1}, ensure_ascii=False)
    raw = data.encode()
    result = run("eval", "@.{a: a, b: b}", "-", *options, stdin=raw)
    assert result.exit_code == 0
    assert not set("\x1b\x9b\u202e") & set(result.output)
    gone = run("eval", "a.b.c", "-", *options, stdin=raw)
    assert not set("\x1b\x9b\u202e") & set(gone.output)


@pytest.mark.parametrize(
    ("expression", "type_"),
    [
        ("lines[].quantity", "array of texts"),
        ("lines", "array of objects {sku, quantity, note?}"),
        ("order", "object {id, total}"),
        ("order.total > `1`", "boolean"),
        ("lines[?note] | [0].note", "text or null"),
        ("index_by(lines, &sku).A.quantity", "text or null"),
    ],
)
def test_the_type_is_that_of_documents_that_look_like_this_one(
    run, document, expression, type_
) -> None:
    given = json.loads(document.read_text())
    given["lines"][0]["note"] = "gift"
    document.write_text(json.dumps(given))
    for options in ([], ["--scope"]):
        result = run("eval", expression, document, *options)
        assert (result.exit_code, result.stderr) == (0, f"type: {type_}\n")


def test_the_type_of_many_rows_names_the_fields_of_all(run) -> None:
    rows = [{"id": number, f"only{number}": None} for number in range(100)]
    result = run("eval", "@", "-", stdin=json.dumps(rows).encode())
    assert result.stderr.startswith("type: array of objects {id, only0?, only1?, only2?, ")
    assert result.stderr.endswith(" more}\n")
    assert len(result.stderr) < 101


@pytest.mark.parametrize("options", [[], ["--scope"]])
def test_what_a_mapping_would_be_refused_for_is_a_warning_here(run, document, options) -> None:
    result = run("eval", "lines[].quantitty", document, *options)
    assert (result.exit_code, result.stdout) == (0, "[]\n")
    assert result.stderr.startswith(
        "EXPRESSION:1:9: warning[unknown-field] There is no field `quantitty` in `lines[]`.\n"
    )
    assert "  = help: Did you mean quantity?\n" in result.stderr


def test_a_warning_shows_no_control_characters_of_the_data(run) -> None:
    data = json.dumps({"a": {"\x1b[31m": 1, "\u202e": 2}}).encode()
    result = run("eval", "a.b", "-", stdin=data)
    assert "warning[unknown-field]" in result.stderr
    assert not set("\x1b\u202e") & set(result.stderr)
