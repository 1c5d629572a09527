"""What a file of tests says: its keys, as frozen records. Values are plain: nothing computes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import get_args

from gateway.config import source
from gateway.config.kinds import BAD, Bad, Choice, Context, Whole, Word, WordKind, wrong_type
from gateway.config.records import NOWHERE, Located, Record, entry, record
from gateway.config.several import ListOf, MapOf
from gateway.config.source import Node, Scalar, Sequence, surprise_problem
from gateway.config.wording import is_blank
from gateway.lossless import Json
from gateway.vendors.client import FaultKind, Sent

_RECEIVED_AT = Word("2026-01-01T00:00:00Z", NOWHERE)
_EXCHANGE_ID = Word("0123456789abcdef", NOWHERE)


@dataclass(frozen=True, slots=True)
class Plain:
    """A JSON value as it is written; null is one too, and isn't the same as none."""

    value: Json


@dataclass(frozen=True, slots=True)
class PlainKind:
    """Any JSON value; a `block` has to be an object."""

    expected: str = "a value"
    block: bool = False

    def read(self, node: Node, context: Context) -> Plain | Bad:
        if is_blank(node) or (self.block and not isinstance(node, source.Mapping)):
            return wrong_type(node, self.expected, context)
        value = _plain(node, context)
        return BAD if value is BAD else Plain(value)

    def json_schema(self) -> dict[str, Json]:
        return {"type": "object"} if self.block else {}


def _plain(node: Node, context: Context) -> Json | Bad:
    if isinstance(node, Scalar):
        if node.surprise:
            context.problems.found.append(surprise_problem(node))
            return BAD
        return node.value
    if isinstance(node, Sequence):
        items = [_plain(item, context) for item in node.items]
        good = [item for item in items if item is not BAD]
        return good if len(good) == len(items) else BAD
    entries = {name.text: _plain(child, context) for name, child in node.entries}
    found = {name: value for name, value in entries.items() if value is not BAD}
    return found if len(found) == len(entries) else BAD


class _TextOrNumber:
    """Text; a number or a boolean stands for its text, as in a query."""

    expected = "text or a number"

    def read(self, node: Node, context: Context) -> str | Bad:
        if not isinstance(node, Scalar) or node.value is None:
            return wrong_type(node, self.expected, context)
        if node.surprise:
            context.problems.found.append(surprise_problem(node))
            return BAD
        return node.text

    def json_schema(self) -> dict[str, Json]:
        return {"type": ["string", "number", "boolean"]}


def _check_moment(text: str) -> str | None:
    wrong = f"`{text}` is no moment: type it as in `2026-11-22T20:05:00Z`"
    try:
        return None if datetime.fromisoformat(text).tzinfo else wrong
    except ValueError:
        return wrong


_TEXT = _TextOrNumber()
_HEADERS = MapOf(_TEXT, "a block of headers")
_QUERY = MapOf(ListOf(_TEXT, "text or a list of texts", least=1, or_one=True), "a block of names")


@record
class ExpectSpec(Located):
    """The request that must come, whole."""

    vendor: Word | None = entry(
        WordKind("the name of a vendor"),
        "Which vendor of gateway.yaml; any when left out.",
        default=None,
    )
    method: str = entry(
        Choice(("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")), "Its method.", example="POST"
    )
    path: Word = entry(
        WordKind("a path"),
        "Its path as sent, percent-encoded, without the vendor's `base_url` and without the query.",
        example="/v1/stock",
    )
    query: Mapping[str, tuple[str, ...]] = entry(
        _QUERY,
        "Its query, decoded and whole: a text by name, or a list where a name stands twice.",
        default=MappingProxyType({}),
    )
    headers: Mapping[str, str] = entry(
        _HEADERS,
        "Headers that it must have; others aren't looked at.",
        default=MappingProxyType({}),
    )
    body: Plain | None = entry(
        PlainKind(), "Its whole body; none may come when left out.", default=None
    )


