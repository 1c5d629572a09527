"""Whatever Square's document allows to be asked, the faked Square answers as the document says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx2 as httpx


@pytest.mark.parametrize(
    ("path", "answers"),
    [
        ("/v2/inventory/counts/batch-retrieve", "BatchRetrieveInventoryCountsResponse"),
        ("/v2/inventory/changes/batch-create", "BatchChangeInventoryResponse"),
        ("/v2/orders", "CreateOrderResponse"),
    ],
)
@given(data=st.data())
@settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_every_answer_satisfies_the_specification(
    square_client: httpx.Client,
    specification: dict[str, object],
    faults_by_specification: Callable[[str, object], list[str]],
    path: str,
    answers: str,
    data: st.DataObject,
) -> None:
    operation = schemathesis.openapi.from_dict(specification)[path]["POST"]
    body = data.draw(operation.as_strategy()).body
    answer = square_client.post(path, json=body)
    if answer.status_code == 200:
        assert faults_by_specification(answers, answer.json()) == []
    else:
        assert answer.status_code in (400, 404)
        for error in answer.json()["errors"]:
            assert faults_by_specification("Error", error) == []
