"""Every operation of Square's own description, for every contract."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from gateway.contracts import CONTRACTS
from gateway.scaffold.document import read_document
from gateway.scaffold.operations import Operation, operations
from tests.conftest import SPECIFICATION

if TYPE_CHECKING:
    from click.testing import Result

THERE = SPECIFICATION.exists()
OPERATIONS = operations(read_document(SPECIFICATION)) if THERE else []


@pytest.mark.skipif(not THERE, reason="the official specifications aren't there: ../shared/specs/")
def test_the_specification_has_operations() -> None:
    assert len(OPERATIONS) == 14


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.id)
def test_what_is_written_for_an_operation_validates_and_passes_its_tests_for_every_contract(
    gateway: Callable[..., Result], operation: Operation
) -> None:
    written = 0
    for contract in CONTRACTS.values():
        arguments = ("--openapi", SPECIFICATION, "--operation", operation.id)
        result = gateway("new", "square", contract.name, *arguments)
        if contract.effect and operation.reads:
            assert result.exit_code == 1
            assert "only reads" in result.output
        else:
            assert result.exit_code == 0, result.output
            written += 1
    checked = gateway("validate-config", "--without-secrets")
    assert f"{written} mappings, no errors" in checked.output
    tested = gateway("test")
    told = re.search(r"^(\d+) cases, none failed\n\Z", tested.output, re.MULTILINE)
    assert told is not None, tested.output
    # Two for each, and more where lines may have no row.
    assert int(told[1]) > 2 * written
