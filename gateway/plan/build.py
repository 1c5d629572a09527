"""From the files to the plans: `validate-config` and `serve` both come through here.

Building does no I/O and reports every problem, not the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from gateway.config.load import Configuration
from gateway.config.mapping_spec import MappingSpec
from gateway.config.problems import Problem, Problems
from gateway.config.snapshot import snapshot_of
from gateway.config.source import Mapping as Keys
from gateway.config.spec import GatewaySpec
from gateway.config.vendor_spec import VendorSpec
from gateway.config.wording import sentence
from gateway.contracts import CONTRACTS
from gateway.expressions.types.literal import kind_of_value
from gateway.plan.build_mapping import Deployment, build_mapping, calls_of
from gateway.plan.builder import Builder, Listen
from gateway.plan.exchange import Plan
from gateway.plan.group import calls_in
from gateway.plan.intake import Intake
from gateway.plan.stock_twice import check_stock
from gateway.plan.worst_case import check_time
from gateway.vendors.check import check_vendor


@dataclass(frozen=True, slots=True)
class Plans:
    """What requests run on: plans by contract, and how a document becomes an exchange."""

    by_contract: Mapping[str, Plan]
    intake: Intake
    paths: Mapping[str, str]
    categories: Mapping[str, str]
    retrying: frozenset[str]
    """The vendors of which some call has a `retry` of its own."""


@dataclass(frozen=True, slots=True)
class Equipped:
    """A plan, and the plans that it is one of."""

    plan: Plan
    plans: Plans


def build(configuration: Configuration, listen: Listen | None = None) -> Plans | None:
    """Build all plans. Problems are added to the configuration's; None if any is an error.

    With `listen`, expressions also tell what they give, which takes time.
    """
    problems = configuration.problems
    spec = configuration.gateway
    if spec is None:
        return None
    for vendor in spec.vendors.values():
        _check_vendor(vendor, problems)
    categories: dict[str, str] = {}
    paths: dict[str, str] = {}
    for contract in CONTRACTS.values():
        own = spec.contracts.get(contract.name)
        categories[contract.name] = own.category.text if own and own.category else contract.category
        paths[contract.name] = own.path.text if own and own.path else contract.path
    schemas = configuration.object_schemas
    around = Deployment(
        _base_urls(configuration, spec),
        {name: vendor.timeout.total.seconds for name, vendor in spec.vendors.items()},
        categories,
        schemas,
        kind_of_value(dict(spec.settings)),
    )
    plans = _plans(configuration, around, listen)
    _check_paths(configuration, paths)
    if problems.fatal:
        return None
    intake = Intake(
        spec.settings, tuple(tuple(p.split(".")) for p in spec.nacelle.order_key), schemas
    )
    return Plans(plans, intake, paths, categories, _retrying(plans.values()))


def _retrying(plans: Iterable[Plan]) -> frozenset[str]:
    calls = (call for plan in plans for step in plan.steps for call in calls_in(step))
    return frozenset(call.vendor for call in calls if call.request.retry is not None)


def _base_urls(configuration: Configuration, spec: GatewaySpec) -> dict[str, str]:
    known = {name: vendor.base_url for name, vendor in spec.vendors.items()}
    return dict.fromkeys(_vendor_names(configuration, spec), "") | known


def _vendor_names(configuration: Configuration, spec: GatewaySpec) -> frozenset[str]:
    """Name all vendors, also those that couldn't be read: that is reported once, where they are."""
    block = spec.node.get("vendors")
    if isinstance(block, Keys):
        return frozenset(spec.vendors) | {name.text for name, _ in block.entries}
    words = [mapping.vendor for mapping in configuration.mappings]
    words += [call.vendor for mapping in configuration.mappings for call in calls_of(mapping)]
    return frozenset(spec.vendors) | {word.text for word in words if word is not None}


def _check_vendor(vendor: VendorSpec, problems: Problems) -> None:
    for name, message in check_vendor(vendor):
        place = vendor.value_place(name)
        lines = range(place.line, place.end_line + 1)
        if any(p.place.file == place.file and p.place.line in lines for p in problems.found):
            continue  # what is wrong here is told already
        if name == "base_url" and "@" in vendor.base_url:
            advice = (
                "Take it out and set `auth: {type: basic, user: {env: …}, password: {env: …}}`."
            )
            said = "A user or password in `base_url` is a secret in this file."
            problems.found.append(Problem("secret-literal", said, place, advice, hidden=True))
            continue
        problems.error("bad-value", sentence(message), place)


def _plans(
    configuration: Configuration, around: Deployment, listen: Listen | None
) -> dict[str, Plan]:
    plans: dict[str, Plan] = {}
    names: dict[str, MappingSpec] = {}
    contracts: dict[str, MappingSpec] = {}
    for spec in configuration.mappings:
        _check_unique(spec, names, contracts, configuration.problems)
        builder = Builder(
            configuration.problems, configuration.sources, configuration.schemas, listen
        )
        plan = build_mapping(spec, builder, around)
        if plan is not None:
            if plan.delivery is not None:
                plan = replace(plan, snapshot=snapshot_of(configuration, spec))
            plans[plan.contract.name] = plan
            gateway = configuration.gateway
            # A vendor that couldn't be read is reported, and has no timeouts to sum up.
            if gateway is not None and not configuration.problems.fatal:
                check_time(plan, spec, gateway, configuration.problems)
    check_stock(configuration.mappings, plans, configuration.problems)
    return plans


def _check_unique(
    spec: MappingSpec,
    names: dict[str, MappingSpec],
    contracts: dict[str, MappingSpec],
    problems: Problems,
) -> None:
    other = names.setdefault(spec.mapping.text, spec)
    if other is not spec:
        problems.error(
            "duplicate-mapping",
            f"The name `{spec.mapping.text}` is taken: {_where(other)}.",
            spec.mapping.place,
            "Give each mapping a name of its own.",
        )
    other = contracts.setdefault(spec.contract.text, spec)
    if other is not spec:
        problems.error(
            "duplicate-contract",
            f"`{spec.contract.text}` already has a mapping: {_where(other)}.",
            spec.contract.place,
            "Keep one of the two, or list single files under `mappings:` in gateway.yaml.",
        )


def _where(spec: MappingSpec) -> str:
    return f"{spec.place.file}:{spec.place.line}"


def _check_paths(configuration: Configuration, paths: Mapping[str, str]) -> None:
    """Refuse two contracts on one path, and one on the gateway's own."""
    if configuration.gateway is None:
        return
    taken: dict[str, str] = {}
    for name, path in paths.items():
        other = taken.setdefault(path, name)
        own = path == "/health" or path.startswith("/health/")
        if other == name and not own:
            continue
        settings = configuration.gateway.contracts
        both = [settings[each].path for each in (name, other) if each in settings]
        word = next((path for path in both if path is not None), None)
        whose = "the gateway's health" if own else f"`{other}`"
        place = word.place if word else configuration.gateway.key_place("contracts")
        configuration.problems.error(
            "bad-value",
            f"The path {path} belongs to {whose} already.",
            place,
            "Give each contract a path of its own.",
        )
