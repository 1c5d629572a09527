"""The schemas that editors use say what the reader says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import pytest

from gateway.config.editor import editor_schemas, schema_text, write
from gateway.config.problems import Problems
from gateway.config.source import Mapping, Node, Scalar, Sequence, read_yaml
from gateway.lossless import Json
from gateway.testing.case_spec import TESTS_FILE

if TYPE_CHECKING:
    from tests.config.conftest import Case

ROOT = Path(__file__).parents[2]
BAD = [
    path
    for code in ("unknown-key", "wrong-type")
    for path in sorted((ROOT / "tests" / "bad_mappings").glob(f"{code}*.txt"))
]
SOUND = sorted((ROOT / "tests" / "sound_mappings").glob("*.txt"))
SCHEMAS = {**editor_schemas(), "test.json": schema_text(TESTS_FILE.json_schema())}
SHIPPED = [ROOT / "gateway.yaml", *sorted((ROOT / "mappings").rglob("*.yaml"))]

# Editors know the shape of a file; what stands inside a tree means something to the gateway only.
IN_TREES = {
    "unknown-key-directive",
    "wrong-type-concat",
    "wrong-type-empty-leaf",
    "wrong-type-form",
}


def stem(path: Path) -> str:
    return path.stem


def _plain(node: Node | None) -> Json:
    if isinstance(node, Mapping):
        return {name.text: _plain(child) for name, child in node.entries}
    if isinstance(node, Sequence):
        return [_plain(item) for item in node.items]
    assert isinstance(node, Scalar)
    return node.value


def _schema_of(name: str) -> jsonschema.Draft7Validator:
    path = Path(name)
    file = "gateway.json" if path.name == "gateway.yaml" else "mapping.json"
    return jsonschema.Draft7Validator(_made("test.json" if ".test" in path.suffixes else file))


def _made(name: str) -> dict[str, Json]:
    """Give a schema as an editor reads it."""
    made: dict[str, Json] = json.loads(SCHEMAS[name])
    return made


def _valid(name: str, data: bytes) -> bool:
    node = read_yaml(name, data, Problems())
    return node is not None and bool(_schema_of(name).is_valid(_plain(node)))


def _is_read(name: str) -> bool:
    path = Path(name)
    hidden = any(part.startswith(".") for part in path.parts)
    return path.suffix in {".yaml", ".yml"} and ".test" not in path.suffixes and not hidden


def test_the_files_are_what_the_code_says(tmp_path: Path) -> None:
    write(tmp_path)
    for name, text in editor_schemas().items():
        assert (ROOT / "schemas" / "gateway" / name).read_text(encoding="utf-8") == text
        assert (tmp_path / name).read_text(encoding="utf-8") == text


@pytest.mark.parametrize("name", SCHEMAS)
def test_they_are_json_schemas(name: str) -> None:
    jsonschema.Draft7Validator.check_schema(_made(name))


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_key_has_a_description_that_is_a_sentence(name: str) -> None:
    for path, schema in _properties(_made(name), ""):
        if "const" not in schema:
            text = schema.get("description")
            assert isinstance(text, str), path
            assert text[0].isupper() or not text[0].isalpha(), path
            assert text.endswith("."), path


def _properties(schema: object, path: str) -> Iterator[tuple[str, dict[str, object]]]:
    """Give each key with a schema of its own, wherever it stands."""
    if isinstance(schema, list):
        for item in schema:
            yield from _properties(item, path)
    if not isinstance(schema, dict):
        return
    for name, value in schema.items():
        if name == "properties":
            for key, inner in value.items():
                yield f"{path}.{key}", inner
                yield from _properties(inner, f"{path}.{key}")
        elif name != "examples":
            yield from _properties(value, path)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.relative_to(ROOT)))
def test_shipped_files_are_valid(path: Path) -> None:
    assert _valid(path.name, path.read_bytes())


@pytest.mark.parametrize("path", SOUND, ids=stem)
def test_sound_files_are_valid(path: Path, read_case: Callable[[Path], Case]) -> None:
    for name, data in read_case(path).files.items():
        if data is not None and _is_read(name):
            assert _valid(name, data), name


@pytest.mark.parametrize("path", [path for path in BAD if path.stem not in IN_TREES], ids=stem)
def test_unknown_keys_and_wrong_types_are_seen_in_the_editor(
    path: Path, read_case: Callable[[Path], Case]
) -> None:
    files = read_case(path).files.items()
    read = [(name, data) for name, data in files if data is not None and _is_read(name)]
    assert not all(_valid(name, data) for name, data in read)
