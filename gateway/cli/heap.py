"""The garbage collector, told what stays: plans and modules live as long as the process does."""

from __future__ import annotations

import gc
from typing import Final

_YOUNG: Final = 10_000
"""So many new objects may come before the collector looks for cycles among them. Nearly all that is
loaded stays; an exchange leaves hardly any, and 32 of them at once hold more than the usual 700."""


def begin() -> None:
    """Let the collector look less often, in this process."""
    gc.set_threshold(_YOUNG)


def settle() -> None:
    """Keep all that is there now out of the collector's way; what is garbage by now goes first."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
