"""Every mapping of gateway.yaml, each of its calls, every way in which a vendor can fail it.

`gateway test --faults` goes through the matrix without network. Over sockets, simulators do what
the matrix says that vendors do. A new mapping is met as soon as it stands in gateway.yaml; its
vendor belongs into `SIMULATORS`.
"""

from __future__ import annotations

import itertools
import re
import socket
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from click.testing import CliRunner

from gateway.app import Edge
from gateway.cli import main
from gateway.cli.common import Ready, make_ports, read
from gateway.cli.samples import sample
from gateway.errors import REASONS
from gateway.live import Live
from gateway.plan.call import CallStep
from gateway.plan.group import calls_in
from gateway.testing.troubles import TROUBLES, Trouble
from gateway.vendors.client import Answer
from simulators.faults import (
    Delay,
    Drip,
    Fault,
    Huge,
    ResetAfterRead,
    ResetBeforeRead,
    Status,
    Truncate,
    WrongContentType,
)
from simulators.kit import RunningSimulator, Simulator
from simulators.orders import OrdersSimulator
from simulators.payments import PaymentsSimulator
from simulators.promotions import PromotionsSimulator
from simulators.rates import RatesSimulator
from simulators.square import SquareSimulator
from simulators.taxes import TaxesSimulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from gateway.plan.exchange import Plan

ROOT = Path(__file__).parents[2]
MAPPINGS = sorted(
    ROOT / name for name in yaml.safe_load((ROOT / "gateway.yaml").read_text())["mappings"]
)
SIMULATORS: dict[str, type[Simulator]] = {
    "square": SquareSimulator,
    "rates": RatesSimulator,
    "promotions": PromotionsSimulator,
    "taxes": TaxesSimulator,
    "payments": PaymentsSimulator,
    "orders": OrdersSimulator,
}
ENVIRONMENT = {
    "NACELLE_SIGNATURE_SECRET": "the-secret-of-nacelle",
    "SQUARE_ACCESS_TOKEN": SquareSimulator().token,
    "RATES_API_KEY": RatesSimulator().api_key,
    "PROMOTIONS_API_KEY": PromotionsSimulator().api_key,
    "TAXES_API_KEY": TaxesSimulator().api_key,
    "PAYMENTS_API_KEY": PaymentsSimulator().api_key,
    "ORDERS_API_KEY": OrdersSimulator().api_key,
}
LONG = 60_000
numbers = itertools.count()

TOLD = {
    # trouble: the reason that a read's reply has, and an effect's; None is a success
    "not there": ("vendor_unreachable", "vendor_unreachable"),
    "no connection in time": ("vendor_unreachable", "vendor_unreachable"),
    "an untrusted certificate": ("vendor_unreachable", "vendor_unreachable"),
    "no answer in time": ("vendor_timeout", "in_doubt"),
    "an answer byte by byte": ("vendor_timeout", "in_doubt"),
    "a reset before the answer": ("vendor_disconnected", "in_doubt"),
    "a reset within the answer": ("vendor_disconnected", "in_doubt"),
    "an answer that is no HTTP": ("vendor_answer", "in_doubt"),
    "an answer that is too large": ("vendor_answer", "in_doubt"),
    "202": ("vendor_answer", "in_doubt"),
    "302": ("vendor_error", "vendor_error"),
    "400": ("vendor_error", "refused"),
    "401": ("vendor_credentials", "vendor_credentials"),
    "403": ("vendor_credentials", "vendor_credentials"),
    "404": ("vendor_error", "vendor_error"),
    "408": ("vendor_error", "in_doubt"),
    "409": ("vendor_error", "refused"),
    "422": ("vendor_error", "refused"),
    "429 with Retry-After": ("vendor_throttled", "vendor_throttled"),
    "429 with a long Retry-After": ("vendor_throttled", "vendor_throttled"),
    "500": ("vendor_error", "in_doubt"),
    "500 with HTML": ("vendor_error", "in_doubt"),
    "503": ("vendor_error", "in_doubt"),
    "an empty answer": ("vendor_answer", "in_doubt"),
    "HTML": ("vendor_answer", "in_doubt"),
    "half of the answer": ("vendor_answer", "in_doubt"),
    "another media type": (None, None),
    "null": ("vendor_answer", "in_doubt"),
    "a list": ("vendor_answer", "in_doubt"),
    "a list of numbers": ("vendor_answer", "in_doubt"),
    "a text": ("vendor_answer", "in_doubt"),
    "a number": ("vendor_answer", "in_doubt"),
}
DAMAGED = (
    {"200", "vendor_answer", "out_of_stock", "refused", "unmatched"},
    {"200", "in_doubt"},
)
"""What may come back, to a read and to an effect, where a part of an answer isn't as it was."""

