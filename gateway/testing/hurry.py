"""An event loop in which waiting takes no time: its clock jumps to what is waited for."""

from __future__ import annotations

import asyncio
import selectors
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

T = TypeVar("T")


class _Jumping(selectors.SelectSelector):
    """Instead of waiting for the time to pass, lets it be past."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            if timeout is None:
                raise RuntimeError("nothing goes on, and nothing is waited for")
            self.now += max(timeout, 0.0)
        return ready


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now


def hurried(work: Callable[[], Coroutine[object, object, T]]) -> tuple[T, float]:
    """Run what is not about sockets; give its result and the seconds that it would have taken.

    The loop's `time` is the clock to give to everything in it.
    """
    with asyncio.Runner(loop_factory=_Loop) as runner:
        loop = runner.get_loop()
        started = loop.time()
        result = runner.run(work())
        return result, loop.time() - started
