"""Reading the files: gateway.yaml, the mappings it lists, the schemas. The only I/O of loading."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gateway.config import source
from gateway.config.hiding import hide_secrets
from gateway.config.kinds import BAD, Bad, Context, Word
from gateway.config.mapping_spec import MAPPING_FILE, MappingSpec
from gateway.config.problems import Place, Problems
from gateway.config.records import keys_of
from gateway.config.schemas import Schema, SchemaStore
from gateway.config.source import Node, read_yaml
from gateway.config.spec import GATEWAY_FILE, GatewaySpec
from gateway.config.text import Sources, shown_path
from gateway.config.wording import start_of, suggestion

BUNDLED_SCHEMAS = Path(__file__).parents[2] / "schemas"
"""The schemas that come with the gateway; a deployment's own stand beside its gateway.yaml."""

_SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Configuration:
    """All files of a deployment, read; `version` is a hash over them."""

    gateway: GatewaySpec | None
    mappings: tuple[MappingSpec, ...]
    schemas: SchemaStore
    object_schemas: Mapping[str, Schema]
    problems: Problems
    sources: Sources
    version: str
    folder: Path
    """Where gateway.yaml lies; relative paths start there."""
    files: tuple[Path, ...]
    """gateway.yaml and the mapping files, as far as they could be read."""
    folders: frozenset[Path]
    """Where its files lie and new ones would: a change in one of them may change it."""


@dataclass(frozen=True, slots=True)
class _Files:
    """Reads files and remembers what they held."""

    problems: Problems
    sources: Sources
    environment: Mapping[str, str]
    stand_in: bool
    root: Path
    digests: list[str]
    read: list[Path]
    folders: set[Path]

    def yaml(self, path: Path, blame: Place | None = None) -> Node | None:
        shown = shown_path(path)
        self.folders.add(path.parent)
        try:
            data = path.read_bytes()
        except OSError as error:
            self._unreadable(shown, error, blame or Place(shown))
            return None
        self.read.append(path)
        # By its path from gateway.yaml: the same files are the same version wherever they lie.
        name = os.path.relpath(path, self.root)
        self.digests.append(f"{name}\n{hashlib.sha256(data).hexdigest()}")
        self.sources.add(shown, data)
        return read_yaml(shown, data, self.problems)

    def _unreadable(self, shown: str, error: OSError, place: Place) -> None:
        if isinstance(error, FileNotFoundError):
            advice = "Go to the folder that holds it, or give its path."
            self.problems.error("missing-file", f"There is no file {shown}.", place, advice)
        elif isinstance(error, IsADirectoryError):
            message = f"{shown} is a folder; a file is expected."
            advice = f"Give the path of the file in it, as in {shown}/gateway.yaml."
            self.problems.error("unreadable-file", message, place, advice)
        else:
            message = f"{shown} can't be read: {error.strerror}."
            advice = "Check who owns the file and who may read it."
            self.problems.error("unreadable-file", message, place, advice)

    def context(self) -> Context:
        return Context(self.problems, self.environment, self.root, self.stand_in)


def load(
    path: Path, environment: Mapping[str, str] | None, *, stand_in: bool = False
) -> Configuration:
    """Read a deployment from its gateway.yaml.

    A variable that `environment` doesn't have is a problem, unless `stand_in`: then it and secret
    files are stood in for where they are missing, and so is everything with `environment` None.
    Problems are collected, not raised.
    """
    problems, sources = Problems(), Sources()
    stand_in = stand_in or environment is None
    files = _Files(problems, sources, environment or {}, stand_in, path.parent, [], [], set())
    node = files.yaml(path)
    known = node is not None and _is_gateway(node, problems)
    gateway = GATEWAY_FILE.read(node, files.context()) if node is not None and known else BAD
    hide_secrets(node, sources.get(shown_path(path)), problems)
    spec = None if gateway is BAD else gateway
    own = path.parent / (spec.schemas.text if spec and spec.schemas else "schemas")
    schemas = SchemaStore.read((BUNDLED_SCHEMAS, own), problems)
    objects = joined_objects(schemas, spec, problems)
    mappings = tuple(_mappings(files, spec)) if spec else ()
    version = hashlib.sha256("\n".join([*files.digests, schemas.digest]).encode()).hexdigest()
    return Configuration(
        gateway=spec,
        mappings=mappings,
        schemas=schemas,
        object_schemas=objects,
        problems=problems,
        sources=sources,
        version=version[:12],
        folder=path.parent,
        files=tuple(files.read),
        folders=frozenset({*files.folders, own, *own.rglob("*/")}),
    )


OBJECTS: Final = ("checkout", "order")


