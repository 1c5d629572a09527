"""The example rules for Prometheus ask only for what the gateway shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from gateway.errors import REASONS
from gateway.telemetry.metric_table import METRICS

ROOT = Path(__file__).parents[2]
(GROUP,) = yaml.safe_load((ROOT / "deploy" / "prometheus-rules.yaml").read_text())["groups"]
RULES = {rule["alert"]: rule for rule in GROUP["rules"]}
TABLE = {metric.name: metric for metric in METRICS}
PARTS = ("_bucket", "_sum", "_count")


def metrics_in(text: str) -> set[str]:
    names = set(re.findall(r"\bgateway_\w+", text))
    return {
        name
        if name in TABLE
        else next(iter(name.removesuffix(p) for p in PARTS if name.endswith(p)), name)
        for name in names
    }


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_a_rule_asks_for_metrics_labels_and_reasons_that_there_are(rule) -> None:
    asked = rule["expr"]
    metrics = metrics_in(asked)
    assert metrics
    assert metrics <= set(TABLE)
    labels = {label for name in metrics for label in TABLE[name].labels}
    selected = re.findall(r"(\w+)(?:=~|!~|!=|=)\"", asked)
    grouped = ", ".join(re.findall(r"by \(([^)]*)\)", asked)).split(", ")
    shown = re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"])
    assert {*selected, *grouped, *shown} - {"", "le"} <= labels
    assert set(re.findall(r"reason=\"(\w+)\"", asked)) <= set(REASONS)
    assert rule["labels"]["severity"] in {"page", "ticket"}


def test_every_rule_stands_in_the_operators_page_and_no_other() -> None:
    page = (ROOT / "docs" / "operations.md").read_text()
    section = page[page.index("## Metrics") : page.index("## Traces")]
    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == list(RULES)


def test_the_metrics_that_the_operators_page_names_are_those_of_the_table() -> None:
    page = (ROOT / "docs" / "operations.md").read_text()
    assert metrics_in(page) <= set(TABLE)
