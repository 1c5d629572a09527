"""Cases: a deployment's files and what `validate-config` says of them, in one text file.

A sentence about the case, then sections that begin with `--- ` and their name:

    --- gateway.yaml              a file, by its path; another encoding stands in parentheses
    --- mappings/stock.yaml (crlf)
    --- no gateway.yaml           a file that isn't there
    --- mappings/empty/           a folder
    --- environment               NAME=value, besides the usual two
    --- without secrets           nothing below it: as with `--without-secrets`
    --- problems                  FILE:LINE:COLUMN: SEVERITY[CODE] MESSAGE, and indented its advice

A gateway.yaml and a mapping that are left out are those of tests/bad_mappings/default.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.config.load import Configuration, load
from gateway.config.problems import Problem
from gateway.config.render import render_github, render_json, render_text
from gateway.plan.build import Plans, build

DEFAULT = Path(__file__).parents[1] / "bad_mappings" / "default"
ENVIRONMENT = {"NACELLE_SECRET": "for-tests-only", "ACME_TOKEN": "for-tests-too"}
_HEADING = re.compile(r"--- (?P<name>.*?)(?: \((?P<encoding>[a-z0-9-]+)\))?\n")


@dataclass(frozen=True)
class Case:
    """One case as its file says it; `files` by path, None where there is to be none."""

    about: str
    files: dict[str, bytes | None]
    environment: dict[str, str] | None
    expected: str

    def text(self, name: str) -> bytes | None:
        return self.files.get(name)


@dataclass(frozen=True)
class Outcome:
    """What loading and building a deployment came to."""

    configuration: Configuration
    plans: Plans | None

    @property
    def problems(self) -> list[Problem]:
        return self.configuration.problems.sorted()

    def formats(self) -> dict[str, str]:
        sources = self.configuration.sources
        return {
            "text": render_text(self.problems, sources, colour=False),
            "json": render_json(self.problems),
            "github": render_github(self.problems),
        }

    @property
    def listed(self) -> str:
        """The problems as a case lists them."""
        lines: list[str] = []
        for found in json.loads(self.formats()["json"])["problems"]:
            place = f"{found['file']}:{found['line']}:{found['column']}"
            lines.append(f"{place}: {found['severity']}[{found['code']}] {found['message']}")
            lines += [f"  {advice}".rstrip() for advice in (found["advice"] or "").splitlines()]
        return "\n".join(lines)


def _read(path: Path) -> Case:
    about, *parts = re.split(r"^(?=--- )", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    files: dict[str, bytes | None] = {}
    environment: dict[str, str] | None = dict(ENVIRONMENT)
    expected = ""
    for part in parts:
        heading = _HEADING.match(part)
        assert heading is not None, f"{path}: {part.splitlines()[0]}"
        name, body = heading["name"], part[heading.end() :]
        if name == "problems":
            expected = body.strip("\n")
        elif name == "without secrets":
            environment = None
        elif name == "environment":
            assert environment is not None
            environment |= dict(line.split("=", 1) for line in body.split())
        elif name.startswith("no "):
            files[name.removeprefix("no ")] = None
        else:
            files[name] = _encoded(body, heading["encoding"])
    return Case(about.strip(), _completed(files), environment, expected)


def _encoded(text: str, encoding: str | None) -> bytes:
    if encoding == "crlf":
        return text.replace("\n", "\r\n").encode()
    return text.encode(encoding or "utf-8")


def _completed(files: dict[str, bytes | None]) -> dict[str, bytes | None]:
    if "gateway.yaml" not in files:
        files["gateway.yaml"] = (DEFAULT / "gateway.yaml").read_bytes()
    if not any(name.startswith("mappings/") for name in files):
        files["mappings/stock.yaml"] = (DEFAULT / "mappings" / "stock.yaml").read_bytes()
    return files


def _lay_out(files: dict[str, bytes | None], folder: Path) -> None:
    for name, data in files.items():
        path = folder / name
        if name.endswith("/"):
            path.mkdir(parents=True)
        elif data is not None and f"{name}/" not in files:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)


@pytest.fixture
def read_case() -> Callable[[Path], Case]:
    return _read


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Outcome]:
    """Write files into a folder, go there, and do what `validate-config` does."""

    def run(
        files: dict[str, bytes | None],
        environment: dict[str, str] | None = ENVIRONMENT,
        path: str = "gateway.yaml",
    ) -> Outcome:
        monkeypatch.chdir(tmp_path)
        _lay_out(files, tmp_path)
        configuration = load(Path(path), environment)
        return Outcome(configuration, build(configuration))

    return run
