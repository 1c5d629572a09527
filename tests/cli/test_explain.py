"""`gateway explain`: what each shipped mapping does, without any secret."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

STEPS = {
    "square.inventory.validate": ["1. call: read at square", "2. lines", "3. reply"],
    "square.inventory.consume": [
        "1. key: `order_key`",
        "2. call:counts: read at square",
        "3. lines",
        "4. shortage",
        "5. call:take: effect at square",
        "6. reply",
    ],
    "generic.sync.consume": ["1. key", "2. call: effect at orders", "3. reply"],
}


@pytest.mark.parametrize("mapping", STEPS)
def test_each_step_of_a_shipped_mapping_is_told_in_order(run, config, mapping: str) -> None:
    result = run("explain", mapping, "--config", config)
    assert result.exit_code == 0, result.output
    told = [line for line in result.output.splitlines() if line[:1].isdigit()]
    assert len(told) == len(STEPS[mapping])
    for line, start in zip(told, STEPS[mapping], strict=True):
        assert line.startswith(start)


def test_a_mapping_is_found_by_its_contract_too(run, config) -> None:
    names = ("inventory.validate", "square.inventory.validate")
    assert len({run("explain", name, "-c", config).output for name in names}) == 1


def test_the_vendors_address_is_the_one_that_would_be_called(run, config) -> None:
    address = {"SQUARE_URL": "https://square.example"}
    result = run("explain", "inventory.validate", "-c", config, env=address)
    assert "POST https://square.example/v2/inventory/counts/batch-retrieve" in result.output


def test_the_longest_time_is_told_of_the_mapping_and_of_each_call(run, config) -> None:
    told = run("explain", "inventory.consume", "-c", config).output
    assert "  at worst   5 s of calls; the deadline cuts off at 8 s\n" in told
    assert "     takes at most 2.5 s a page\n" in told


def test_an_unknown_mapping_ends_with_2(run, config) -> None:
    result = run("explain", "nonsense", "-c", config)
    assert (result.exit_code, "There is no mapping nonsense." in result.stderr) == (2, True)


def test_a_broken_deployment_ends_with_1_and_its_problems(run, tmp_path) -> None:
    result = run("explain", "nonsense", "-c", tmp_path / "gateway.yaml")
    assert (result.exit_code, "error[missing-file]" in result.stderr) == (1, True)


def test_what_is_asked_in_doubt_and_what_rules_make_of_an_answer_are_told(run, tmp_path) -> None:
    page = (ROOT / "docs" / "vendors" / "fluent.md").read_text(encoding="utf-8")
    (tmp_path / "gateway.yaml").write_text(page.split("```yaml\n")[1].split("```")[0])
    for name in ("mappings", "schemas"):
        (tmp_path / name).symlink_to(ROOT / name)
    result = run("explain", "fluent.sync.consume", "-c", tmp_path / "gateway.yaml")
    assert result.exit_code == 0, result.output
    starts = (
        "in doubt fluent is asked, and has it where `body.data.orders.edges[",
        "in doubt when body.errors[",
        "not done, sent again, when body.errors[",
        "error 422 when (status",
    )
    told = [line.strip() for line in result.output.splitlines()]
    assert all(any(line.startswith(start) for line in told) for start in starts)
