"""What `validate-config` says, case by case: tests/bad_mappings and tests/sound_mappings."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gateway.config.codes import CODES

if TYPE_CHECKING:
    from tests.config.conftest import Case, Outcome

TESTS = Path(__file__).parents[1]
BAD = sorted((TESTS / "bad_mappings").glob("*.txt"))
SOUND = sorted((TESTS / "sound_mappings").glob("*.txt"))
PLANTED = "planted"
"""Every secret that a case writes where none belongs has this word in it."""

UNREACHED = {
    "no-scope": "only `gateway eval` compiles without a scope",
}
"""Codes that no file of a deployment leads to, and why."""


def stem(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize("path", BAD, ids=stem)
def test_a_bad_configuration_is_told_exactly(
    path: Path, read_case: Callable[[Path], Case], check: Callable[..., Outcome]
) -> None:
    """With ACCEPT_CASES=1 what is told is written into the case, to be read and judged."""
    case = read_case(path)
    outcome = check(case.files, case.environment)
    if os.environ.get("ACCEPT_CASES"):
        before = path.read_text(encoding="utf-8").partition("--- problems\n")[0]
        path.write_text(f"{before}--- problems\n{outcome.listed}\n", encoding="utf-8")
    assert outcome.listed == read_case(path).expected


@pytest.mark.parametrize("path", BAD, ids=stem)
def test_a_case_shows_the_code_that_it_is_named_for(
    path: Path, read_case: Callable[[Path], Case], check: Callable[..., Outcome]
) -> None:
    code = max((code for code in CODES if path.stem.startswith(code)), key=len)
    case = read_case(path)
    assert case.about, "a case begins with a sentence about it"
    assert code in [problem.code for problem in check(case.files, case.environment).problems]


@pytest.mark.parametrize("path", BAD, ids=stem)
def test_a_secret_in_the_files_appears_in_no_format(
    path: Path, read_case: Callable[[Path], Case], check: Callable[..., Outcome]
) -> None:
    case = read_case(path)
    for style, text in check(case.files, case.environment).formats().items():
        assert PLANTED not in text.lower(), style


def test_every_code_that_files_lead_to_has_its_plainest_case() -> None:
    named = {path.stem for path in BAD}
    assert set(CODES) - named == set(UNREACHED)


@pytest.mark.parametrize("path", SOUND, ids=stem)
def test_a_sound_configuration_raises_no_problem(
    path: Path, read_case: Callable[[Path], Case], check: Callable[..., Outcome]
) -> None:
    case = read_case(path)
    assert case.about, "a case begins with a sentence about it"
    outcome = check(case.files, case.environment)
    assert outcome.listed == ""
    assert outcome.plans is not None
