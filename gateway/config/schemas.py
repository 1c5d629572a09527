"""The JSON Schemas of both sides: read once, checked, compiled; never fetched from anywhere.

jsonschema-rs gives the verdict and the explanation, so that the two can't differ; it takes Decimal
and long integers as they are. The dialect is 2020-12 unless `$schema` says draft-07, and formats
are asserted in both (unknown ones, such as OpenAPI's `int64`, say nothing).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import jsonschema_rs

from gateway.config.problems import Place, Problems
from gateway.config.schema_check import (
    SchemaFile,
    check_references,
    read_schema,
    registry,
    targets,
    uri_of,
)
from gateway.config.text import SourceText, shown_path
from gateway.config.violations import Violation, explain

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

    from gateway.config.schema_check import (
        SchemaDocument,
        SchemaRegistry,
        SchemaResolver,
    )
    from gateway.lossless import Json


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Schema:
    """A compiled JSON Schema; `name` is its path below the folder, `document` what it says.

    `resolver` follows its references.
    """

    name: str
    document: SchemaDocument
    resolver: SchemaResolver = field(repr=False)
    _validator: jsonschema_rs.Validator = field(repr=False)

    def is_valid(self, value: Json) -> bool:
        return self._validator.is_valid(value)

    def explain(self, value: Json) -> tuple[Violation, ...]:
        """List what `value` breaks, at most ten places; empty exactly where `is_valid`."""
        return explain(self._validator, value)


@dataclass(frozen=True, slots=True)
class SchemaStore:
    """All schemas of a deployment, by names such as `square/error.json`.

    `broken` are the names of files that problems were reported for, and of those that refer to
    them; `digest` is a hash over all files.
    """

    digest: str
    broken: frozenset[str]
    _schemas: Mapping[str, Schema] = field(repr=False)
    _known: SchemaRegistry = field(repr=False)

    @classmethod
    def read(cls, roots: Iterable[Path], problems: Problems) -> SchemaStore:
        """Read every `*.json` below the folders; of one name in several folders the last counts.

        A folder that isn't there holds nothing; hidden files and folders are passed over.
        Problems: `schema-json`, `schema-invalid`, `schema-ref`, and those of `read_text`.
        """
        found: dict[str, tuple[str, bytes]] = {}
        unread: set[str] = set()
        for root in roots:
            for path in sorted(root.rglob("*.json")):
                name = path.relative_to(root)
                if any(part.startswith(".") for part in name.parts):
                    continue
                try:
                    found[name.as_posix()] = (shown_path(path), path.read_bytes())
                except OSError as error:
                    message = f"This can't be read: {error.strerror}."
                    problems.error("schema-json", message, Place(shown_path(path)))
                    unread.add(name.as_posix())
        return cls.of(found, problems, unread)

    @classmethod
    def of(
        cls,
        found: Mapping[str, tuple[str, bytes]],
        problems: Problems,
        unread: Collection[str] = frozenset(),
    ) -> SchemaStore:
        """Make schemas of files by name: how each is shown, and what it holds."""
        digest = hashlib.sha256()
        files: dict[str, SchemaFile] = {}
        for name, (shown, data) in sorted(found.items()):
            digest.update(f"{name}\n{hashlib.sha256(data).hexdigest()}\n".encode())
            file = read_schema(name, shown, data, problems)
            if file is not None:
                files[name] = file
        broken = {*unread} | (found.keys() - files.keys())
        known = registry(files.values())
        wrong = {
            name
            for name, file in files.items()
            if not check_references(file, known, broken, problems)
        }
        broken = _with_dependents(files, broken | wrong)
        schemas: dict[str, Schema] = {}
        for name in files.keys() - broken:
            schema = _compile(files[name], known, problems)
            if schema is not None:
                schemas[name] = schema
        return cls(
            digest.hexdigest(), frozenset({*found, *unread}) - schemas.keys(), schemas, known
        )

    def get(self, name: str) -> Schema | None:
        """Give a schema; None where there is none of that name, or it is broken."""
        return self._schemas.get(name)

    def joined(self, first: Schema, second: Schema) -> Schema:
        """Make the schema of what satisfies both, under the name of the first."""
        both: list[Json] = [{"$ref": uri_of(schema.name)} for schema in (first, second)]
        document: dict[str, Json] = {"allOf": both}
        validator = jsonschema_rs.validator_for(
            document, retriever=self._known.contents, validate_formats=True
        )
        return Schema(first.name, document, self._known.resolver(), validator)

    def document(self, name: str) -> SchemaDocument:
        return self._schemas[name].document

    def closure(self, names: Iterable[str]) -> list[str]:
        """List these schemas, those that they refer to, and so on; none that isn't there."""
        waiting, reached = list(names), set[str]()
        while waiting:
            schema = self._schemas.get(name := waiting.pop())
            if schema is None or name in reached:
                continue
            reached.add(name)
            file = SchemaFile(name, SourceText(name, ""), schema.document)
            waiting += targets(file)
        return sorted(reached)

    def names(self) -> tuple[str, ...]:
        """List all names, broken ones too, for suggesting the nearest."""
        return tuple(sorted(self._schemas.keys() | self.broken))


def _compile(file: SchemaFile, known: SchemaRegistry, problems: Problems) -> Schema | None:
    try:
        validator = jsonschema_rs.validator_for(
            file.document, base_uri=file.uri, retriever=known.contents, validate_formats=True
        )
    except jsonschema_rs.ValidationError:
        # A reference from within a keyword that JSON Schema doesn't know, which nobody walks.
        message = "A reference in this schema leads to what is no schema, or nowhere."
        problems.error("schema-ref", message, Place(file.source.name))
        return None
    return Schema(file.name, file.document, known.resolver(file.uri), validator)


def _with_dependents(files: Mapping[str, SchemaFile], broken: set[str]) -> set[str]:
    needs = {name: targets(file) for name, file in files.items()}
    while more := {name for name in needs.keys() - broken if needs[name] & broken}:
        broken = broken | more
    return broken
