"""Vendors that say what a case's script has, and take down what differs from it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
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
"""Turns of the event loop in which others that are sent at once arrive: nothing is waited for."""


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


@dataclass(frozen=True, slots=True)
class _Entry:
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


@dataclass(slots=True)
class _Arrived:
    heard: Heard
    entry: _Entry | None = None
    settled: bool = False


@dataclass(slots=True)
class Script:
    """The exchanges of one case, shared by all its vendors; `mismatches` are in words.

    Requests that are sent at once form a wave: among as many entries as it has requests, the order
    is free. Otherwise each request must be the next in the script.
    """

    left: list[_Entry]
    mismatches: list[str] = field(default_factory=list)
    waiting: list[_Arrived] = field(default_factory=list)

    @classmethod
    def of(cls, exchanges: Sequence[ScriptedSpec]) -> Script:
        return cls([_Entry(f"vendor[{number}]", each) for number, each in enumerate(exchanges)])

    async def answer(self, heard: Heard) -> Answer | Fault:
        """Answer as the entry says that is meant. Raises Unscripted where there is none."""
        mine = _Arrived(heard)
        self.waiting.append(mine)
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        if not mine.settled:
            self._settle()
        if mine.entry is None:
            raise Unscripted(str(heard))
        return _outcome(mine.entry.spec.answer)

    def unused(self) -> list[str]:
        """Tell the entries that no request came for."""
        return [
            f"{each.path}: never sent: {each.spec.expect.method} {each.spec.expect.path.text}"
            for each in self.left
        ]

    def _settle(self) -> None:
        """Pair the requests of a wave with entries: those that fit first, then the most alike."""
        wave, self.waiting = self.waiting, []
        window = self.left[: len(wave)]
        strange: list[_Arrived] = []
        for arrived in wave:
            arrived.settled = True
            fitting = [entry for entry in window if not entry.mismatches(arrived.heard)]
            if fitting:
                self._take(arrived, fitting[0], window)
            else:
                strange.append(arrived)
        for arrived in strange:
            self._guess(arrived, window)

    def _guess(self, arrived: _Arrived, window: list[_Entry]) -> None:
        heard = arrived.heard
        later = [entry for entry in self.left if not entry.mismatches(heard)]
        if later:
            self.mismatches.append(f"{later[0].path}: sent too early, before {self.left[0].path}")
            self._take(arrived, later[0], window)
        elif window:
            nearest = min(window, key=lambda entry: len(entry.mismatches(heard)))
            self.mismatches += nearest.mismatches(heard)
            self._take(arrived, nearest, window)
        else:
            self.mismatches.append(f"vendor: a request that no entry is left for: {heard}")

    def _take(self, arrived: _Arrived, entry: _Entry, window: list[_Entry]) -> None:
        arrived.entry = entry
        self.left.remove(entry)
        if entry in window:
            window.remove(entry)


@dataclass(frozen=True, slots=True)
class ScriptedVendor:
    """A vendor at the seam: no transport, no authentication, no retry, no limits."""

    name: str
    composer: Composer
    script: Script

    def open(self) -> None:
        """Nothing is needed."""

    async def send(self, request: Request, deadline: Deadline) -> Answer | Fault:  # noqa: ARG002 - the seam's signature
        message = self.composer.compose(request)
        if isinstance(message, str):  # as a vendor over sockets does
            return Fault("invalid_request", "no", message)
        return await self.script.answer(Heard(self.name, request, message))

    async def close(self) -> None:
        """Nothing is open."""


def _outcome(spec: AnswerSpec) -> Answer | Fault:
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
