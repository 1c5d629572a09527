"""An exchange with real vendors becomes a case: masked first, then played again as `test` does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, cast

from gateway.config.masking import Masker
from gateway.config.personal import personal_names
from gateway.lossless import Json
from gateway.plan.exchange import Exchange, Observer, Plan, Round, Unobserved
from gateway.plan.group import calls_in
from gateway.testing.envelope import reason_of
from gateway.testing.golden import Goldens, NoGoldens, expectation, goldens, heard
from gateway.testing.outcome_text import answer_text, body_of
from gateway.testing.reply import Reply
from gateway.testing.run import Runner
from gateway.testing.suite_text import Unwritable, case_of
from gateway.vendors.client import Fault

if TYPE_CHECKING:
    from gateway.config.personal import Path
    from gateway.config.schemas import Schema
    from gateway.plan.answer import Judge
    from gateway.plan.call import CallStep

Case = dict[str, Json]


class Unrecordable(Exception):
    """No case can be made of an exchange; `str()` says why."""


@dataclass(slots=True)
class Tape:
    """Takes down what was sent and what came of it, and lets another observer watch too."""

    other: Observer = field(default_factory=Unobserved)
    rounds: list[Round] = field(default_factory=list)
    received_at: str | None = None

    def sent(self, sent: Round) -> None:
        self.rounds.append(sent)
        self.other.sent(sent)

    def step(self, name: str, seconds: float, exchange: Exchange) -> None:
        self.received_at = cast("str", exchange.frame["received_at"])
        self.other.step(name, seconds, exchange)

    def ended(self, exchange: Exchange) -> None:
        self.other.ended(exchange)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A live exchange: what came in and when, what was said to the vendors, what went back."""

    document: Json
    received_at: str | None
    """None where nothing was done."""
    settings: Mapping[str, Json]
    """What `test` has to put over its own."""
    rounds: Sequence[Round]
    reply: Reply


@dataclass(frozen=True, slots=True)
class Recorder:
    """Makes a case of a mapping's exchange; `runner` runs it as `gateway test` will."""

    plan: Plan
    runner: Runner
    schema: Schema
    """What is known of the object that came in."""
    secrets: tuple[str, ...]

    def case(self, name: str, recorded: Recorded) -> Case:
        """Give a case that passes and holds no secret and no personal value as it was.

        Raises Unrecordable.
        """
        masker = Masker(self.secrets, personal_names(self.schema))
        try:
            case = self._expecting(self._shortened(self._draft(name, recorded, masker)), recorded)
            differing = self.runner.run(case_of(case), self.plan.contract.name)
        except (NoGoldens, Unwritable) as error:
            raise Unrecordable(f"with its data masked, it goes another way: {error}") from error
        if differing:
            raise Unrecordable(f"the case would not pass: {differing[0]}")
        for key, part in case.items():
            if key != "name" and (left := masker.left_in(part, key)):
                raise Unrecordable(f"personal data or a secret would be left in {left}")
        return case

    def _draft(self, name: str, recorded: Recorded, masker: Masker) -> Case:
        """Mask what was said; the vendors' part comes as it was, to be found again by."""
        received = masker.learn(self.schema, recorded.document)
        learnt = [
            (each, masker.learn(self._schema_of(each), body_of(each.outcome)))
            for each in recorded.rounds
        ]
        vendor = [self._exchange(each, paths, masker) for each, paths in learnt]
        return {
            "name": name,
            **({"settings": dict(recorded.settings)} if recorded.settings else {}),
            "receive": masker.masked(recorded.document, received),
            **({"received_at": recorded.received_at} if recorded.received_at else {}),
            **({"vendor": vendor} if vendor else {}),
            "reply": {"status": recorded.reply.status, "body": None},
        }

    def _exchange(self, sent: Round, paths: Sequence[Path], masker: Masker) -> Json:
        live = heard(sent, self.runner)
        headers = {name: masker.text(value) for name, value in live.message.headers.items()}
        masked = replace(
            live,
            request=replace(live.request, target=masker.text(live.request.target)),
            message=replace(live.message, headers=headers),
        )
        expect = expectation(masked, sent.request.headers)
        if "body" in expect:
            expect["body"] = masker.masked(expect["body"], ())
        return {
            "expect": self._of_vendor(sent.vendor) | expect,
            "answer": answer_text(sent.outcome, paths, masker),
        }

    def _of_vendor(self, name: str) -> dict[str, Json]:
        """Name the vendor where the mapping has several."""
        several = {call.vendor for step in self.plan.steps for call in calls_in(step)}
        return {"vendor": name} if len(several) > 1 else {}

    def _shortened(self, draft: Case) -> Case:
        """Leave out what changes nothing: the moment, settings, headers of answers."""
        whole = self._goldens(draft)
        for fewer in _droppers(draft):
            with suppress(NoGoldens):
                shorter = fewer(draft)
                draft = shorter if self._goldens(shorter) == whole else draft
        return draft

    def _expecting(self, draft: Case, recorded: Recorded) -> Case:
        """Expect what is sent and goes back now that the data are masked."""
        found = self._goldens(draft)
        now, live = _course(found.reply), _course(recorded.reply)
        if now != live:
            raise Unrecordable(f"with its data masked, it ends with {now} instead of {live}")
        vendor: list[Json] = []
        for request, each in zip(found.requests, _exchanges(draft), strict=True):
            before = each["expect"]
            named = cast("dict[str, Json]", before.get("headers", {}))
            whom = {"vendor": before["vendor"]} if "vendor" in before else {}
            vendor.append({**each, "expect": whom | expectation(request, named)})
        reply: Json = {"status": found.reply.status, "body": found.reply.body}
        return {**draft, **({"vendor": vendor} if vendor else {}), "reply": reply}

    def _goldens(self, case: Case) -> Goldens:
        return goldens(case_of(case), self.plan.contract.name, self.runner)

    def _schema_of(self, sent: Round) -> Schema | None:
        """Give the schema of an answer."""
        calls = (call for step in self.plan.steps for call in calls_in(step))
        call = next((call for call in calls if call.call == sent.call), None)
        if isinstance(sent.outcome, Fault) or call is None:
            return None
        judge = _judge(call, sent)
        return judge.schema if sent.outcome.status in judge.statuses else judge.error_schema


