"""Text that looks as if it were to be computed, where it would be sent or shown as it stands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.expressions.scope import Scope

_PATH = re.compile(r"([A-Za-z_]\w*)(?:\.[A-Za-z_]\w*|\[-?\d*\])*")


def looks_computed(text: str, scope: Scope) -> bool:
    """Say whether the whole text is a path that begins with a name of the scope."""
    found = _PATH.fullmatch(text)
    return found is not None and found[1] in scope.names and found[1] != text
