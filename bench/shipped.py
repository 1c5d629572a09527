"""The expressions of the shipped mappings, taken from their plans."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.config.load import load
from gateway.expressions.compiler import Program
from gateway.plan.build import Plans, build

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]


def plans() -> Plans:
    """Build the plans of the mappings that come with the gateway."""
    made = build(load(ROOT / "gateway.yaml", {}, stand_in=True))
    if made is None:
        raise SystemExit("The shipped mappings have problems: see `gateway validate-config`.")
    return made


def shipped() -> list[Program]:
    """Give each expression once, in the order of its text."""
    found = {program.text: program for program in _programs(plans().by_contract, set())}
    return [found[text] for text in sorted(found)]


def _programs(part: object, seen: set[int]) -> Iterator[Program]:
    """Walk whatever a plan is made of."""
    if id(part) in seen:
        return
    seen.add(id(part))
    if isinstance(part, Program):
        yield part
        return
    if dataclasses.is_dataclass(part) and not isinstance(part, type):
        below = [getattr(part, field.name) for field in dataclasses.fields(part)]
    elif isinstance(part, dict):
        below = list(part.values())
    elif isinstance(part, (list, tuple)):
        below = list(part)
    else:
        return
    for each in below:
        yield from _programs(each, seen)
