"""One call of a vendor as a step: keys split, pages followed, answers judged."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from gateway.errors import ExpressionFailed, Refusal
from gateway.expressions.compiler import Program
from gateway.expressions.frame import Frame
from gateway.expressions.values import Bytes
from gateway.lossless import Json
from gateway.plan import faults
from gateway.plan.answer import Judge
from gateway.plan.each import NO_ANSWER, Each, Turn
from gateway.plan.effect import RESULT, Effect
from gateway.plan.exchange import Exchange, Failed
from gateway.plan.missing import Blame
from gateway.plan.pages import BadPage, Page, Pages, Walk
from gateway.plan.request import ONLY, PageAsked, RequestPlan
from gateway.plan.when import Condition


@dataclass(frozen=True, slots=True)
class Rows:
    """Where an answer keeps its rows: `body` and then these keys."""

    path: tuple[str, ...]

    def find(self, body: Json) -> Json:
        for key in self.path:
            body = body.get(key) if isinstance(body, dict) else None
        return body

    def replaced(self, body: Json, rows: list[Json]) -> Json:
        """Give the body with its rows replaced, the original untouched."""
        return _replaced(body, self.path, rows)


def _replaced(body: Json, path: tuple[str, ...], rows: list[Json]) -> Json:
    if not path:
        return rows
    inner = body if isinstance(body, dict) else {}
    return {**inner, path[0]: _replaced(inner.get(path[0]), path[1:], rows)}


@dataclass(frozen=True, slots=True)
class Batch:
    """The keys to ask for, and how many the vendor takes at once."""

    keys: Program
    blame: Blame
    size: int

    def chunks(self, frame: Frame) -> Iterator[list[Json]]:
        """Give each key once, in order, in lists of at most `size`; null is no key."""
        try:
            keys = self.keys(frame)
        except ExpressionFailed as error:
            raise self.blame.failed(error, frame) from error
        if not isinstance(keys, list):
            raise self.blame.unfit(self.keys.text, "is no list of keys")
        if any(isinstance(key, dict | list | bool | Bytes) for key in keys):
            raise self.blame.unfit(self.keys.text, "holds a key that is no text and no number")
        unique: list[Json] = list(dict.fromkeys(key for key in keys if key is not None))
        for start in range(0, len(unique), self.size):
            yield unique[start : start + self.size]


@dataclass(frozen=True, slots=True)
class CallStep:
    """One call. `alone` where the mapping has a single one, whose answer needs no name.

    It is `spare` where every join of its rows, or one of them, can do without: then its failure is
    kept in the exchange instead of ending it.
    """

    call: str
    alone: bool
    when: Condition | None
    each: Each | None
    spare: bool
    vendor: str
    lets: Mapping[str, Callable[[Frame], object]]
    batch: Batch | None
    request: RequestPlan
    rows: Rows | None
    pages: Pages | None
    judge: Judge
    effect: Effect | None = None

    @property
    def name(self) -> str:
        return self.call if self.alone else f"call:{self.call}"

    async def run(self, exchange: Exchange) -> None:
        answer = await self._outcome(exchange)
        exchange.answers[self.call] = answer
        if self.alone and isinstance(answer, dict):
            exchange.frame.update(answer)

    async def _outcome(self, exchange: Exchange) -> object:
        nothing: object = [] if self.each is not None else dict(NO_ANSWER)
        if self.when is not None and not self.when.holds(exchange.frame):
            exchange.skipped.add(self.call)
            return nothing
        try:
            if self.each is not None:
                return await self.each.answers(self.call, exchange, self._answer)
            return await self._answer(Turn(exchange, exchange.frame))
        except Refusal as refusal:
            if not self.spare or not faults.is_the_vendors(refusal):
                raise
            exchange.failed.append(Failed(self.call, refusal))
            return nothing

    async def _answer(self, turn: Turn) -> dict[str, object]:
        walk = Walk()
        if self.batch is None:
            return await self._gathered(turn, {}, walk)
        answer: dict[str, object] = dict(NO_ANSWER)
        found: list[Json] = []
        asked = False
        for keys in self.batch.chunks(turn.frame):
            part = await self._gathered(turn, {"keys": keys}, walk)
            found.extend(self._rows(part["body"]))
            answer = answer if asked else part
            asked = True
        return self._with_rows(answer, found)

    async def _gathered(
        self, turn: Turn, values: dict[str, object], walk: Walk
    ) -> dict[str, object]:
        """Give an answer with the rows of all its pages."""
        if self.effect is not None:
            return _public(await self.effect.happen(turn.exchange, turn.frame, turn.index))
        if self.pages is None:
            return _public((await self._once(turn, values, ONLY, walk)).frame)
        walk.starts()
        try:
            return await self._paged(self.pages, turn, values, walk)
        except BadPage as error:
            raise faults.of_nonsense(self.vendor, str(error)) from error

    async def _paged(
        self, pages: Pages, turn: Turn, values: dict[str, object], walk: Walk
    ) -> dict[str, object]:
        first: dict[str, object] | None = None
        found: list[Json] = []
        asked = pages.way.first
        for _ in range(pages.at_most):
            page = await self._once(turn, values, asked, walk)
            walk.takes(page.rows)
            first = first or _public(page.frame)
            found.extend(page.rows)
            following = pages.after(page, asked)
            if following is None:
                return self._with_rows(first, found)
            asked = following
        raise BadPage(f"more than {pages.at_most} pages")

    async def _once(
        self, turn: Turn, values: dict[str, object], asked: PageAsked, walk: Walk
    ) -> Page:
        seen = values if asked.page is None else {**values, "page": asked.page}
        frame = Frame(seen, self.lets, turn.frame)
        request = self.judge.repeatable(self.request.render(frame, asked), frame)
        if self.pages is not None:
            walk.asks(request)
        outcome = await turn.exchange.read(self.call, self.vendor, request, turn.index)
        if self.pages is not None:
            walk.weighs(outcome)
        answer = self.judge.judge(outcome, frame, turn.exchange.notes.append)
        return Page(answer, request.target, self._rows(answer["body"]))

    def _rows(self, body: object) -> list[Json]:
        if self.rows is None:
            return []
        rows = self.rows.find(body)  # type: ignore[arg-type]  # the body in a frame is JSON
        if rows is None:
            return []
        if not isinstance(rows, list):
            raise faults.of_nonsense(self.vendor, f"`{'.'.join(self.rows.path)}` is no list")
        return rows

    def _with_rows(self, answer: dict[str, object], rows: list[Json]) -> dict[str, object]:
        if self.rows is None:
            return answer
        body = self.rows.replaced(answer["body"], rows)  # type: ignore[arg-type]  # as above
        return {**answer, "body": body}


_ANSWER = ("status", "headers", "body")


def _public(frame: Frame) -> dict[str, object]:
    names = (*_ANSWER, RESULT) if RESULT in frame else _ANSWER
    return {name: frame[name] for name in names}


@dataclass(frozen=True, slots=True)
class KeyStep:
    """Finds the key that makes two requests the same order."""

    key: Program
    name: str = "key"

    async def run(self, exchange: Exchange) -> None:
        try:
            key = self.key(exchange.frame)
        except ExpressionFailed:
            key = None
        if isinstance(key, bool) or not isinstance(key, str | int) or not str(key).strip():
            raise Refusal(
                400,
                "key_missing",
                "The order has no id that tells it from others",
                cause=f"`{self.key.text}` gave no text and no whole number",
            )
        exchange.key = str(key)
