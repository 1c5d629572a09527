"""The vendor request: rendered from a frame into bytes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from gateway.config.resilience_spec import Retry
from gateway.config.vendor_spec import Timeout
from gateway.errors import ExpressionFailed
from gateway.expressions.frame import Frame
from gateway.expressions.template import NullInsert, Template
from gateway.plan.content import Content
from gateway.plan.missing import Blame
from gateway.plan.pairs import Pairs
from gateway.plan.tree import Leaf, required
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
class PageAsked:
    """Which page is asked for: what the request sees as `page`, and what is new in its address.

    `target` takes the place of path and query; each name in `query` that of its parameters.
    """

    page: Mapping[str, object] | None = None
    target: str | None = None
    query: tuple[tuple[str, str], ...] = ()


ONLY = PageAsked()
"""The turn of an answer that doesn't come in pages."""


@dataclass(frozen=True, slots=True)
class RequestPlan:
    """A vendor request, ready to be rendered."""

    method: str
    path: Path
    query: Pairs | None
    headers: Pairs | None
    accept: str | None
    """What is accepted unless a header of the mapping says so; None leaves it to the vendor."""
    content: Content | None
    effect: bool
    idempotency: Leaf | None
    """What the vendor knows a repeat by; a null one would make a repeat unsafe."""
    retry: Retry | None = None
    timeout: Timeout | None = None

    def render(self, frame: Frame, turn: PageAsked = ONLY) -> Request:
        """Make the request. Raises Refusal where data is missing or breaks the vendor's schema."""
        if self.idempotency is not None:
            required(self.idempotency, frame)
        target = turn.target or self._target(frame, turn)
        headers = dict(self.headers.render(frame)) if self.headers is not None else {}
        own = {name.lower() for name in headers}
        if self.accept is not None and "accept" not in own:
            headers["accept"] = self.accept
        body = b""
        if self.content is not None:
            body, kind = self.content.render(frame)
            if kind is not None and "content-type" not in own:
                headers["content-type"] = kind
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

    def _target(self, frame: Frame, turn: PageAsked) -> str:
        path = self.path.render(frame)
        new = {name for name, _ in turn.query}
        pairs = list(self.query.render(frame)) if self.query is not None else []
        query = encoded([*(pair for pair in pairs if pair[0] not in new), *turn.query])
        return f"{path}?{query}" if query else path


def encoded(pairs: Iterable[tuple[str, str]]) -> str:
    """Write query parameters, everything but letters, digits and `-._~` percent-encoded."""
    return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs)
