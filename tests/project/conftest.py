from __future__ import annotations

import json
import re
from pathlib import Path
from typing import cast

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def image() -> dict[str, list[str]]:
    """Give the instructions of the image's last stage: a name → what follows it, each time."""
    text = (ROOT / "Dockerfile").read_text()
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r"^([A-Z]+) (.+)$", text[text.rindex("\nFROM ") :], re.MULTILINE):
        found.setdefault(name, []).append(value)
    return found


@pytest.fixture(scope="session")
def healthcheck(image: dict[str, list[str]]) -> list[str]:
    """Give the command that asks a running image for its health."""
    (value,) = image["HEALTHCHECK"]
    return cast("list[str]", json.loads(value.partition(" CMD ")[2]))


@pytest.fixture(scope="session")
def served(image: dict[str, list[str]]) -> list[str]:
    """Give the command that the image runs unless told otherwise."""
    (entrypoint,), (command,) = image["ENTRYPOINT"], image["CMD"]
    return [*json.loads(entrypoint), *json.loads(command)]
