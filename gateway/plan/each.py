"""A call made once for each element of a list: how many at a time, and what becomes of failures."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from gateway.errors import Refusal
from gateway.expressions.frame import Frame
from gateway.lossless import Json
from gateway.plan import faults
from gateway.plan.exchange import Exchange, Failed
from gateway.plan.missing import Blame
from gateway.plan.names import INDEX
from gateway.plan.together import together
from gateway.plan.tree import Leaf, required

MAX_ELEMENTS = 1000
"""More requests than this for one call of one exchange are surely not meant."""

NO_ANSWER: Mapping[str, object] = MappingProxyType({"status": None, "headers": {}, "body": None})


@dataclass(slots=True)
class Turn:
    """One time that a call is made: in which frame, and for which element of its `each`."""

    exchange: Exchange
    frame: Frame
    index: int | None = None


Lets = Mapping[str, Callable[[Frame], object]]
Ask = Callable[[Turn], Awaitable[dict[str, object]]]


@dataclass(frozen=True, slots=True)
class Apart:
    """What must differ between elements, or one is taken for another; `text` makes it."""

    text: str
    blame: Blame
    value: Callable[[Frame], bytes]


@dataclass(frozen=True, slots=True)
class Each:
    """The elements, and the name that each has in the call.

    `report` goes on where the vendor fails for an element, and says so in its `outcome`.
    """

    elements: Leaf
    name: str
    at_once: int
    report: bool
    vendor: str
    effect: bool
    lets: Lets
    apart: tuple[Apart, ...]
    idempotent: bool
    """Whether a repeat is safe: the vendor knows it, or can be asked."""

    async def answers(self, call: str, exchange: Exchange, ask: Ask) -> list[dict[str, object]]:
        """Ask for each element; give `item`, `index`, `outcome` and the answer, in their order.

        Raises Refusal. A read that is refused cuts off those behind it; an effect that has begun
        is waited for, since nobody could say whether it happened.
        """
        made: dict[int, dict[str, object]] = {}

        async def one(index: int, frame: Frame) -> None:
            outcome = "done"
            try:
                answer = await ask(Turn(exchange, frame, index))
            except Refusal as refusal:
                if not self.report or not _reportable(refusal):
                    raise
                exchange.failed.append(Failed(call, refusal, index))
                outcome, answer = "failed", dict(NO_ANSWER)
            item = frame[self.name]
            made[index] = {"item": item, "index": index, "outcome": outcome, **answer}

        frames = [
            Frame({self.name: item, INDEX: index}, parent=exchange.frame)
            for index, item in enumerate(self._list(exchange.frame))
        ]
        self._check_apart(frames)
        jobs = [partial(one, index, frame) for index, frame in enumerate(frames)]
        refused = await together(jobs, at_once=self.at_once, cut=not self.effect)
        if refused:
            raise self._refusal(refused, sorted(made)) from refused[min(refused)]
        return [made[index] for index in sorted(made)]

    def _list(self, frame: Frame) -> list[Json]:
        elements = required(self.elements, frame)
        text, blame = self.elements.program.text, self.elements.blame
        if not isinstance(elements, list):
            raise blame.unfit(text, "is no list")
        if len(elements) > MAX_ELEMENTS:
            raise blame.unfit(text, f"has {len(elements)} elements, more than {MAX_ELEMENTS}")
        return elements

    def _check_apart(self, frames: list[Frame]) -> None:
        """Refuse elements that the vendor would take for repeats of each other."""
        for each in self.apart:
            seen: dict[bytes, int] = {}
            for index, frame in enumerate(frames):
                first = seen.setdefault(each.value(Frame({}, self.lets, frame)), index)
                if first != index:
                    what = f"is the same for elements {first} and {index}"
                    raise each.blame.unfit(each.text, what)

    def _refusal(self, refused: Mapping[int, Refusal], done: list[int]) -> Refusal:
        first = refused[min(refused)]
        if not self.effect:
            return first
        if done:
            return faults.of_elements(self.vendor, done, refused, idempotent=self.idempotent)
        doubts = (each for _, each in sorted(refused.items()) if each.reason == "in_doubt")
        return next(doubts, first)


def _reportable(refusal: Refusal) -> bool:
    return faults.is_the_vendors(refusal) or refusal.reason == "refused"
