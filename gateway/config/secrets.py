"""Secrets: a type of their own, and the only place that reads them."""

from __future__ import annotations

import dataclasses
import hmac
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NoReturn


class Secret:
    """Text that can't be printed, logged, compared carelessly or serialised by accident.

    Only `reveal()` gives the text; call it where the secret is put to its use and nowhere else.
    `file` is the secret file that it was read from, None where it came from the environment.
    """

    __slots__ = ("__text", "file")

    def __init__(self, text: str, file: Path | None = None) -> None:
        self.__text = text
        self.file = file

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


def read_secret_file(path: Path) -> Secret:
    """Read a secret file, without the line breaks at its end.

    Raises OSError and UnicodeDecodeError where it can't be read; the secret may be empty.
    """
    return Secret(path.read_text(encoding="utf-8").rstrip("\r\n"), path)


def secrets_in(value: object) -> Iterator[Secret]:
    """Find all secrets of a configuration: what must not appear in what is made with it."""
    if isinstance(value, Secret):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from secrets_in(inner)
    elif isinstance(value, tuple):
        for inner in value:
            yield from secrets_in(inner)
    elif dataclasses.is_dataclass(value):
        for part in dataclasses.fields(value):
            yield from secrets_in(getattr(value, part.name))
