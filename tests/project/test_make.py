"""The commands that README and continuous integration call."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest
import yaml

if TYPE_CHECKING:
    from pathlib import Path

PATH_ONLY = {"PATH": os.environ["PATH"]}


@pytest.mark.parametrize("target", ["demo", "test", "check", "bench", "lock", "help"])
def test_make_knows_a_target_and_help_tells_of_it(root: Path, target: str) -> None:
    command = ["make", "--dry-run", target]
    subprocess.run(command, cwd=root, env=PATH_ONLY, check=True, capture_output=True)
    told = subprocess.run(["make"], cwd=root, env=PATH_ONLY, check=True, capture_output=True)
    assert f"make {target} " in told.stdout.decode()


def test_a_machine_without_a_suitable_python_is_told_what_to_do(root: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [root / "scripts" / "install.sh", tmp_path / "venv", "requirements.lock"],
        cwd=root,
        env=PATH_ONLY | {"PYTHON": "no-such-python"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "No Python 3.11 or newer" in done.stderr
    assert "make PYTHON=" in done.stderr
    assert not (tmp_path / "venv").exists()


def test_continuous_integration_runs_the_checks_and_then_the_tests(root: Path) -> None:
    script = root / ".ci" / "run"
    lines = script.read_text().splitlines()
    assert os.access(script, os.X_OK)
    assert "set -euo pipefail" in lines
    assert lines[-2:] == ["make lint", "make test"]


def test_pre_commit_runs_what_lint_runs_without_fetching_anything(root: Path) -> None:
    (repository,) = yaml.safe_load((root / ".pre-commit-config.yaml").read_text())["repos"]
    hooks = {tuple(hook["entry"].split()[:2]) for hook in repository["hooks"]}
    command = ["make", "--dry-run", "lint"]
    lint = subprocess.run(command, cwd=root, env=PATH_ONLY, check=True, capture_output=True)
    commands = [line for line in lint.stdout.decode().splitlines() if line.startswith(".venv/bin/")]
    assert repository["repo"] == "local"
    assert {hook["language"] for hook in repository["hooks"]} == {"system"}
    assert hooks == {tuple(line.split()[:2]) for line in commands if "pip" not in line}
