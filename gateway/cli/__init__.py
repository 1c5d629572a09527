"""The command line: each command parses, calls, prints and returns an exit code."""

from __future__ import annotations

from pkgutil import resolve_name
from typing import Final

import click

from gateway.cli.heap import begin

_COMMANDS: Final = {
    "completion": "completion:completion",
    "demo": "demo:demo",
    "docs": "docs:docs",
    "eval": "eval_:eval_",
    "explain": "explain:explain",
    "fmt": "fmt:fmt",
    "new": "new:new",
    "orders": "orders:orders",
    "send": "send:send",
    "serve": "serve:serve",
    "test": "test_:test",
    "try": "try_:try_",
    "validate-config": "validate:validate_config",
}
"""The module of each command, and its name there."""


class Commands(click.Group):
    """Imports a command when it is asked for: `serve` does without what tests mappings."""

    def invoke(self, ctx: click.Context) -> object:
        begin()
        return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = resolve_name(f"gateway.cli.{_COMMANDS[cmd_name]}")
        return command


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="mapping-gateway")
def main() -> None:
    """Answers Nacelle's order system as YAML mapping files say.

    Start with `gateway demo`; check your own files with `gateway validate-config`.

    Exit codes: 0 all is well, 1 something is wrong (and said), 2 the command was typed wrongly.
    """
