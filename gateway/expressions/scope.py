"""What an expression may name at its root, known when it is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.expressions.types.model import Type


@dataclass(frozen=True, slots=True)
class Scope:
    """The closed set of root names, and the types of those of which something is known."""

    names: frozenset[str]
    types: Mapping[str, Type] = field(default_factory=dict, compare=False)
