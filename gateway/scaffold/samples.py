"""Sample values: the vendor's own examples where it has some, else such as its schema takes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.lossless import Json
from gateway.scaffold.document import block, items
from gateway.scaffold.ideas import words
from gateway.scaffold.shape import ELEMENT, Path, Shape

_DEEPEST = 8
_FORMATS: dict[str, Json] = {
    "date-time": "2026-01-01T00:00:00Z",
    "date": "2026-01-01",
    "time": "12:00:00Z",
    "email": "ada@example.com",
    "uuid": "5b1c3cf8-7a1a-4d7e-9d0a-2c37c04b90b0",
    "uri": "https://example.com/",
    "url": "https://example.com/",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
}
_NAMES: tuple[tuple[str, Json], ...] = (
    (r"sku", "SHIRT-M"),
    (r"product_id", "1001"),
    (r"(^|_)(id|key)$", "2001"),
    (r"quantity|qty|stock|on_hand|available|count|level|units", "7"),
    (r"price|amount|total|cost|rate|tax|fee", "4.90"),
    (r"currency", "USD"),
    (r"country", "US"),
    (r"email", "ada@example.com"),
    (r"(date|time|_at)$", "2026-01-01T00:00:00Z"),
)
_NUMBERS: tuple[Json, ...] = (7, 1, 0, 100, 1000, -1)


@dataclass(frozen=True, slots=True)
class Sampler:
    """Makes samples of what is always there, and of the `kept` paths besides.

    `given` are values that stand at a path, whatever the examples say.
    """

    kept: frozenset[Path] = frozenset()
    given: tuple[tuple[Path, Json], ...] = ()

    def make(self, shape: Shape, example: Json = None, path: Path = (), name: str = "") -> Json:
        for there, value in self.given:
            if there == path:
                return value
        if example is None or not _fits(shape, example):
            fitting = (each for each in items(shape.schema.get("examples")) if _fits(shape, each))
            example = next(fitting, None)
        if shape.has("object"):
            return self._object(shape, block(example), path)
        if shape.has("array"):
            return self._array(shape, items(example), path, name)
        return _scalar(shape, example, name)

    def _object(self, shape: Shape, example: dict[str, Json], path: Path) -> dict[str, Json]:
        made: dict[str, Json] = {}
        for name, field in shape.fields.items():
            below = (*path, name)
            if name in shape.required or self._is_kept(below):
                if len(below) > _DEEPEST and field.has("null"):
                    made[name] = None
                else:
                    made[name] = self.make(field, example.get(name), below, name)
        return made

    def _array(self, shape: Shape, example: list[Json], path: Path, name: str) -> list[Json]:
        element, below = shape.element, (*path, ELEMENT)
        least = shape.schema.get("minItems")
        count = least if isinstance(least, int) else 0
        if element is None or (not count and not self._is_kept(below) and len(path) > _DEEPEST):
            return []
        if not count and not example and not self._is_kept(below):
            return []
        first = example[0] if example else None
        return [self.make(element, first, below, name)] * max(count, 1)

    def _is_kept(self, path: Path) -> bool:
        return any(kept[: len(path)] == path for kept in self.kept)


def _fits(shape: Shape, example: Json) -> bool:
    """Say whether an example is of the shape's kind; what is inside it is looked at there."""
    if isinstance(example, dict):
        return shape.has("object")
    if isinstance(example, list):
        return shape.has("array")
    return shape.takes(example) and (example is not None or not shape.is_scalar)


def _scalar(shape: Shape, example: Json, name: str) -> Json:
    if not shape.kinds and "enum" not in shape.schema and "const" not in shape.schema:
        return example if example is not None else "text"
    tried = (each for each in _candidates(shape, example, name) if shape.takes(each))
    return next(tried, None)


def _candidates(shape: Shape, example: Json, name: str) -> Iterator[Json]:
    if example is not None:
        yield example
    yield from (each for each in items(shape.schema.get("enum")) if each is not None)
    if "const" in shape.schema:
        yield shape.schema["const"]
    if shape.has("string"):
        yield from _texts(shape, name)
    if shape.has("integer") or shape.has("number"):
        yield from _NUMBERS
        yield from (shape.schema.get(key) for key in ("minimum", "maximum"))
    if shape.has("boolean"):
        yield False


def _texts(shape: Shape, name: str) -> Iterator[Json]:
    form = shape.schema.get("format")
    if isinstance(form, str) and form in _FORMATS:
        yield _FORMATS[form]
    said = "_".join(words(name))
    yield from (value for pattern, value in _NAMES if re.search(pattern, said))
    yield from ("text", "T", "US", "1", "1001", "SHIRT-M")
    least = shape.schema.get("minLength")
    if isinstance(least, int):
        yield "x" * least
        yield "1" * least
    pattern = shape.schema.get("pattern")
    if isinstance(pattern, str):
        yield from _of_pattern(pattern)


def _of_pattern(pattern: str) -> Iterator[Json]:
    """Make a text that a regular expression matches: the simplest that Hypothesis finds."""
    from hypothesis import find, strategies  # noqa: PLC0415 - slow to load, and hardly ever needed
    from hypothesis.errors import HypothesisException  # noqa: PLC0415 - the same

    try:
        yield find(strategies.from_regex(re.compile(pattern, re.ASCII)), lambda _: True)
    except (HypothesisException, re.error):
        return
