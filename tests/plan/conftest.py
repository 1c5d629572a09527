"""The types that the tests of plans give to the shared fixtures."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.conftest import Gateway

Deploy = Callable[..., Awaitable["Gateway"]]
