"""What several commands share: reading the configuration and printing its problems."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from gateway.config.load import Configuration, load
from gateway.config.render import render_text
from gateway.lossless import BadJson, Json, loads
from gateway.plan.build import Plans, build
from gateway.plan.exchange import Ports
from gateway.plan.pool import Pools
from gateway.storage.database import Database
from gateway.telemetry.clock import Clock
from gateway.telemetry.watch import NoWatch, Watch
from gateway.vendors.vendor import make_vendor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.config.spec import GatewaySpec
    from gateway.plan.exchange import Plan
    from gateway.vendors.client import Vendor

_NO_WATCH: Final = NoWatch()

config_option = click.option(
    "--config",
    "-c",
    "config",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("gateway.yaml"),
    show_default=True,
    help="The deployment's gateway.yaml.",
)


def complete_mapping(
    context: click.Context,
    parameter: click.Parameter,  # noqa: ARG001 - the signature that click wants
    incomplete: str,
) -> list[str]:
    """Give a shell the names of mappings that begin so."""
    config: Path = context.params.get("config") or Path("gateway.yaml")
    names = [mapping.mapping.text for mapping in load(config, None).mappings]
    return sorted(name for name in names if name.startswith(incomplete))


@dataclass(frozen=True, slots=True)
class Ready:
    """A configuration without errors, and its plans."""

    spec: GatewaySpec
    plans: Plans
    configuration: Configuration

    @property
    def debug(self) -> bool:
        return self.spec.log.level == "debug"


def read(
    path: Path,
    environment: Mapping[str, str] = os.environ,
    *,
    stand_in: bool = False,
    warnings: bool = True,
) -> Ready:
    """Read and build a deployment; errors are printed and end the command with 1.

    `stand_in` takes the place of unset variables and absent secret files, for commands that call no
    vendor; without `warnings` only errors are printed.
    """
    ready = prepare(load(path, environment, stand_in=stand_in), warnings=warnings)
    if ready is None:
        sys.exit(1)
    return ready


def prepare(configuration: Configuration, *, warnings: bool = True) -> Ready | None:
    """Build what was loaded, and print its problems; None where there are errors."""
    plans = build(configuration)
    problems = [
        problem
        for problem in configuration.problems.sorted()
        if warnings or problem.severity == "error"
    ]
    if problems:
        colour = sys.stderr.isatty()
        click.echo(render_text(problems, configuration.sources, colour=colour), err=True)
    if plans is None or configuration.gateway is None:
        return None
    return Ready(configuration.gateway, plans, configuration)


def make_storage(ready: Ready) -> Database:
    """Make the database of `storage.url`; opens nothing yet."""
    return Database(ready.spec.storage.url.reveal(), ready.configuration.folder)


def make_ports(ready: Ready, watch: Watch = _NO_WATCH) -> Ports:
    """Make what exchanges use of the world; opens nothing yet."""
    ports = Ports({}, Clock(), make_storage(ready), Pools(ready.spec.cache.max_size))
    return replace(
        ports, vendors={name: vendor_of(name, ready, ports, watch) for name in ready.spec.vendors}
    )


def vendor_of(name: str, ready: Ready, ports: Ports, watch: Watch) -> Vendor:
    """Make a vendor beside these ports; opens nothing yet."""
    return make_vendor(
        ready.spec.vendors[name],
        ports.clock,
        name=name,
        watch=watch,
        storage=ports.storage,
        retries=name in ready.plans.retrying,
    )


def has_effects(plans: Plans) -> bool:
    """Say whether orders are delivered, for which the storage is needed."""
    return any(plan.delivery is not None for plan in plans.by_contract.values())


def find_plan(plans: Plans, name: str) -> Plan:
    """Find a plan by its mapping's name, its contract's or its file."""
    for plan in plans.by_contract.values():
        if name in (plan.mapping, plan.contract.name, plan.file):
            return plan
    known = ", ".join(sorted(plan.mapping for plan in plans.by_contract.values()))
    raise click.UsageError(f"There is no mapping {name}. There are: {known}.")


def read_file(path: Path) -> bytes:
    """Read a file that the command line names; `-` is standard input."""
    return sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()


def read_json(path: Path) -> Json:
    """Read any JSON document from a file; what can't be read ends the command with 1."""
    try:
        return loads(read_file(path))
    except BadJson as error:
        click.echo(f"{path} is no acceptable JSON: {error}.", err=True)
        sys.exit(1)


def read_document(path: Path) -> dict[str, Json]:
    """Read a checkout or an order from a JSON file; what can't be read ends the command with 1."""
    document = read_json(path)
    if not isinstance(document, dict):
        click.echo(f"{path} holds no JSON object.", err=True)
        sys.exit(1)
    return document
