"""What an expression may name at its root, known when it is loaded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Scope:
    """The closed set of root names; `fields` are all that those among them have which it names."""

    names: frozenset[str]
    fields: Mapping[str, frozenset[str]] = field(default_factory=dict, hash=False)
