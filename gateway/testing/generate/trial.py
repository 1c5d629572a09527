"""A mapping tried with generated documents and answers: what it makes of them has to fit schemas.

What is generated is the same in every run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable

from gateway.config.kinds import Word
from gateway.config.problems import Problem
from gateway.config.records import NOWHERE
from gateway.config.schemas import Schema
from gateway.inbound.body import unwrap
from gateway.lossless import Json
from gateway.plan.exchange import Plan
from gateway.plan.group import calls_in
from gateway.testing.case_spec import CaseSpec, Plain, ReplySpec
from gateway.testing.envelope import Envelope, reason_of
from gateway.testing.files import Suite
from gateway.testing.generate.values import Values
from gateway.testing.generate.vendors import GeneratedVendors, Said
from gateway.testing.rehearsal import Answers, Stage
from gateway.testing.reply import Reply, as_sent
from gateway.testing.run import Runner
from gateway.vendors.client import Answer

_EXAMPLES = 200
_OK = 200

_BROKEN = {
    "vendor_request": "a request would break the vendor's schema, or can't be sent",
    "reply_invalid": "the reply would break the contract's schema",
}


@dataclass(frozen=True, slots=True)
class Counterexample:
    """An exchange that went wrong, as small as it could be made.

    `case` is the one that it was made from, with the document that came in.
    """

    case: CaseSpec
    said: tuple[Said, ...]
    reply: Reply
    told: tuple[str, ...]


class _Found(Exception):
    """Hands over a counterexample."""

    def __init__(self, counterexample: Counterexample) -> None:
        super().__init__()
        self.counterexample = counterexample


@dataclass(slots=True)
class Trial:
    """What came of one mapping: how often which reply, and what went wrong."""

    suite: Suite
    replies: Counter[str] = field(default_factory=Counter)
    counterexample: Counterexample | None = None


def tried(suite: Suite, runner: Runner, envelope: Schema) -> Trial:
    """Try a mapping whose cases pass, from those of them that end well."""
    trial, starts = Trial(suite), list(_starts(suite, runner))

    @settings(
        max_examples=_EXAMPLES,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate, Phase.shrink],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def try_once(data: st.DataObject) -> None:
        values = Values(data.draw)
        trial.replies[values.one_of(starts).check(values, envelope)] += 1

    try:
        try_once()
    except _Found as found:
        trial.counterexample = found.counterexample
    except Unsatisfiable:
        """Nothing fits the schemas: there are no replies."""
    return trial


@dataclass(frozen=True, slots=True)
class _Start:
    """Where generating begins: a case, its plans, and what the vendors answer in it."""

    case: CaseSpec
    stage: Stage
    good: Mapping[str, Sequence[Answer]]

    def check(self, values: Values, envelope: Schema) -> str:
        """Make one exchange and give its status or reason. Raises _Found."""
        plan = self.stage.plan
        case = replace(self.case, receive=Plain(self._document(values)))
        calls = [call for step in plan.steps for call in calls_in(step)]
        vendors = GeneratedVendors(calls, self.good, case.receive.value, values)
        reply = self.stage.play(case, vendors).reply
        if vendors.stopped is not None:
            raise vendors.stopped
        told = tuple(_told(reply, Envelope(envelope, plan)))
        if told:
            raise _Found(Counterexample(case, tuple(vendors.said), reply, told))
        return str(reason_of(reply) or reply.status)

    def _document(self, values: Values) -> Json:
        schema = self.stage.plans.intake.schemas[self.stage.plan.contract.object]
        document = values.varied(((schema.document, schema.resolver),), self.case.receive.value)
        assume(schema.is_valid(document))
        return document


def _told(reply: Reply, envelope: Envelope) -> Iterator[str]:
    yield from envelope.breaches(reply)
    for reason, what in _BROKEN.items():
        if reason_of(reply) == reason:
            yield f"{reason}: {what}: {reply.cause}"


def _starts(suite: Suite, runner: Runner) -> Iterator[_Start]:
    contract = suite.plan.contract.name
    cases = [case for case in suite.cases if case.reply.status == _OK]
    for case in cases or [_any_case(suite.plan)]:
        plans = runner.plans(case.settings)
        if isinstance(plans, Problem):
            continue
        stage = Stage(plans, plans.by_contract[contract], runner.spec)
        yield _Start(_bare(case, suite.plan), stage, _good(case, stage))


def _good(case: CaseSpec, stage: Stage) -> dict[str, list[Answer]]:
    """Give what the vendors answer in a case, by call."""
    answers = Answers.of(case)
    good: dict[str, list[Answer]] = {}
    for sent in stage.play(case, answers).rounds:
        if isinstance(sent.outcome, Answer):
            good.setdefault(sent.call, []).append(sent.outcome)
    return good if case.vendor else {}


def _bare(case: CaseSpec, plan: Plan) -> CaseSpec:
    """Take what came in out of its wrapping."""
    received = as_sent(case.receive.value)
    inner = unwrap(received, plan.contract.object) if isinstance(received, dict) else received
    return replace(case, receive=Plain(inner))


def _any_case(plan: Plan) -> CaseSpec:
    """Make something to begin with where no case ends well: a single line."""
    key = "items" if plan.contract.object == "checkout" else "order_items"
    line: Json = {"product_id": "p", "variant_id": "v", "quantity": 1}
    return CaseSpec(
        name=Word("generated", NOWHERE),
        receive=Plain({"id": "1", key: [line]}),
        reply=ReplySpec(status=_OK, body=Plain(None)),
    )
