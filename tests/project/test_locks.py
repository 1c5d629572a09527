"""The lock files: pinned, hashed, and silent about where packages come from."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

LOCKS = ["requirements.lock", "requirements-dev.lock"]


def _pins(lock: Path) -> dict[str, str]:
    return dict(
        re.findall(r"^([a-z0-9-]+)(?:\[[a-z0-9,-]+\])?==(\S+) \\$", lock.read_text(), re.MULTILINE)
    )


@pytest.fixture(scope="module")
def project(root: Path) -> dict[str, list[str]]:
    table = tomllib.loads((root / "pyproject.toml").read_text())
    build = table["build-system"]["requires"]
    runtime = [*build, *table["project"]["dependencies"]]
    dev = table["project"]["optional-dependencies"]["dev"]
    return {"requirements.lock": runtime, "requirements-dev.lock": [*runtime, *dev]}


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_nothing_but_pins_hashes_and_comments(root: Path, name: str) -> None:
    """So no address, index, folder or option can stand in it."""
    line = re.compile(
        r"[a-z0-9-]+(\[[a-z0-9,-]+\])?==\S+ \\|    --hash=sha256:[0-9a-f]{64}( \\)?| *#.*|"
    )
    strange = [text for text in (root / name).read_text().splitlines() if not line.fullmatch(text)]
    assert strange == []


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_address_or_folder_in_its_comments(root: Path, name: str) -> None:
    comments = re.findall(r"#.*", (root / name).read_text())
    assert not [text for text in comments if re.search(r"://|(^|\s)/|--\w|\.(org|com|net)\b", text)]


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_is_made_with_the_oldest_python(root: Path, name: str) -> None:
    """The oldest needs the most packages; a newer one's lock would lack some of them."""
    assert "pip-compile with Python 3.11" in (root / name).read_text()


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_satisfies_every_requirement_of_the_project(
    root: Path, project: dict[str, list[str]], name: str
) -> None:
    pins = _pins(root / name)
    for text in project[name]:
        requirement = Requirement(text)
        assert requirement.specifier.contains(pins[canonicalize_name(requirement.name)]), text


def test_what_is_tested_is_what_runs(root: Path) -> None:
    """Whatever the runtime lock pins, the development lock pins at the same version."""
    runtime, dev = (_pins(root / name) for name in LOCKS)
    assert runtime.items() <= dev.items()


PEERS = Path("bench") / "peers" / "node"


def test_the_lock_of_the_peers_in_node_has_hashes_and_no_addresses(root: Path) -> None:
    lock = json.loads((root / PEERS / "package-lock.json").read_text())
    packages = {name: each for name, each in lock["packages"].items() if name}
    assert packages
    assert not [name for name, each in packages.items() if "resolved" in each]
    own = {name: each for name, each in packages.items() if not each.get("inBundle")}
    assert not [name for name, each in own.items() if "integrity" not in each]


def test_the_peers_in_node_are_pinned(root: Path) -> None:
    wanted = json.loads((root / PEERS / "package.json").read_text())["dependencies"]
    lock = json.loads((root / PEERS / "package-lock.json").read_text())
    found = {name: lock["packages"][f"node_modules/{name}"]["version"] for name in wanted}
    assert wanted == found
