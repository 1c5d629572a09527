"""What an expression may name at its root, known when it is loaded."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """The closed set of root names."""

    names: frozenset[str]