# Nine times each: a read may be sent again on a new connection.
OVER_SOCKETS: dict[str, list[Fault]] = {
    "no answer in time": [Delay(delay_ms=LONG, times=9)],
    "an answer byte by byte": [Drip(pause_ms=LONG, times=9)],
    "a reset before the answer": [
        ResetBeforeRead(times=9),
        ResetAfterRead(applied=False, times=9),
        ResetAfterRead(applied=True, times=9),
    ],
    "a reset within the answer": [Truncate(times=9)],
    "an answer that is too large": [Huge(size=11_000_000, times=9)],
    "another media type": [WrongContentType(times=9)],
}
SLOW = {"no answer in time", "an answer byte by byte"}


def faults_of(trouble: Trouble) -> list[Fault]:
    """Give what a simulator has to do; nothing for what only a good answer can be damaged by."""
    if trouble.name in OVER_SOCKETS:
        return OVER_SOCKETS[trouble.name]
    answers = [each for each in trouble.outcomes(Answer(200, {}, b"")) if isinstance(each, Answer)]
    return [
        Status(
            status=answer.status,
            body=answer.body.decode(),
            headers=dict(answer.headers),
            applied=TOLD[trouble.name][1] == "in_doubt",
            times=9,
        )
        for answer in answers
    ]


@dataclass(frozen=True)
class Shop:
    """A gateway with the shipped mappings before simulated vendors."""

    ready: Ready
    post: Callable[..., object]
    vendors: Mapping[str, Simulator]

    def plan_of(self, mapping: Path) -> Plan:
        plans = self.ready.plans.by_contract.values()
        return next(plan for plan in plans if Path(plan.file).name == mapping.name)

    def ask(self, plan: Plan):
        """Post what the contract takes: an order that is new each time."""
        thing = plan.contract.object
        document = sample(thing, datetime.now(UTC), f"order-{next(numbers)}", 1)
        return self.post(self.ready.plans.paths[plan.contract.name], {thing: document})

    def calls(self, plan: Plan) -> list[tuple[CallStep, str]]:
        """Give each call with the path that it asks for, from an exchange in which all is well."""
        steps = [step for step in plan.steps if isinstance(step, CallStep)]
        simulators = [self.vendors[step.vendor] for step in steps]
        for simulator in simulators:
            reset(simulator)
        assert self.ask(plan).status == 200
        ledger = simulators[0].ledger
        paths = [received.path for received in ledger.requests]
        assert len(paths) == len(steps)
        return list(zip(steps, paths, strict=True))


def reset(simulator: Simulator) -> None:
    simulator.reset()
    simulator.faults.clear()
    if isinstance(simulator, SquareSimulator):
        for variant in ("SHIRT-M", "MUG-BLUE"):
            simulator.set_stock(variant, "L1", 1000)


@pytest.fixture(scope="module")
def vendors() -> Iterator[dict[str, RunningSimulator[Simulator]]]:
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(RunningSimulator(simulator()))
            for name, simulator in SIMULATORS.items()
        }


@pytest.fixture(scope="module")
def open_shop(
    tmp_path_factory: pytest.TempPathFactory,
    vendors: dict[str, RunningSimulator[Simulator]],
    serve: Callable[..., AbstractContextManager],
    log: object,
) -> Iterator[Callable[..., Shop]]:
    """Serve the sample gateway.yaml with another time for calls, and for all of a request.

    Orders aren't remembered: what counts is what one answer says, not what is found out later.
    """
    with ExitStack() as stack:

        def start(total: str = "30s", deadline: str = "60s", url: str | None = None) -> Shop:
            folder = tmp_path_factory.mktemp("shop")
            for name in ("mappings", "schemas"):
                (folder / name).symlink_to(ROOT / name)
            text = re.sub(r"total: \w+", f"total: {total}", (ROOT / "gateway.yaml").read_text())
            text = re.sub(r"deadline: \w+", f"deadline: {deadline}", text)
            (folder / "gateway.yaml").write_text(text)
            urls = {f"{name.upper()}_URL": url or each.url for name, each in vendors.items()}
            ready = read(folder / "gateway.yaml", {**ENVIRONMENT, **urls})
            version, nacelle = ready.configuration.version, ready.spec.nacelle
            app = Live(Edge(ready.plans, version, nacelle, make_ports(ready)))
            running = stack.enter_context(serve(app, log))
            simulators = {name: each.simulator for name, each in vendors.items()}
            return Shop(ready, running.post, simulators)

        yield start


@pytest.fixture(scope="module")
def patient(open_shop: Callable[..., Shop]) -> Shop:
    return open_shop()