def joined_objects(
    schemas: SchemaStore, spec: GatewaySpec | None, problems: Problems
) -> dict[str, Schema]:
    """Give the schemas of checkouts and orders, each with the shop's own fields added."""
    found: dict[str, Schema] = {}
    own = spec.nacelle.own_fields if spec is not None else None
    for name in OBJECTS:
        schema = schemas.get(f"nacelle/{name}.json")
        word: Word | None = getattr(own, name, None)
        if word is not None and word.text not in schemas.names():
            problems.error(
                "unknown-schema",
                f"There is no schema `{word.text}`.",
                word.place,
                suggestion(word.text, schemas.names()),
            )
        more = schemas.get(word.text) if word is not None else None
        if schema is not None:
            found[name] = schema if more is None else schemas.joined(schema, more)
    return found


def _mappings(files: _Files, spec: GatewaySpec) -> list[MappingSpec]:
    found: list[MappingSpec] = []
    seen: set[str] = set()
    for word in spec.mappings:
        for path in _paths(files, word):
            real = os.path.realpath(path)
            if real in seen:
                continue
            seen.add(real)
            node = files.yaml(path, word.place)
            known = node is not None and _is_mapping(node, files.problems)
            mapping: MappingSpec | Bad = BAD
            if node is not None and known:
                mapping = MAPPING_FILE.read(node, files.context())
            if mapping is not BAD:
                found.append(mapping)
    return found


def read_mapping(file: str, data: bytes, folder: Path, problems: Problems) -> MappingSpec | Bad:
    """Read a mapping from its text; it needs nothing of the environment."""
    node = read_yaml(file, data, problems)
    return (
        BAD
        if node is None
        else MAPPING_FILE.read(node, Context(problems, {}, folder, stand_in=True))
    )


_GATEWAY_KEYS = {info.name for info in keys_of(GatewaySpec)}
_MAPPING_KEYS = {info.name for info in keys_of(MappingSpec)}


def _is_gateway(node: Node, problems: Problems) -> bool:
    """Say whether a file can be meant as a gateway.yaml, or report what it is instead."""
    keys = _keys(node)
    if keys & _GATEWAY_KEYS or not keys & _MAPPING_KEYS:
        return True
    _wrong_file(
        node,
        "This is a mapping file, and a gateway.yaml is expected.",
        "Give the gateway.yaml that lists it under `mappings:`.",
        problems,
    )
    return False


def _is_mapping(node: Node, problems: Problems) -> bool:
    keys = _keys(node)
    if keys & {"version", "mappings", "vendors", "nacelle"} and not keys & {"mapping", "contract"}:
        message = "This is a gateway.yaml, and a mapping file is expected."
        advice = "List only mapping files, or folders of them, under `mappings:` in gateway.yaml."
    elif "cases" in keys and not keys & _MAPPING_KEYS:
        message = "This is a file of tests, and a mapping file is expected."
        advice = "Let its name end in .test.yaml, and list no tests under `mappings:`."
    else:
        return True
    _wrong_file(node, message, advice, problems)
    return False


def _keys(node: Node) -> set[str]:
    return {name.text for name, _ in node.entries} if isinstance(node, source.Mapping) else set()


def _wrong_file(node: Node, message: str, advice: str, problems: Problems) -> None:
    place = start_of(node) if isinstance(node, source.Mapping) else node.place
    problems.error("wrong-file", message, place, advice)


def _paths(files: _Files, word: Word) -> list[Path]:
    """Give the mapping files that an entry of `mappings` stands for."""
    path = files.root / word.text
    if not path.is_dir():
        if os.path.lexists(path):
            return [path]
        files.folders.add(path.parent)
        files.problems.error(
            "missing-file",
            f"There is no file or folder {word.text}.",
            word.place,
            "Correct the path; it counts from the folder of gateway.yaml.",
        )
        return []
    before = len(files.problems.found)
    found = list(_below(path, frozenset(), files, word.place))
    if not found and len(files.problems.found) == before:
        files.problems.error(
            "no-mappings",
            f"The folder {word.text} holds no mapping files.",
            word.place,
            "Mapping files end in .yaml; those that end in .test.yaml are tests.",
        )
    return found


def _below(folder: Path, above: frozenset[str], files: _Files, blame: Place) -> Iterator[Path]:
    """Give the mapping files in a folder and its folders; a link back to one above is passed over.

    Hidden ones are passed over too: editors and container platforms keep copies in them.
    """
    real = os.path.realpath(folder)
    if real in above:
        return
    files.folders.add(folder)
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        message = f"The folder {shown_path(folder)} can't be read: {error.strerror}."
        advice = "Check who owns the folder and who may read it."
        files.problems.error("unreadable-file", message, blame, advice)
        return
    for path in entries:
        if path.name.startswith("."):
            continue
        if path.is_dir():
            yield from _below(path, above | {real}, files, blame)
        elif path.suffix in _SUFFIXES and ".test" not in path.suffixes:
            yield path
