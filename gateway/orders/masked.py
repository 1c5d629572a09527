"""What was said about an order, with the personal data and secrets in it masked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, cast

from gateway.config.masking import Masker
from gateway.lossless import BadJson, Json, loads
from gateway.orders.written import write
from gateway.plan.group import calls_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.config.schemas import Schema
    from gateway.orders.plans import KnownPlans
    from gateway.plan.answer import Judge
    from gateway.storage.folder import Folder, Paper

Block = dict[str, Json]

_HIDDEN: Final = "(hidden)"


@dataclass(slots=True)
class Eyes:
    """Sees one order as somebody may see it who mustn't know whose it is."""

    masker: Masker
    orders: Schema | None
    judges: dict[tuple[str, bool], Judge]
    _paths: dict[int, list[tuple[str | int, ...]]] = field(default_factory=dict)

    def learn(self, papers: Iterable[Paper]) -> None:
        """Take in what is personal, so that it is known wherever it stands."""
        for paper in papers:
            if paper.kind == "received":
                schema, body = self.orders, loads(paper.body.encode())
            else:
                schema, body = self._schema(paper), said(paper).get("body")
            if schema is not None:
                self._paths[id(paper)] = self.masker.learn(schema, body)

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

    def _schema(self, paper: Paper) -> Schema | None:
        """Give the schema of an answer; requests are made of what is known already."""
        judge = self._judge(paper)
        status = said(paper).get("status")
        if judge is None or status is None:
            return None
        return judge.schema if status in judge.statuses else judge.error_schema

    def _judge(self, paper: Paper) -> Judge | None:
        return self.judges.get((paper.call, paper.kind == "unsaid"))


def eyes_for(seen: Folder, known_plans: KnownPlans, secrets: tuple[str, ...]) -> Eyes:
    """Make the eyes for one order, which know all that is personal in it."""
    eyes = Eyes(
        Masker(secrets),
        known_plans.configuration.object_schemas.get("order"),
        _judges(seen, known_plans),
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


def _judges(seen: Folder, known_plans: KnownPlans) -> dict[tuple[str, bool], Judge]:
    equipped = known_plans.known(seen.order) or known_plans.today(seen.order.mapping)
    found: dict[tuple[str, bool], Judge] = {}
    for step in equipped.plan.steps if equipped is not None else ():
        for call in calls_in(step):
            found[call.call, False] = call.judge
            if call.effect is not None and call.effect.undo is not None:
                found[call.call, True] = call.effect.undo.judge
    return found
