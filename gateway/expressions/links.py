"""The function on `Link` headers (RFC 8288)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gateway.expressions.signature import Example, Function, takes
from gateway.expressions.values import Misfit

if TYPE_CHECKING:
    from collections.abc import Iterator

_TARGET = re.compile(r"[\s,]*<([^<>]*)>")
_REST = re.compile(r"[\s,]*")
_END = re.compile(r"\s*(?:,|$)")
_PARAMETER = re.compile(r'\s*;\s*([^\s=;,"<>]*)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"<>]*)))?')


def _links(header: str) -> Iterator[tuple[str, str]]:
    """Give each link's target and relations. Raises Misfit for what is no Link header."""
    at = 0
    while not _REST.fullmatch(header, at):
        target = _TARGET.match(header, at)
        if target is None:
            raise Misfit("link() got text that is no Link header")
        at = target.end()
        relations: str | None = None
        while parameter := _PARAMETER.match(header, at):
            at = parameter.end()
            name, quoted, bare = parameter.groups()
            # Of several `rel` the first counts (RFC 8288, 3.3).
            if name.lower() == "rel" and relations is None:
                relations = quoted if quoted is not None else bare or ""
        if not _END.match(header, at):
            raise Misfit("link() got text that is no Link header")
        yield target[1].strip(), relations or ""


def _link(header: str, relation: str) -> str | None:
    wanted = relation.lower()
    found = (url for url, relations in _links(header) if wanted in relations.lower().split())
    return next(found, None)


LINKS: tuple[Function, ...] = (
    Function(
        "link",
        (takes("header", "string"), takes("relation", "string")),
        "string",
        "null",
        "Gives the URL that a `Link` header (RFC 8288) names for a relation; null where there is "
        "none.",
        Example("link('</items?page=3>; rel=\"next\"', 'next')", "/items?page=3"),
        _link,
    ),
)
