"""`gateway eval`: one expression on one document."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from gateway.cli.common import read_json
from gateway.cli.show import Screen, printable, short
from gateway.config.problems import Problem
from gateway.config.render import render_text
from gateway.config.text import Sources
from gateway.errors import ExpressionFailed
from gateway.expressions.compiler import Program, compile_expression
from gateway.expressions.frame import Frame
from gateway.expressions.mishap import why_failed
from gateway.expressions.problems import ExpressionProblems
from gateway.expressions.scope import Scope
from gateway.expressions.trace import trace
from gateway.expressions.types.infer import infer
from gateway.expressions.types.literal import kind_of_value
from gateway.expressions.types.outline import outline
from gateway.expressions.values import Misfit, Run, spend_in_full
from gateway.expressions.why import why_null
from gateway.lossless import BadJson, dumps

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.config.problems import Severity
    from gateway.expressions.problems import ExpressionProblem
    from gateway.expressions.trace import Step
    from gateway.lossless import Json

_NAME = "EXPRESSION"
_WIDEST_PART = 50
_WIDEST_VALUE = 60
_WIDEST = 94


@click.command("eval")
@click.argument("expression")
@click.argument(
    "file",
    required=False,
    type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True),
)
@click.option(
    "--scope",
    "in_scope",
    is_flag=True,
    help="Take the document's keys for the names of a scope, as in a mapping.",
)
@click.option("--trace", "traced", is_flag=True, help="Show each part with its value, in order.")
def eval_(expression: str, file: Path | None, *, in_scope: bool, traced: bool) -> None:
    """Evaluate an expression on a JSON document, and say why it is null or fails.

    EXPRESSION is one of the mapping language; FILE a JSON document, `-` for standard input, null
    when left out. With --scope the document is an object, its keys are the names that the
    expression begins with, and `var('name')` reaches them from within filters. Exit code 1 if the
    expression can't be read, or fails on the document.

    The result goes to standard output. Before it, on standard error, stand the expression's type,
    worked out from documents that look like this one, and what a mapping would be refused for: a
    field that isn't there, say.
    """
    document = read_json(file) if file is not None else None
    if in_scope and not isinstance(document, dict):
        click.echo("--scope needs a document that is a JSON object.", err=True)
        sys.exit(1)
    given = Frame(document) if in_scope and isinstance(document, dict) else document
    program = _compiled(expression, Scope(frozenset(given)) if isinstance(given, Frame) else None)
    screen = Screen(colour=sys.stdout.isatty())
    _show_type(program, given)
    if traced:
        _show_steps(trace(program, given), screen)
    try:
        result = program(given) if isinstance(given, Frame) else program.search(given)
    except ExpressionFailed as error:
        why = why_failed(program, given)
        click.echo(printable(f"{error.reason}; {why}" if why else error.reason), err=True)
        sys.exit(1)
    screen.document("", cast("Json", result))
    if result is None:
        screen.text(f"because: {why_null(program, given)}")


def _compiled(expression: str, scope: Scope | None) -> Program:
    """Compile, or print what is wrong at its characters and end with 1."""
    try:
        return compile_expression(expression, scope)
    except ExpressionProblems as error:
        _show_problems(expression, error.problems, "error")
        sys.exit(1)


def _show_type(program: Program, given: object) -> None:
    """Show what a mapping would know of the expression if its data looked like this."""
    names = (
        {name: kind_of_value(each) for name, each in given.items()}
        if isinstance(given, Frame)
        else {}
    )
    document = None if isinstance(given, Frame) else kind_of_value(given)
    type_, problems = infer(program.ast, program.text, names, document)
    if problems:
        _show_problems(program.text, problems, "warning")
    click.echo(printable(f"type: {outline(type_, _WIDEST)}"), err=True)


def _show_problems(expression: str, found: Iterable[ExpressionProblem], severity: Severity) -> None:
    sources = Sources()
    source = sources.add(_NAME, expression.encode(errors="replace"))
    problems = [
        Problem(
            each.code,
            printable(each.message),
            source.place(each.start, each.end),
            printable(each.advice) if each.advice else None,
            severity,
        )
        for each in dict.fromkeys(found)
    ]
    click.echo(render_text(problems, sources, colour=sys.stderr.isatty()), err=True)


def _show_steps(steps: list[Step], screen: Screen) -> None:
    """Show the parts in one column and their values in another."""
    parts = [f"{'  ' * step.depth}{short(step.part, _WIDEST_PART)}" for step in steps]
    width = max(map(len, parts), default=0)
    for step, part in zip(steps, parts, strict=True):
        screen.text(f"{part:<{width}}  {_value(step)}")
    screen.text("")


def _value(step: Step) -> str:
    if step.failed:
        return f"fails: {step.value}"
    try:
        spend_in_full(step.value, Run())
        written = dumps(cast("Json", step.value)).decode()
    except (Misfit, BadJson, RecursionError):
        return "too large to be shown"
    said = short(written, _WIDEST_VALUE)
    if not isinstance(step.value, list):
        return said
    count = len(step.value)
    return f"{said}  ({count} element{'s' * (count != 1)})"
