"""Vendors that say what a case's script has, and take down what differs from it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import parse_qsl

from gateway.errors import GatewayError
from gateway.lossless import BadJson, Json, dumps, loads
from gateway.testing.case_spec import AnswerSpec, ScriptedSpec
from gateway.testing.diff import NOTHING, Nothing, differences, named, shown
from gateway.vendors.client import Answer, Deadline, Fault, FaultKind, Request, Sent
from gateway.vendors.message import Composer, Message

_TURNS = 20
"""Turns of the event loop after which all that can go on has done so: nothing waits for time."""


class Unscripted(GatewayError):
    """A request came that the script has no entry for: the case ends here."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One request: what the mapping made, and the message that would be sent."""

    vendor: str
    request: Request
    message: Message

    def __str__(self) -> str:
        body = self.body()
        shape = "" if body is NOTHING else f" {shown(body)}"
        return f"{self.vendor}: {self.request.method} {self.request.target}{shape}"

    def body(self) -> Json | Nothing:
        """Give the body: as JSON where it is declared so, else as text."""
        data = self.message.body
        if not data:
            return NOTHING
        if _is_json(self.message.headers.get("content-type", "")):
            try:
                return loads(data)
            except BadJson:
                pass
        return data.decode(errors="replace")

    def query(self) -> dict[str, Json]:
        query: dict[str, list[Json]] = {}
        text = self.request.target.partition("?")[2]
        for name, value in parse_qsl(text, keep_blank_values=True):
            query.setdefault(name, []).append(value)
        return {name: _one_or_all(values) for name, values in query.items()}


Answering = Callable[[Heard], Awaitable[Answer | Fault]]
"""What vendors say to a request."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One exchange of the script; `path` is where it stands in the case."""

    path: str
    spec: ScriptedSpec

    def mismatches(self, heard: Heard) -> list[str]:
        return list(self._mismatches(heard))

    def _mismatches(self, heard: Heard) -> Iterator[str]:
        expect = self.spec.expect
        if expect.vendor is not None:
            yield from differences(f"{self.path}.vendor", expect.vendor.text, heard.vendor)
        method, path = heard.message.method, heard.request.target.partition("?")[0]
        yield from differences(f"{self.path}.method", expect.method, method)
        yield from differences(f"{self.path}.path", expect.path.text, path)
        query: dict[str, Json] = {
            name: _one_or_all([*values]) for name, values in expect.query.items()
        }
        yield from differences(f"{self.path}.query", query, heard.query())
        yield from named(f"{self.path}.headers", expect.headers, heard.message.headers)
        body = NOTHING if expect.body is None else expect.body.value
        yield from differences(f"{self.path}.body", body, heard.body())


def entries_of(exchanges: Sequence[ScriptedSpec]) -> list[Entry]:
    return [Entry(f"vendor[{number}]", each) for number, each in enumerate(exchanges)]


@dataclass(slots=True)
class _Arrived:
    heard: Heard
    entry: Entry | None = None
    settled: bool = False


