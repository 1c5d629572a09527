"""`gateway new`: a mapping, its schemas and its tests, from a description of the vendor's API."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.common import config_option
from gateway.cli.show import printable
from gateway.config.render import render_text
from gateway.config.text import shown_path
from gateway.config.wording import listed
from gateway.contracts import CONTRACTS
from gateway.scaffold.deployment import Deployment
from gateway.scaffold.document import Document, Unusable, read_document
from gateway.scaffold.guess import Subject
from gateway.scaffold.make import File, Scaffold
from gateway.scaffold.operations import METHODS, Operation, choose, operations
from gateway.scaffold.plain import AUTHS, plain_api
from gateway.scaffold.vendor import variables, vendor_block

if TYPE_CHECKING:
    from gateway.config.load import Configuration
    from gateway.config.problems import Problem

_VENDOR = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was said on the command line; null where it wasn't."""

    openapi: Path | None
    operation: str | None
    method: str | None
    path: str | None
    base_url: str | None
    auth: str | None


def _complete_operation(
    context: click.Context,
    parameter: click.Parameter,  # noqa: ARG001 - the signature that click wants
    incomplete: str,
) -> list[str]:
    """Give a shell the operations of --openapi that begin so."""
    openapi = context.params.get("openapi")
    try:
        known = operations(read_document(openapi)) if openapi else []
    except Unusable:
        return []
    return [each.id for each in known if each.id.startswith(incomplete)]


@click.command("new")
@click.argument("vendor", required=False, metavar="[VENDOR]")
@click.argument(
    "contract", required=False, metavar="[CONTRACT]", type=click.Choice(list(CONTRACTS))
)
@config_option
@click.option(
    "--openapi",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The vendor's OpenAPI 3 file, JSON or YAML.",
)
@click.option(
    "--operation",
    shell_complete=_complete_operation,
    help="Its operation: the operationId, or as in 'GET /stock'.",
)
@click.option(
    "--method",
    type=click.Choice([method.upper() for method in METHODS], case_sensitive=False),
    help="Without --openapi: the method of the request.",
)
@click.option("--path", help="Without --openapi: the path of the request.")
@click.option("--base-url", help="The vendor's address, in place of that of its OpenAPI file.")
@click.option(
    "--auth",
    type=click.Choice(list(AUTHS)),
    help="How to authenticate, in place of what its OpenAPI file says.",
)
@click.option("--force", is_flag=True, help="Write over files that are there already.")
def new(
    vendor: str | None, contract: str | None, config: Path, *, force: bool, **wanted: object
) -> None:
    """Write a mapping to start from, with its schemas and tests, and add it to gateway.yaml.

    VENDOR is the vendor's name in gateway.yaml, which is made where there is none; CONTRACT what
    Nacelle calls. What is left out is asked for on a terminal. Each value's place in the vendor's
    request and answer is guessed from names: what is written passes `gateway validate-config` and
    `gateway test` at once, and is yours to put right. Exit code 1 if nothing could be written.
    """
    said = Wanted(**wanted)  # type: ignore[arg-type] # as the options declare them
    try:
        _new(vendor, contract, config, said, force=force)
    except Unusable as error:
        click.echo(printable(str(error)), err=True)
        sys.exit(1)


def _new(
    vendor: str | None, contract: str | None, config: Path, wanted: Wanted, *, force: bool
) -> None:
    if wanted.openapi is not None and (wanted.method or wanted.path):
        raise click.UsageError("--method and --path are for vendors without --openapi.")
    asks = vendor is None or contract is None
    vendor = _checked(vendor or _ask("VENDOR", "The vendor's name in gateway.yaml"))
    name = contract or _ask("CONTRACT", "What Nacelle calls", list(CONTRACTS))
    kind = CONTRACTS[name]
    deployment = Deployment.at(config)
    _refuse(deployment.errors(), deployment.configuration)
    openapi = wanted.openapi
    if asks and openapi is None and wanted.path is None:
        openapi = _optional_file("Its OpenAPI 3 file, if it has one")
    document = read_document(openapi) if openapi else plain_api(kind, wanted.method, wanted.path)
    operation = _operation(document, wanted.operation if openapi else None)
    if kind.effect and operation.reads:
        raise Unusable(
            f"{operation} only reads, and {name} is to change something at the vendor: choose an "
            "operation with another method."
        )
    block = None
    if not deployment.knows(vendor):
        auth = AUTHS[wanted.auth or "bearer"] if wanted.auth or openapi is None else None
        block = vendor_block(vendor, document, operation, wanted.base_url, auth)
    subject = Subject(document, operation, kind, vendor)
    _write(Scaffold.of(deployment, subject, block), force=force)


