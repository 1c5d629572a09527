"""`gateway fmt`: files in the one layout, or a word on why not."""

from __future__ import annotations

from pathlib import Path

import pytest

GATEWAY = """\
# ours
vendors:
    acme: {base_url: 'https://acme.example'} # the shop
mappings: [ mappings ]
version: 1
"""
LAID_OUT = """\
# ours
version: 1
mappings: [mappings]
vendors:
  acme: {base_url: "https://acme.example"}          # the shop
"""
MAPPING = """\
mapping: acme.tax
contract: taxes.validate
vendor: acme
call: {request: {method: GET, path: /tax}}
reply: {set: {tax: "'0.00'"}}
"""
TESTS = "cases:\n  - name:   'one'\n    receive: {}\n"


@pytest.fixture
def deployment(tmp_path: Path) -> Path:
    (tmp_path / "mappings").mkdir()
    (tmp_path / "gateway.yaml").write_text(GATEWAY)
    (tmp_path / "mappings" / "tax.yaml").write_text(MAPPING)
    (tmp_path / "mappings" / "tax.test.yaml").write_text(TESTS)
    return tmp_path


def test_the_shipped_files_are_laid_out(run, config) -> None:
    outcome = run("fmt", "--check", "--config", config)
    assert outcome.exit_code == 0, outcome.output
    assert outcome.output.startswith("0 of ")


def test_it_lays_out_gateway_yaml_with_its_mappings_and_their_tests(run, deployment) -> None:
    outcome = run("fmt", "--config", deployment / "gateway.yaml")
    assert outcome.exit_code == 0
    assert outcome.output.splitlines()[-1] == "2 of 3 files changed"
    assert (deployment / "gateway.yaml").read_text() == LAID_OUT
    assert (deployment / "mappings" / "tax.yaml").read_text() == MAPPING
    assert "- name: one\n" in (deployment / "mappings" / "tax.test.yaml").read_text()


def test_check_shows_what_would_change_and_writes_nothing(run, deployment) -> None:
    outcome = run("fmt", "--check", deployment / "gateway.yaml")
    assert outcome.exit_code == 1
    assert "\n-mappings: [ mappings ]\n" in outcome.output
    assert "\n+mappings: [mappings]\n" in outcome.output
    assert outcome.output.splitlines()[-1] == "1 of 1 files would change"
    assert (deployment / "gateway.yaml").read_text() == GATEWAY


def test_a_file_with_mistakes_stays_and_the_others_are_laid_out(run, deployment) -> None:
    broken = deployment / "mappings" / "tax.yaml"
    broken.write_text("mapping: &name tax\nvendor:   acme\n")
    outcome = run("fmt", "--config", deployment / "gateway.yaml")
    assert outcome.exit_code == 1
    assert "tax.yaml:1:10: error[yaml-alias]" in outcome.output
    assert broken.read_text() == "mapping: &name tax\nvendor:   acme\n"
    assert (deployment / "gateway.yaml").read_text() == LAID_OUT


def test_a_file_of_something_else_stays_and_is_told(run, deployment) -> None:
    other = deployment / "compose.yaml"
    other.write_text("services:   {}\n")
    outcome = run("fmt", other)
    assert outcome.exit_code == 1
    assert "compose.yaml:1:1: error[wrong-file] This is no gateway.yaml" in outcome.output
    assert other.read_text() == "services:   {}\n"


def test_without_a_gateway_yaml_it_says_so(run, tmp_path) -> None:
    outcome = run("fmt", "--config", tmp_path / "gateway.yaml")
    assert outcome.exit_code == 1
    assert "error[missing-file]" in outcome.output