@record
class AnswerSpec(Located):
    """What the vendor answers, or how it fails to."""

    status: int | None = entry(Whole(100, 599), "The status.", default=None, example="200")
    headers: Mapping[str, str] = entry(
        _HEADERS,
        "Headers; `Content-Type: application/json` comes of itself.",
        default=MappingProxyType({}),
    )
    body: Plain | None = entry(
        PlainKind(),
        "The body: JSON, or text that is sent as it is under another `Content-Type`.",
        default=None,
    )
    fault: str | None = entry(
        Choice(get_args(FaultKind)), "No answer comes: what goes wrong instead.", default=None
    )
    sent: str | None = entry(
        Choice(get_args(Sent)), "With `fault`: whether the vendor got the request.", default=None
    )


def _check_answer(answer: AnswerSpec, context: Context) -> None:
    said = {name.text for name, _ in answer.node.entries}
    if answer.fault is None:
        if answer.sent is not None:
            _missing("fault", "timeout", answer, context)
        elif answer.status is None and "fault" not in said:
            _missing("status", "200", answer, context)
        return
    if answer.sent is None:
        _missing("sent", "unknown", answer, context)
    for key in ("status", "headers", "body"):
        if key in said:
            context.problems.error(
                "unknown-key",
                f"`{key}` can't stand beside `fault`.",
                answer.key_place(key),
                "Either the vendor answers, or it fails: take one of the two out.",
            )


def _missing(key: str, example: str, answer: AnswerSpec, context: Context) -> None:
    context.problems.error(
        "missing-key",
        f"`{key}` is missing from `answer`.",
        answer.key_place(key),
        f"Add `{key}: {example}`.",
    )


@record
class ScriptedSpec(Located):
    """One request to a vendor and what comes of it."""

    expect: ExpectSpec = entry(
        Record(ExpectSpec, "`expect`"),
        "The request that must come.",
        example="{method: GET, path: /v1/stock}",
    )
    answer: AnswerSpec = entry(
        Record(AnswerSpec, "`answer`", _check_answer),
        "What the vendor answers.",
        example="{status: 200, body: {}}",
    )


@record
class ReplySpec(Located):
    """What must go back to Nacelle."""

    status: int = entry(Whole(200, 599), "The status.", example="200")
    body: Plain = entry(PlainKind(), "The whole body.", example="{checkout: {items: []}}")


@record
class CaseSpec(Located):
    """One test: what comes in, what the vendors are asked and say, what goes back."""

    name: Word = entry(
        WordKind("a name"), "A sentence about it, unique in this file.", example="nothing in stock"
    )
    settings: Mapping[str, Plain] = entry(
        MapOf(PlainKind(), "a block of settings"),
        "Settings over those of gateway.yaml: blocks are merged, other values replaced.",
        default=MappingProxyType({}),
    )
    receive: Plain = entry(
        PlainKind("a checkout or an order", block=True),
        "The checkout or the order that comes in, bare or wrapped.",
        example="{items: []}",
    )
    received_at: Word = entry(
        WordKind("a moment", _check_moment), "When it comes in.", default=_RECEIVED_AT
    )
    exchange_id: Word = entry(
        WordKind("an id"), "The exchange's id, which errors name.", default=_EXCHANGE_ID
    )
    vendor: tuple[ScriptedSpec, ...] = entry(
        ListOf(Record(ScriptedSpec, "a vendor's exchange"), "a list of exchanges with vendors"),
        "The requests to vendors, in their order: each must come, and no other.",
        default=(),
    )
    reply: ReplySpec = entry(
        Record(ReplySpec, "`reply`"),
        "What must go back.",
        example="{status: 200, body: {checkout: {items: []}}}",
    )


@record
class TestsSpec(Located):
    """A file of tests, beside the mapping that it is named for."""

    cases: tuple[CaseSpec, ...] = entry(
        ListOf(Record(CaseSpec, "a case"), "a list of cases", least=1),
        "The tests, each by itself.",
        example="[{name: …, receive: {…}, reply: {…}}]",
        instead=(),
    )


def _check_names(tests: TestsSpec, context: Context) -> None:
    seen: set[str] = set()
    for case in tests.cases:
        if case.name.text in seen:
            context.problems.error(
                "bad-value",
                f"There is a case named `{case.name.text}` already.",
                case.name.place,
                "Give each case a name of its own.",
            )
        seen.add(case.name.text)


TESTS_FILE = Record(TestsSpec, "a file of tests", _check_names)
