"""`gateway completion`: what a shell needs to complete commands, options, names and files."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

_VARIABLE = "_GATEWAY_COMPLETE"
"""Where click looks for a shell's questions: made from the name of the program."""


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]), metavar="SHELL")
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script that makes a shell complete this command line.

    SHELL is bash, zsh or fish. With bash and zsh, put `eval "$(gateway completion bash)"` (or zsh)
    into ~/.bashrc or ~/.zshrc; with fish, write the script into
    ~/.config/fish/completions/gateway.fish. Names of mappings come from gateway.yaml.
    """
    made = get_completion_class(shell)
    if made is None:
        raise AssertionError(f"click knows {shell}")
    click.echo(made(context.find_root().command, {}, "gateway", _VARIABLE).source())
