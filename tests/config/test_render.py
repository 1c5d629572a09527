"""Problems are written for people, for scripts and for GitHub."""

from __future__ import annotations

import ast
import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import gateway
from gateway.config.codes import CODES
from gateway.config.problems import Place, Problem, Problems
from gateway.config.render import render_github, render_json, render_text, summary
from gateway.config.text import Sources


def text_of(problem: Problem, file_text: str = "", *, colour: bool = False) -> str:
    sources = Sources()
    if file_text:
        sources.add(problem.place.file, file_text.encode())
    return render_text([problem], sources, colour=colour)


def test_a_problem_reads_as_place_code_message_lines_and_help() -> None:
    place = Place("m.yaml", 10, 7, 10, 13)
    problem = Problem("yaml-quote", "It needs quotes.", place, 'keys: "[0].id"\nx: "@"')
    file_text = "\n" * 9 + "keys: [0].id\n"
    assert text_of(problem, file_text) == (
        "m.yaml:10:7: error[yaml-quote] It needs quotes.\n"
        "   |\n"
        "10 | keys: [0].id\n"
        "   |       ^^^^^^\n"
        '   = help: keys: "[0].id"\n'
        '           x: "@"\n'
        "   = docs: docs/errors/yaml-quote.md\n"
        "\n"
        "1 error in 1 file\n"
    )


def test_a_file_without_text_has_no_frame() -> None:
    problem = Problem("missing-file", "There is no such file.", Place("gone.yaml"))
    assert text_of(problem) == (
        "gone.yaml:1:1: error[missing-file] There is no such file.\n"
        "  = docs: docs/errors/missing-file.md\n"
        "\n"
        "1 error in 1 file\n"
    )


def test_colour_changes_nothing_but_the_colour() -> None:
    problem = Problem("yaml-tab", "A tab.", Place("m", 1, 2, 1, 3), "Type spaces.", "warning")
    coloured = text_of(problem, "a\tb", colour=True)
    assert "\x1b[1;33mwarning[yaml-tab]\x1b[0m" in coloured
    plain = coloured
    for code in ("0", "1", "36", "1;33"):
        plain = plain.replace(f"\x1b[{code}m", "")
    assert plain == text_of(problem, "a\tb")


def cells(text: str) -> int:
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


@given(
    st.text(st.sampled_from("ab\t日本🙂e\u0301é"), max_size=20),
    st.text(st.sampled_from("xyz日🙂"), min_size=1, max_size=5),
    st.text(st.sampled_from("ab\t日"), max_size=200),
)
def test_the_underline_sits_below_its_characters(before: str, marked: str, after: str) -> None:
    line = f"k{before}{marked}{after}"
    place = Place("m", 1, 2 + len(before), 1, 2 + len(before) + len(marked))
    shown = text_of(Problem("bad-value", "No.", place), line).splitlines()
    written, underline = shown[2].removeprefix("1 | "), shown[3].removeprefix("  | ")
    start = len(underline) - len(underline.lstrip(" "))
    at = next(
        i
        for i in range(len(written) + 1)
        if cells(written[:i]) == start and written[i:].startswith(marked)
    )
    assert cells(written[at : at + len(marked)]) == underline.count("^")


@given(st.integers(1, 400), st.integers(1, 400))
def test_a_long_line_is_cut_around_the_problem(column: int, length: int) -> None:
    line = "".join(chr(ord("a") + n % 26) for n in range(500))
    place = Place("m", 1, column, 1, column + length)
    shown = text_of(Problem("bad-value", "No.", place), line).splitlines()
    written, underline = shown[2].removeprefix("1 | "), shown[3].removeprefix("  | ")
    assert len(written) <= 102
    assert len(underline) <= 102
    assert written[underline.index("^")] == line[column - 1]


def test_a_stretch_over_lines_is_underlined_on_each_and_cut_when_long() -> None:
    problem = Problem("bad-value", "No.", Place("m", 2, 3, 8, 2))
    shown = text_of(problem, "a\nb: c\n  d\n\n  e\n f\n g\nh\n").splitlines()
    assert shown[1:10] == [
        "  |",
        "2 | b: c",
        "  |   ^^",
        "3 |   d",
        "  |   ^",
        "4 |",
        "5 |   e",
        "  |   ^",
        "  | …",
    ]


