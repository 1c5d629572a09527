"""The scope while an expression runs: names to values, some of them computed at first use."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_NOTHING: Mapping[str, Callable[[Frame], object]] = MappingProxyType({})


class Frame(dict[str, object]):
    """Scope names and their values, with a parent that is asked for what isn't here.

    `frame["name"]` gives the value. A name in `lazy` is computed at its first use with the frame
    that declares it, once, and kept there; one whose computation fails is computed again when it is
    next asked for. A child keeps what it got from its parent, so a name, once read, must not be set
    anew. `in` and `get` see only what has been kept. Raises KeyError for a name that nobody has.
    """

    __slots__ = ("_lazy", "_parent")

    def __init__(
        self,
        values: Mapping[str, object],
        lazy: Mapping[str, Callable[[Frame], object]] = _NOTHING,
        parent: Frame | None = None,
    ) -> None:
        super().__init__(values)
        self._lazy = lazy
        self._parent = parent

    def __missing__(self, name: str) -> object:
        compute = self._lazy.get(name)
        if compute is not None:
            value = compute(self)
        elif self._parent is not None:
            value = self._parent[name]
        else:
            raise KeyError(name)
        self[name] = value
        return value

    def declared(self, name: str) -> tuple[object, Frame] | None:
        """Give what computes a name, and the frame that it computes with; None for plain values."""
        if name in self._lazy:
            return self._lazy[name], self
        return self._parent.declared(name) if self._parent is not None else None