def _judge(call: CallStep, sent: Round) -> Judge:
    """Give what knows the answer: a `find` and an `undo` have schemas of their own."""
    find, undo = (call.effect.find, call.effect.undo) if call.effect is not None else (None, None)
    if sent.role == "find" and find is not None:
        return find.judge
    return undo.judge if sent.role == "undo" and undo is not None else call.judge


def over(below: Mapping[str, Json], above: Mapping[str, Json]) -> dict[str, Json]:
    """Give what has to be put over settings to make others of them."""
    found: dict[str, Json] = {}
    for name, value in above.items():
        match below.get(name), value:
            case dict(under), dict(upper):
                found |= {name: inner} if (inner := over(under, upper)) else {}
            case under, _ if under != value or name not in below:
                found[name] = value
    return found


def _course(reply: Reply) -> str:
    """Tell how an exchange ended: its status, with the reason where there is one."""
    reason = reason_of(reply)
    return f"{reply.status} {reason}" if reason else str(reply.status)


def _exchanges(case: Case) -> list[dict[str, dict[str, Json]]]:
    return cast("list[dict[str, dict[str, Json]]]", case.get("vendor", []))


def _droppers(case: Case) -> Iterator[Callable[[Case], Case]]:
    """Give for each part that may be of no use what drops it."""
    yield partial(_without, "received_at")
    for name in cast("Case", case.get("settings", {})):
        yield partial(_without_setting, name)
    headers = [cast("Case", each["answer"].get("headers", {})) for each in _exchanges(case)]
    for name in sorted({name for each in headers for name in each} - {"content-type"}):
        yield partial(_without_header, name)


def _without_setting(name: str, case: Case) -> Case:
    settings = _without(name, cast("Case", case["settings"]))
    return {**case, "settings": settings} if settings else _without("settings", case)


def _without_header(name: str, case: Case) -> Case:
    """Drop a header from all answers."""
    vendor: list[Json] = []
    for each in _exchanges(case):
        kept = _without(name, cast("Case", each["answer"].get("headers", {})))
        answer = _without("headers", each["answer"])
        if kept:
            answer = {"status": answer.pop("status"), "headers": kept, **answer}
        vendor.append({**each, "answer": answer})
    return {**case, "vendor": vendor}


def _without(name: str, parts: Case) -> Case:
    return {key: value for key, value in parts.items() if key != name}
