"""The functions: each one's example, null rule and edges."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

import jmespath.functions
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import ExpressionFailed
from gateway.expressions.compiler import compile_expression
from gateway.expressions.functions import FUNCTIONS

if TYPE_CHECKING:
    from gateway.expressions.signature import Function

FURTHER = {
    *("to_int", "decimal", "multiply", "add", "subtract", "divide", "upper", "lower", "trim"),
    *("split", "replace", "unique", "lookup", "uuid5", "money", "to_minor", "from_minor"),
    *(
        "url_encode",
        "unique_by",
        "group_by",
        "index_by",
        "chunk",
        "allocate",
        "items",
        "from_items",
    ),
    *("compact", "exists", "flatten_deep", "round", "ceil_to", "clamp", "substring", "pad_left"),
    *("regex_match", "format_time", "parse_time", "add_time", "epoch_ms"),
    *("json_parse", "json_string", "base64_encode", "base64_decode", "sha256"),
    *("sql_string", "sql_list", "link"),
}


def call(name: str, *arguments: object) -> object:
    places = ", ".join(f"[{index}]" for index in range(len(arguments)))
    return compile_expression(f"{name}({places})", None).search(list(arguments))


def fails(name: str, *arguments: object) -> str:
    with pytest.raises(ExpressionFailed) as caught:
        call(name, *arguments)
    return caught.value.reason


def test_they_are_the_standards_and_ours() -> None:
    standard = set(jmespath.functions.Functions.FUNCTION_TABLE)
    assert set(FUNCTIONS) == standard | FURTHER


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
def test_the_example_in_the_docs_is_true(function: Function) -> None:
    assert f"{function.name}(" in function.example.expression
    found = compile_expression(function.example.expression, None).search({})
    assert found == function.example.result
    assert isinstance(found, bool) == isinstance(function.example.result, bool)


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
def test_the_declaration_is_complete(function: Function) -> None:
    assert function.doc.endswith(".")
    assert function.parameters
    assert all(parameter.types for parameter in function.parameters)
    assert FUNCTIONS[function.name] is function


def test_the_table_cant_be_changed() -> None:
    with pytest.raises(TypeError):
        FUNCTIONS["mine"] = FUNCTIONS["abs"]  # type: ignore[index] # that is the test


PLACES = {"string": "'USD'", "number": "`1`", "array": "`[]`", "object": "`{}`", "any": "'x'"}
PLACES.update({"array[string]": "['x']", "expression": "&@"})


@pytest.mark.parametrize("name", sorted(FURTHER - {"exists"}))
def test_null_in_is_null_out(name: str) -> None:
    function = FUNCTIONS[name]
    written_out = {"regex_match": 1, "format_time": 1, "parse_time": 1}
    arguments = [PLACES[parameter.types[0]] for parameter in function.parameters]
    for index, argument in enumerate(arguments):
        if argument == "&@" or written_out.get(name) == index:
            continue
        given_null = ", ".join([*arguments[:index], "nothing", *arguments[index + 1 :]])
        assert compile_expression(f"{name}({given_null})", None).search({}) is None


def test_a_null_among_many_parts_makes_no_uuid() -> None:
    assert call("uuid5", "a", "b", None, "c") is None


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ("79", 79),
        ("2.50000", 2),
        ("-2.5", -3),
        (Decimal("2.99"), 2),
        (Decimal("-0.1"), -1),
        (7, 7),
        (" 7 ", 7),
        ("+7", 7),
        ("1e3", 1000),
        (2.5, 2),
        ("9" * 30, int("9" * 30)),
    ],
)
def test_to_int_rounds_down(value: object, result: int) -> None:
    found = call("to_int", value)
    assert found == result
    assert type(found) is int


@pytest.mark.parametrize(
    "value", ["", "x", "1,5", "1_0", "0x1", "1 2", "NaN", "-Infinity", "٣", True, [], {}]
)
@pytest.mark.parametrize("name", ["to_int", "decimal", "to_minor", "money"])
def test_garbage_is_no_number(name: str, value: object) -> None:
    more = ["USD"] if name in {"to_minor", "money"} else []
    assert fails(name, value, *more).startswith(f"{name}() ")


@pytest.mark.parametrize(
    ("value", "result"),
    [("19.90", "19.90"), (5, "5"), (1.1, "1.1"), (Decimal("1.10"), "1.10"), (".5", "0.5")],
)
def test_decimal_keeps_the_digits(value: object, result: str) -> None:
    found = call("decimal", value)
    assert isinstance(found, Decimal)
    assert str(found) == result


@pytest.mark.parametrize(
    ("name", "left", "right", "result"),
    [
        ("add", 1, 2, "3"),
        ("add", Decimal("0.1"), Decimal("0.2"), "0.3"),
        ("add", Decimal("1E+30"), Decimal("1E-30"), "1" + "0" * 30 + "." + "0" * 29 + "1"),
        ("add", 0.1, Decimal("0.2"), "0.3"),
        ("subtract", 10**40, Decimal("0.01"), "9" * 40 + ".99"),
        ("multiply", Decimal("19.99"), 3, "59.97"),
        ("multiply", 10**20, 10**20, "1" + "0" * 40),
        ("divide", 6, 3, "2"),
        ("divide", 1, 8, "0.125"),
        ("divide", 1, 3, "0." + "3" * 34),
        ("divide", Decimal("0.3"), Decimal("0.1"), "3"),
    ],
)
def test_arithmetic_is_exact(name: str, left: object, right: object, result: str) -> None:
    assert call("to_string", call(name, left, right)) == result


def test_arithmetic_of_whole_numbers_gives_whole_numbers() -> None:
    for name in ("add", "subtract", "multiply", "divide"):
        assert type(call(name, 6, 3)) is int


@given(
    st.decimals(allow_nan=False, allow_infinity=False, places=6, max_value=10**20),
    st.integers(-(10**20), 10**20),
)
def test_what_is_added_can_be_taken_away(left: Decimal, right: int) -> None:
    assert call("subtract", call("add", left, right), right) == left


@pytest.mark.parametrize("name", ["add", "subtract", "multiply", "divide"])
@pytest.mark.parametrize(
    "value",
    [
        Decimal("1E+2000000"),
        Decimal("1E-2000000"),
        pytest.param(10**5_000, id="int"),
        Decimal("NaN"),
    ],
)
def test_arithmetic_on_endless_numbers_is_refused(name: str, value: object) -> None:
    fails(name, value, Decimal(3))
    fails(name, Decimal(3), value)


def test_endless_results_are_refused() -> None:
    squares = "`9999999999`" + " | multiply(@, @)" * 60
    with pytest.raises(ExpressionFailed, match="digits"):
        compile_expression(squares, None).search(None)
    with pytest.raises(ExpressionFailed, match="digits"):
        compile_expression(squares.replace("9999`", "9.99`"), None).search(None)


@pytest.mark.parametrize("name", ["to_int", "floor", "ceil", "decimal", "to_string"])
def test_endless_exponents_are_refused(name: str) -> None:
    assert "digits" in fails(name, Decimal("1E+2000000"))


def test_endless_exponents_in_text_are_refused() -> None:
    for name in ("to_int", "to_number", "decimal"):
        assert "digits" in fails(name, "1e2000000")
        assert "digits" in fails(name, "1" * 5_000)


@pytest.mark.parametrize(
    ("amount", "currency", "text", "minor"),
    [
        ("19.9", "USD", "19.90", 1990),
        (19, "usd", "19.00", 1900),
        (Decimal("0.125"), "EUR", "0.12", 12),
        (Decimal("0.135"), "EUR", "0.14", 14),
        ("1234.5", "JPY", "1234", 1234),
        ("1235.5", "JPY", "1236", 1236),
        ("1.2345", "KWD", "1.234", 1234),
        ("1", "CLF", "1.0000", 10000),
        ("-0.001", "USD", "0.00", 0),
        ("-5.5", "USD", "-5.50", -550),
        ("12345678901234567890.12", "USD", "12345678901234567890.12", 1234567890123456789012),
    ],
)
def test_money_has_the_places_of_its_currency(
    amount: object, currency: str, text: str, minor: int
) -> None:
    assert call("money", amount, currency) == text
    assert call("to_minor", amount, currency) == minor
    assert type(call("to_minor", amount, currency)) is int
    assert call("money", call("from_minor", minor, currency), currency) == text
    assert call("from_minor", str(minor), currency) == call("from_minor", minor, currency)


@pytest.mark.parametrize("currency", ["", "EU", "EURO", "12A", "ÄÖÜ"])
@pytest.mark.parametrize("name", ["money", "to_minor", "from_minor"])
def test_a_currency_has_three_letters(name: str, currency: str) -> None:
    assert "three letters" in fails(name, 1, currency)


PARTS = st.lists(st.text(max_size=4) | st.integers() | st.sampled_from(['"', ",", "a,b"]))


@given(PARTS.filter(bool), PARTS.filter(bool))
def test_uuid5_tells_different_parts_apart(left: list[object], right: list[object]) -> None:
    assert (call("uuid5", *left) == call("uuid5", *right)) == (left == right)


def test_uuid5_is_a_version_5_uuid_that_never_changes() -> None:
    found = call("uuid5", "order-1", "inventory.consume")
    assert found == FUNCTIONS["uuid5"].example.result
    assert UUID(str(found)).version == 5


def test_uuid5_goes_by_a_numbers_value() -> None:
    same = {str(call("uuid5", number)) for number in (1, Decimal("1.0"), Decimal("1E+0"), 1.0)}
    assert len(same) == 1
    assert call("uuid5", 10) != call("uuid5", 1)
    assert call("uuid5", 1) != call("uuid5", "1")


def test_unique_goes_by_json_equality() -> None:
    array = [1, True, Decimal("1.0"), "1", [1], [True], {"a": 1}, {"a": Decimal(1)}, None, None]
    found = call("unique", array)
    assert found == [1, True, "1", [1], [True], {"a": 1}, None]
    assert isinstance(found, list)
    assert [type(element) for element in found[:2]] == [int, bool]


def test_lookup_gives_null_for_what_isnt_there() -> None:
    assert call("lookup", {"a": 1}, "b") is None


def test_contains_compares_fractions_as_written() -> None:
    assert call("contains", [0.1, 5], Decimal("0.1")) is True
    assert call("contains", [Decimal("0.1")], 0.1) is True
    assert call("contains", ["0.1", None], Decimal("0.1")) is False
    assert call("contains", [[1], {"a": 1}], {"a": 1}) is True


def test_map_keeps_nulls_and_sort_by_the_order_of_equals() -> None:
    rows = [{"k": 1, "n": "a"}, {"k": 0, "n": "b"}, {"k": 1, "n": "c"}]
    assert compile_expression("sort_by(@, &k)[].n", None).search(rows) == ["b", "a", "c"]
    assert compile_expression("max_by(@, &k).n", None).search(rows) == "a"
    assert compile_expression("map(&x, @)", None).search(rows) == [None] * 3
