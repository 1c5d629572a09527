"""What can be wrong with a JSON Schema file, found at its line: JSON, keywords, references."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import quote, unquote, urldefrag, urljoin

import jsonschema_rs
import referencing
import referencing.exceptions
from referencing.jsonschema import DRAFT7, DRAFT202012

from gateway.config.problems import Place, Problems
from gateway.config.schema_words import PERSONAL, misspelt
from gateway.config.text import SourceText, read_text
from gateway.config.violations import describe, pointer
from gateway.lossless import BadJson, Json, loads

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from referencing._core import Resolver  # what `Registry.resolver` gives has no public name

    SchemaRegistry: TypeAlias = referencing.Registry[Json]
    SchemaResource: TypeAlias = referencing.Resource[Json]
    SchemaResolver: TypeAlias = Resolver[Json]

_BASE = "https://schemas.invalid/"
"""Where the folder of schemas stands for `$ref`; a name that resolves nowhere (RFC 2606)."""

_DEPTH = 200
_2020_12 = "https://json-schema.org/draft/2020-12/schema"
_DRAFT_07 = "http://json-schema.org/draft-07/schema"
_METASCHEMAS = {
    # With formats: they hold references to be URIs and patterns to be regular expressions.
    uri: jsonschema_rs.validator_for(
        {"$schema": uri, "$ref": uri}, offline=True, validate_formats=True
    )
    for uri in (_2020_12, _DRAFT_07)
}
_SPECIFICATIONS = {_2020_12: DRAFT202012, _DRAFT_07: DRAFT7}
_GAP = re.compile(r"[\s,:]*")

SchemaDocument = dict[str, Json] | bool


def uri_of(name: str) -> str:
    """Give the URI under which other schemas find the one of this name."""
    return _BASE + quote(name)


@dataclass(frozen=True)
class SchemaFile:
    """A schema file that is a valid schema by itself; its references are still to be followed."""

    name: str
    source: SourceText
    document: SchemaDocument

    @property
    def uri(self) -> str:
        return uri_of(self.name)

    @property
    def resource(self) -> SchemaResource:
        return _SPECIFICATIONS[_dialect(self.document)].create_resource(self.document)

    @cached_property
    def subschemas(self) -> tuple[tuple[dict[str, Json], str], ...]:
        """Give each schema object in it with the URI that its references start from."""
        found = []
        waiting = [(self.resource, self.uri)]
        while waiting:
            resource, base = waiting.pop()
            own = resource.id()
            if own is not None:
                base = urljoin(base, own)
            if isinstance(resource.contents, dict):
                found.append((resource.contents, base))
            waiting += reversed([(inner, base) for inner in resource.subresources()])
        return tuple(found)

    @cached_property
    def references(self) -> tuple[_Reference, ...]:
        """Give its references, each as often as it stands there."""
        return tuple(
            _Reference(keyword, text, base)
            for contents, base in self.subschemas
            for keyword in ("$ref", "$dynamicRef")
            if isinstance(text := contents.get(keyword), str)
        )


def read_schema(name: str, shown: str, data: bytes, problems: Problems) -> SchemaFile | None:
    """Parse a file and hold it against its metaschema, or report what is wrong with it."""
    source = read_text(shown, data, problems)
    if source is None:
        return None
    try:
        document = loads(data, max_depth=_DEPTH)
    except BadJson as error:
        start = len(data[: error.offset or 0].decode())
        problems.error("schema-json", f"This is no JSON: {error}.", source.place(start, start))
        return None
    dialect = _dialect(document)
    if dialect not in _METASCHEMAS:
        place = _find(source, rf'"\$schema"\s*:\s*({_literal(dialect)})')
        message = f"The dialect `{dialect}` of JSON Schema isn't supported."
        advice = f"Write `{_2020_12}` or `{_DRAFT_07}#`."
        problems.error("schema-invalid", message, place, advice)
        return None
    errors = list(_METASCHEMAS[dialect].iter_errors(document))
    for found in errors:
        start = _offset(source.text, found.instance_path)
        where = pointer(found.instance_path) or "the document"
        message = f"This is no JSON Schema: {where} {describe(found)}."
        problems.error("schema-invalid", message, source.place(start, start))
    if errors or not isinstance(document, dict | bool):
        return None
    file = SchemaFile(name, source, document)
    _check_words(file, problems)
    return file


def _check_words(file: SchemaFile, problems: Problems) -> None:
    """Report what no validator looks at: what resembles a keyword, and a keyword of our own."""
    schemas = [contents for contents, _ in file.subschemas]
    if any(not isinstance(schema.get(PERSONAL, False), bool) for schema in schemas):
        place = _find(file.source, rf"({_literal(PERSONAL)})\s*:(?!\s*(?:true|false))")
        message = f"`{PERSONAL}` is neither true nor false."
        problems.error("schema-invalid", message, place, "Write `true` where it is personal data.")
    for word, meant in misspelt(schemas):
        place = _find(file.source, rf"({_literal(word)})\s*:")
        message = f"`{word}` is no keyword of JSON Schema: it has no effect."
        problems.warning("schema-keyword", message, place, f"Did you mean `{meant}`?")


@dataclass(frozen=True, slots=True)
class _Reference:
    """One `$ref`: its text, and the URI against which it is read."""

    keyword: str
    text: str
    base: str

    @property
    def file(self) -> str | None:
        """The name of the schema file that it leads to; None where it leads outside."""
        uri = urldefrag(urljoin(self.base, self.text)).url
        return unquote(uri.removeprefix(_BASE)) if uri.startswith(_BASE) else None


def registry(files: Iterable[SchemaFile]) -> SchemaRegistry:
    """Make a closed registry: what isn't in it doesn't exist."""
    return (
        referencing.Registry().with_resources((file.uri, file.resource) for file in files).crawl()
    )


def check_references(
    file: SchemaFile, known: SchemaRegistry, broken: Collection[str], problems: Problems
) -> bool:
    """Report references that lead nowhere; true where there is none.

    References into `broken` files are passed over: what is wrong there is reported there.
    """
    before = len(problems.found)
    for reference in file.references:
        if reference.file not in broken:
            _check_reference(file, reference, known, problems)
    return len(problems.found) == before


def targets(file: SchemaFile) -> frozenset[str]:
    """Give the names of the schema files that this one refers to."""
    return frozenset(found.file for found in file.references if found.file is not None)


def _check_reference(
    file: SchemaFile, reference: _Reference, known: SchemaRegistry, problems: Problems
) -> None:
    try:
        known.resolver(reference.base).lookup(reference.text)
    except referencing.exceptions.Unresolvable:
        keyword, text = re.escape(reference.keyword), reference.text
        place = _find(file.source, rf'"{keyword}"\s*:\s*({_literal(text)})')
        if reference.file is None:
            message = f"`{text}` is remote, and schemas are never fetched."
            advice = "Copy it below the folder of schemas and refer to it by its relative path."
        else:
            message, advice = f"`{text}` leads nowhere.", None
        problems.error("schema-ref", message, place, advice)


def _dialect(document: Json) -> str:
    said = document.get("$schema", _2020_12) if isinstance(document, dict) else _2020_12
    return said.removesuffix("#") if isinstance(said, str) else _2020_12


def _literal(text: str) -> str:
    """Give a pattern for a JSON string as people write it."""
    return re.escape(json.dumps(text, ensure_ascii=False))


def _find(source: SourceText, pattern: str) -> Place:
    found = re.search(pattern, source.text)
    return source.place(*found.span(1)) if found else Place(source.name)


def _offset(text: str, path: Iterable[str | int]) -> int:
    """Find where the value at `path` starts in the text of a valid document."""
    read = json.JSONDecoder(parse_int=str).raw_decode

    def past(at: int) -> int:
        gap = _GAP.match(text, at)
        return gap.end() if gap else at

    at = past(0)
    for step in path:
        at = past(at + 1)
        for _ in range(step if isinstance(step, int) else len(text)):
            if isinstance(step, str):
                key, at = read(text, at)
                at = past(at)
                if key == step:
                    break
            at = past(read(text, at)[1])
    return at
