"""What was said about an order, with the personal data and secrets in it masked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, cast

from gateway.config.masking import Masker
from gateway.lossless import BadJson, Json, loads
from gateway.orders.written import write
from gateway.plan.content import GraphqlContent, JsonContent
from gateway.plan.group import calls_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.config.schemas import Schema
    from gateway.orders.plans import KnownPlans
    from gateway.plan.answer import Judge
    from gateway.plan.content import Content
    from gateway.storage.folder import Folder, Paper

Block = dict[str, Json]

_HIDDEN: Final = "(hidden)"
_OF_UNDO: Final = frozenset({"unsend", "unsaid"})


@dataclass(slots=True)
class Eyes:
    """Sees one order as somebody may see it who mustn't know whose it is."""

    masker: Masker
    orders: Schema | None
    sides: dict[tuple[str, bool], _Sides]
    """By call, and whether it is its undo."""
    _paths: dict[int, list[tuple[str | int, ...]]] = field(default_factory=dict)

    def learn(self, papers: Iterable[Paper]) -> None:
        """Take in what is personal, so that it is known wherever it stands."""
        for paper in papers:
            schema, inside = self._schema(paper)
            received = paper.kind == "received"
            body = loads(paper.body.encode()) if received else said(paper).get("body")
            for name in inside:
                body = body.get(name) if isinstance(body, dict) else None
            if schema is not None:
                learnt = self.masker.learn(schema, body)
                self._paths[id(paper)] = [(*inside, *path) for path in learnt]

    def told(self, paper: Paper) -> Json:
        """Give what was said, masked; `body` is JSON where it is."""
        paths = self._paths.get(id(paper), [])
        if paper.kind == "received":
            return self.masker.masked(loads(paper.body.encode()), paths)
        told = said(paper)
        if "body" in told:
            told["body"] = self.masker.masked(told["body"], paths)
        if "base64" in told or (self._judge(paper) is None and "status" in told):
            told.pop("base64", None)  # nobody knows what of it is personal
            told["body"] = _HIDDEN
        if "target" in told:
            told["target"] = self.masker.text(cast("str", told["target"]))
        if "headers" in told:
            headers = cast("dict[str, str]", told["headers"])
            told["headers"] = {name: self.masker.text(text) for name, text in headers.items()}
        return told

    def stored(self, paper: Paper) -> str:
        """Give what was said, masked, in the shape in which it is stored."""
        told = self.told(paper)
        if paper.kind != "received" and isinstance(told, dict):
            body = told.get("body")
            told["body"] = body if isinstance(body, str) else write(body)
        return write(told)

    def text(self, text: str | None) -> str | None:
        return None if text is None else self.masker.text(text)

    def _schema(self, paper: Paper) -> tuple[Schema | None, tuple[str, ...]]:
        """Give the schema of what was said, and where in it begins what the schema describes."""
        if paper.kind == "received":
            return self.orders, ()
        sides = self.sides.get((paper.call, paper.kind in _OF_UNDO))
        if sides is None:
            return None, ()
        status = said(paper).get("status")
        if status is None:
            return _asked(sides.content)
        judge = sides.judge
        return (judge.schema if status in judge.statuses else judge.error_schema), ()

    def _judge(self, paper: Paper) -> Judge | None:
        sides = self.sides.get((paper.call, paper.kind == "unsaid"))
        return sides.judge if sides is not None else None


@dataclass(frozen=True, slots=True)
class _Sides:
    """What a call carries to the vendor, and what judges the answer."""

    content: Content | None
    judge: Judge


def _asked(content: Content | None) -> tuple[Schema | None, tuple[str, ...]]:
    if isinstance(content, GraphqlContent):
        return content.schema, ("variables",)
    return (content.schema if isinstance(content, JsonContent) else None), ()


def eyes_for(seen: Folder, known_plans: KnownPlans, secrets: tuple[str, ...]) -> Eyes:
    """Make the eyes for one order, which know all that is personal in it."""
    eyes = Eyes(
        Masker(secrets),
        known_plans.configuration.object_schemas.get("order"),
        _sides(seen, known_plans),
    )
    eyes.learn(seen.papers)
    return eyes


def said(paper: Paper) -> Block:
    """Read what was said to a vendor or by it, its body as JSON where it is."""
    told = cast("Block", loads(paper.body.encode()))
    body = told.get("body")
    if isinstance(body, str):
        try:
            told["body"] = loads(body.encode())
        except BadJson:
            return told
    return told


def _sides(seen: Folder, known_plans: KnownPlans) -> dict[tuple[str, bool], _Sides]:
    equipped = known_plans.known(seen.order) or known_plans.today(seen.order.mapping)
    found: dict[tuple[str, bool], _Sides] = {}
    for step in equipped.plan.steps if equipped is not None else ():
        for call in calls_in(step):
            found[call.call, False] = _Sides(call.request.content, call.judge)
            if call.effect is not None and call.effect.undo is not None:
                undo = call.effect.undo
                found[call.call, True] = _Sides(undo.request.content, undo.judge)
    return found
