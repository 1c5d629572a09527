"""Secrets: a type of their own, and the only place that reads them."""

from __future__ import annotations

import hmac
from typing import NoReturn


class Secret:
    """Text that can't be printed, logged, compared carelessly or serialised by accident.

    Only `reveal()` gives the text; call it where the secret is put to its use and nowhere else.
    """

    __slots__ = ("__text",)

    def __init__(self, text: str) -> None:
        self.__text = text

    def reveal(self) -> str:
        return self.__text

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self.__text.encode(), other.reveal().encode())

    def __hash__(self) -> int:
        return hash((Secret, self.__text))

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret can't be serialised")
