"""The text of a file of tests with new goldens for one of its cases."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from gateway.config.text import SourceText
from gateway.testing.golden import Goldens, expectation
from gateway.testing.rewrite import Rewriter, plain
from gateway.testing.script import Entry, Heard, entries_of
from gateway.testing.suite_text import cases_in

if TYPE_CHECKING:
    from gateway.lossless import Json

    Parts = dict[str, Json]


def updated(text: str, name: str, found: Goldens) -> str:
    """Let a case expect what is sent and goes back; all that was right stays as it is written.

    Raises Unwritable where the text is no file of tests.
    """
    case = next(case for case in cases_in(text) if case.name.text == name)
    value = cast("Parts", plain(case.node))
    exchanges = cast("list[Parts]", value.get("vendor", []))
    for entry, heard, exchange in zip(
        entries_of(case.vendor), found.requests, exchanges, strict=True
    ):
        exchange["expect"] = _expected(entry, heard, cast("Parts", exchange["expect"]))
    value["reply"] = {"status": found.reply.status, "body": found.reply.body}
    return Rewriter(SourceText("", text)).with_value(case.node, value)


def _expected(entry: Entry, heard: Heard, before: Parts) -> Parts:
    """Take over from the request what the entry has otherwise."""
    told = entry.mismatches(heard)
    now = {"vendor": heard.vendor, **expectation(heard, entry.spec.expect.headers)}
    parts = [*before, *(key for key in now if key not in before)]
    made: Parts = {}
    for part in parts:
        differs = any(line.startswith(f"{entry.path}.{part}") for line in told)
        if not differs and part in before:
            made[part] = before[part]
        elif differs and part in now:
            made[part] = now[part]
    if isinstance(made.get("query"), dict):
        made["query"] = _as_written(before.get("query"), made["query"])
    return made


def _as_written(before: Json, now: Json) -> Json:
    """Keep the numbers of a query that stand for the text that came."""
    if not isinstance(before, dict) or not isinstance(now, dict):
        return now
    return {
        key: before[key] if isinstance(text, str) and str(before.get(key)) == text else text
        for key, text in now.items()
    }
