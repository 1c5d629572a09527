"""What loads and dumps promise: nothing lost, nothing bad let in."""

import json
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.lossless import BadJson, Json, dumps, loads

texts = st.text(st.characters(codec="utf-8"), max_size=8) | st.sampled_from(
    ['":', '" :', '\\":', "[", "{", "é\u2028", "NaN", "Infinity"]
)
integers = st.integers() | st.integers(-(10**128) + 1, 10**128 - 1)


@st.composite
def decimals(draw: st.DrawFn) -> Decimal:
    digits = draw(st.integers(-(10**40), 10**40))
    return Decimal(digits).scaleb(draw(st.integers(-300, 300)))


scalars = st.none() | st.booleans() | integers | decimals() | texts
documents: st.SearchStrategy[Json] = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)
whitespace = st.text(" \t\n\r", max_size=2)


def _keys(value: Json) -> list[object]:
    """Give the keys of all objects, in order, nested as the value is."""
    if isinstance(value, dict):
        return [(key, _keys(inner)) for key, inner in value.items()]
    return [_keys(inner) for inner in value] if isinstance(value, list) else []


def _written(draw: st.DrawFn, value: Json, *, twice: bool = False) -> str:
    """Write a value with any whitespace and any escapes; `twice` repeats each key."""
    gap = draw(whitespace)
    if isinstance(value, dict):
        members = [
            f"{json.dumps(key, ensure_ascii=draw(st.booleans()))}{gap}:{_written(draw, inner)}"
            for key, inner in value.items()
        ]
        return f"{{{gap}{f',{gap}'.join(members * (2 if twice else 1))}{gap}}}"
    if isinstance(value, list):
        return f"[{gap}{f'{gap},'.join(_written(draw, inner) for inner in value)}]"
    if isinstance(value, str):
        escaped = json.dumps(value, ensure_ascii=draw(st.booleans()))
        if draw(st.booleans()):
            # Inside the closing quotes, so that `\\"` at the end isn't taken for an escaped quote.
            return '"' + escaped[1:-1].replace('\\"', "\\u0022") + '"'
        return escaped
    return (
        str(value)
        if isinstance(value, int | Decimal) and not isinstance(value, bool)
        else (json.dumps(value))
    )


@given(documents)
@example([Decimal("1.10"), 12345678901234567890123, Decimal("19.990000000000000001")])
def test_what_is_written_is_read_back_equal_and_in_order(value: Json) -> None:
    again = loads(dumps(value))
    assert again == value
    assert _keys(again) == _keys(value)


@given(st.data(), documents)
def test_any_spelling_of_a_document_is_read_as_what_it_says(
    data: st.DataObject, value: Json
) -> None:
    text = data.draw(st.composite(lambda draw: _written(draw, value))())
    assert loads(text.encode()) == value


@given(st.data(), st.dictionaries(texts, documents, min_size=1, max_size=3), st.integers(0, 3))
def test_a_repeated_key_is_refused_however_it_is_spelt_and_wherever_it_stands(
    data: st.DataObject, value: dict[str, Json], depth: int
) -> None:
    text = data.draw(st.composite(lambda draw: _written(draw, value, twice=True))())
    wrapped = '{"x":[' * depth + text + "]}" * depth
    with pytest.raises(BadJson, match="the same key twice"):
        loads(wrapped.encode())


@pytest.mark.parametrize(
    "text",
    [
        rb'{"a":1,"a":2,"b":"\u0022:"}',  # written back, it has as many `":` as were sent
        rb'{"a" :1,"a" :2,"b":"\":"}',  # as many `":` as keys, if space before a colon is missed
        b'{"a"\n:1,"a"\t:2,"b":"\\" :"}',
    ],
)
def test_text_that_looks_like_a_key_hides_no_repeated_one(text: bytes) -> None:
    with pytest.raises(BadJson, match=r"the same key twice in one object"):
        loads(text)


def test_keys_are_compared_as_read_and_the_second_is_pointed_at() -> None:
    with pytest.raises(BadJson) as caught:
        loads(rb'{"a": 1, "\u0061": 2}')
    assert caught.value.offset == 9


