"""`gateway docs`: a page for each mapping."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.common import config_option, read
from gateway.cli.page import page


@click.command()
@config_option
@click.option(
    "--output",
    "-o",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("mapping-docs"),
    show_default=True,
    help="The folder that the pages go into; it is made if it isn't there.",
)
def docs(config: Path, folder: Path) -> None:
    """Write a page in Markdown for each mapping.

    It shows the flow as a diagram (Mermaid), the vendor calls and their error rules, what each
    field is made from, the worst case in time, and which settings, variables and secret files the
    mapping needs. Environment variables are stood in for: the pages are the same everywhere.
    """
    ready = read(config, {}, stand_in=True, warnings=False)
    folder.mkdir(parents=True, exist_ok=True)
    for plan in ready.plans.by_contract.values():
        path = folder / f"{plan.mapping}.md"
        path.write_text(page(plan, ready), encoding="utf-8")
        click.echo(f"wrote {path}")
