"""`gateway fmt`: the one layout of gateway.yaml, mappings and tests."""

from __future__ import annotations

import difflib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.common import config_option
from gateway.cli.show import printable
from gateway.config.layout.file import lay_out
from gateway.config.load import load
from gateway.config.mapping_spec import MAPPING_FILE
from gateway.config.nodes import Mapping
from gateway.config.problems import Problems
from gateway.config.render import render_text
from gateway.config.source import read_yaml
from gateway.config.spec import GATEWAY_FILE
from gateway.config.text import Sources, shown_path
from gateway.config.wording import start_of
from gateway.testing.case_spec import TESTS_FILE
from gateway.testing.files import tests_beside

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.lossless import Json

_SCHEMAS = tuple(file.json_schema() for file in (GATEWAY_FILE, MAPPING_FILE, TESTS_FILE))


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@config_option
@click.option(
    "--check",
    is_flag=True,
    help="Write nothing: show what would change, and fail if anything would.",
)
def fmt(files: tuple[Path, ...], config: Path, *, check: bool) -> None:
    """Lay files out in the one way; comments stay, and what a file says never changes.

    FILES are gateway.yaml files, mappings and tests; when left out, gateway.yaml, the mappings that
    it lists and the tests beside them. Exit code 1 if a file has mistakes, which leaves it as it
    is, or if with --check one would change.
    """
    problems, sources = Problems(), Sources()
    changed = 0
    paths = files or tuple(_listed(config))
    for path in paths:
        data = path.read_bytes()
        new = _laid_out(path, data, problems, sources)
        if new is None or new.encode() == data:
            continue
        changed += 1
        if check:
            click.echo(_difference(shown_path(path), data.decode(), new), nl=False)
        else:
            path.write_bytes(new.encode())
            click.echo(f"laid out {shown_path(path)}")
    if problems.found:
        colour = sys.stderr.isatty()
        click.echo(render_text(problems.sorted(), sources, colour=colour), err=True)
    would = "would change" if check else "changed"
    click.echo(f"{changed} of {len(paths)} files {would}")
    sys.exit(1 if problems.fatal or (check and changed) else 0)


def _listed(config: Path) -> Iterator[Path]:
    """Give the files of a deployment; where gateway.yaml can't be read, say so and end with 1."""
    configuration = load(config, None)
    if not configuration.files:
        problems = configuration.problems.sorted()
        click.echo(
            render_text(problems, configuration.sources, colour=sys.stderr.isatty()), err=True
        )
        sys.exit(1)
    for path in configuration.files:
        yield path
        tests = tests_beside(path)
        if tests.exists():
            yield tests


def _laid_out(path: Path, data: bytes, problems: Problems, sources: Sources) -> str | None:
    """Give a file's new text; None, and a problem more, where it has mistakes."""
    shown, own = shown_path(path), Problems()
    sources.add(shown, data)
    node = read_yaml(shown, data, own)
    problems.found += own.found
    if own.fatal or node is None:
        return None
    keys = {name.text for name, _ in node.entries} if isinstance(node, Mapping) else set()
    schema = max(_SCHEMAS, key=lambda each: len(_names(each) & keys))
    if not _names(schema) & keys:
        place = start_of(node) if isinstance(node, Mapping) else node.place
        said = "This is no gateway.yaml, no mapping file and no file of tests."
        problems.error("wrong-file", said, place, "Leave it out.")
        return None
    return lay_out(data, schema)


def _names(schema: dict[str, Json]) -> set[str]:
    properties = schema["properties"]
    return set(properties) if isinstance(properties, dict) else set()


def _difference(name: str, old: str, new: str) -> str:
    lines = difflib.unified_diff(
        printable(old).splitlines(keepends=True), new.splitlines(keepends=True), name, name
    )
    return "".join(lines)
