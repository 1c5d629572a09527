"""What a mapping file says about an answer that comes in pages."""

from __future__ import annotations

from gateway.config.computed import EXPRESSION, Text
from gateway.config.kinds import Context, Whole
from gateway.config.records import Located, entry, record
from gateway.config.wording import listed

WAYS = ("next", "next_url", "next_query", "limit")
"""The keys of which one says how the next page is asked for."""


@record
class PagesSpec(Located):
    """An answer that comes in pages; one of `next`, `next_url`, `next_query` or `limit`."""

    rows: Text = entry(EXPRESSION, "The plain path of a page's rows.", example="body.items")
    next: Text | None = entry(
        EXPRESSION,
        "What the next page is asked with, as `page.next`; null on the last page.",
        default=None,
        example="body.cursor",
    )
    next_url: Text | None = entry(
        EXPRESSION,
        "The URL of the next page, whole or relative; null on the last page.",
        default=None,
        example="link(headers.link, 'next')",
    )
    next_query: Text | None = entry(
        EXPRESSION,
        "Query parameters of the next page, as an object or as text; null on the last page.",
        default=None,
        example="body.meta.nextCursor",
    )
    limit: int | None = entry(
        Whole(1, 100_000),
        "How many rows a page has, for requests with `page.offset` or `page.number`; one with "
        "fewer is the last.",
        default=None,
        example="100",
    )
    more: Text | None = entry(
        EXPRESSION, "Whether another page follows.", default=None, example="body.has_more"
    )
    at_most: int = entry(Whole(1, 10_000), "More pages than this are a failure.", default=100)


def check_pages(spec: PagesSpec, context: Context) -> None:
    """Report pages that say in no way, or in two, how the next one is asked for."""
    ways = [way for way in WAYS if getattr(spec, way) is not None]
    if not ways:
        context.problems.error(
            "missing-key",
            "`pages` doesn't say how the next page is asked for.",
            spec.key_place("rows"),
            f"Add one of {listed(WAYS, 'or')}.",
        )
    for way in ways[1:]:
        context.problems.error(
            "conflicting-keys",
            f"`{ways[0]}` and `{way}` are two ways to the next page.",
            spec.key_place(way),
            "Keep the one that the vendor documents.",
        )
