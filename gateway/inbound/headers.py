"""A request's headers, found by name without going through all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Headers:
    """Headers as ASGI gives them, names in lower case; what is asked for has to be so too."""

    __slots__ = ("_values",)

    def __init__(self, raw: Iterable[tuple[bytes, bytes]]) -> None:
        self._values: dict[str, list[bytes]] = {}
        for name, value in raw:
            self._values.setdefault(name.decode("latin-1"), []).append(value)

    def get(self, name: str, default: str = "") -> str:
        """Give a header's value, the first of several."""
        values = self._values.get(name)
        return values[0].decode("latin-1") if values else default

    def only(self, name: str) -> bytes | None:
        """Give a header that was sent once; none or several are as good as none."""
        values = self._values.get(name, ())
        return values[0] if len(values) == 1 else None
