"""Personal data and secrets become placeholders: the same one wherever the same value stands."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from urllib.parse import quote

from gateway.config.personal import masked, paths_of_names, personal_paths
from gateway.lossless import Json

if TYPE_CHECKING:
    from gateway.config.personal import Path
    from gateway.config.schemas import Schema

_LEAST = 4
"""Shorter texts stand in other words as well; of letters alone, one less is enough."""
_WORDS = re.compile(r"[^\W\d_]+(?:[ .,'-]+[^\W\d_]+)*[.]?")
"""What may be a name, whose words then count one by one."""
_WORD = re.compile(r"[^\W\d_]+")
_SEVERAL = re.compile(r"\s|@")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?P<time>[Tt ].*)?")
_NEVER = re.compile(r"(?!)")


@dataclass(slots=True)
class Masker:
    """Learns what is personal or secret, then masks it wherever it stands.

    A placeholder has the shape of its value, letters for letters and digits for digits, so that
    what is checked for its shape still passes; different values have different placeholders.
    """

    secrets: tuple[str, ...]
    names: frozenset[str] = frozenset()
    """Those that stand for personal data in a document without a schema."""
    _known: set[str] = field(default_factory=set)
    _placeholders: dict[str, str] = field(default_factory=dict)
    _pattern: re.Pattern[str] = _NEVER

    def __post_init__(self) -> None:
        self._compile()

    def learn(self, schema: Schema | None, document: Json) -> list[Path]:
        """Take in what a document's schema calls personal, and give what is to be masked in it.

        Without a schema, the fields' names tell. Of a field that a schema doesn't name, a single
        word may mean anything: it is masked there only.
        """
        if schema is None:
            paths = paths_of_names(self.names, document)
            masked(document, paths, lambda value: self._take(value, words=True))
            self._compile()
            return paths
        called = personal_paths(schema, document, unlisted=False)
        paths = personal_paths(schema, document)
        masked(document, called, lambda value: self._take(value, words=True))
        masked(document, paths, lambda value: self._take(value, words=False))
        self._compile()
        return paths

    def masked(self, document: Json, paths: Iterable[Path]) -> Json:
        """Copy a document with placeholders at these paths, and wherever else what is known is."""
        return self._everywhere(masked(document, paths, self._placeholder))

    def text(self, text: str) -> str:
        """Mask what is known in a text."""
        return self._pattern.sub(lambda found: self._shaped(found[0]), text)

    def left_in(self, value: Json, path: str) -> str | None:
        """Give the path of what is known and still stands in a value, as a name of a field too."""
        if isinstance(value, dict):
            named = (path for key in value if self._knows(key))
            inside = (self.left_in(inner, f"{path}.{key}") for key, inner in value.items())
            return next(named, None) or next(filter(None, inside), None)
        if isinstance(value, list):
            inside = (self.left_in(inner, f"{path}[{at}]") for at, inner in enumerate(value))
            return next(filter(None, inside), None)
        return path if self._knows(_spelt(value) or "") else None

    def _knows(self, text: str) -> bool:
        told = self._pattern.finditer(text)
        return any(found[0] in self._known or found[0] in self.secrets for found in told)

    def _take(self, value: Json, *, words: bool) -> Json:
        text = _spelt(value)
        if not text or _as_moment(text):
            return value
        if words or _SEVERAL.search(text):
            self._known |= {each for each in (text, quote(text, safe="")) if _is_telling(each)}
        if words and _WORDS.fullmatch(text):
            self._known |= {word for word in _WORD.findall(text) if len(word) >= _LEAST}
        return value

    def _compile(self) -> None:
        words = sorted(self._known, key=len, reverse=True)
        known = [rf"(?<!\w){re.escape(word)}(?!\w)" for word in words]
        secrets = sorted(self.secrets, key=len, reverse=True)
        secret = [re.escape(each) for each in secrets if len(each) >= _LEAST]
        if secret or known:
            self._pattern = re.compile("|".join([*secret, *known]), re.IGNORECASE)

    def _everywhere(self, value: Json) -> Json:
        if isinstance(value, dict):
            return {key: self._everywhere(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._everywhere(inner) for inner in value]
        if isinstance(value, str):
            return self.text(value)
        return self._placeholder(value) if _spelt(value) in self._known else value

    def _placeholder(self, value: Json) -> Json:
        if isinstance(value, str):
            return _as_moment(value) or self._shaped(value)
        if isinstance(value, bool) or value is None:
            return False if value else value
        shaped = self._shaped(_spelt(value) or "")
        return int(shaped) if isinstance(value, int) else Decimal(shaped)

    def _shaped(self, text: str) -> str:
        key = text.casefold()
        if key not in self._placeholders:
            taken = self._placeholders.values()
            numbers = range(len(self._placeholders) + 1)
            free = (shape for number in numbers if (shape := _shape(key, number)) not in taken)
            self._placeholders[key] = next(free, _shape(key, 0))
        made = self._placeholders[key]
        if len(made) != len(text):  # a letter whose lower case is longer
            return made
        return "".join(m.upper() if t.isupper() else m for m, t in zip(made, text, strict=True))


def _shape(text: str, number: int) -> str:
    """Put `x` and `1` for letters and digits; from the right, others tell a number from 0."""
    made: list[str] = []
    for sign in reversed(text):
        if sign.isdigit():
            number, rest = divmod(number, 10)
            made.append(str((1 + rest) % 10))
        elif sign.isalpha():
            number, rest = divmod(number, 26)
            made.append(chr(ord("a") + (23 + rest) % 26))
        else:
            made.append(sign)
    return "".join(reversed(made))


def _as_moment(text: str) -> str | None:
    """Give the placeholder of a date or a moment; None where it is neither."""
    found = _MOMENT.fullmatch(text)
    if found is None:
        return None
    with suppress(ValueError):
        datetime.fromisoformat(text)
        return "2026-01-01T00:00:00Z" if found["time"] else "2026-01-01"
    return None


def _is_telling(text: str) -> bool:
    return len(text) >= _LEAST - text.isalpha()


def _spelt(value: Json) -> str | None:
    """Write a text or a number; None for what is neither."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    return f"{Decimal(str(value)):f}"
