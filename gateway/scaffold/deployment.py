"""gateway.yaml: a new one, or the one that is there with a vendor and a mapping added.

Text is put in, and what is there stays as it is, to the byte.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from gateway.config.load import BUNDLED_SCHEMAS, Configuration, load
from gateway.config.problems import Problem, Problems
from gateway.config.source import Mapping, Sequence, read_yaml
from gateway.config.spec import GATEWAY_FILE
from gateway.config.text import shown_path
from gateway.contracts import Contract
from gateway.lossless import Json
from gateway.plan.build import build
from gateway.scaffold.document import Unusable
from gateway.scaffold.tree import SPACE, Block, Flow, Listing, indented, note, written
from gateway.testing.yaml_text import on_one_line

_NOTHING_YET = ("no-mappings", "missing-file")
_MODELINE = "yaml-language-server: $schema="


@dataclass(frozen=True, slots=True)
class Deployment:
    """Where a mapping is added; `configuration` is None where there is no gateway.yaml yet."""

    path: Path
    configuration: Configuration | None

    @classmethod
    def at(cls, path: Path) -> Deployment:
        """Read what is there."""
        if not path.exists():
            return cls(path, None)
        configuration = load(path, None)
        build(configuration)
        return cls(path, configuration)

    def errors(self) -> list[Problem]:
        """Give what is to be mended first; that there is no mapping yet is no error here."""
        problems = self.configuration.problems.sorted() if self.configuration else []
        return [
            each for each in problems if each.severity == "error" and each.code not in _NOTHING_YET
        ]

    @property
    def folder(self) -> Path:
        return self.path.parent

    @property
    def schemas(self) -> Path:
        spec = self.configuration.gateway if self.configuration else None
        return self.folder / (spec.schemas.text if spec and spec.schemas else "schemas")

    def knows(self, vendor: str) -> bool:
        spec = self.configuration.gateway if self.configuration else None
        return spec is not None and vendor in spec.vendors

    def mapping_path(self, vendor: str, contract: Contract) -> Path:
        """Say where a mapping goes: the first folder that gateway.yaml lists, or `mappings`."""
        spec = self.configuration.gateway if self.configuration else None
        listed = [self.folder / word.text for word in (spec.mappings if spec else ())]
        folders = (path for path in listed if path.suffix not in (".yaml", ".yml"))
        home = next(folders, self.folder / "mappings")
        return home / vendor / f"{contract.name.replace('.', '-')}.yaml"

    def check(self, contract: Contract, mapping: Path) -> None:
        """Refuse a contract that has a mapping in another file. Raises Unusable."""
        for each in self.configuration.mappings if self.configuration else ():
            there = Path(each.place.file)
            if each.contract.text == contract.name and there.resolve() != mapping.resolve():
                raise Unusable(
                    f"{contract.name} has a mapping already, {each.place.file}, and a contract has "
                    f"one. Take it out of {shown_path(self.path)}, or give --config with another "
                    "gateway.yaml: a new one is made where there is none."
                )

    def modeline(self, file: Path, schema: str) -> str | None:
        """Give the line by which editors find a file's schema, for deployments in this project."""
        project = BUNDLED_SCHEMAS.parent.resolve()
        if not file.resolve().is_relative_to(project):
            return None
        found = os.path.relpath(BUNDLED_SCHEMAS / "gateway" / schema, file.resolve().parent)
        return f"{_MODELINE}{Path(found).as_posix()}"

    def text(self, vendor: str, block: Block | None, mapping: Path) -> str:
        """Give gateway.yaml with the vendor, where a block is given, and the mapping listed."""
        if self.configuration is None:
            return self._new(vendor, block or Block(()))
        text = self.path.read_bytes().decode()
        if not self._is_listed(mapping):
            name = Path(os.path.relpath(mapping, self.folder)).as_posix()
            text = _added(text, "mappings", Flow(name), None)
        if block is not None:
            text = _added(text, "vendors", block, vendor)
        return text

    def _is_listed(self, mapping: Path) -> bool:
        spec = self.configuration.gateway if self.configuration else None
        listed = [(self.folder / word.text).resolve() for word in (spec.mappings if spec else ())]
        return any(mapping.resolve().is_relative_to(path) for path in listed)

    def _new(self, vendor: str, block: Block) -> str:
        modeline = self.modeline(self.path, "gateway.json")
        secret: Json = {"env": "NACELLE_SIGNATURE_SECRET"}
        said = "several: rotation"
        return written(
            Block.of(
                *([note(modeline)] if modeline else ()),
                ("version", Flow(1)),
                SPACE,
                ("mappings", Flow(["mappings"], "every mapping file in this folder")),
                SPACE,
                ("nacelle", Block.of(("signature", Block.of(("secrets", Flow([secret], said)))))),
                SPACE,
                ("vendors", Block.of((vendor, block))),
            ),
            GATEWAY_FILE,
        )


def _added(text: str, key: str, value: Block | Flow, name: str | None) -> str:
    """Put an entry at the end of a top-level block or list; `name` is its key in a block."""
    end = "\r\n" if "\r\n" in text else "\n"
    root = read_yaml("gateway.yaml", text.encode(), Problems())
    node = root.get(key) if isinstance(root, Mapping) else None
    if not isinstance(node, Mapping | Sequence):  # only `vendors` may be missing
        made = indented(Block.of((key, Block.of((name, value)))), "")
        return text.rstrip() + end * 2 + end.join(made) + end
    lines = text.splitlines(keepends=True)
    if lines[node.place.line - 1][node.place.column - 1] in "[{":
        return _put(lines, node, f", {_on_one_line(value, name)}")
    indent = " " * (node.place.column - 1)
    entry = Listing((value,)) if name is None else Block.of((name, value))
    last = node.place.end_line
    before = "".join(lines[:last])
    between = "" if before.endswith("\n") else end
    return before + between + end.join(indented(entry, indent)) + end + "".join(lines[last:])


def _put(lines: list[str], node: Mapping | Sequence, more: str) -> str:
    """Put an entry behind the last one of a list or block in brackets; one of those is there."""
    inside = node.items[-1] if isinstance(node, Sequence) else node.entries[-1][1]
    at, column = inside.place.end_line - 1, inside.place.end_column - 1
    lines[at] = lines[at][:column] + more + lines[at][column:]
    return "".join(lines)


def _on_one_line(value: Block | Flow, name: str | None) -> str:
    if isinstance(value, Flow):
        return on_one_line(value.value)
    inner: Json = {key: each.value for key, each in value.entries if key and isinstance(each, Flow)}
    return on_one_line({name or "": inner})[1:-1]
