"""Each hostile expression ends, in a process with 2 s of CPU and 256 MB beside its document."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

CHILD = Path(__file__).parent / "child.py"
LIMITED = Path("/proc/self/statm").exists()


def _times(count: int, text: str, glue: str = ", ") -> str:
    return glue.join([text] * count)


def _list(count: int, text: str) -> str:
    return f"[{_times(count, text)}]"


NINES = "9" * 250
LONG_TEXTS = "map(&map(&map(&(var('rows')[3].a < var('rows')[1].a), var('rows')), var('rows')), @)"

COMPILES = [
    ("(" * 7_000 + "rows" + ")" * 7_000, "small"),
    ("!" * 15_000 + "rows", "small"),
    ("[" * 7_000 + "rows" + "]" * 7_000, "small"),
    ("rows" + "[?" * 5_000 + "a" + "]" * 5_000, "small"),
    ("length(" * 1_990 + "rows" + ")" * 1_990, "small"),
    (_times(2_600, "rows", "||"), "small"),
    (_times(3_000, "rows", "<"), "small"),
    (_times(7_000, "rows", "|")[:15_999], "small"),
    ("rows" + ".a" * 7_900, "small"),
    ("rows" + "[0]" * 5_000, "small"),
    ("rows" + "[]" * 7_900, "small"),
    ("rows" + "[?b > `5`]" * 1_500, "small"),
    ("{" * 16_000, "small"),
    ("[" + "," * 15_000, "small"),
    ("{" + "a:" * 7_000, "small"),
    (_times(4_000, "a b", " ")[:16_000], "small"),
    ("a-" * 7_999, "small"),
    ("'a" * 8_000, "small"),
    ("'" + "a" * 15_990 + "'", "small"),
    ("`" + "9" * 15_990 + "`", "small"),
    ("rows[" + "9" * 15_990 + "]", "small"),
    ("`" + "[" * 7_900 + "]" * 7_900 + "`", "small"),
    ("`" + "\\\\" * 7_990 + "`", "small"),
    (_list(2_000, "zzz(a)"), "small"),
    ("[" + ", ".join(f"rowz{number}" for number in range(1_700)) + "]", "small"),
    ("{" + ", ".join(f"k{number}: rows" for number in range(1_300)) + "}", "small"),
]

DOUBLES = [
    ("rows" + " | [@, @]" * 100, "small"),
    ("rows" + " | {a: @, b: @}" * 100, "small"),
    ("rows" + " | [@, @][]" * 100, "integers"),
    ("rows" + " | [@, @]" * 6, "many rows"),
    ("to_string(rows" + " | [@, @]" * 100 + ")", "small"),
    ("rows" + " | merge({a: @}, {b: @})" * 100, "small"),
    ("rows | " + _list(4_000, "@") + "[]", "integers"),
    ("['x', 'x']" + " | [join('', @), join('', @)]" * 60, "small"),
    ("'xx'" + " | replace(@, 'x', @)" * 10, "small"),
    ("to_string([rows])" + " | to_string([@, @])" * 40, "long text"),
    ("rows | url_encode(replace(@, 'a', '%'))" + " | url_encode(@)" * 10, "long text"),
    ("rows | " + _list(20, "replace(@, 'a', '\U0001d11e')"), "long text"),
    ("upper(replace(rows, 'a', '\u0390'))", "long text"),
    ("to_string([replace(rows, 'a', '\u0001')])", "long text"),
]

LOOPS = [
    ("rows[].[var('rows')[].[var('rows')[].a]]", "rows"),
    ("rows[?contains(var('rows')[].a, a)]", "rows"),
    ("rows[?contains(var('rows'), @)]", "rows"),
    ("rows[].var('rows')", "rows"),
    ("rows[].var('rows')[]", "rows"),
    ("rows[].var('rows')[1:]", "rows"),
    ("map(&map(&map(&b, var('rows')), var('rows')), rows)", "rows"),
    ("map(&sort(var('rows')[].a), rows)", "rows"),
    ("rows | " + LONG_TEXTS + (" | " + LONG_TEXTS.replace("@", "var('rows')")) * 50, "alike rows"),
    ("rows[?" + _times(100, "a == 'q'", " || ") + "]", "many rows"),
    ("rows" + "[?b > `5`]" * 100, "many rows"),
    ("rows | " + _list(50, "@ == map(&@, @)"), "integers"),
    ("rows | " + _list(5, "[*].{a: a, b: b} == [*].{a: a, b: b}"), "many rows"),
    ("map(&contains(var('rows'), `0.3`), rows)", "decimals"),
    ("rows | [::-1]" + " | [::-1]" * 100, "integers"),
    ("rows | " + _list(50, "[1:]"), "integers"),
    ("rows | " + _list(50, "*"), "wide"),
    ("[rows] == [rows]", "deep"),
    ("to_string(rows)", "deep"),
    ("unique(rows)", "deep"),
    ("contains([rows], rows)", "deep"),
]

BUILDS = [
    ("map(&[[[[@]]]], rows)", "integers"),
    ("map(&{a: {b: {c: @}}}, rows)", "integers"),
    ("rows[*].{" + ", ".join(f"k{n}: {{a: {{b: a}}}}" for n in range(10)) + "}", "many rows"),
    ("map(&to_array(to_array(@)), rows)", "integers"),
    ("map(&merge(`{}`, {a: @}), rows)", "integers"),
    ("map(&merge(" + _times(50, "@") + "), rows)", "wide rows"),
    ("rows | " + _list(20, "unique(@)"), "integers"),
    ("rows | " + _list(20, "unique(@)"), "rows"),
    ("unique(rows)", "lists"),
    ("unique(rows)", "wide rows"),
    ("split(rows, 'c')", "long text"),
    ("rows | " + _list(20, "to_string(@)"), "many rows"),
    ("map(&to_string(@), rows)", "integers"),
]

CALCULATES = [
    ("rows | " + _list(100, "sort(@)"), "alike"),
    ("rows | " + _list(100, "sort_by(@, &@)"), "alike"),
    ("rows | " + _list(1_000, "max(@)"), "alike"),
    ("rows | " + _list(100, "sort(@)"), "both"),
    ("sort_by(rows, &to_string(@))", "integers"),
    ("sort_by(rows, &@)", "texts"),
    ("rows | " + _list(1_000, "sum(@)"), "decimals"),
    ("rows | " + _list(1_000, "avg(@)"), "long numbers"),
    ("map(&" + _list(100, "to_int(@)") + ", rows)", "long numbers"),
    ("map(&" + _list(100, "decimal(@)") + ", rows)", "long integers"),
    (f"map(&divide(`{NINES}.7`, `{NINES[:90]}.3`), rows)", "integers"),
    (f"map(&multiply(`{NINES}`, @), rows)", "integers"),
    (f"map(&to_number('{NINES}'), rows)", "integers"),
    ("map(&money(@, 'USD'), rows)", "integers"),
    ("map(&from_minor(@, 'USD'), rows)", "integers"),
    ("map(&uuid5(@, 'x'), rows)", "integers"),
    ("map(&uuid5(" + _times(1_000, "@") + "), rows)", "integers"),
    ("`1e2000000`", "small"),
    ("to_int('1e2000000')", "small"),
    ("decimal('1e-2000000')", "small"),
    ("multiply(`1e250`, `1e250`)", "small"),
    ("rows | " + _list(1, f"contains(@, '{'a' * 6_000}b{'a' * 6_000}')"), "long text"),
    ("rows | " + _list(500, "replace(@, 'bb', '')"), "long text"),
    ("rows | " + _list(1_000, "upper(@)"), "long text"),
]


@pytest.mark.skipif(not LIMITED, reason="the size of a process is read from /proc")
@pytest.mark.parametrize(
    ("expression", "document"),
    [
        pytest.param(*case, id=f"{kind}-{number}-{case[1]}")
        for kind, cases in {
            "compiles": COMPILES,
            "doubles": DOUBLES,
            "loops": LOOPS,
            "builds": BUILDS,
            "calculates": CALCULATES,
        }.items()
        for number, case in enumerate(cases)
    ],
)
def test_a_hostile_expression_ends_within_its_limits(expression: str, document: str) -> None:
    assert len(expression) <= 16_000
    case = json.dumps({"expression": expression, "document": document})
    ended = subprocess.run(
        [sys.executable, CHILD], input=case, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert told["outcome"]
    # Under 2 s on a core of its own; beside other tests a core does less in a second.
    assert told["cpu"] < 3, "CPU of the process, not the clock"
