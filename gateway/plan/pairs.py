"""Texts by name: query parameters, headers, the fields of a form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.expressions.frame import Frame
from gateway.expressions.template import as_text
from gateway.plan.missing import Blame
from gateway.plan.tree import Block


@dataclass(frozen=True, slots=True)
class Pairs:
    """Text by name; where it `repeats`, a list repeats the name."""

    block: Block
    blame: Blame
    repeats: bool

    def render(self, frame: Frame) -> Iterator[tuple[str, str]]:
        for name, value in self.block.render(frame).items():
            for item in value if self.repeats and isinstance(value, list) else [value]:
                text = as_text(item)
                if text is None:
                    raise self.blame.unfit(name, "is no text, number or boolean")
                yield name, text
