"""What exchanges that ask at the same time may share of one call, and for how long."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gateway.errors import ExpressionFailed, Refusal
from gateway.expressions.compiler import Program
from gateway.expressions.frame import Frame
from gateway.lossless import Json


@dataclass(frozen=True, slots=True, eq=False)
class Sharing:
    """How one call's keys are gathered, and its rows kept. Times are in seconds.

    Calls are alike, and share, where all `parts` have the same values: what goes into the request
    and what judges the answer, the keys apart. `own_words` where an error rule's text says
    something of the exchange, so that nobody may be told another's.
    """

    vendor: str
    size: int
    at_once: int
    window: float
    ttl: float
    stale: float
    parts: tuple[Program, ...]
    own_words: bool
    of_lines: Program | None
    """Gives the keys of any order's lines; None where they are made from more than the lines."""
    lets: Mapping[str, Callable[[Frame], object]]

    def alike(self, frame: Frame) -> str | None:
        """Give what must be equal for a call to be shared; None where that can't be told."""
        try:
            # Unequal texts of equal values would only mean that less is shared.
            return repr([part(frame) for part in self.parts])
        except (ExpressionFailed, Refusal):
            return None  # the request tells better what is wrong

    def touched(self, frame: Frame) -> list[Json] | None:
        """Give the keys that an order is about; None where it may be any."""
        if self.of_lines is None:
            return None
        seen = {"lines": frame["lines"], "settings": frame["settings"]}
        try:
            keys = self.of_lines(Frame(seen, self.lets))
        except (ExpressionFailed, Refusal):
            return None
        return keys if isinstance(keys, list) else None
