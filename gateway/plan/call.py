"""One call of a vendor as a step: keys split, pages followed, answers judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from gateway.errors import ExpressionFailed, Refusal
from gateway.expressions.compiler import Program
from gateway.expressions.frame import Frame
from gateway.lossless import Json
from gateway.plan import faults
from gateway.plan.answer import Judge
from gateway.plan.batch import Batch
from gateway.plan.each import NO_ANSWER, Each, Turn
from gateway.plan.effect import RESULT, Effect
from gateway.plan.exchange import Exchange, Failed, Share
from gateway.plan.flight import Asker, Brought
from gateway.plan.pages import BadPage, Page, Pages, Walk
from gateway.plan.request import ONLY, PageAsked, RequestPlan
from gateway.plan.sharing import Sharing
from gateway.plan.together import together
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
        if self.effect is not None:
            return _public(await self.effect.happen(turn.exchange, turn.frame, turn.index))
        if self.batch is None:
            return await self._gathered(turn, {}, Walk())
        keys = self.batch.unique(turn.frame)
        sharing = self.batch.sharing
        if sharing is not None:
            alike = sharing.alike(Frame({}, self.lets, turn.frame))
            if alike is not None:
                return await self._shared(turn, keys, sharing, alike)
        return await self._split(turn, keys, self.batch)

    async def _split(self, turn: Turn, keys: list[Json], batch: Batch) -> dict[str, object]:
        """Ask for keys in as many calls as it takes; all but the rows is as the first says."""
        parts = batch.parts(keys)
        if len(parts) == 1:
            answer = await self._gathered(turn, {"keys": keys}, Walk())
            return self._with_rows(answer, self._rows(answer["body"]))
        answers: list[dict[str, object]] = [dict(NO_ANSWER) for _ in parts or [keys]]

        async def ask(position: int, part: list[Json]) -> None:
            answers[position] = await self._gathered(turn, {"keys": part}, Walk())

        jobs = [partial(ask, position, part) for position, part in enumerate(parts)]
        refused = await together(jobs, at_once=batch.at_once, cut=True)
        if refused:
            raise refused[min(refused)]
        found = [row for answer in answers for row in self._rows(answer["body"])]
        return self._with_rows(answers[0], found)

    async def _shared(
        self, turn: Turn, keys: list[Json], sharing: Sharing, alike: str
    ) -> dict[str, object]:
        """Ask for keys together with other exchanges; of the answers there are the rows alone."""
        exchange = turn.exchange
        asker = Asker(partial(self._brought, turn), exchange.deadline.at, exchange.clock)
        shared = await exchange.ports.pools.pool(sharing).rows(keys, alike, asker)
        exchange.shares.append(Share(self.call, self.vendor, shared.sources, shared.age))
        return self._with_rows(dict(NO_ANSWER), shared.rows)

    async def _brought(self, turn: Turn, keys: list[Json]) -> Brought:
        """Ask for keys, and tell their rows apart."""
        walk = Walk()
        answer = await self._gathered(turn, {"keys": keys}, walk)
        by_text: dict[str | None, list[Json]] = {str(key): [] for key in keys}
        others: list[Json] = []
        row = self.batch.row if self.batch is not None else None
        for each in self._rows(answer["body"]):
            key = row.key(each, turn.frame) if row is not None else None
            if key is not None or each:  # Square's `{}` belongs to nobody
                by_text.get(key, others).append(each)
        return Brought({key: by_text[str(key)] for key in keys}, others, walk.size)

    async def _gathered(
        self, turn: Turn, values: dict[str, object], walk: Walk
    ) -> dict[str, object]:
        """Give an answer with the rows of all its pages."""
        if self.pages is None:
            return _public((await self._once(turn, values, ONLY, walk)).frame)
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
