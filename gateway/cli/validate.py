"""`gateway validate-config`: every problem of the files, at once."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.common import config_option
from gateway.config.load import load
from gateway.config.render import render_github, render_json, render_text
from gateway.plan.build import Plans, build
from gateway.plan.worst_case import worst_case

if TYPE_CHECKING:
    from gateway.config.spec import GatewaySpec


@click.command("validate-config")
@click.argument("path", required=False, type=click.Path(path_type=Path, dir_okay=False))
@config_option
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    show_default=True,
    help="For people, for programs, or as annotations of a continuous integration.",
)
@click.option(
    "--without-secrets",
    is_flag=True,
    help="Stand in for environment variables and secret files, as in continuous integration.",
)
def validate_config(path: Path | None, config: Path, style: str, *, without_secrets: bool) -> None:
    """Check gateway.yaml, its mappings and schemas, without calling anyone.

    PATH is the gateway.yaml to check, instead of --config. Exit code 1 if there are errors.
    """
    configuration = load(path or config, None if without_secrets else os.environ)
    plans = build(configuration)
    problems = configuration.problems.sorted()
    if style == "json":
        click.echo(render_json(problems))
    elif style == "github":
        click.echo(render_github(problems), nl=bool(problems))
    else:
        if problems:
            colour = sys.stdout.isatty()
            click.echo(render_text(problems, configuration.sources, colour=colour))
        if plans is not None and configuration.gateway is not None:
            _tell_times(plans, configuration.gateway)
            count = len(plans.by_contract)
            click.echo(f"{path or config}: {count} mapping{'s' * (count != 1)}, no errors")
    sys.exit(1 if plans is None else 0)


def _tell_times(plans: Plans, gateway: GatewaySpec) -> None:
    """Say of each mapping how long its calls take at worst."""
    deadline = gateway.nacelle.deadline.seconds
    for plan in plans.by_contract.values():
        worst = worst_case(plan, gateway.vendors)
        click.echo(
            f"{plan.mapping}: {worst.seconds:g} s at worst (deadline {deadline:g} s): {worst}"
        )
