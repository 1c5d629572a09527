"""The setup pages of the vendors: with their settings, the cases beside the mappings pass."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli import main
from tests.mappings.conftest import ROOT

VENDORS = pytest.mark.parametrize("vendor", ["fluent", "manhattan"])


@pytest.fixture
def deployment(vendor: str, tmp_path: Path) -> Path:
    """The gateway.yaml of a vendor's page."""
    page = (ROOT / "docs" / "vendors" / f"{vendor}.md").read_text(encoding="utf-8")
    (tmp_path / "mappings").symlink_to(ROOT / "mappings")
    (tmp_path / "schemas").symlink_to(ROOT / "schemas")
    path = tmp_path / "gateway.yaml"
    path.write_text(re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)[0], encoding="utf-8")
    return path


@VENDORS
def test_the_cases_of_a_vendors_mappings_pass_with_the_settings_of_its_page(
    vendor: str, deployment: Path
) -> None:
    text = deployment.read_text(encoding="utf-8")
    shipped = sorted((ROOT / "mappings" / vendor).glob("*.test.yaml"))
    assert shipped
    for cases in shipped:
        name = cases.name.replace(".test.yaml", ".yaml")
        # one mapping for a contract: the page lists one of those that do the same
        mapping = f"mappings:\n  - mappings/{vendor}/{name}\n"
        deployment.write_text(re.sub(r"mappings:\n(  - .*\n)+", mapping, text), encoding="utf-8")
        result = CliRunner().invoke(main, ["test", "-c", str(deployment)])
        assert result.exit_code == 0, result.output
        assert f"{cases.name}: " in result.output


@VENDORS
def test_however_a_vendor_fails_the_reply_is_as_it_must_be(deployment: Path) -> None:
    result = CliRunner().invoke(main, ["test", "--faults", "-c", str(deployment)])
    assert result.exit_code == 0, result.output
    assert "2 calls, " in result.output


@VENDORS
def test_a_vendors_mappings_and_cases_are_laid_out(vendor: str) -> None:
    files = [str(path) for path in sorted((ROOT / "mappings" / vendor).glob("*.yaml"))]
    result = CliRunner().invoke(main, ["fmt", "--check", *files])
    assert result.exit_code == 0, result.output
