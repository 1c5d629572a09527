"""Every code that a problem can have: its title, why it is refused, what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from gateway.config.codes_expressions import EXPRESSIONS
from gateway.config.codes_files import READER, YAML
from gateway.config.codes_plans import PLANS

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Code:
    """What docs/errors/<name>.md says: `why` and `fix` are one or two sentences each."""

    name: str
    title: str
    why: str
    fix: str


CODES: Mapping[str, Code] = MappingProxyType(
    {row[0]: Code(*row) for row in (*YAML, *READER, *EXPRESSIONS, *PLANS)}
)
