"""The functions on arrays, objects, times, encodings, patterns and SQL: algebra and edges."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import ExpressionFailed
from gateway.expressions.compiler import compile_expression
from gateway.expressions.frame import Frame
from gateway.expressions.problems import ExpressionProblems
from gateway.expressions.scope import Scope
from tests.expressions.grammar import VALUES
from tests.expressions.test_functions import call, fails

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
PRINTED = st.text(st.characters(exclude_categories=["Cs", "Cc"]))
TABLES = st.dictionaries(TEXTS, VALUES)
TIMES = st.datetimes(datetime(1000, 1, 1), datetime(9000, 1, 1)).map(  # noqa: DTZ001 - made UTC
    lambda moment: moment.replace(tzinfo=UTC)
)


def search(expression: str, document: object) -> object:
    return compile_expression(expression, None).search(document)


def refused(expression: str, document: object) -> str:
    with pytest.raises(ExpressionFailed) as caught:
        search(expression, document)
    return caught.value.reason


def written(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


@given(st.integers(0, 60), st.lists(st.integers(-5, 20), min_size=1))
def test_what_is_allocated_adds_up_and_empties_each_place_before_the_next(
    quantity: int, places: list[int]
) -> None:
    shelves = [{"n": number, "there": there} for number, there in enumerate(places)]
    taken = search("allocate(q, shelves, &there)", {"q": quantity, "shelves": shelves})
    assert isinstance(taken, list)
    assert sum(each["quantity"] for each in taken) == quantity
    found = {each["from"]["n"]: each["quantity"] for each in taken}
    assert list(found) == sorted(found)
    beyond = max(0, quantity - sum(max(0, there) for there in places))
    assert 0 <= found.get(0, 0) <= max(0, places[0]) + beyond
    assert all(0 < part <= places[place] for place, part in found.items() if place)
    emptied = {n: max(0, there) for n, there in enumerate(places[: max(found, default=0)])}
    assert all(found.get(n, 0) == there + beyond * (n == 0) for n, there in emptied.items())


def test_an_allocation_is_exact_and_takes_decimals() -> None:
    shelves = [{"there": Decimal("0.1")}, {"there": Decimal("0.5")}]
    taken = search("allocate(`0.3`, @, &there)[].quantity", shelves)
    assert taken == [Decimal("0.1"), Decimal("0.2")]


def test_there_must_be_something_to_take_from_and_numbers_of_it() -> None:
    assert search("allocate(`0`, @, &there)", []) == []
    assert "nothing to take from" in refused("allocate(`1`, @, &there)", [])
    assert "numbers" in refused("allocate(`1`, @, &there)", [{"there": "5"}])
    assert search("allocate(`1`, missing, &there)", {}) is None


@given(TABLES)
def test_items_make_the_object_that_they_came_from(table: dict[str, object]) -> None:
    assert search("from_items(items(@))", table) == table
    assert search("items(@)[].key", table) == list(table)


@pytest.mark.parametrize("items", [[{"key": 1}], [{"value": 1}], ["a"], [{"key": None}]])
def test_items_need_a_text_as_their_key(items: object) -> None:
    assert "text as their `key`" in fails("from_items", items)


def test_a_key_given_twice_makes_no_object() -> None:
    assert "twice" in fails("from_items", [{"key": "a"}, {"key": "a"}])


@given(st.lists(VALUES), st.integers(1, 5))
def test_chunks_put_together_are_the_array(array: list[object], size: int) -> None:
    chunks = call("chunk", array, size)
    assert isinstance(chunks, list)
    assert [element for chunk in chunks for element in chunk] == array
    assert {len(chunk) for chunk in chunks[:-1]} <= {size}
    assert all(0 < len(chunk) <= size for chunk in chunks)


@pytest.mark.parametrize("size", [0, -1, Decimal("1.5")])
def test_a_chunk_has_a_whole_size_of_at_least_one(size: object) -> None:
    assert "chunk()" in fails("chunk", [1], size)


@given(st.lists(st.fixed_dictionaries({"k": st.sampled_from(["a", "b", 1, Decimal("1.0")])})))
def test_groups_hold_each_element_once_under_its_key(rows: list[object]) -> None:
    groups = search("group_by(@, &k)", rows)
    firsts = search("index_by(@, &k)", rows)
    assert isinstance(groups, dict)
    assert set(groups) <= {"a", "b", "1"}
    assert sorted(map(str, (row for group in groups.values() for row in group))) == sorted(
        map(str, rows)
    )
    assert firsts == {key: group[0] for key, group in groups.items()}
    assert search("unique_by(@, &k)", rows) == [
        row for index, row in enumerate(rows) if row not in rows[:index]
    ]


@pytest.mark.parametrize("key", [None, True, [], {}])
def test_a_group_needs_a_text_or_a_number_as_its_key(key: object) -> None:
    assert "group_by() takes texts or numbers" in refused("group_by(@, &k)", [{"k": key}])
    assert "index_by() takes texts or numbers" in refused("index_by(@, &k)", [{"k": key}])


@given(st.recursive(st.integers(), lambda inner: st.lists(inner, max_size=3), max_leaves=20))
def test_flattening_deeply_leaves_the_leaves_in_order(nested: object) -> None:
    def leaves(value: object) -> list[object]:
        return (
            [leaf for part in value for leaf in leaves(part)]
            if isinstance(value, list)
            else [value]
        )

    assert call("flatten_deep", [nested]) == leaves([nested])


def test_arrays_that_share_their_parts_are_counted_in_full() -> None:
    doubling = "[@, @]" + " | [@, @]" * 100
    for name in ("flatten_deep(@)", "json_string(@)", "unique_by(@, &@)"):
        assert "too many steps" in refused(f"{doubling} | {name}", 1)


def test_compact_leaves_only_nulls_out() -> None:
    assert call("compact", [None, 0, "", False, [], None]) == [0, "", False, []]


@pytest.mark.parametrize("value", [False, 0, "", [], {}])
def test_what_is_empty_exists(value: object) -> None:
    assert call("exists", value) is True
    assert call("exists", None) is False


@pytest.mark.parametrize(
    ("value", "places", "result"),
    [
        ("2.665", 2, "2.66"),
        ("2.675", 2, "2.68"),
        ("1250", -2, "1.2E+3"),
        ("-0.5", 0, "0"),
        ("1", 3, "1.000"),
    ],
)
def test_rounding_is_half_to_even(value: str, places: int, result: str) -> None:
    assert call("round", Decimal(value), places) == Decimal(result)


def test_rounding_to_endless_places_is_refused() -> None:
    for places in (10**9, -(10**9)):
        assert "digits" in fails("round", 1, places)
    assert "whole" in fails("round", 1, Decimal("1.5"))


@given(st.decimals("-1000000", "1000000", places=3), st.decimals("0.001", "1000", places=3))
def test_ceil_to_gives_the_least_multiple_that_suffices(value: Decimal, step: Decimal) -> None:
    found = call("ceil_to", value, step)
    assert isinstance(found, Decimal)
    assert found % step == 0
    assert value <= found < value + step


def test_ceil_to_and_clamp_need_sensible_bounds() -> None:
    assert "above 0" in fails("ceil_to", 1, 0)
    assert "lower bound first" in fails("clamp", 1, 3, 2)


@given(st.integers(), st.integers(), st.integers())
def test_clamp_takes_the_middle_of_three(value: int, one: int, other: int) -> None:
    least, most = sorted([one, other])
    assert call("clamp", value, least, most) == sorted([value, least, most])[1]


@pytest.mark.parametrize(
    ("start", "length", "result"),
    [(0, 2, "ab"), (1, 99, "bcde"), (9, 1, ""), (-2, 1, "d"), (-99, 2, "ab"), (0, 0, "")],
)
def test_a_substring_is_what_is_there(start: int, length: int, result: str) -> None:
    assert call("substring", "abcde", start, length) == result


def test_substrings_and_paddings_need_sensible_numbers() -> None:
    assert "at least 0" in fails("substring", "a", 0, -1)
    assert "whole" in fails("substring", "a", Decimal("0.5"), 1)
    assert "one character" in fails("pad_left", "a", 3, "xy")
    assert "characters" in fails("pad_left", "a", 10**9, "x")
    assert call("pad_left", "abc", 2, "0") == "abc"


@given(VALUES)
def test_json_goes_there_and_back(value: object) -> None:
    if value is None:
        return
    text = call("json_string", value)
    assert isinstance(text, str)
    assert call("json_parse", text) == json.loads(text)


@pytest.mark.parametrize("text", ["", "{", "NaN", '{"a": 1, "a": 2}', "[" * 100 + "]" * 100])
def test_what_is_no_acceptable_json_is_refused_and_not_quoted(text: str) -> None:
    assert fails("json_parse", text) == "json_parse() got text that is no acceptable JSON"


@given(TEXTS)
def test_sha256_is_sha256(text: str) -> None:
    assert call("sha256", text) == hashlib.sha256(text.encode()).hexdigest()


@given(st.lists(st.text(st.characters(codec="utf-8")), min_size=1, max_size=3))
def test_uuid5_is_the_standards_of_the_parts_json(parts: list[str]) -> None:
    namespace = uuid.UUID("82020e3b-e141-4677-8ac6-d30fea44e3f2")
    name = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    assert call("uuid5", *parts) == str(uuid.uuid5(namespace, name))


@given(PRINTED)
def test_an_sql_database_reads_the_text_back(text: str) -> None:
    literal = call("sql_string", text)
    with sqlite3.connect(":memory:") as connection:
        assert connection.execute(f"SELECT {literal}").fetchall() == [(text,)]


@given(st.lists(PRINTED, min_size=1))
def test_an_sql_database_reads_the_list_back(texts: list[str]) -> None:
    literals = call("sql_list", texts)
    with sqlite3.connect(":memory:") as connection:
        assert connection.execute(f"SELECT {literals}").fetchone() == tuple(texts)


@given(PRINTED.map(lambda text: f"{text}'"))
def test_within_a_literal_of_standard_sql_every_quote_is_doubled(text: str) -> None:
    literal = str(call("sql_string", text))
    assert literal[0] == literal[-1] == "'"
    assert "'" not in literal[1:-1].replace("''", "")


@pytest.mark.parametrize("character", ["\0", "\n", "\x1b", "\x7f", "\x85", "\ud800"])
def test_sql_gets_no_control_characters(character: str) -> None:
    assert "control character" in fails("sql_string", f"a{character}")
    assert "control character" in fails("sql_list", [f"a{character}"])


def test_sql_gets_numbers_as_their_digits() -> None:
    assert call("sql_list", [1, Decimal("1.50"), Decimal("-1E+3")]) == "'1', '1.5', '-1000'"


def test_sql_has_no_empty_list() -> None:
    assert "empty" in fails("sql_list", [])


@given(TIMES)
def test_a_time_written_in_a_format_is_read_back(moment: datetime) -> None:
    pattern = "%d.%m.%Y %H:%M:%S,%f %z"
    program = compile_expression(f"parse_time(format_time(@, '{pattern}'), '{pattern}')", None)
    read = program.search(written(moment))
    assert isinstance(read, str)
    assert datetime.fromisoformat(read) == moment


@given(TIMES)
def test_a_format_is_pythons_where_pythons_is_the_same_everywhere(moment: datetime) -> None:
    pattern = "%Y %y %m %d %b %j %H %I %p %M %S %f %z %%"
    found = search(f"format_time(@, '{pattern}')", written(moment))
    assert found == moment.strftime(pattern)


@given(TIMES)
def test_epoch_ms_counts_from_1970(moment: datetime) -> None:
    ms = call("epoch_ms", written(moment))
    whole = moment - timedelta(microseconds=moment.microsecond % 1000)
    assert datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(str(ms))) == whole
    back = call("add_time", "1970-01-01T00:00:00Z", f"{ms}ms")
    assert datetime.fromisoformat(str(back)) == whole


@given(TIMES, st.integers(-(10**6), 10**6), st.sampled_from(["ms", "s", "m", "h"]))
def test_what_is_added_to_a_time_can_be_taken_away(moment: datetime, count: int, unit: str) -> None:
    later = call("add_time", written(moment), f"{count}{unit}")
    back = call("add_time", later, f"{-count}{unit}")
    assert datetime.fromisoformat(str(back)) == moment


@pytest.mark.parametrize(
    ("time_", "result"),
    [
        ("2026-11-22T22:05:00+02:00", "2026-11-22T20:05:00.000Z"),
        ("2026-11-22t20:05:00z", "2026-11-22T20:05:00.000Z"),
        ("2026-11-22 20:05:00.123456789Z", "2026-11-22T20:05:00.123456Z"),
        ("2026-11-22T20:05:00.5Z", "2026-11-22T20:05:00.500Z"),
    ],
)
def test_any_rfc_3339_time_is_read_and_comes_back_in_utc(time_: str, result: str) -> None:
    assert call("add_time", time_, "0s") == result


@pytest.mark.parametrize(
    "time_",
    [
        *("2026-11-22", "2026-11-22T20:05:00", "20:05", "", "2026-13-01T00:00:00Z", "now"),
        *("2026-11-22T20:05:60Z", "0001-01-01T00:00:00+01:00", "2026-11-22T20:05:00Z\n"),
        "2026-11-22T20:05:00+25:00",
    ],
)
def test_what_is_no_rfc_3339_time_is_refused(time_: str) -> None:
    assert fails("epoch_ms", time_).startswith("epoch_ms() ")


@pytest.mark.parametrize("duration", ["5", "m", "1w", "1h30m", "1.5h", "", "--1s", "1 s"])
def test_what_is_no_duration_is_refused(duration: str) -> None:
    assert "duration" in fails("add_time", "2026-11-22T20:05:00Z", duration)


def test_a_time_beyond_the_calendar_is_refused() -> None:
    assert "9999" in fails("add_time", "9999-12-31T00:00:00Z", "1d")
    assert "9999" in fails("add_time", "2026-11-22T20:05:00Z", "999999999999999d")


def test_text_that_isnt_in_its_format_is_no_time() -> None:
    assert "isn't in its format" in refused("parse_time(@, '%d.%m.%Y')", "31.02.2026")


@pytest.mark.parametrize(
    ("expression", "text", "result"),
    [
        ("regex_match(@, '([a-z]+)(\\d)?')", "12 ab", ["ab", "ab", None]),
        ("regex_match(@, '^b')", "ab", None),
        ("regex_match(@, 'ä.')", "xäö", ["äö"]),
    ],
)
def test_a_match_comes_with_its_groups(expression: str, text: str, result: object) -> None:
    assert search(expression, text) == result


def test_a_pattern_that_backtracks_elsewhere_takes_linear_time() -> None:
    started = time.process_time()
    assert search("regex_match(@, '^(a+)+$')", "a" * 200_000 + "b") is None
    assert search("regex_match(@, '(x+x+)+y')", "x" * 200_000) is None
    assert time.process_time() - started < 30, "exponential would never end"


@pytest.mark.parametrize(
    ("expression", "at", "said"),
    [
        ("regex_match(d, '(a')", "'(a'", "missing )"),
        ("regex_match(d, '(?=a)')", "'(?=a)'", "RE2"),
        ("regex_match(d, d)", "d", "written out"),
        ("d | [].regex_match(@, x)", "x", "written out"),
        ("format_time(d, '%Q')", "'%Q'", "`%Q`"),
        ("parse_time(d, '%')", "'%'", "`%`"),
        ("parse_time(d, `1`)", "`1`", "written out"),
    ],
)
def test_patterns_and_formats_are_checked_before_anything_runs(
    expression: str, at: str, said: str
) -> None:
    with pytest.raises(ExpressionProblems) as caught:
        compile_expression(expression, Scope(frozenset({"d"})))
    problem = next(each for each in caught.value.problems if each.code == "bad-pattern")
    assert expression[problem.start : problem.end] == at
    assert said in problem.message


def test_patterns_of_a_scope_run_as_well() -> None:
    program = compile_expression("regex_match(d, '[0-9]+')[0]", Scope(frozenset({"d"})))
    assert program(Frame({"d": "a12"})) == "12"
