"""Reading the files: gateway.yaml, the mappings it lists, the schemas. All I/O of loading is here."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gateway.config.kinds import BAD, Context, Word
from gateway.config.mapping_spec import MAPPING_FILE, MappingSpec
from gateway.config.problems import Place, Problems
from gateway.config.schemas import Schema, SchemaStore
from gateway.config.source import Node, read_yaml
from gateway.config.spec import GATEWAY_FILE, GatewaySpec
from gateway.config.text import Sources

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


@dataclass(frozen=True, slots=True)
class _Files:
    """Reads files and remembers what they held."""

    problems: Problems
    sources: Sources
    environment: Mapping[str, str] | None
    root: Path
    digests: list[str]

    def yaml(self, path: Path, blame: Place | None = None) -> Node | None:
        shown = _shown(path)
        try:
            data = path.read_bytes()
        except OSError as error:
            self.problems.error(
                "missing-file",
                f"{shown} can't be read: {error.strerror}.",
                blame or Place(shown),
            )
            return None
        self.digests.append(f"{shown}\n{hashlib.sha256(data).hexdigest()}")
        self.sources.add(shown, data)
        return read_yaml(shown, data, self.problems)

    def context(self) -> Context:
        return Context(self.problems, self.environment, self.root)


def load(path: Path, environment: Mapping[str, str] | None) -> Configuration:
    """Read a deployment from its gateway.yaml.

    `environment` None stands in for secrets and unset variables. Problems are collected, not
    raised.
    """
    problems, sources = Problems(), Sources()
    files = _Files(problems, sources, environment, path.parent, [])
    node = files.yaml(path)
    gateway = GATEWAY_FILE.read(node, files.context()) if node is not None else BAD
    spec = None if gateway is BAD else gateway
    own = path.parent / (spec.schemas.text if spec and spec.schemas else "schemas")
    schemas = SchemaStore.read((BUNDLED_SCHEMAS, own), problems)
    objects = {name: schemas.get(f"nacelle/{name}.json") for name in ("checkout", "order")}
    mappings = tuple(_mappings(files, spec)) if spec else ()
    version = hashlib.sha256("\n".join([*files.digests, schemas.digest]).encode()).hexdigest()
    return Configuration(
        gateway=spec,
        mappings=mappings,
        schemas=schemas,
        object_schemas={name: schema for name, schema in objects.items() if schema is not None},
        problems=problems,
        sources=sources,
        version=version[:12],
    )


def _mappings(files: _Files, spec: GatewaySpec) -> list[MappingSpec]:
    found: list[MappingSpec] = []
    seen: set[Path] = set()
    for word in spec.mappings:
        for path in _paths(files, word):
            if path.resolve() in seen:
                continue
            seen.add(path.resolve())
            node = files.yaml(path, word.place)
            mapping = MAPPING_FILE.read(node, files.context()) if node is not None else BAD
            if mapping is not BAD:
                found.append(mapping)
    return found


def _paths(files: _Files, word: Word) -> list[Path]:
    """Give the mapping files that an entry of `mappings` stands for."""
    path = files.root / word.text
    if not path.is_dir():
        if path.exists():
            return [path]
        files.problems.error(
            "missing-file", f"There is no file or folder {word.text}.", word.place
        )
        return []
    found = sorted(
        file
        for file in path.rglob("*")
        if file.suffix in _SUFFIXES and ".test" not in file.suffixes and file.is_file()
    )
    if not found:
        files.problems.error(
            "no-mappings",
            f"The folder {word.text} holds no mapping files.",
            word.place,
            "Mapping files end in .yaml; those that end in .test.yaml are tests.",
        )
    return found


def _shown(path: Path) -> str:
    """Show a path from the working directory where it lies below it."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
