"""The way from a page of an answer to the next one, and what ends it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple, Protocol
from urllib.parse import parse_qsl

from gateway.errors import ExpressionFailed
from gateway.expressions.compiler import Program
from gateway.expressions.frame import Frame
from gateway.expressions.template import as_text
from gateway.expressions.values import is_true
from gateway.lossless import Json
from gateway.plan.links import BadLink, target_of
from gateway.plan.request import PageAsked
from gateway.vendors.client import Answer, Fault, Request

MOST_BYTES = 64_000_000
"""What all pages of a call may hold together, unpacked."""


class BadPage(Exception):
    """A page from which there is no way on; `str()` says why, without quoting it."""


class Page(NamedTuple):
    """A page as it came: `frame` has its answer, `target` is what was asked for it."""

    frame: Frame
    target: str
    rows: list[Json]


class Way(Protocol):
    """One way to ask for the next page."""

    @property
    def first(self) -> PageAsked: ...

    @property
    def told(self) -> str:
        """Say when it ends, for people."""
        ...

    def after(self, page: Page, turn: PageAsked, *, more: bool | None) -> PageAsked | None:
        """Give the next page's turn; None after the last. Raises BadPage."""
        ...


@dataclass(frozen=True, slots=True)
class ByCursor:
    """`next`: the request sees what it gives as `page.next`."""

    next: Program
    first: ClassVar[PageAsked] = PageAsked({"next": None})

    @property
    def told(self) -> str:
        return f"until `{self.next.text}` is null"

    def after(self, page: Page, turn: PageAsked, *, more: bool | None) -> PageAsked | None:  # noqa: ARG002 - the protocol's
        cursor = _value(self.next, page.frame)
        return None if cursor in (None, "") else PageAsked({"next": cursor})


@dataclass(frozen=True, slots=True)
class ByUrl:
    """`next_url`: the same request to another URL below the vendor's `base_url`."""

    url: Program
    base_url: str
    first: ClassVar[PageAsked] = PageAsked()

    @property
    def told(self) -> str:
        return f"until `{self.url.text}` is null"

    def after(self, page: Page, turn: PageAsked, *, more: bool | None) -> PageAsked | None:  # noqa: ARG002 - the protocol's
        url = _value(self.url, page.frame)
        if url in (None, ""):
            return None
        if not isinstance(url, str):
            raise BadPage(f"`{self.url.text}` is no text")
        try:
            return PageAsked(target=target_of(url, self.base_url, page.target))
        except BadLink as error:
            raise BadPage(f"`{self.url.text}` {error}") from error


@dataclass(frozen=True, slots=True)
class ByQuery:
    """`next_query`: the same request with other query parameters."""

    query: Program
    first: ClassVar[PageAsked] = PageAsked()

    @property
    def told(self) -> str:
        return f"until `{self.query.text}` is null"

    def after(self, page: Page, turn: PageAsked, *, more: bool | None) -> PageAsked | None:  # noqa: ARG002 - the protocol's
        value = _value(self.query, page.frame)
        pairs: list[tuple[str, str]] = []
        if isinstance(value, str):
            pairs = parse_qsl(value.strip().removeprefix("?"), keep_blank_values=True)
        elif isinstance(value, dict):
            pairs = list(self._pairs(value))
        elif value is not None:
            raise BadPage(f"`{self.query.text}` is neither text nor an object")
        return PageAsked(query=tuple(pairs)) if pairs else None

    def _pairs(self, value: dict[str, Json]) -> list[tuple[str, str]]:
        pairs: list[tuple[str, str]] = []
        for name, given in value.items():
            for item in given if isinstance(given, list) else [given]:
                text = as_text(item)
                if text is not None:
                    pairs.append((name, text))
                elif item is not None:
                    raise BadPage(f"`{self.query.text}` holds what is no text")
        return pairs


@dataclass(frozen=True, slots=True)
class ByCount:
    """`limit`: the request sees `page.offset`, from 0, and `page.number`, from 1."""

    limit: int
    gaps: bool
    """Whether a short page would leave a gap: the request goes by `page.offset`."""
    first: ClassVar[PageAsked] = PageAsked({"offset": 0, "number": 1})

    @property
    def told(self) -> str:
        return f"of {self.limit} rows each"

    def after(self, page: Page, turn: PageAsked, *, more: bool | None) -> PageAsked | None:
        count = len(page.rows)
        if count > self.limit:
            raise BadPage(f"a page has {count} rows, more than the `limit` of {self.limit}")
        if more is None and count < self.limit:
            return None
        if count < self.limit and self.gaps:
            raise BadPage(f"a page has {count} rows of {self.limit}, and yet another follows")
        before = turn.page or {}
        offset, number = before["offset"], before["number"]
        return PageAsked({"offset": offset + self.limit, "number": number + 1})  # type: ignore[operator] # from `first` on they are numbers


def _value(program: Program, frame: Frame) -> object:
    try:
        return program(frame)
    except ExpressionFailed as error:
        raise BadPage(str(error)) from error


@dataclass(frozen=True, slots=True)
class Pages:
    """How to go through the pages of an answer."""

    way: Way
    more: Program | None
    at_most: int

    def after(self, page: Page, turn: PageAsked) -> PageAsked | None:
        """Give the next page's turn; None after the last. Raises BadPage."""
        more = None if self.more is None else is_true(_value(self.more, page.frame))
        if more is False:
            return None
        following = self.way.after(page, turn, more=more)
        if following is None and more:
            raise BadPage("another page follows, and the answer doesn't say where")
        return following


@dataclass(slots=True)
class Walk:
    """What has been seen of an answer's pages; notices when they don't end."""

    first: Request | None = None
    asked: set[bytes] = field(default_factory=set)
    rows: list[Json] = field(default_factory=list)
    size: int = 0

    def asks(self, request: Request) -> None:
        """Note a request. Raises BadPage for one that was asked before."""
        if self.first is None:
            self.first = request  # nearly always the only one
            return
        self.asked.add(_digest(self.first))
        digest = _digest(request)
        if digest in self.asked:
            raise BadPage("the same page again: its pages go in a circle")
        self.asked.add(digest)

    def weighs(self, outcome: Answer | Fault) -> None:
        """Note an answer's size."""
        self.size += len(outcome.body) if isinstance(outcome, Answer) else 0

    def takes(self, rows: list[Json]) -> None:
        """Note a page's rows. Raises BadPage for those of the page before, and for too much."""
        if self.size > MOST_BYTES:
            raise BadPage(f"its pages hold more than {MOST_BYTES} bytes")
        if rows and rows == self.rows:
            raise BadPage("its pages repeat: one has the rows of the one before")
        self.rows = rows


def _digest(request: Request) -> bytes:
    whole = (request.target, *sorted(request.headers.items()))
    digest = hashlib.sha256(repr(whole).encode("utf-8", "replace"))
    digest.update(request.body)
    return digest.digest()
