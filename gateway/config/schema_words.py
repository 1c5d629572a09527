"""Keywords of JSON Schemas that are probably misspelt: no validator says a word about them."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gateway.lossless import Json

PERSONAL: Final = "x-personal"
"""Our own: whether a value is personal data."""

_CUTOFF = 0.8
_WORDS = (
    "$anchor $comment $defs $dynamicAnchor $dynamicRef $id $ref $schema $vocabulary "
    "additionalItems additionalProperties allOf anyOf const contains contentEncoding "
    "contentMediaType contentSchema default definitions dependencies "
    "dependentRequired dependentSchemas deprecated description else enum examples "
    "exclusiveMaximum exclusiveMinimum format if items maxContains maxItems maxLength "
    "maxProperties maximum minContains minItems minLength minProperties minimum "
    "multipleOf not oneOf pattern patternProperties prefixItems properties "
    "propertyNames readOnly required then title type unevaluatedItems "
    "unevaluatedProperties uniqueItems writeOnly "
    f"{PERSONAL}"
)
_KEYWORDS = frozenset(_WORDS.split())
_OF_OTHERS = frozenset({"discriminator", "example", "externalDocs", "id", "nullable", "xml"})
"""Those of OpenAPI and older drafts, which mean no keyword of today's."""


def misspelt(schemas: Iterable[dict[str, Json]]) -> Iterator[tuple[str, str]]:
    """Give each keyword that is none, with the one that was probably meant, once."""
    told: set[str] = set()
    for schema in schemas:
        for name in schema.keys() - _KEYWORDS - _OF_OTHERS - told:
            meant = _meant(name)
            if meant is not None:
                told.add(name)
                yield name, meant


def _meant(name: str) -> str | None:
    lowered = {keyword.lower(): keyword for keyword in _KEYWORDS}
    close = get_close_matches(name.lower(), lowered, 1, _CUTOFF)
    return lowered[close[0]] if close else None
