"""A mapping with all that it is made of, as one text: what an order is finished with later.

Vendors are not in it: where they are and which credentials they take is today's business.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, cast

from gateway.config.kinds import BAD
from gateway.config.load import OBJECTS, joined_objects, read_mapping
from gateway.config.problems import Problems
from gateway.config.schemas import SchemaStore
from gateway.config.text import Sources
from gateway.lossless import dumps, loads

if TYPE_CHECKING:
    from gateway.config.load import Configuration
    from gateway.config.mapping_spec import MappingSpec
    from gateway.lossless import Json

_FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The text, and the digest by which it is known."""

    digest: str
    content: str


def snapshot_of(configuration: Configuration, mapping: MappingSpec) -> Snapshot:
    """Take the snapshot of a mapping that was read without problems."""
    source = configuration.sources.get(mapping.place.file)
    spec = configuration.gateway
    if source is None or spec is None:
        raise AssertionError("a mapping that was built has been read from its file")
    own = spec.nacelle.own_fields
    named = [word.text for name in OBJECTS if (word := getattr(own, name, None))]
    named += [f"nacelle/{name}.json" for name in OBJECTS]
    schemas = configuration.schemas
    named += [name for name in schemas.names() if name in source.text]
    documents = {name: schemas.document(name) for name in schemas.closure(named)}
    content: dict[str, Json] = {
        "format": _FORMAT,
        "file": mapping.place.file,
        "mapping": source.text,
        "schemas": cast("Json", documents),
        "settings": dict(spec.settings),
        "order_key": list(spec.nacelle.order_key),
    }
    text = dumps(content).decode()
    return Snapshot(hashlib.sha256(text.encode()).hexdigest(), text)


def restored(content: str, now: Configuration) -> Configuration:
    """Make the configuration of one mapping as it was, with the vendors of today.

    What can't be read any more stands among its problems.
    """
    then = cast("dict[str, Any]", loads(content.encode()))  # what we wrote ourselves
    problems, sources = Problems(), Sources()
    files = {name: (name, dumps(document)) for name, document in then["schemas"].items()}
    schemas = SchemaStore.of(files, problems)
    data = then["mapping"].encode()
    sources.add(then["file"], data)
    mapping = read_mapping(then["file"], data, now.folder, problems)
    spec = now.gateway
    if spec is None:
        raise AssertionError("orders are delivered with a configuration that was read")
    nacelle = replace(spec.nacelle, order_key=tuple(then["order_key"]))
    return replace(
        now,
        gateway=replace(spec, settings=then["settings"], nacelle=nacelle),
        mappings=() if mapping is BAD else (mapping,),
        schemas=schemas,
        object_schemas=joined_objects(schemas, spec, problems),
        problems=problems,
        sources=sources,
    )
