"""Every function of the mapping language, by name: a table that nothing adds to at run time."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from gateway.expressions.arithmetic import ARITHMETIC
from gateway.expressions.files import FILES
from gateway.expressions.links import LINKS
from gateway.expressions.lookups import LOOKUPS
from gateway.expressions.money import MONEY
from gateway.expressions.ordering import ORDERING
from gateway.expressions.standard import STANDARD
from gateway.expressions.texts import TEXTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.expressions.signature import Function

FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        function.name: function
        for table in (STANDARD, ORDERING, ARITHMETIC, MONEY, TEXTS, LOOKUPS, FILES, LINKS)
        for function in table
    }
)
