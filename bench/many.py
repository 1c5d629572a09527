"""A worker with many mappings: `python -m bench.many FOLDER`, which serves on $PORT.

A contract has one mapping, so the mappings are loaded together and planned five by five, the five
contracts without effects; the first five answer, the others are kept.
"""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from bench.shipped import ROOT
from gateway.cli.common import Ready, prepare
from gateway.cli.heap import begin, settle
from gateway.cli.observe import metrics_served
from gateway.cli.serve import Server, listen, make_app, server_config
from gateway.config.load import load
from gateway.telemetry import logs

_CONFIG: Final = Path(__file__).with_name("reads.yaml")
_SHIPPED: Final = (
    "square/inventory-validate",
    "generic/shipping-validate",
    "generic/promotions-validate",
    "generic/taxes-validate",
    "generic/payments-validate",
)
"""Every contract without effects, that of the load first."""


def write(folder: Path, count: int) -> Path:
    """Write a deployment with so many mappings, each with a name of its own."""
    folder.mkdir()
    (folder / "gateway.yaml").write_text(_CONFIG.read_text())
    (folder / "mappings").mkdir()
    for number, shipped in zip(range(count), itertools.cycle(_SHIPPED), strict=False):
        text = (ROOT / "mappings" / f"{shipped}.yaml").read_text()
        named = text.replace("\nmapping: ", f"\nmapping: n{number}.", 1)
        (folder / "mappings" / f"{number:06}.yaml").write_text(named)
    return folder


def _prepared(folder: Path) -> Iterator[Ready]:
    together = load(folder / "gateway.yaml", os.environ, stand_in=True)
    for start in range(0, len(together.mappings), len(_SHIPPED)):
        five = together.mappings[start : start + len(_SHIPPED)]
        ready = prepare(replace(together, mappings=five))
        if ready is None:
            raise SystemExit("The mappings have problems.")
        yield ready


def main(folder: Path) -> None:
    begin()
    first, *_others = _prepared(folder)
    logs.configure("info")
    port = int(os.environ["PORT"])
    with listen("127.0.0.1", port) as listener, metrics_served(first, 1) as watch:
        app = make_app(first, watch)
        settle()
        Server(server_config(app)).run(sockets=[listener])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
