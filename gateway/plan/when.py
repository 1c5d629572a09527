"""Whether a call is made at all."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.expressions.frame import Frame
from gateway.expressions.values import is_true
from gateway.plan.tree import Leaf, required


@dataclass(frozen=True, slots=True)
class Condition:
    """A call's `when`. Null decides nothing: it is refused like any value that must be there."""

    leaf: Leaf

    def holds(self, frame: Frame) -> bool:
        return is_true(required(self.leaf, frame))
