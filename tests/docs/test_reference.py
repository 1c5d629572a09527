"""What the code can say about itself is what the documentation says."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from gateway.cli import main
from gateway.config.load import load
from gateway.config.problems import Problems
from gateway.config.render import render_text
from gateway.config.source import read_yaml
from gateway.errors import REASONS, Reason
from gateway.plan.build import build

if TYPE_CHECKING:
    from tests.docs.conftest import Tutorial

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])


def _generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("reference", ROOT / "scripts" / "reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_MADE: dict[Path, str] = _generator().files()


@pytest.mark.parametrize("path", sorted(_MADE), ids=str)
def test_a_generated_page_is_what_the_code_says(path: Path) -> None:
    assert (ROOT / path).read_text(encoding="utf-8") == _MADE[path], "run `make docs`"


def test_no_page_is_left_of_what_is_gone() -> None:
    for folder in ("docs/errors", "docs/reference"):
        pages = {path.relative_to(ROOT) for path in (ROOT / folder).glob("*.md")}
        assert pages <= set(_MADE)


def test_every_reason_has_its_row() -> None:
    assert set(Reason.__args__) == set(REASONS)  # type: ignore[attr-defined]


def _links() -> Iterator[tuple[Path, str]]:
    for page in PAGES:
        text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            if not target.startswith(("http:", "https:")):
                yield page, target.split("#")[0]


@pytest.mark.parametrize(("page", "target"), list(_links()), ids=lambda each: str(each)[-40:])
def test_a_link_leads_somewhere(page: Path, target: str) -> None:
    assert (page.parent / target).exists()


def _yaml_blocks() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        if "errors" in page.parts:
            continue
        for number, block in enumerate(
            re.findall(r"```yaml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL), start=1
        ):
            yield f"{page.name} {number}", block


@pytest.mark.parametrize("block", [pytest.param(block, id=name) for name, block in _yaml_blocks()])
def test_a_yaml_example_reads_without_a_problem(block: str) -> None:
    problems = Problems()
    commented_out = all(line.startswith("#") for line in block.splitlines())
    if not commented_out:
        read_yaml("example", block.encode(), problems)
    assert problems.found == []


@pytest.fixture(params=sorted((ROOT / "docs" / "vendors").glob("*.md")), ids=lambda page: page.stem)
def vendor_page(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A vendor's page; its first YAML stands in an empty folder, beside what is shipped."""
    page: str = request.param.read_text(encoding="utf-8")
    block = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)[0]
    (tmp_path / "gateway.yaml").write_text(block, encoding="utf-8")
    (tmp_path / "mappings").symlink_to(ROOT / "mappings")
    (tmp_path / "schemas").symlink_to(ROOT / "schemas")
    return page


def test_the_settings_on_a_vendors_page_load_and_what_is_warned_of_is_told_there(
    vendor_page: str, tmp_path: Path
) -> None:
    configuration = load(tmp_path / "gateway.yaml", None)
    plans = build(configuration)
    assert plans is not None
    assert all(f"`{problem.code}`" in vendor_page for problem in configuration.problems.found)


@pytest.mark.usefixtures("vendor_page")
def test_the_mappings_on_a_vendors_page_pass_the_cases_beside_them(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["test", "--config", str(tmp_path / "gateway.yaml")])
    assert result.exit_code == 0, result.output


def test_the_mapping_in_the_readme_is_the_shipped_one() -> None:
    """Comments and the order of keys aside, they say the same."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r"```yaml\n(mapping: .*?)```", readme, re.DOTALL)[0]
    shipped = (ROOT / "mappings/square/inventory-validate.yaml").read_text(encoding="utf-8")
    assert _plain(shown) <= _plain(shipped)


def _plain(text: str) -> set[str]:
    lines = (re.sub(r"\s{2,}#.*", "", line).strip() for line in text.splitlines())
    return {line for line in lines if line and not line.startswith("#")}


def test_the_problem_in_the_readme_is_what_a_slip_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for part in ("gateway.yaml", "mappings/square/inventory-validate.yaml"):
        (tmp_path / part).parent.mkdir(parents=True, exist_ok=True)
        text = (ROOT / part).read_text(encoding="utf-8")
        text = text.replace("location_ids: settings", "location_ids: setings")
        text = re.sub(r"  - mappings/(?!square/inventory-validate).*\n", "", text)
        (tmp_path / part).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    configuration = load(Path("gateway.yaml"), None)
    build(configuration)
    shown = render_text(configuration.problems.sorted(), configuration.sources, colour=False)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"```\n{shown.split('1 error')[0].rstrip()}\n```" in readme


def test_the_readmes_tutorial_works_as_written(tutorial: Tutorial) -> None:
    """The very commands of the README, for a vendor that no shipped mapping knows."""
    out = tutorial(ROOT / "README.md")
    assert "1 mapping, no errors" in out
    assert "dry run: nothing was sent" in out
    answer = out[out.rindex('"checkout"') :]
    assert '"available": 10' in answer
    assert '"available": 0' in answer


def test_a_mapping_goes_live_from_its_description_as_written(tutorial: Tutorial) -> None:
    """The commands and the edits of the page on `gateway new`."""
    page = ROOT / "docs" / "scaffolding.md"
    out = tutorial(page)
    shown = re.findall(
        r"```\n((?:wrote|mappings/).*?)```", page.read_text(encoding="utf-8"), re.DOTALL
    )
    assert len(shown) == 2
    for line in "".join(shown).splitlines():
        # Here, outside of the project, files of tests have no first line for editors.
        assert line.replace(".test.yaml:8:11:", ".test.yaml:6:11:") in out
    assert "1 mapping, no errors" in out
    assert out.count("3 cases, 1 failed") == 2  # of the file, and of all
    answer = out[out.rindex('"checkout"') :]
    assert '"available": 10' in answer
    assert '"available": 0' in answer