@pytest.fixture(scope="module")
def hasty(open_shop: Callable[..., Shop]) -> Shop:
    """Time enough for an answer on this machine, and no more."""
    return open_shop(total="500ms")


@pytest.fixture
def check_told(check_envelope):
    """Check that an answer is the contract's, with a reason of the table and its status."""

    def check(answer, plan: Plan, reason: str | None) -> None:
        check_envelope(answer)
        if reason is None:
            assert (answer.status, list(answer.json)) == (200, [plan.contract.object])
            return
        told = (answer.details["reason"], str(answer.status), answer.error["category"])
        assert told == (reason, REASONS[reason][0], plan.contract.category), answer.json
        assert answer.json[plan.contract.object] == {}
        if reason == "in_doubt":
            assert answer.details["repeat"] == "safe"

    return check


def test_every_mapping_is_met(patient: Shop) -> None:
    assert len(patient.ready.plans.by_contract) == len(MAPPINGS)
    assert set(patient.ready.spec.vendors) == set(SIMULATORS)


def test_the_command_meets_every_trouble_of_every_call_with_the_reason_that_belongs_to_it() -> None:
    ready = read(ROOT / "gateway.yaml", {}, stand_in=True, warnings=False)
    calls = {
        (plan.mapping, call.call): call.request.effect
        for plan in ready.plans.by_contract.values()
        for step in plan.steps
        for call in calls_in(step)
    }
    result = CliRunner().invoke(main, ["test", "--faults", "--config", str(ROOT / "gateway.yaml")])
    assert result.exit_code == 0, result.output
    met = set()
    for mapping, call, trouble, cell in cells(result.output):
        met.add(trouble)
        effect = calls[mapping, call]
        replies = {reply.split()[0] for reply in cell.split(", ")} - {"-"}
        if trouble in TOLD:
            assert replies == {TOLD[trouble][effect] or "200"}, (mapping, call, trouble)
        else:
            assert replies <= DAMAGED[effect], (mapping, call, trouble)
    assert met == {trouble.name for trouble in TROUBLES}


def cells(output: str) -> Iterator[tuple[str, str, str, str]]:
    """Read the tables back: mapping, call, trouble, and what came of it."""
    for block in output.split("\n\n"):
        rows = [re.split(r" {2,}", line.strip()) for line in block.splitlines()]
        if not block.startswith(" "):
            continue
        mappings, calls, *troubles = rows
        for trouble, *found in troubles:
            yield from zip(mappings, calls, [trouble] * len(found), found, strict=True)


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: trouble.name)
def test_what_a_vendor_does_at_its_socket_is_told_as_the_matrix_has_it(
    patient: Shop, hasty: Shop, check_told, trouble: Trouble
) -> None:
    """With Square's inventory, whose read and whose effect go over one transport each."""
    plan = patient.plan_of(ROOT / "mappings" / "square" / "inventory-consume.yaml")
    for fault in faults_of(trouble):
        for step, path in patient.calls(plan):
            simulator = patient.vendors[step.vendor]
            reset(simulator)
            simulator.faults.order(type(fault)(**{**fields(fault), "path": path}))
            answer = (hasty if trouble.name in SLOW else patient).ask(plan)
            check_told(answer, plan, TOLD[trouble.name][step.request.effect])
            simulator.faults.clear()
            done = bool(simulator.ledger.effects) and step.request.effect
            assert not done or answer.status == 200 or answer.details["reason"] == "in_doubt"


def fields(fault: Fault) -> dict[str, object]:
    return {name: getattr(fault, name) for name in fault.__struct_fields__}


@pytest.mark.parametrize("mapping", MAPPINGS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_vendor_that_never_reads_or_is_not_there_is_told_too(
    open_shop: Callable[..., Shop], check_told, mapping: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        shop = open_shop("300ms", url=f"http://127.0.0.1:{mute.getsockname()[1]}")
        plan = shop.plan_of(mapping)
        effect = next(step for step in plan.steps if isinstance(step, CallStep)).request.effect
        check_told(shop.ask(plan), plan, "in_doubt" if effect else "vendor_timeout")
    check_told(shop.ask(plan), plan, "vendor_unreachable")


@pytest.mark.parametrize("mapping", MAPPINGS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_what_takes_longer_than_the_deadline_is_answered_at_the_deadline(
    open_shop: Callable[..., Shop], patient: Shop, check_told, mapping: Path
) -> None:
    plan = patient.plan_of(mapping)
    ((step, path), *_) = patient.calls(plan)
    shop = open_shop("50s", deadline="300ms")
    shop.vendors[step.vendor].faults.order(Delay(delay_ms=LONG, path=path, times=9))
    check_told(shop.ask(plan), plan, "in_doubt" if step.request.effect else "deadline")
    shop.vendors[step.vendor].faults.clear()