@given(st.text(), st.text(), st.text(max_size=30))
def test_a_terminal_is_given_no_orders(message: str, advice: str, line: str) -> None:
    shown = text_of(Problem("bad-value", message, Place("m\x1b[2J"), advice), f"k{line}")
    for character in shown:
        assert character == "\n" or unicodedata.category(character) != "Cc"
        assert character not in "\u202e\u2066"


def test_a_line_with_a_secret_is_shown_by_no_format_whichever_problem_it_has() -> None:
    file_text = "a: 1\npassword: hunter2: x\n"
    problems = Problems()
    problems.secret_literal(Place("m", 2, 11, 2, 20))
    problems.error("yaml-quote", "In `hunter2: x`.", Place("m", 2, 11, 2, 20), '"hunter2: x"')
    problems.error("wrong-type", "Around.", Place("m", 1, 1, 2, 20), "hunter2")
    sources = Sources()
    sources.add("m", file_text.encode())
    found = problems.sorted()
    for shown in (
        render_text(found, sources, colour=False),
        render_json(found),
        render_github(found),
    ):
        assert "hunter2" not in shown
        assert "secret-literal" in shown
        assert CODES["yaml-quote"].title in shown


def test_json_is_one_document_with_every_field() -> None:
    problem = Problem("bad-value", "Nö.", Place("m", 1, 2, 3, 4), None, "warning")
    assert json.loads(render_json([problem])) == {
        "problems": [
            {
                "file": "m",
                "line": 1,
                "column": 2,
                "end_line": 3,
                "end_column": 4,
                "code": "bad-value",
                "severity": "warning",
                "message": "Nö.",
                "advice": None,
            }
        ]
    }
    assert json.loads(render_json([])) == {"problems": []}


def test_github_annotations_escape_what_would_end_them() -> None:
    problem = Problem("bad-value", "50%: a, b\nc", Place("a,b:c.yaml", 1, 2, 1, 4), "d\r")
    assert render_github([problem]) == (
        "::error file=a%2Cb%3Ac.yaml,line=1,col=2,endLine=1,endColumn=4,title=bad-value::"
        "50%25: a, b%0Ac%0Ahelp: d%0D\n"
    )


def test_github_is_given_columns_within_one_line_only() -> None:
    problem = Problem("bad-value", "No.", Place("m", 1, 2, 3, 4), severity="warning")
    assert render_github([problem]) == "::warning file=m,line=1,endLine=3,title=bad-value::No.\n"


@pytest.mark.parametrize(
    ("errors", "warnings", "files", "said"),
    [
        (0, 0, 1, "no problems"),
        (1, 0, 1, "1 error in 1 file"),
        (2, 1, 3, "2 errors, 1 warning in 3 files"),
        (0, 2, 1, "2 warnings in 1 file"),
    ],
)
def test_the_summary_counts(errors: int, warnings: int, files: int, said: str) -> None:
    severities = ["error"] * errors + ["warning"] * warnings
    found = Problems()
    for number, severity in enumerate(severities):
        add = found.error if severity == "error" else found.warning
        add("bad-value", "No.", Place(f"f{number % files}"))
    assert summary(found.found) == said


MAKERS = {
    "error",
    "warning",
    "Problem",
    "ExpressionProblem",
    "Repair",
    "_report",
    "_problem",
}


def codes_used() -> set[str]:
    """Collect the constants given as the code of a problem, wherever the package makes one."""
    used = set()
    for file in Path(gateway.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and len(node.args) >= 3 and name_of(node) in MAKERS:
                for constant in ast.walk(node.args[0]):
                    if isinstance(constant, ast.Constant) and isinstance(constant.value, str):
                        used.add(constant.value)
    return used


def name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def test_every_code_that_is_used_is_in_the_table() -> None:
    assert codes_used() - CODES.keys() == set()


def test_every_code_says_why_and_what_to_do() -> None:
    for name, code in CODES.items():
        assert code.name == name
        assert code.title
        assert code.why.endswith(".")
        assert code.fix.endswith(".")
