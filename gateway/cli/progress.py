"""How far a long command is, on a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TypeVar

from rich.console import Console
from rich.progress import track

T = TypeVar("T")


def with_progress(items: Sequence[T], what: str) -> Iterable[T]:
    """Go through the items; a bar stands below meanwhile, and nothing of it stays."""
    console, hidden = Console(stderr=True), not sys.stderr.isatty()
    return track(items, what, console=console, transient=True, disable=hidden)
