"""`gateway new` in a folder of its own, and what it wrote."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from click.testing import CliRunner

from gateway.cli import main

if TYPE_CHECKING:
    from click.testing import Result

Described = dict[str, Any]


@dataclass(frozen=True)
class Written:
    """What stands in the folder after a run."""

    folder: Path
    contract: str
    result: Result

    def text(self, name: str) -> str:
        return (self.folder / name).read_text()

    @property
    def mapping(self) -> Described:
        return self._read(f"{self.contract.replace('.', '-')}.yaml")

    @property
    def cases(self) -> list[Described]:
        cases: list[Described] = self._read(f"{self.contract.replace('.', '-')}.test.yaml")["cases"]
        return cases

    @property
    def vendor(self) -> Described:
        """The vendor's block in gateway.yaml."""
        found: Described = yaml.safe_load(self.text("gateway.yaml"))["vendors"]["acme"]
        return found

    def schema(self, about: str) -> Described:
        """The schema that was written for the operation `op`."""
        found: Described = json.loads(self.text(f"schemas/acme/op-{about}.json"))
        return found

    def _read(self, name: str) -> Described:
        found: Described = yaml.safe_load(self.text(f"mappings/acme/{name}"))
        return found


New = Callable[..., Written]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which commands run; nothing is in it."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def gateway(folder: Path) -> Callable[..., Result]:
    """Run a command of the gateway."""

    def run(*arguments: object) -> Result:
        assert Path.cwd() == folder
        return CliRunner().invoke(main, [str(each) for each in arguments])

    return run


@pytest.fixture
def new(folder: Path, gateway: Callable[..., Result]) -> New:
    """Scaffold `acme`; hold that it validates, passes its tests and is laid out."""

    def run(contract: str, operation: Described, *options: str, **document: Any) -> Written:
        method, path = operation.pop("at", "POST /op").split()
        described = {
            "openapi": "3.0.3",
            "servers": [{"url": "https://acme.example"}],
            "paths": {path: {method.lower(): {"operationId": "op", **operation}}},
            **document,
        }
        (folder / "api.json").write_text(json.dumps(described))
        result = gateway("new", "acme", contract, "--openapi", "api.json", *options)
        assert result.exit_code == 0, result.output
        for check in (("validate-config", "--without-secrets"), ("test",), ("fmt", "--check")):
            checked = gateway(*check)
            assert checked.exit_code == 0, checked.output
        return Written(folder, contract, result)

    return run


def answers(schema: Described, example: Any = None, status: str = "200") -> Described:
    """Give the `responses` of an operation that answers in JSON."""
    content = {"schema": schema} if example is None else {"schema": schema, "example": example}
    return {status: {"content": {"application/json": content}}}


def takes(schema: Described, example: Any = None) -> Described:
    """Give the `requestBody` of an operation that takes JSON."""
    content = {"schema": schema} if example is None else {"schema": schema, "example": example}
    return {"content": {"application/json": content}}


def shape(*required: str, **properties: Any) -> Described:
    """Give the schema of an object."""
    return {"type": "object", "required": list(required), "properties": properties}


def listed(schema: Described) -> Described:
    return {"type": "array", "items": schema}


TEXT: Described = {"type": "string"}
WHOLE: Described = {"type": "integer"}
NUMBER: Described = {"type": "number"}
STOCK = answers(shape("rows", rows=listed(shape("sku", "quantity", sku=TEXT, quantity=WHOLE))))
"""The answer of a stock API."""
