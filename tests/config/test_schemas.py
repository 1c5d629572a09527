"""JSON Schemas: read and checked at load, exact with decimals, never fetched."""

from __future__ import annotations

import json
import socket
import threading
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.problems import Problems
from gateway.config.schemas import Schema, SchemaStore
from gateway.lossless import Json, dumps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Found = tuple[str, str, int, int]
    Read = Callable[..., tuple[SchemaStore, list[Found]]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Write files, read them as a store, and give its problems too: code, file, line, column."""

    def write_and_read(**files: str | bytes | Json) -> tuple[SchemaStore, list[Found]]:
        for key, given_content in files.items():
            content = given_content.encode() if isinstance(given_content, str) else given_content
            path = tmp_path / (key.replace("__", "/") + ".json")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else dumps(content))
        problems = Problems()
        store = SchemaStore.read([tmp_path], problems)
        found = [
            (each.code, Path(each.place.file).name, each.place.line, each.place.column)
            for each in problems.sorted()
        ]
        return store, found

    return write_and_read


def compiled(document: dict[str, Json], tmp: Path) -> Schema:
    (tmp / "s.json").write_bytes(dumps(document))
    problems = Problems()
    schema = SchemaStore.read([tmp], problems).get("s.json")
    assert schema is not None, problems.found
    return schema


@pytest.fixture
def visits() -> Iterator[tuple[int, list[object]]]:
    """Listen on loopback; gives the port and a list that grows with each connection."""
    server = socket.create_server(("127.0.0.1", 0))
    seen: list[object] = []

    def listen() -> None:
        while True:
            try:
                connection, peer = server.accept()
            except OSError:
                return
            seen.append(peer)
            connection.close()

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    yield server.getsockname()[1], seen
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join()


class TestReading:
    def test_a_schema_is_found_by_its_path_below_the_folder(self, read: Read) -> None:
        store, problems = read(square__counts={"type": "object"}, top=True)
        assert not problems
        assert store.names() == ("square/counts.json", "top.json")
        schema = store.get("square/counts.json")
        assert schema is not None
        assert schema.name == "square/counts.json"
        assert schema.document == {"type": "object"}

    @pytest.mark.parametrize(
        "name", ["../s.json", "./s.json", "a/../s.json", "/etc/passwd", "s", "", "S.json"]
    )
    def test_no_other_name_leads_to_a_schema(self, name: str, tmp_path: Path) -> None:
        compiled({}, tmp_path)
        (tmp_path / "inner").mkdir()
        store = SchemaStore.read([tmp_path / "inner", tmp_path], Problems())
        assert store.get("s.json") is not None
        assert store.get(name) is None

    def test_of_one_name_in_two_folders_the_later_counts(self, tmp_path: Path) -> None:
        for folder, kind in (("bundled", "string"), ("own", "integer")):
            (tmp_path / folder).mkdir()
            (tmp_path / folder / "s.json").write_text(json.dumps({"type": kind}))
        roots = [tmp_path / "bundled", tmp_path / "own", tmp_path / "absent"]
        schema = SchemaStore.read(roots, Problems()).get("s.json")
        assert schema is not None
        assert schema.is_valid(1)

    def test_hidden_folders_are_passed_over(self, read: Read) -> None:
        """A mounted ConfigMap keeps each file a second time below `..data`."""
        store, problems = read(**{"..data__s": "{", "s": {}})
        assert not problems
        assert store.names() == ("s.json",)

    def test_the_digest_changes_with_any_file(self, read: Read) -> None:
        digests = {
            read(a={})[0].digest,
            read(a={"type": "string"})[0].digest,
            read(b={})[0].digest,
        }
        assert len(digests) == 3
        assert read()[0].digest in digests


class TestProblems:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ('{\n  "type": "object",\n  "type": "array"}', ("schema-json", 3, 3)),
            ('{"description": "ü",\n "a": nul}', ("schema-json", 2, 11)),
            ("", ("schema-json", 1, 1)),
            (b'{"a":\n "\xff"}', ("not-utf8", 2, 3)),
            ('{\n "properties": {"a": {"type":\n  "text"}}}', ("schema-invalid", 3, 3)),
            ('{"allOf": [{},\n {"minimum": "3"}]}', ("schema-invalid", 2, 14)),
            ('{\n "pattern": "("}', ("schema-invalid", 2, 13)),
            ('{"patternProperties":\n {"[": {}}}', ("schema-invalid", 2, 2)),
            ('{\n "$ref": "http://["}', ("schema-invalid", 2, 10)),
            ("[]", ("schema-invalid", 1, 1)),
            ('{\n "$schema": "https://example.com/own"}', ("schema-invalid", 2, 13)),
            (
                '{"$schema": "http://json-schema.org/draft-07/schema#",\n "items": 3}',
                ("schema-invalid", 2, 11),
            ),
            ('{\n "properties": {"a":\n {"$ref": "absent.json"}}}', ("schema-ref", 3, 11)),
            ('{\n "$ref": "#/$defs/absent"}', ("schema-ref", 2, 10)),
            ('{\n "items": {"$ref": "#absent"}}', ("schema-ref", 2, 20)),
            ('{\n "$ref": "../outside.json"}', ("schema-ref", 2, 10)),
            ('{\n "$ref": "https://json-schema.org/draft/2020-12/schema"}', ("schema-ref", 2, 10)),
            ('{"own": {"$ref": "absent.json"}, "$ref": "#/own"}', ("schema-ref", 1, 1)),
        ],
    )
    def test_what_is_wrong_with_a_file_is_reported_at_its_place(
        self,
        text: str | bytes,
        expected: tuple[str, int, int],
        read: Read,
    ) -> None:
        store, problems = read(s=text)
        assert [(code, line, column) for code, _, line, column in problems] == [expected]
        assert store.get("s.json") is None
        assert store.broken == {"s.json"}
        assert store.names() == ("s.json",)

    def test_all_problems_are_reported_and_the_rest_still_works(self, read: Read) -> None:
        store, problems = read(
            bad={"properties": {"a": {"type": 1}, "b": {"minimum": "x"}}},
            lost={"items": {"$ref": "absent.json"}, "not": {"$ref": "#nowhere"}},
            good={"type": "string"},
        )
        assert [code for code, *_ in problems] == ["schema-invalid"] * 2 + ["schema-ref"] * 2
        assert store.broken == {"bad.json", "lost.json"}
        assert store.get("good.json") is not None

    def test_a_broken_file_is_reported_once_and_takes_along_what_refers_to_it(
        self, read: Read
    ) -> None:
        store, problems = read(
            a="{", b={"$ref": "a.json"}, c={"items": {"$ref": "b.json#/type"}}, d={}
        )
        assert [(code, file) for code, file, *_ in problems] == [
            ("schema-json", "a.json"),
            ("schema-ref", "c.json"),
        ]
        assert store.broken == {"a.json", "b.json", "c.json"}

    def test_what_cannot_be_read_is_reported(self, tmp_path: Path) -> None:
        (tmp_path / "folder.json").mkdir()
        problems = Problems()
        store = SchemaStore.read([tmp_path], problems)
        assert [problem.code for problem in problems.found] == ["schema-json"]
        assert store.broken == {"folder.json"}

    def test_a_reference_in_plain_data_is_no_reference(self, read: Read) -> None:
        _, problems = read(s={"const": {"$ref": "absent.json"}, "properties": {"$ref": True}})
        assert not problems


class TestReferences:
    def test_references_reach_other_files(self, read: Read) -> None:
        store, problems = read(
            **{
                "sub__a": {"$ref": "../b%20c.json#/$defs/q"},
                "b c": {"$defs": {"q": {"type": "string"}}},
            }
        )
        assert not problems
        schema = store.get("sub/a.json")
        assert schema is not None
        assert schema.is_valid("x")
        assert not schema.is_valid(1)

    def test_references_may_go_round(self, read: Read) -> None:
        store, problems = read(
            a={"properties": {"b": {"$ref": "b.json"}}},
            b={"required": ["x"], "items": {"$ref": "a.json"}},
        )
        assert not problems
        schema = store.get("a.json")
        assert schema is not None
        assert [each.path for each in schema.explain({"b": {}})] == ["/b"]

    @pytest.mark.parametrize("keyword", ["$ref", "$schema", "$dynamicRef"])
    def test_nothing_is_ever_fetched(
        self,
        keyword: str,
        visits: tuple[int, list[object]],
        read: Read,
    ) -> None:
        port, seen = visits
        uri = f"http://127.0.0.1:{port}/s.json"
        _, problems = read(direct={keyword: uri}, nested={"properties": {"a": {keyword: uri}}})
        assert problems
        assert not seen

    def test_an_id_is_a_name_and_no_address(
        self,
        visits: tuple[int, list[object]],
        read: Read,
    ) -> None:
        port, seen = visits
        base = f"http://127.0.0.1:{port}"
        store, problems = read(
            a={"$id": f"{base}/one.json", "$ref": "two.json"},
            b={"$id": f"{base}/two.json", "type": "string"},
        )
        assert not problems
        assert not seen
        schema = store.get("a.json")
        assert schema is not None
        assert not schema.is_valid(1)


EDGES: list[tuple[dict[str, Json], Json, bool]] = [
    ({"type": "integer"}, Decimal("1.0"), True),
    ({"type": "integer"}, Decimal("1E+5"), True),
    ({"type": "integer"}, Decimal("1.5"), False),
    ({"type": "integer"}, 10**100, True),
    ({"const": Decimal("1.1")}, Decimal("1.10"), True),
    ({"const": Decimal("0.1")}, Decimal("0.1000000000000000000000000000001"), False),
    ({"enum": [12345678901234567890123]}, 12345678901234567890124, False),
    ({"multipleOf": Decimal("0.01")}, Decimal("19.99"), True),
    ({"multipleOf": Decimal("0.01")}, Decimal("19.999"), False),
    ({"maximum": Decimal("0.1")}, Decimal("0.1000000000000000000000000000001"), False),
    ({"maximum": 5}, Decimal("1E+400"), False),
    ({"exclusiveMinimum": 0}, Decimal("1E-400"), True),
    ({"uniqueItems": True}, [1, Decimal("1.0")], False),
    ({"format": "date-time"}, "yesterday", False),
    ({"format": "int64"}, "anything", True),
]


class TestVerdict:
    @pytest.mark.parametrize(("document", "value", "valid"), EDGES)
    def test_decimals_and_long_integers_are_judged_exactly(
        self,
        document: dict[str, Json],
        value: Json,
        valid: bool,  # noqa: FBT001 - a parameter of the test
        tmp_path: Path,
    ) -> None:
        schema = compiled(document, tmp_path)
        assert schema.is_valid(value) is valid
        assert bool(schema.explain(value)) is not valid

    def test_the_dialect_is_the_one_that_the_file_says(self, tmp_path: Path) -> None:
        draft_07 = "http://json-schema.org/draft-07/schema#"
        old = compiled({"$schema": draft_07, "items": [{"type": "string"}]}, tmp_path)
        assert not old.is_valid([1])
        new = compiled({"prefixItems": [{"type": "string"}]}, tmp_path)
        assert not new.is_valid([1])


EXAMPLE: dict[str, Json] = {
    "type": ["object", "array", "null"],
    "required": ["id"],
    "properties": {
        "id": {"type": "string", "maxLength": 2},
        "n": {"type": "integer", "minimum": 0},
        "list": {"items": {"$ref": "#"}, "maxItems": 2},
        "a/b~c": {"anyOf": [{"type": "boolean"}, {"type": "null"}]},
    },
}


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Schema:
    return compiled(EXAMPLE, tmp_path_factory.mktemp("example"))


@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text("ab/~é", max_size=4),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(list(EXAMPLE["properties"])), inner, max_size=4)  # type: ignore[arg-type]  # an object, above
        ),
        max_leaves=8,
    )
)
def test_verdict_and_places_are_those_of_the_reference_implementation(
    example: Schema, value: Json
) -> None:
    expected = [
        "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in error.path)
        for error in jsonschema.Draft202012Validator(EXAMPLE).iter_errors(value)
    ]
    assert example.is_valid(value) is (expected == [])
    if len(expected) <= 10:
        assert {violation.path for violation in example.explain(value)} == set(expected)


class TestExplanation:
    @pytest.mark.parametrize(
        ("document", "value", "path", "message"),
        [
            ({"type": ["string", "null"]}, 3, "", "must be of type null, string (type)"),
            ({"required": ["id"]}, {}, "", "must have id (required)"),
            (
                {"properties": {"a/b~c": {"minimum": 3}}},
                {"a/b~c": 2},
                "/a~1b~0c",
                "must be at least 3 (minimum)",
            ),
            ({"items": {"const": Decimal("1.25")}}, [0], "/0", "must be 1.25 (const)"),
            ({"enum": ["a", 1]}, "x", "", "must be one of a, 1 (enum)"),
            (
                {"enum": [1, 2, 3, 4, 5, 6]},
                0,
                "",
                "must be one of 1, 2, 3, 4, 5, … (enum)",
            ),
            ({"pattern": "^a"}, "x", "", "must match ^a (pattern)"),
            ({"properties": {"a": False}}, {"a": 1}, "/a", "must not be there (a)"),
            (
                {"additionalProperties": False},
                {"a": 1},
                "",
                "must have no properties that the schema doesn't name (additionalProperties)",
            ),
            (
                {"properties": {"b": True}, "additionalProperties": False},
                {"a": 1},
                "",
                "must have no properties that the schema doesn't name (additionalProperties)",
            ),
            (
                {"propertyNames": {"maxLength": 2}},
                {"long": 1},
                "",
                "has a property whose name must have at most 2 characters (maxLength)",
            ),
            (
                {"anyOf": [{"const": 5}, {"const": 6}]},
                3,
                "",
                "must fit an alternative (anyOf): must be 5 (const); or must be 6 (const)",
            ),
            ({"oneOf": [{}, {}]}, 3, "", "must fit one alternative, not several (oneOf)"),
        ],
    )
    def test_a_violation_names_its_place_the_keyword_and_what_it_asks_for(
        self, document: dict[str, Json], value: Json, path: str, message: str, tmp_path: Path
    ) -> None:
        (violation,) = compiled(document, tmp_path).explain(value)
        assert (violation.path, violation.message) == (path, message)

    def test_at_most_ten_violations_are_told(self, tmp_path: Path) -> None:
        schema = compiled({"items": {"type": "string"}}, tmp_path)
        numbers: list[Json] = list(range(1000))
        assert len(schema.explain(numbers)) == 10

    @pytest.mark.parametrize(
        "document",
        [
            {"type": "null"}, {"const": 0}, {"enum": [0]}, {"pattern": "^$"}, {"maxLength": 1},
            {"minLength": 99}, {"format": "email"}, {"not": {}}, {"allOf": [{"type": "null"}]},
            {"anyOf": [{"maxLength": 1}]}, {"oneOf": [{"const": 1}, {"pattern": "^$"}]},
        ],
    )  # fmt: skip
    def test_no_message_quotes_a_value(self, document: dict[str, Json], tmp_path: Path) -> None:
        (violation,) = compiled(document, tmp_path).explain("jane.doe")
        assert "jane" not in violation.message

    @pytest.mark.parametrize(
        "document",
        [
            {"additionalProperties": False}, {"unevaluatedProperties": False}, {"maxProperties": 0},
            {"minProperties": 9}, {"propertyNames": {"const": "x"}},
            {"const": {}}, {"type": "string"}, {"required": ["id"]},
        ],
    )  # fmt: skip
    def test_no_message_quotes_a_key(self, document: dict[str, Json], tmp_path: Path) -> None:
        (violation,) = compiled(document, tmp_path).explain({"jane.doe": "jane.doe"})
        assert "jane" not in violation.message
