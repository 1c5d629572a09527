"""How long a mapping may take, as validate-config and explain tell it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.plan.build import build
from gateway.plan.worst_case import worst_case

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.config.load import Configuration
    from gateway.lossless import Json

VENDOR: dict[str, Json] = {
    "base_url": "http://127.0.0.1:9",
    "timeout": {"total": "1s"},
    "retry": {"attempts": 4, "backoff": "100ms..300ms"},
}
TWO = """
mapping: two
contract: inventory.validate
vendor: acme
calls:
  site: {request: {method: GET, path: /site}}
  stock:
    request: {method: GET, path: /stock, query: {"after?": page.next, site: calls.site.body.id}}
    pages: {rows: body.rows, next: body.next}
"""


def told(configuration: Configuration) -> str:
    plans = build(configuration)
    assert plans is not None
    assert configuration.gateway is not None
    return str(worst_case(plans.by_contract["inventory.validate"], configuration.gateway.vendors))


def test_attempts_timeouts_and_waits_are_summed_over_the_calls(
    configure: Callable[..., Configuration],
) -> None:
    configuration = configure(TWO, vendors={"acme": VENDOR})
    assert told(configuration) == "site 4 × 1 s + 0.6 s, stock 4 × 1 s + 0.6 s a page"  # noqa: RUF001 - as it is shown
    [problem] = configuration.problems.sorted()
    assert (problem.code, problem.severity) == ("deadline-too-short", "warning")
    assert "may take 9.2 s, and the deadline is 8 s" in problem.message


def test_of_calls_that_run_at_once_only_the_slowest_counts(
    configure: Callable[..., Configuration],
) -> None:
    apart = TWO.replace(", site: calls.site.body.id", "")
    configuration = configure(apart, vendors={"acme": VENDOR})
    assert told(configuration) == "(site 4 × 1 s + 0.6 s, stock 4 × 1 s + 0.6 s a page at once)"  # noqa: RUF001 - as it is shown
    assert not configuration.problems.found


def test_a_calls_own_settings_count_in_place_of_the_vendors(
    configure: Callable[..., Configuration],
) -> None:
    own = "  site: {retry: {attempts: 1}, timeout: {total: 2s}, request"
    configuration = configure(TWO.replace("  site: {request", own), vendors={"acme": VENDOR})
    assert told(configuration) == "site 2 s, stock 4 × 1 s + 0.6 s a page"  # noqa: RUF001 - as it is shown
    assert not configuration.problems.found


@pytest.mark.parametrize(
    ("deadline", "codes"), [("9199ms", ["deadline-too-short"]), ("9200ms", [])]
)
def test_what_just_fits_raises_no_problem(
    problems_of: Callable[..., list[str]], deadline: str, codes: list[str]
) -> None:
    nacelle = {"signature": {"secrets": [{"env": "SECRET"}]}, "deadline": deadline}
    assert problems_of(TWO, vendors={"acme": VENDOR}, nacelle=nacelle) == codes