@dataclass(slots=True)
class Script:
    """The exchanges of one case, shared by all its vendors: they answer in the order of the file.

    Of requests that are sent at once, the one that the next entry expects is answered first, and
    the others wait. So the entries may stand in any order in which the vendors could answer.
    """

    left: list[Entry]
    waiting: list[_Arrived] = field(default_factory=list)
    events: int = 0
    """How often a request came or was answered; while it stays the same, nothing goes on."""
    strange: list[str] = field(default_factory=list)
    early: list[tuple[Entry, Entry]] = field(default_factory=list)
    """Entries whose request came although one before them wasn't asked for yet."""
    fitted: set[str] = field(default_factory=set)
    cut: list[Heard] = field(default_factory=list)
    """What was sent at once with a request that failed, and given up before it was answered."""

    @classmethod
    def of(cls, exchanges: Sequence[ScriptedSpec]) -> Script:
        return cls(entries_of(exchanges))

    async def answer(self, heard: Heard) -> Answer | Fault:
        """Answer as the entry says that is meant. Raises Unscripted where there is none."""
        mine = _Arrived(heard)
        self.waiting.append(mine)
        self.events += 1
        try:
            await self._settled(mine)
        except asyncio.CancelledError:
            if not mine.settled:
                self.waiting.remove(mine)
                self.cut.append(heard)
            raise
        if mine.entry is None:
            raise Unscripted(str(heard))
        return answer_of(mine.entry.spec.answer)

    def told(self) -> list[str]:
        """Give all that differs, in words."""
        early = [
            f"{entry.path}: sent too early, before {before.path}"
            for entry, before in self.early
            if before.path in self.fitted
        ]
        unused = [
            f"{entry.path}: never sent: {entry.spec.expect.method} {entry.spec.expect.path.text}"
            for entry in self.left
            if all(entry.mismatches(heard) for heard in self.cut)
        ]
        return [*self.strange, *early, *unused]

    async def _settled(self, mine: _Arrived) -> None:
        """Let all that can go on do so, then settle one request, until it was this one's turn."""
        quiet, seen = 0, self.events
        while not mine.settled:
            await asyncio.sleep(0)
            quiet = quiet + 1 if seen == self.events else 0
            seen = self.events
            if quiet >= _TURNS and not mine.settled:
                self._settle()

    def _settle(self) -> None:
        if not self.left:
            first = self.waiting[0]
            self.strange.append(f"vendor: a request that no entry is left for: {first.heard}")
            self._take(first, None)
            return
        head, fitting = self.left[0], self._fitting()
        if fitting is None:
            nearest = min(self.waiting, key=lambda each: len(head.mismatches(each.heard)))
            self.strange += head.mismatches(nearest.heard)
            self._take(nearest, head)
            return
        arrived, entry = fitting
        self.fitted.add(entry.path)
        if entry is not head:
            self.early.append((entry, head))
        self._take(arrived, entry)

    def _fitting(self) -> tuple[_Arrived, Entry] | None:
        """Give the first entry that a waiting request fits, with that request."""
        pairs = ((arrived, entry) for entry in self.left for arrived in self.waiting)
        return next((pair for pair in pairs if not pair[1].mismatches(pair[0].heard)), None)

    def _take(self, arrived: _Arrived, entry: Entry | None) -> None:
        arrived.entry, arrived.settled = entry, True
        self.waiting.remove(arrived)
        self.events += 1
        if entry is not None:
            self.left.remove(entry)


@dataclass(frozen=True, slots=True)
class ScriptedVendor:
    """A vendor at the seam: no transport, no authentication, no retry, no limits."""

    name: str
    composer: Composer
    answer: Answering

    def open(self) -> None:
        """Nothing is needed."""

    async def send(self, request: Request, deadline: Deadline) -> Answer | Fault:  # noqa: ARG002 - the seam's signature
        message = self.composer.compose(request)
        if isinstance(message, str):  # as a vendor over sockets does
            return Fault("invalid_request", "no", message)
        return await self.answer(Heard(self.name, request, message))

    async def close(self) -> None:
        """Nothing is open."""


def answer_of(spec: AnswerSpec) -> Answer | Fault:
    """Give what an entry's `answer` stands for."""
    if spec.status is None:
        return Fault(cast("FaultKind", spec.fault), cast("Sent", spec.sent), "as the case says")
    headers = {name.lower(): value for name, value in spec.headers.items()}
    if spec.body is None:
        return Answer(spec.status, headers, b"")
    headers.setdefault("content-type", "application/json")
    value = spec.body.value
    if isinstance(value, str) and not _is_json(headers["content-type"]):
        return Answer(spec.status, headers, value.encode())
    return Answer(spec.status, headers, dumps(value))


def _is_json(content_type: str) -> bool:
    media_type = content_type.partition(";")[0].strip().lower()
    return media_type == "application/json" or media_type.endswith("+json")


def _one_or_all(values: list[Json]) -> Json:
    return values[0] if len(values) == 1 else values
