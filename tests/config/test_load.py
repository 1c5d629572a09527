"""Files, folders and links as they lie on a disk."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gateway.config.load import load

if TYPE_CHECKING:
    from tests.config.conftest import Outcome

MAPPING = b"""\
mapping: acme.stock
contract: inventory.validate
vendor: acme
call:
  request: {method: GET, path: /stock}
"""
GATEWAY = b"""\
version: 1
mappings: [mappings]
vendors:
  acme: {base_url: https://api.acme.example}
"""
FILES: dict[str, bytes | None] = {"gateway.yaml": GATEWAY, "mappings/stock.yaml": MAPPING}


def test_a_gateway_file_elsewhere_brings_its_own_folder(check: Callable[..., Outcome]) -> None:
    """Relative paths count from its folder, and places show the way from where one stands."""
    broken = MAPPING.replace(b"vendor:", b"vendr:")
    outcome = check(
        {"shops/eu/gateway.yaml": GATEWAY, "shops/eu/mappings/stock.yaml": broken},
        path="shops/eu/gateway.yaml",
    )
    assert [problem.place.file for problem in outcome.problems] == ["shops/eu/mappings/stock.yaml"]


def test_a_gateway_file_above_is_shown_with_its_whole_path(
    check: Callable[..., Outcome], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check({**FILES, "below/": b""})
    monkeypatch.chdir(tmp_path / "below")
    (tmp_path / "mappings" / "stock.yaml").write_bytes(b"")
    (problem,) = load(Path("../gateway.yaml"), {}).problems.sorted()
    assert problem.place.file == "../mappings/stock.yaml"


def test_a_link_is_shown_as_it_was_named(check: Callable[..., Outcome], tmp_path: Path) -> None:
    (tmp_path / "elsewhere.yaml").write_bytes(b"")
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "linked.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    (problem,) = check({"gateway.yaml": GATEWAY}).problems
    assert problem.place.file == "mappings/linked.yaml"


def test_a_linked_folder_is_read_once_and_a_circle_of_links_ends(
    check: Callable[..., Outcome], tmp_path: Path
) -> None:
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "again").symlink_to(tmp_path / "mappings")
    (tmp_path / "mappings" / "more").symlink_to(tmp_path / "elsewhere")
    other = MAPPING.replace(b"acme.stock", b"acme.tax").replace(b"inventory.", b"taxes.")
    outcome = check({**FILES, "elsewhere/tax.yaml": other})
    assert outcome.problems == []
    names = [mapping.mapping.text for mapping in outcome.configuration.mappings]
    assert names == ["acme.tax", "acme.stock"]


@pytest.mark.parametrize("target", ["itself.yaml", "gone.yaml"])
def test_a_link_to_nothing_is_a_problem(
    check: Callable[..., Outcome], tmp_path: Path, target: str
) -> None:
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "itself.yaml").symlink_to(target)
    (problem,) = check(FILES).problems
    assert problem.code in {"missing-file", "unreadable-file"}
    assert "mappings/itself.yaml" in problem.message
    assert (problem.place.file, problem.place.line) == ("gateway.yaml", 2)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
@pytest.mark.parametrize("name", ["gateway.yaml", "mappings/stock.yaml", "mappings/sub"])
def test_what_may_not_be_read_is_a_problem(
    check: Callable[..., Outcome], tmp_path: Path, name: str
) -> None:
    check({**FILES, "mappings/sub/": b""})
    (tmp_path / name).chmod(0)
    try:
        (problem,) = load(Path("gateway.yaml"), {}).problems.sorted()
    finally:
        (tmp_path / name).chmod(0o755)
    assert problem.code == "unreadable-file"
    assert "Permission denied" in problem.message


def test_the_version_changes_with_each_file(check: Callable[..., Outcome], tmp_path: Path) -> None:
    before = check(FILES).configuration.version
    assert load(Path("gateway.yaml"), {}).version == before
    (tmp_path / "mappings" / "stock.yaml").write_bytes(MAPPING + b"# changed\n")
    assert load(Path("gateway.yaml"), {}).version != before
