"""A grammar of expressions, and documents on which many of them give something."""

from __future__ import annotations

from hypothesis import strategies as st

FIELDS = st.sampled_from(["a", "b", "c", '"d-e"'])
LITERALS = st.sampled_from(
    [
        *("'x'", "''", "'12'", "'1.5'", "`0`", "`1`", "`-2`", "`1.5`", "`true`", "`false`"),
        *("`null`", "`[]`", "`{}`", "`[1, 2]`", '`["x", "12"]`', '`{"a": 1}`', "`[[1], [true]]`"),
    ]
)
INDICES = st.sampled_from(["[0]", "[-1]", "[5]", "[1:]", "[::-1]", "[:-1:2]", "[*]", "[]"])
COMPARATORS = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
ONE = [
    *("abs", "ceil", "floor", "keys", "length", "max", "merge", "min", "not_null", "reverse"),
    *("sort", "sum", "to_array", "to_number", "to_string", "type", "values"),
]
# merge() of two is left out: jmespath checks only the first and merges arrays of pairs, too.
TWO = ["contains", "ends_with", "join", "not_null", "starts_with"]
BY = ["max_by", "min_by", "sort_by"]


def _compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Grow expressions; `!` is never followed by a part of it, which is refused at load."""
    atom = inner.map(lambda text: f"({text} || `null`)")
    chain = st.one_of(inner.filter(lambda text: not text.startswith("!")), atom)
    return st.one_of(
        st.builds("{}.{}".format, FIELDS, inner.filter(lambda t: t[0].isalpha() or t[0] in "[{")),
        st.builds("{}{}".format, FIELDS | atom, INDICES),
        st.builds("{}[*].{}".format, FIELDS | atom, FIELDS),
        st.builds("{}[].{}".format, FIELDS | atom, FIELDS),
        st.builds("{}.*".format, FIELDS | atom),
        st.builds("{}.*.{}".format, FIELDS | atom, FIELDS),
        st.builds("{}[?{}]".format, FIELDS | atom, inner),
        st.builds("{}[?{}].{}".format, FIELDS, inner, FIELDS),
        st.builds("{} {} {}".format, chain, COMPARATORS, chain),
        st.builds("{} && {}".format, inner, inner),
        st.builds("{} || {}".format, inner, inner),
        st.builds("{} | {}".format, inner, inner),
        st.builds("!({})".format, inner),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("{{x: {}, b: {}}}".format, inner, inner),
        st.builds("{}({})".format, st.sampled_from(ONE), inner),
        st.builds("{}({}, {})".format, st.sampled_from(TWO), inner, inner),
        st.builds("{}({}, &{})".format, st.sampled_from(BY), inner, atom),
        st.builds("map(&{}, {})".format, atom, inner),
    )


EXPRESSIONS = st.recursive(FIELDS | LITERALS | st.just("@"), _compound, max_leaves=6)

# The functions that jmespath hasn't, on values that they often take.
OWN_ONE = [
    *("compact", "decimal", "exists", "flatten_deep", "from_items", "items", "json_parse"),
    *("json_string", "lower", "to_int", "unique"),
]
OWN_TWO = [
    *("chunk({}, `2`)", "divide({}, `3`)", "lookup(@, {})", "lookup({}, 'a')", "round({}, `1`)"),
    *("regex_match({}, '^([a-z])|([0-9])')", "split({}, '1')", "substring({}, `0`, `1`)"),
    *("clamp({}, `0`, `1`)", "merge(@, {})", "link({}, 'next')", "allocate(`3`, {}, &@)"),
]
OWN_BY = ["group_by", "index_by", "unique_by"]
_ITEM = """[{{key: 'a', value: {}}}]"""


def _with_own(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    atom = inner.map(lambda text: f"({text} || `null`)")
    made = st.one_of(
        st.builds("{}({})".format, st.sampled_from(OWN_ONE), inner),
        st.builds(str.format, st.sampled_from(OWN_TWO), inner),
        st.builds("{}({}, &{})".format, st.sampled_from(OWN_BY), FIELDS | atom, FIELDS | atom),
        st.builds("from_items({})".format, st.builds(_ITEM.format, inner)),
        st.builds("from_items(items({}))".format, inner),
        st.just("link('</p>; rel=\"next\"', a)"),
    )
    taken = st.sampled_from([".a", ".*", "[0]", "[1]", "[]", "[].key", "[?a].b", ".*.a", ".a[0].b"])
    return st.one_of(made, st.builds("({}){}".format, made, taken), _compound(inner))


WITH_OWN_FUNCTIONS = st.recursive(FIELDS | LITERALS | st.just("@"), _with_own, max_leaves=6)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 2),
    st.sampled_from([1.5, -2.5, "", "x", "12", "1.5", 10**30]),
)
KEYS = st.sampled_from(["a", "b", "c", "d-e"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(KEYS, inner, max_size=4)
        | st.lists(st.dictionaries(KEYS, inner, max_size=3), max_size=4)
    ),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(KEYS, VALUES, min_size=1) | VALUES