def test_the_same_key_in_two_objects_is_no_repetition() -> None:
    assert loads(b'[{"a":1},{"a":{"a":2}}]') == [{"a": 1}, {"a": {"a": 2}}]


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        (b'{"a":}', 5),
        (b"[1,]", 3),
        (b"[NaN]", 1),
        (b"[Infinity]", 1),
        (b"[-Infinity]", 2),
        (b"[01]", 2),
        (b"{'a':1}", 1),
        (b"{} x", 3),
        (b'["\x01"]', 2),
        (b"", 0),
        (b'{"a":1', 6),
        (b'["abc', 5),
        (rb'["\ud800"]', 10),
        (rb'["\ud800 and more"]', 8),
        (rb'["\udc00"]', 8),
        (b'["ab\xff"]', 4),
        (b'{"\xed\xa0\x80":1}', 2),
        (b"\xef\xbb\xbf{}", 0),
        (b"\xff\xfe{\x00}\x00", 0),
    ],
)
def test_what_is_no_document_is_refused_with_its_place(text: bytes, offset: int) -> None:
    with pytest.raises(BadJson) as caught:
        loads(text)
    assert caught.value.offset is not None
    # msgspec counts to the end of the word or character that it gave up on.
    assert offset <= caught.value.offset <= offset + 8
    assert str(caught.value).endswith(f"(byte {caught.value.offset})")


@pytest.mark.parametrize(
    "number",
    [
        "9" * 129,
        "-" + "9" * 129,
        "9" * 5000,
        "1." + "0" * 128,
        "1e401",
        "1e-401",
        "1.5e99999999999999999999",
        "1e-99999999999999999999",
        "1e2000000",
        "0e9999",
        "0." + "0" * 5000 + "1",
    ],
)
def test_a_number_over_the_caps_is_refused_at_its_place(number: str) -> None:
    with pytest.raises(BadJson, match=r"a number over 128 digits .* \(byte 6\)"):
        loads(f'{{"a": {number}}}'.encode())


@pytest.mark.parametrize(
    "number", ["9" * 128, "-" + "9" * 128, "1." + "0" * 127, "9.9e400", "1e-400", "5e-324", "-0.0"]
)
def test_a_number_at_the_caps_is_read_and_written_back(number: str) -> None:
    value = loads(number.encode())
    assert value == Decimal(number)
    assert loads(dumps(value)) == value


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_nesting_is_read_up_to_the_cap_and_refused_beyond(opening: str, closing: str) -> None:
    def nested(levels: int) -> bytes:
        return (opening * levels + "[]" + closing * levels).encode()

    loads(nested(63))
    with pytest.raises(BadJson) as caught:
        loads(nested(64))
    assert caught.value.offset == 64 * len(opening)
    with pytest.raises(BadJson, match="nested deeper than 64 levels"):
        loads((opening * 100_000).encode())


def test_brackets_in_text_are_no_nesting() -> None:
    assert loads(dumps(["[" * 1000])) == ["[" * 1000]


def test_the_caps_can_be_set() -> None:
    assert loads(b"[[1.25]]", max_depth=2, max_digits=3) == [[Decimal("1.25")]]
    with pytest.raises(BadJson, match="deeper than 1 levels"):
        loads(b"[[]]", max_depth=1)
    with pytest.raises(BadJson, match="over 2 digits"):
        loads(b"1.25", max_digits=2)
    with pytest.raises(BadJson, match="exponent over 3"):
        loads(b"1e4", max_exponent=3)


@given(st.binary(max_size=60) | documents.map(dumps), st.binary(max_size=3), st.integers(0, 60))
def test_whatever_comes_is_read_or_refused_without_being_quoted(
    data: bytes, noise: bytes, at: int
) -> None:
    marked = b'{"customer-7f3a": [' + data[:at] + noise + data[at:] + b"]}"
    try:
        loads(marked)
    except BadJson as refused:
        assert "7f3a" not in str(refused)  # noqa: PT017 - reading it is as good


@pytest.mark.parametrize("text", ["NaN", "-NaN", "sNaN", "Infinity", "-Infinity"])
def test_a_decimal_that_is_not_finite_is_not_written(text: str) -> None:
    with pytest.raises(BadJson, match="isn't finite"):
        dumps({"a": [Decimal(text)], "note": "NaN"})


def test_text_that_reads_like_no_number_is_written() -> None:
    assert dumps({"NaN": ["Infinity", Decimal("1.10")]}) == b'{"NaN":["Infinity",1.10]}'


def test_what_json_cannot_hold_is_not_written() -> None:
    deep: Json = []
    for _ in range(5000):
        deep = [deep]
    values: list[Json] = ["\ud800", {"\udfff": 1}, deep, 10**5000]
    for value in values:
        with pytest.raises(BadJson, match="written"):
            dumps(value)
