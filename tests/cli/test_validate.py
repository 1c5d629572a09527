"""`gateway validate-config`: every problem, in three shapes, and exit codes to build on."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

BROKEN = """
version: 1
mappings: [nowhere]
nacelle: {deadline: soon}
vendors: {}
"""


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    path = tmp_path / "gateway.yaml"
    path.write_text(BROKEN)
    return path


def test_a_sound_deployment_ends_with_0_and_says_what_was_checked(run, config, secrets) -> None:
    result = run("validate-config", config, env=secrets)
    assert result.exit_code == 0
    assert result.output.endswith("gateway.yaml: 7 mappings, no errors\n")


def test_the_worst_case_of_each_mapping_is_told_before_the_verdict(run, config, secrets) -> None:
    told = run("validate-config", config, env=secrets).output.splitlines()
    assert told[1] == (
        "square.inventory.consume: 5 s at worst (deadline 8 s): counts 2.5 s a page, take 2.5 s "
        "an element"
    )


def test_the_path_may_be_an_argument_or_an_option(run, config, secrets) -> None:
    outputs = {
        run("validate-config", *arguments, env=secrets).output
        for arguments in ([config], ["--config", config], ["-c", config])
    }
    assert len(outputs) == 1


def test_unset_variables_are_problems_unless_they_are_stood_in_for(run, config, secrets) -> None:
    strict = run("validate-config", config)
    assert strict.exit_code == 1
    for name in secrets:
        assert f"{name} is not set" in strict.output
    assert run("validate-config", config, "--without-secrets").exit_code == 0


def test_all_problems_are_told_at_once(run, broken) -> None:
    result = run("validate-config", broken)
    assert result.exit_code == 1
    for code in ("missing-file", "bad-value"):
        assert f"error[{code}]" in result.output
    assert "2 errors in 1 file" in result.output


def test_programs_get_json(run, broken, config) -> None:
    result = run("validate-config", broken, "--format", "json")
    assert result.exit_code == 1
    codes = {problem["code"] for problem in json.loads(result.output)["problems"]}
    assert codes == {"missing-file", "bad-value"}
    sound = run("validate-config", config, "--without-secrets", "--format", "json")
    assert (sound.exit_code, json.loads(sound.output)) == (0, {"problems": []})


def test_github_gets_annotations(run, broken, config) -> None:
    result = run("validate-config", broken, "--format", "github")
    assert result.exit_code == 1
    lines = result.output.splitlines()
    assert len([line for line in lines if line.startswith("::error file=")]) == 2
    sound = run("validate-config", config, "--without-secrets", "--format", "github")
    assert (sound.exit_code, sound.output) == (0, "")


def test_a_file_that_is_missing_is_named(run, tmp_path) -> None:
    result = run("validate-config", tmp_path / "nothing.yaml")
    assert result.exit_code == 1
    assert "nothing.yaml" in result.output
    assert "error[missing-file]" in result.output


def test_a_folder_is_no_file(run, tmp_path) -> None:
    result = run("validate-config", tmp_path)
    assert result.exit_code == 2
    assert "is a directory" in result.output


def test_a_mapping_file_is_no_gateway_yaml(run, config) -> None:
    mapping = config.parent / "mappings" / "square" / "inventory-validate.yaml"
    result = run("validate-config", mapping)
    assert result.exit_code == 1
    assert "gateway.yaml is expected" in result.output


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"a: [", b"- 1\n", b"\x00"])
def test_a_file_that_is_no_configuration_is_a_problem_and_no_traceback(
    run, tmp_path, content: bytes
) -> None:
    path = tmp_path / "gateway.yaml"
    path.write_bytes(content)
    result = run("validate-config", path)
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert "error[" in result.output


def test_colours_are_for_terminals_only(run, broken) -> None:
    assert "\x1b[" not in run("validate-config", broken).output
    master, slave = pty.openpty()
    command = [Path(sys.executable).with_name("gateway"), "validate-config", broken]
    subprocess.run(command, stdout=slave, check=False)
    os.close(slave)
    with os.fdopen(master, "rb", buffering=0) as terminal:
        assert b"\x1b[" in terminal.read(4096)
