"""The command line: each command parses, calls, prints and returns an exit code."""

from __future__ import annotations

import click

from gateway.cli.completion import completion
from gateway.cli.demo import demo
from gateway.cli.docs import docs
from gateway.cli.eval_ import eval_
from gateway.cli.explain import explain
from gateway.cli.fmt import fmt
from gateway.cli.new import new
from gateway.cli.orders import orders
from gateway.cli.send import send
from gateway.cli.serve import serve
from gateway.cli.test_ import test
from gateway.cli.try_ import try_
from gateway.cli.validate import validate_config


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="mapping-gateway")
def main() -> None:
    """Answers Nacelle's order system as YAML mapping files say.

    Start with `gateway demo`; check your own files with `gateway validate-config`.

    Exit codes: 0 all is well, 1 something is wrong (and said), 2 the command was typed wrongly.
    """


_TO_WRITE = (new, validate_config, fmt, test, explain, docs, try_, eval_, completion)
_TO_RUN = (serve, orders, send, demo)
for _command in (*_TO_WRITE, *_TO_RUN):
    main.add_command(_command)
