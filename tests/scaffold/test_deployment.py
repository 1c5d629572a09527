"""gateway.yaml: made where there is none, and else added to, with all that stands there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from click.testing import Result

ROOT = Path(__file__).parents[2]
Gateway = Callable[..., "Result"]

BLOCKS = """\
version: 1                                          # the format's
mappings:   # those of today
  - other/take.yaml    # takes stock

# Who calls us.
nacelle: {signature: {secrets: [{env: NACELLE_SECRET}]}}
vendors:
    other:
        base_url: "https://other.example"   # theirs
        headers: {X-Shop: 'ours'}
    # no more so far

log: {level: debug}   # for now
"""
FLOWS = """\
version: 1
mappings: [other/take.yaml]  # one
nacelle: {signature: {secrets: [{env: NACELLE_SECRET}]}}
vendors: {other: {base_url: "https://other.example"}}"""
TAKE = """\
mapping: other.take
contract: inventory.consume
vendor: other
call:
  request: {method: POST, path: /take, body: {id: order_key}}
  idempotency: order_key
"""


@pytest.fixture
def there(folder: Path) -> Callable[[str], Path]:
    """Let a deployment be there, with this gateway.yaml."""

    def make(text: str, newline: str = "\n") -> Path:
        (folder / "other").mkdir()
        (folder / "other" / "take.yaml").write_text(TAKE)
        path = folder / "gateway.yaml"
        path.write_bytes(text.replace("\n", newline).encode())
        return path

    return make


def added(before: str, after: str) -> list[str]:
    """Give the lines that were added; nothing may have gone or changed."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    found = []
    for line in new:
        if old and line == old[0]:
            old.pop(0)
        else:
            found.append(line)
    assert old == []
    return found


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_vendor_and_a_mapping_are_added_and_every_other_byte_stays(
    gateway: Gateway, there: Callable[..., Path], newline: str
) -> None:
    path = there(BLOCKS, newline)
    assert gateway("new", "acme", "inventory.validate").exit_code == 0
    assert added(BLOCKS.replace("\n", newline), path.read_bytes().decode()) == [
        f"  - mappings/acme/inventory-validate.yaml{newline}",
        f"    acme:{newline}",
        f"      # No address is known of it: put the vendor's.{newline}",
        f'      base_url: {{env: ACME_URL, default: "https://api.acme.example"}}{newline}',
        f"      auth: {{type: bearer, token: {{env: ACME_TOKEN}}}}{newline}",
    ]
    assert gateway("test").exit_code == 0


def test_lists_and_blocks_on_one_line_are_added_to_in_their_place(
    gateway: Gateway, there: Callable[[str], Path]
) -> None:
    path = there(FLOWS)
    assert gateway("new", "acme", "inventory.validate").exit_code == 0
    text = path.read_text()
    assert "[other/take.yaml, mappings/acme/inventory-validate.yaml]  # one\n" in text
    assert text.endswith(
        '"https://other.example"}, acme: {base_url: {env: ACME_URL, default: '
        '"https://api.acme.example"}, auth: {type: bearer, token: {env: ACME_TOKEN}}}}'
    )
    assert gateway("test").exit_code == 0


def test_a_vendor_that_is_there_is_taken_as_it_is(
    gateway: Gateway, there: Callable[[str], Path]
) -> None:
    path = there(BLOCKS)
    assert gateway("new", "other", "inventory.validate").exit_code == 0
    assert added(BLOCKS, path.read_text()) == ["  - mappings/other/inventory-validate.yaml\n"]


def test_a_mapping_goes_into_the_folder_that_is_listed(
    gateway: Gateway, there: Callable[[str], Path], folder: Path
) -> None:
    text = BLOCKS.replace("other/take.yaml ", "other ")
    path = there(text)
    assert gateway("new", "other", "inventory.validate").exit_code == 0
    assert path.read_text() == text
    assert (folder / "other" / "other" / "inventory-validate.yaml").is_file()
    assert gateway("test").output.endswith("3 cases, none failed\n")


def test_schemas_go_where_gateway_yaml_says_that_they_are(
    gateway: Gateway, there: Callable[[str], Path], folder: Path
) -> None:
    there(f"{BLOCKS}schemas: shapes\n")
    assert gateway("new", "acme", "inventory.validate").exit_code == 0
    assert (folder / "shapes" / "acme" / "inventory-validate-response.json").is_file()


