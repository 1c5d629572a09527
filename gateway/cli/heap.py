"""The garbage collector, told what stays: plans and modules live as long as the process does."""

from __future__ import annotations

import gc
from typing import Final

_YOUNG: Final = 10_000
"""So many new objects may come before the collector looks for cycles among them; an exchange
leaves hardly any, and 32 of them at once hold more than the 700 that are usual."""


def settle() -> None:
    """Keep all that is there now out of the collector's way; what is garbage by now goes first."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG)
