"""What several commands share: reading the configuration and printing its problems."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import click

from gateway.config.load import Configuration, load
from gateway.config.render import render_text
from gateway.config.spec import GatewaySpec
from gateway.lossless import Json, loads
from gateway.errors import BadJson
from gateway.plan.build import Plans, build
from gateway.plan.exchange import Plan

config_option = click.option(
    "--config",
    "-c",
    "config",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("gateway.yaml"),
    show_default=True,
    help="The deployment's gateway.yaml.",
)


@dataclass(frozen=True, slots=True)
class Ready:
    """A configuration without errors, and its plans."""

    spec: GatewaySpec
    plans: Plans
    configuration: Configuration


def read(path: Path) -> Ready:
    """Read and build a deployment; problems are printed, and errors end the command with 1."""
    configuration = load(path, os.environ)
    plans = build(configuration)
    problems = configuration.problems.sorted()
    if problems:
        colour = sys.stderr.isatty()
        click.echo(render_text(problems, configuration.sources, colour=colour), err=True)
    if plans is None or configuration.gateway is None:
        sys.exit(1)
    return Ready(configuration.gateway, plans, configuration)


def find_plan(plans: Plans, name: str) -> Plan:
    """Find a plan by its mapping's name or its contract's."""
    for plan in plans.by_contract.values():
        if name in (plan.mapping, plan.contract.name, plan.file):
            return plan
    known = ", ".join(plan.mapping for plan in plans.by_contract.values())
    raise click.UsageError(f"there is no mapping {name}; there are: {known}")


def read_document(path: Path) -> dict[str, Json]:
    """Read a checkout or an order from a JSON file; `-` is standard input."""
    data = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    try:
        document = loads(data)
    except BadJson as error:
        raise click.UsageError(f"{path}: {error}") from error
    if not isinstance(document, dict):
        raise click.UsageError(f"{path}: a JSON object is expected")
    return document
