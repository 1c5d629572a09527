"""One table says what trouble means; code and page follow it."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from gateway.errors import REASONS, Reason, status_of
from gateway.plan.faults import FAULTS, NO, NONSENSE, STATUSES, of_fault, of_status
from gateway.vendors.client import Answer, Fault, FaultKind, Sent

PACKAGE = Path(__file__).parents[2] / "gateway"
PAGE = (PACKAGE.parent / "docs" / "reference" / "reasons.md").read_text()

_CHOSEN = {"out_of_stock", "undo_failed", "unmatched"}
"""Reasons that the code chooses with an expression, where `_written` can't see them."""


def _written() -> Iterator[tuple[str, int, str]]:
    """Yield each `Refusal(status, reason, …)` of the code that names both."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") != "Refusal":
                continue
            status, reason, *_ = node.args
            if isinstance(status, ast.Constant) and isinstance(reason, ast.Constant):
                yield f"{path.stem}:{node.lineno}", status.value, reason.value


def test_every_fault_has_its_row_in_the_table_and_on_the_page() -> None:
    assert set(FAULTS) == set(get_args(FaultKind))
    for kind in FAULTS:
        assert f"\n| `{kind}` | " in PAGE


@pytest.mark.parametrize("kind", get_args(FaultKind))
def test_a_fault_is_told_as_the_table_says_and_an_effect_that_may_be_sent_is_in_doubt(
    kind: FaultKind,
) -> None:
    for sent, effect, idempotent in itertools.product(get_args(Sent), (True, False), (True, False)):
        told = of_fault(Fault(kind, sent), "acme", effect=effect, idempotent=idempotent)
        doubt = effect and sent != "no"
        assert told.reason == ("in_doubt" if doubt else FAULTS[kind].reason)
        assert told.status == status_of(told.reason)
        assert told.details.get("repeat") == (
            ("safe" if idempotent else "unsafe") if doubt else None
        )


def test_every_status_that_a_vendor_can_answer_has_a_verdict() -> None:
    for status, effect in itertools.product(range(1000), (True, False)):
        told = of_status(Answer(status, {}, b""), "acme", effect=effect, idempotent=False)
        assert told.status == status_of(told.reason)
        assert told.details["vendor_status"] == status


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (202, "in_doubt"),
        (303, "in_doubt"),
        (302, "vendor_error"),
        (408, "in_doubt"),
        (599, "in_doubt"),
    ],
)
def test_an_effect_of_which_a_status_leaves_open_whether_it_happened_is_in_doubt(
    status: int, reason: str
) -> None:
    told = of_status(Answer(status, {}, b""), "acme", effect=True, idempotent=True)
    assert (told.reason, told.details.get("repeat")) == (
        reason,
        "safe" if reason == "in_doubt" else None,
    )


def test_what_is_left_open_is_only_ever_told_of_effects() -> None:
    verdicts = [NO, NONSENSE, *(said.verdict for said in STATUSES)]
    assert "in_doubt" not in {verdict.read.reason for verdict in verdicts}


def test_every_reason_has_its_row_on_the_page() -> None:
    assert set(get_args(Reason)) == set(REASONS)
    for reason, (status, _, repeat) in REASONS.items():
        assert f"\n| `{reason}` | {status} | " in PAGE
        assert repeat


@pytest.mark.parametrize(("where", "status", "reason"), list(_written()))
def test_a_refusal_has_the_status_that_the_table_gives_its_reason(
    where: str, status: int, reason: str
) -> None:
    assert str(status) == REASONS[reason][0], where  # type: ignore[index]


def test_every_reason_is_given_somewhere() -> None:
    given = {reason for _, _, reason in _written()} | {each.reason for each in FAULTS.values()}
    for verdict in (NO, NONSENSE, *(said.verdict for said in STATUSES)):
        given |= {verdict.read.reason, verdict.effect.reason}
    assert set(REASONS) - given <= _CHOSEN
    for reason in _CHOSEN:
        assert any(f'"{reason}"' in path.read_text() for path in (PACKAGE / "plan").glob("*.py"))
