"""The vendor request: rendered from a frame into bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from gateway.config.resilience_spec import Retry
from gateway.config.schemas import Schema
from gateway.config.vendor_spec import Timeout
from gateway.errors import ExpressionFailed, Refusal
from gateway.expressions.frame import Frame
from gateway.expressions.template import NullInsert, Template, as_text
from gateway.lossless import Json, dumps
from gateway.plan.made import broken
from gateway.plan.missing import Blame
from gateway.plan.tree import Block, Branch, Leaf, required
from gateway.vendors.client import Request

_SEPARATORS = re.compile(r"[/\\;]")


class _BadInsert(Exception):
    """An insert that would change where the path leads."""


def _segment(text: str) -> str:
    # A proxy on the way may decode `%2F`: no part of the insert may lead elsewhere either.
    if not text or not {".", ".."}.isdisjoint(_SEPARATORS.split(text)):
        raise _BadInsert
    return quote(text, safe="")


@dataclass(frozen=True, slots=True)
class Path:
    """A path with inserts: each percent-encoded and neither empty, `.` nor `..`."""

    template: Template
    blame: Blame

    def render(self, frame: Frame) -> str:
        try:
            path = self.template.render(frame, _segment)
        except ExpressionFailed as error:
            raise self.blame.failed(error, frame) from error
        except _BadInsert as error:
            raise self.blame.unfit("path", "has an insert that is empty, `.` or `..`") from error
        if isinstance(path, NullInsert):
            raise self.blame.absent(path.insert, frame)
        return path


@dataclass(frozen=True, slots=True)
class Pairs:
    """Query parameters or headers: text by name; where it `repeats`, a list repeats the name."""

    block: Block
    blame: Blame
    repeats: bool

    def render(self, frame: Frame) -> Iterator[tuple[str, str]]:
        for name, value in self.block.render(frame).items():
            for item in value if self.repeats and isinstance(value, list) else [value]:
                text = as_text(item)
                if text is None:
                    raise self.blame.unfit(name, "is no text, number or boolean")
                yield name, text


@dataclass(frozen=True, slots=True)
class RequestPlan:
    """A vendor request, ready to be rendered."""

    method: str
    path: Path
    query: Pairs | None
    headers: Pairs | None
    body: Branch | None
    schema: Schema | None
    effect: bool
    idempotency: Leaf | None
    """What the vendor knows a repeat by; a null one would make a repeat unsafe."""
    retry: Retry | None = None
    timeout: Timeout | None = None

    def render(self, frame: Frame) -> Request:
        """Make the request. Raises Refusal where data is missing or breaks the vendor's schema."""
        if self.idempotency is not None:
            required(self.idempotency, frame)
        target = self.path.render(frame)
        if self.query is not None:
            pairs = self.query.render(frame)
            query = "&".join(f"{quote(k, safe='')}={quote(v, safe='')}" for k, v in pairs)
            target += f"?{query}" if query else ""
        headers = dict(self.headers.render(frame)) if self.headers is not None else {}
        body = b""
        if self.body is not None:
            document = required(self.body, frame)
            self._check(document, frame)
            body = dumps(document)
        return Request(
            self.method,
            target,
            headers,
            body,
            self.effect,
            idempotent=self.idempotency is not None,
            retry=self.retry,
            timeout=self.timeout,
        )

    def _check(self, document: Json, frame: Frame) -> None:
        if self.schema is None or self.schema.is_valid(document):
            return
        raise Refusal(
            500,
            "vendor_request",
            "The request to the vendor can't be made from this data",
            cause=broken(self.schema, document, self.body, frame),
        )
