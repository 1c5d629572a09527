"""What a mapping file says about the answer of a call."""

from __future__ import annotations

import re

from gateway.config import source
from gateway.config.computed import EXPRESSION, Text
from gateway.config.kinds import Bad, Choice, Context, Word, WordKind, wrong_type
from gateway.config.records import Located, entry, record
from gateway.config.source import Node, Scalar
from gateway.lossless import Json

SCHEMA = WordKind("the name of a schema, as in `square/request.json`")


def _as_list(text: str) -> str | None:
    """Write several statuses that stand in one text as a list."""
    several = re.fullmatch(r"[1-5](?:xx|\d\d)(?:[ ,;|]+[1-5](?:xx|\d\d))+", text)
    return f"Type a list: [{', '.join(re.findall('[0-9x]+', text))}]." if several else None


class _Statuses:
    """HTTP statuses: whole numbers and classes such as `2xx`."""

    expected = "a status such as `404` or `2xx`, or a list of them"

    def read(self, node: Node, context: Context) -> frozenset[int] | Bad:
        items = node.items if isinstance(node, source.Sequence) else (node,)
        found: set[int] = set()
        for item in items:
            text = item.text if isinstance(item, Scalar) else ""
            if text in ("2xx", "3xx", "4xx", "5xx"):
                found.update(range(int(text[0]) * 100, int(text[0]) * 100 + 100))
            elif text.isdecimal() and 100 <= int(text) <= 599:  # noqa: PLR2004 - HTTP's range
                found.add(int(text))
            else:
                return wrong_type(item, "a status such as `404` or `2xx`", context, _as_list(text))
        return frozenset(found)

    def json_schema(self) -> dict[str, Json]:
        status: dict[str, Json] = {
            "anyOf": [
                {"type": "integer", "minimum": 100, "maximum": 599},
                {"enum": ["2xx", "3xx", "4xx", "5xx"]},
            ]
        }
        return {"anyOf": [status, {"type": "array", "items": status}]}


@record
class ResponseSpec(Located):
    """What counts as an answer, and what it must look like."""

    as_: str = entry(
        Choice(("json", "text", "bytes", "none")),
        "How the body of a success is read; `none` leaves it unread.",
        default="json",
    )
    statuses: frozenset[int] = entry(
        _Statuses(), "The statuses of success.", default=frozenset(range(200, 300))
    )
    succeeds: Text | None = entry(
        EXPRESSION, "What must be true of a success besides its status.", default=None
    )
    schema: Word | None = entry(
        SCHEMA, "The JSON Schema that a success must satisfy.", default=None
    )
    error_schema: Word | None = entry(
        SCHEMA,
        "The JSON Schema that an answer of another status must satisfy; rules that name `body` "
        "pass over one that doesn't.",
        default=None,
    )


def check_response(spec: ResponseSpec, context: Context) -> None:
    """Report a schema for a body that is no JSON: it would check nothing."""
    if spec.schema and spec.as_ != "json":
        said = {
            "text": "`as: text` takes the body for text, so no schema can check it.",
            "bytes": "`as: bytes` takes the body as it is, so no schema can check it.",
            "none": "`as: none` leaves the body unread, so no schema can check it.",
        }[spec.as_]
        context.problems.error(
            "conflicting-keys", said, spec.schema.place, f"Leave `schema` out, or `as: {spec.as_}`."
        )
    if spec.error_schema and spec.as_ == "text":
        context.problems.error(
            "conflicting-keys",
            "`as: text` takes errors for text too, so no schema can check them.",
            spec.error_schema.place,
            "Leave `error_schema` out.",
        )
