"""`gateway new`: what is asked for, what is refused, and what is written without a description."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from gateway.contracts import CONTRACTS

if TYPE_CHECKING:
    from click.testing import Result

ROOT = Path(__file__).parents[2]
FERNWOOD = ROOT / "tests" / "scaffold" / "fernwood.openapi.yaml"
DESCRIBED = ("--openapi", FERNWOOD)
Run = Callable[..., "Result"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_without_a_description_every_contract_gets_an_api_that_is_nobodys(run: Run) -> None:
    for contract in CONTRACTS:
        assert run("new", "acme", contract).exit_code == 0
    checked = run("validate-config", "--without-secrets")
    assert "7 mappings, no errors" in checked.output
    assert "warning" not in checked.output
    assert run("test").output.endswith("16 cases, none failed\n")


def test_what_is_known_of_an_api_is_said_in_options(run: Run, folder: Path) -> None:
    options = ("--method", "put", "--path", "/v2/orders/{orderId}", "--auth", "basic")
    result = run("new", "acme", "sync.consume", *options, "--base-url", "https://a.example")
    assert result.exit_code == 0
    mapping = yaml.safe_load((folder / "mappings" / "acme" / "sync-consume.yaml").read_text())
    assert mapping["call"]["request"]["method"] == "PUT"
    assert mapping["call"]["request"]["path"] == "/v2/orders/{order_key}"
    vendor = yaml.safe_load((folder / "gateway.yaml").read_text())["vendors"]["acme"]
    assert vendor["auth"]["type"] == "basic"
    assert vendor["base_url"]["default"] == "https://a.example"
    assert run("test").exit_code == 0


def test_an_operation_is_known_by_its_id_or_by_method_and_path(run: Run) -> None:
    assert run("new", "a", "sync.consume", *DESCRIBED, "--operation", "reserve").exit_code == 0
    named = run("new", "b", "inventory.consume", *DESCRIBED, "--operation", "POST /reservations")
    assert named.exit_code == 0


def test_json_and_yaml_say_the_same(run: Run, folder: Path) -> None:
    document = yaml.safe_load(FERNWOOD.read_text())
    (folder / "api.json").write_text(json.dumps(document))
    options = ("--operation", "listLevels", "-c")
    assert run("new", "acme", "inventory.validate", *DESCRIBED, *options, "a/g.yaml").exit_code == 0
    described = ("--openapi", "api.json")
    assert run("new", "acme", "inventory.validate", *described, *options, "b/g.yaml").exit_code == 0
    first = sorted(path for path in (folder / "a").rglob("*") if path.is_file())
    assert len(first) == 5
    for path in first:
        assert path.read_bytes() == (folder / "b" / path.relative_to(folder / "a")).read_bytes()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "VENDOR is missing."),
        (("acme",), "CONTRACT is missing."),
        (("acme", "stock.validate"), "'stock.validate' is not one of 'inventory.validate'"),
        (("no such", "inventory.validate"), "'no such' is no name for a vendor"),
        (("acme", "inventory.validate", *DESCRIBED, "--path", "/x"), "without --openapi"),
        (
            ("acme", "inventory.validate", *DESCRIBED),
            "Say which with --operation:\n  1. listLevels (GET /sites/{site}/levels)\n  2. reserve",
        ),
    ],
)
def test_what_is_missing_or_typed_wrongly_is_named(
    run: Run, arguments: tuple[str, ...], said: str
) -> None:
    result = run("new", *arguments)
    assert result.exit_code == 2
    assert said in result.output


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"swagger": "2.0", "paths": {}}', "It is Swagger 2: convert it to OpenAPI 3 first."),
        ("swagger: '2.0'", "It is Swagger 2"),
        ("[]", "doesn't begin with `openapi: 3.…`"),
        ("{", "is no acceptable JSON"),
        ("a: [", "is neither JSON nor YAML"),
        ("openapi: 3.1.0\npaths: {}", "describes no operation"),
        (
            "openapi: 3.1.0\npaths: {/a: {get: {responses: {'200': {$ref: 'b.yaml#/x'}}}}}",
            "refers to another file, `b.yaml#/x`: bundle it into one file first",
        ),
        (
            "openapi: 3.1.0\npaths: {/a: {get: {responses: {'200': {$ref: '#/x'}}}}}",
            "`#/x` leads nowhere in api",
        ),
    ],
)
def test_a_description_that_is_of_no_use_says_why_and_nothing_is_written(
    run: Run, folder: Path, text: str, said: str
) -> None:
    (folder / "api").write_text(text)
    result = run("new", "acme", "inventory.validate", "--openapi", "api")
    assert result.exit_code == 1
    assert said in result.output
    assert [path.name for path in folder.iterdir()] == ["api"]


def test_an_operation_that_is_not_there_is_answered_with_those_that_are(run: Run) -> None:
    result = run("new", "acme", "inventory.validate", *DESCRIBED, "--operation", "levels")
    assert result.exit_code == 1
    assert "has no operation `levels`. It has:\n  listLevels (GET /sites" in result.output


def test_an_operation_that_only_reads_is_refused_where_something_is_to_change(run: Run) -> None:
    result = run("new", "acme", "sync.consume", *DESCRIBED, "--operation", "listLevels")
    assert result.exit_code == 1
    assert "only reads, and sync.consume is to change something" in result.output


def test_on_a_terminal_what_is_left_out_is_asked_for(folder: Path) -> None:
    """A real terminal: the answers are typed ahead, line by line."""
    terminal, keyboard = pty.openpty()
    answers = ["acme", "inventory.validate", str(FERNWOOD), "1"]
    os.write(terminal, "".join(f"{answer}\n" for answer in answers).encode())
    gateway = Path(os.sys.executable).with_name("gateway")  # type: ignore[attr-defined]
    asked = subprocess.run(
        [gateway, "new"], stdin=keyboard, capture_output=True, text=True, check=False, cwd=folder
    )
    os.close(terminal)
    os.close(keyboard)
    assert asked.returncode == 0, asked.stderr
    assert "Its operations:\n  1. listLevels (GET /sites/{site}/levels)" in asked.stdout
    assert (folder / "mappings" / "acme" / "inventory-validate.yaml").is_file()
