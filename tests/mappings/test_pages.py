"""The setup pages of the vendors: with their settings, the cases beside the mappings pass."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli import main
from tests.mappings.conftest import ROOT


@pytest.mark.parametrize("vendor", ["fluent", "manhattan"])
def test_the_cases_of_a_vendors_mappings_pass_with_the_settings_of_its_page(
    vendor: str, tmp_path: Path
) -> None:
    page = (ROOT / "docs" / "vendors" / f"{vendor}.md").read_text(encoding="utf-8")
    block = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)[0]
    (tmp_path / "mappings").symlink_to(ROOT / "mappings")
    (tmp_path / "schemas").symlink_to(ROOT / "schemas")
    shipped = sorted((ROOT / "mappings" / vendor).glob("*.test.yaml"))
    assert shipped
    for cases in shipped:
        name = cases.name.replace(".test.yaml", ".yaml")
        # one mapping for a contract: the page lists one of those that do the same
        mapping = f"mappings:\n  - mappings/{vendor}/{name}\n"
        text = re.sub(r"mappings:\n(  - .*\n)+", mapping, block)
        (tmp_path / "gateway.yaml").write_text(text, encoding="utf-8")
        result = CliRunner().invoke(main, ["test", "-c", str(tmp_path / "gateway.yaml")])
        assert result.exit_code == 0, result.output
        assert f"{cases.name}: " in result.output


@pytest.mark.parametrize("vendor", ["fluent", "manhattan"])
def test_a_vendors_mappings_and_cases_are_laid_out(vendor: str) -> None:
    files = [str(path) for path in sorted((ROOT / "mappings" / vendor).glob("*.yaml"))]
    result = CliRunner().invoke(main, ["fmt", "--check", *files])
    assert result.exit_code == 0, result.output
