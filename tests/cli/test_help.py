"""What the command line says about itself."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

from gateway.cli import main

COMMANDS = [
    "completion",
    "demo",
    "docs",
    "eval",
    "explain",
    "fmt",
    "new",
    "orders",
    "send",
    "serve",
    "test",
    "try",
    "validate-config",
]


def test_the_help_lists_every_command_and_the_exit_codes(run) -> None:
    result = run("--help")
    assert result.exit_code == 0
    for word in (*COMMANDS, "Exit codes: 0", "gateway demo"):
        assert word in result.output
    assert main.list_commands(click.Context(main)) == COMMANDS


def test_no_command_at_all_shows_the_help(run) -> None:
    result = run()
    assert result.exit_code == 2
    assert "Commands:" in result.output


def _commands(group: click.Group, *above: str) -> Iterator[tuple[str, ...]]:
    for name in group.list_commands(click.Context(group)):
        yield *above, name
        command = _command((*above, name))
        if isinstance(command, click.Group):
            yield from _commands(command, *above, name)


def _command(path: tuple[str, ...]) -> click.Command:
    found: click.Command = main
    for name in path:
        assert isinstance(found, click.Group)
        command = found.get_command(click.Context(found), name)
        assert command is not None
        found = command
    return found


@pytest.mark.parametrize("path", [*_commands(main)], ids=" ".join)
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_a_command_explains_itself_its_arguments_and_each_option(
    run, path: tuple[str, ...], option: str
) -> None:
    result = run(*path, option)
    assert result.exit_code == 0
    text = " ".join(result.output.split())
    for parameter in _command(path).params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name
            assert parameter.opts[0] in text
        else:
            metavar = (parameter.metavar or str(parameter.name)).upper()
            assert metavar in text.partition("[OPTIONS]")[2].split("Options:")[0], metavar


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["serve", "--nonsense"], ["serve", "--port", "99999"], ["try"]]
)
def test_what_is_typed_wrongly_ends_with_2_and_points_to_the_help(run, arguments) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert "--help" in result.stderr or "-h" in result.stderr


def test_the_version_is_told(run) -> None:
    result = run("--version")
    assert (result.exit_code, "version" in result.output) == (0, True)
