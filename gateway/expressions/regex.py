"""Regular expressions in linear time: RE2's, imported when the first one is compiled."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, cast

from gateway.expressions.signature import Example, Function, takes
from gateway.expressions.values import Misfit

if TYPE_CHECKING:
    import re

_MAX_MEMORY = 1_000_000


class BadPattern(ValueError):
    """RE2 can't read the pattern; `str()` is what it says."""


@lru_cache(maxsize=512)
def compiled(pattern: str) -> re.Pattern[str]:
    """Compile a pattern. Raises BadPattern."""
    import re2  # type: ignore[import-untyped]  # noqa: PLC0415 - loaded where it is needed

    options = re2.Options()
    options.max_mem = _MAX_MEMORY
    options.log_errors = False
    try:
        return cast("re.Pattern[str]", re2.compile(pattern, options))
    except re2.error as error:
        (said,) = error.args
        told = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
        raise BadPattern(told) from error


def _regex_match(text: str, pattern: str) -> list[object] | None:
    try:
        found = compiled(pattern).search(text)
    except BadPattern as error:
        raise Misfit("regex_match() got a pattern that RE2 can't read") from error
    return None if found is None else [found[0], *found.groups()]


REGEX: tuple[Function, ...] = (
    Function(
        "regex_match",
        (takes("text", "string"), takes("pattern", "string")),
        "any",
        "null",
        "Gives the first stretch that matches and then what each group matched; null where "
        "nothing does. The pattern is RE2's, written out; `^` and `$` tie it to both ends.",
        Example("regex_match('SKU-17', '^([A-Z]+)-([0-9]+)$')[2]", "17"),
        _regex_match,
    ),
)
