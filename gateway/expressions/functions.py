"""Every function of the mapping language, by name: a table that nothing adds to at run time."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from gateway.expressions.arithmetic import ARITHMETIC
from gateway.expressions.encodings import ENCODINGS
from gateway.expressions.files import FILES
from gateway.expressions.links import LINKS
from gateway.expressions.lists import LISTS
from gateway.expressions.money import MONEY
from gateway.expressions.objects import OBJECTS
from gateway.expressions.ordering import ORDERING
from gateway.expressions.regex import REGEX
from gateway.expressions.rounding import ROUNDING
from gateway.expressions.sql import SQL
from gateway.expressions.standard import STANDARD
from gateway.expressions.texts import TEXTS
from gateway.expressions.times import TIMES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.expressions.signature import Function

_TABLES = (
    *(STANDARD, ORDERING, ARITHMETIC, ROUNDING, MONEY, LISTS, OBJECTS),
    *(TEXTS, REGEX, TIMES, ENCODINGS, SQL, FILES, LINKS),
)

FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {function.name: function for table in _TABLES for function in table}
)
