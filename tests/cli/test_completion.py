"""What a shell is told: the script, and the words that can follow."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from click.testing import Result

ROOT = Path(__file__).parents[2]
FERNWOOD = ROOT / "tests" / "scaffold" / "fernwood.openapi.yaml"
FOLDER = str(Path(sys.executable).parent)


def words(line: str) -> list[str]:
    """Complete a line as bash does, in this project's folder; `_` stands for the cursor."""
    typed = line.removesuffix("_")
    script = """
        eval "$(gateway completion bash)"
        COMP_WORDS=($TYPED); COMP_CWORD=$COUNT
        [ "$LAST" ] || COMP_WORDS+=("")
        _gateway_completion gateway
        printf '%s\\n' "${COMPREPLY[@]}"
    """
    parts = typed.split()
    last = "" if typed.endswith(" ") else parts[-1]
    count = len(parts) if not last else len(parts) - 1
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=ROOT,
        env={
            "PATH": f"{FOLDER}:{os.environ['PATH']}",
            "TYPED": typed,
            "COUNT": str(count),
            "LAST": last,
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("gateway va_", ["validate-config"]),
        ("gateway new acme inv_", ["inventory.validate", "inventory.consume"]),
        ("gateway serve --po_", ["--port"]),
        ("gateway explain square._", ["square.inventory.consume", "square.inventory.validate"]),
        ("gateway test generic.s_", ["generic.shipping.validate", "generic.sync.consume"]),
        (
            f"gateway new a sync.consume --openapi {FERNWOOD} --operation _",
            ["listLevels", "reserve"],
        ),
    ],
)
def test_bash_completes_commands_options_and_names(line: str, expected: list[str]) -> None:
    assert words(line) == expected


@pytest.mark.parametrize(
    ("shell", "start"),
    [("bash", "_gateway_completion()"), ("zsh", "#compdef gateway"), ("fish", "function ")],
)
def test_a_shells_script_is_printed(run: Callable[..., Result], shell: str, start: str) -> None:
    result = run("completion", shell)
    assert result.exit_code == 0
    assert result.output.lstrip().startswith(start)
    assert "_GATEWAY_COMPLETE" in result.output


def test_another_shell_is_refused(run: Callable[..., Result]) -> None:
    result = run("completion", "csh")
    assert result.exit_code == 2
    assert "'csh' is not one of 'bash', 'zsh', 'fish'" in result.output