def test_a_deployment_elsewhere_is_named_by_its_gateway_yaml(
    gateway: Gateway, folder: Path
) -> None:
    result = gateway("new", "acme", "inventory.validate", "-c", "shop/gateway.yaml")
    assert result.exit_code == 0
    assert (folder / "shop" / "mappings" / "acme" / "inventory-validate.yaml").is_file()
    assert "gateway test acme.inventory.validate -c shop/gateway.yaml" in result.output
    assert gateway("test", "-c", "shop/gateway.yaml").exit_code == 0


def test_a_second_contract_joins_the_first(gateway: Gateway, folder: Path) -> None:
    assert gateway("new", "acme", "inventory.validate").exit_code == 0
    before = (folder / "gateway.yaml").read_text()
    assert gateway("new", "acme", "inventory.consume").exit_code == 0
    assert (folder / "gateway.yaml").read_text() == before
    assert gateway("test").output.endswith("5 cases, none failed\n")


@pytest.mark.parametrize("is_there", [True, False])
def test_a_deployment_may_still_be_without_a_mapping(
    gateway: Gateway, folder: Path, is_there: object
) -> None:
    text = FLOWS.replace("other/take.yaml", "flows")
    (folder / "gateway.yaml").write_text(text)
    if is_there:
        (folder / "flows").mkdir()
    assert gateway("new", "other", "inventory.validate").exit_code == 0
    assert (folder / "gateway.yaml").read_text() == text
    assert (folder / "flows" / "other" / "inventory-validate.yaml").is_file()
    assert gateway("test").exit_code == 0


@pytest.mark.parametrize("slip", [("order_key}", "order_kay}"), ("idempotency:", "idempotencie:")])
def test_a_mapping_with_errors_is_mended_first(
    gateway: Gateway, there: Callable[[str], Path], folder: Path, slip: tuple[str, str]
) -> None:
    there(BLOCKS)
    take = folder / "other" / "take.yaml"
    take.write_text(take.read_text().replace(*slip))
    assert gateway("new", "acme", "inventory.validate").exit_code == 1
    assert not (folder / "mappings").exists()


def test_a_deployment_with_errors_is_mended_first(
    gateway: Gateway, there: Callable[[str], Path], folder: Path
) -> None:
    path = there(BLOCKS.replace("level: debug", "level: loud"))
    result = gateway("new", "acme", "inventory.validate")
    assert result.exit_code == 1
    assert "error[bad-value]" in result.output
    assert not (folder / "mappings").exists()
    assert "acme" not in path.read_text()


def test_a_contract_has_one_mapping(gateway: Gateway, there: Callable[[str], Path]) -> None:
    path = there(BLOCKS)
    result = gateway("new", "acme", "inventory.consume")
    assert result.exit_code == 1
    assert "inventory.consume has a mapping already, other/take.yaml" in result.output
    assert path.read_text() == BLOCKS


def test_nothing_is_written_over_unless_it_is_asked_for(gateway: Gateway, folder: Path) -> None:
    assert gateway("new", "acme", "inventory.validate").exit_code == 0
    mapping = folder / "mappings" / "acme" / "inventory-validate.yaml"
    written = mapping.read_text()
    mapping.write_text("# mine\n" + written)
    result = gateway("new", "acme", "inventory.validate")
    assert result.exit_code == 1
    assert "\n  mappings/acme/inventory-validate.yaml\n" in result.output
    assert mapping.read_text() == "# mine\n" + written
    forced = gateway("new", "acme", "inventory.validate", "--force")
    assert forced.exit_code == 0
    assert "changed mappings/acme/inventory-validate.yaml\n" in forced.output
    assert mapping.read_text() == written


def test_a_file_that_cannot_be_written_is_named(gateway: Gateway, folder: Path) -> None:
    (folder / "schemas").write_text("a file in the way")
    result = gateway("new", "acme", "inventory.validate")
    assert result.exit_code == 1
    assert "schemas/acme/inventory-validate-response.json can't be written" in result.output


def test_only_files_within_this_project_say_where_their_schema_is(
    gateway: Gateway, folder: Path
) -> None:
    assert gateway("new", "acme", "inventory.validate").exit_code == 0
    mapping = Path("mappings") / "acme" / "inventory-validate.yaml"
    assert "yaml-language-server" not in (folder / mapping).read_text()
    with TemporaryDirectory(dir=ROOT) as inside:
        config = Path(inside) / "gateway.yaml"
        assert gateway("new", "acme", "inventory.validate", "-c", config).exit_code == 0
        written = [
            config,
            Path(inside) / mapping,
            (Path(inside) / mapping).with_suffix(".test.yaml"),
        ]
        for path in written:
            first = path.read_text().partition("\n")[0]
            assert first.startswith("# yaml-language-server: $schema=")
            assert (path.parent / first.partition("=")[2]).is_file()