def _write(scaffold: Scaffold, *, force: bool) -> None:
    """Write everything, the tests last: they are what a run of the new mapping shows."""
    deployment = scaffold.deployment
    deployment.check(scaffold.subject.contract, scaffold.mapping)
    files = scaffold.files()
    tests = [File(scaffold.tests, "")]
    there = [shown_path(file.path) for file in [*files, *tests] if file.differs]
    if there and not force:
        names = "".join(f"\n  {name}" for name in there)
        raise Unusable(
            f"Nothing was written, because this is there already:{names}\n"
            "Move it away, or write over it with --force."
        )
    for file in [*files, scaffold.gateway()]:
        _put(file)
    made = scaffold.rehearsed()
    if isinstance(made, File):
        _put(made)
        _tell(scaffold)
        return
    _refuse([each for each in made.problems.sorted() if each.severity == "error"], made)


def _put(file: File) -> None:
    is_new = not file.path.exists()
    if not is_new and not file.differs:
        return
    try:
        file.path.parent.mkdir(parents=True, exist_ok=True)
        file.path.write_bytes(file.text.encode())
    except OSError as error:
        raise Unusable(f"{shown_path(file.path)} can't be written: {error.strerror}.") from error
    click.echo(f"{'wrote' if is_new else 'changed'} {shown_path(file.path)}")


def _tell(scaffold: Scaffold) -> None:
    """Say what comes next."""
    config = shown_path(scaffold.deployment.path)
    more = "" if config == "gateway.yaml" else f" -c {config}"
    name = scaffold.subject.name
    click.echo(
        f"\nNext: read {shown_path(scaffold.mapping)} and put it right. Look at it with\n"
        f"  gateway validate-config{more} --without-secrets\n"
        f"  gateway explain {name}{more}\n"
        f"  gateway test {name}{more}"
    )
    if scaffold.vendor is not None and (names := variables(scaffold.vendor)):
        click.echo(f"To call the vendor, set {listed(names)}.")


def _refuse(errors: list[Problem], configuration: Configuration | None) -> None:
    """Show errors and end with 1, if there are any."""
    if errors and configuration is not None:
        colour = sys.stderr.isatty()
        click.echo(render_text(errors, configuration.sources, colour=colour), err=True)
        sys.exit(1)


def _checked(vendor: str) -> str:
    if not _VENDOR.fullmatch(vendor):
        raise click.UsageError(
            f"{vendor!r} is no name for a vendor: take letters, digits, - and _."
        )
    return vendor


def _ask(what: str, question: str, choices: list[str] | None = None) -> str:
    """Ask for what the command line lacks."""
    if not sys.stdin.isatty():
        raise click.UsageError(f"{what} is missing.")
    kind = click.Choice(choices) if choices else None
    if choices:
        click.echo("".join(f"  {choice}\n" for choice in choices), nl=False)
    answer: str = click.prompt(question, type=kind, show_choices=False)
    return answer


def _optional_file(question: str) -> Path | None:
    answer: str = click.prompt(question, default="", show_default=False)
    return Path(answer).expanduser() if answer else None


def _operation(document: Document, name: str | None) -> Operation:
    """Take the operation of this name, the only one, or that which is picked from the list."""
    known = operations(document)
    if name is not None:
        return choose(document, name)
    if len(known) == 1:
        return known[0]
    if not known:
        raise Unusable(f"{document.name} describes no operation.")
    rows = "".join(f"\n  {number}. {each}" for number, each in enumerate(known, start=1))
    if not sys.stdin.isatty():
        raise click.UsageError(f"Say which with --operation:{printable(rows)}")
    click.echo(f"Its operations:{printable(rows)}")
    number: int = click.prompt("Which one", type=click.IntRange(1, len(known)))
    return known[number - 1]
