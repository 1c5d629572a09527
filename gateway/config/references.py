"""Following the references of a JSON Schema: what it takes to read one by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import referencing.exceptions

if TYPE_CHECKING:
    from gateway.lossless import Json


class Resolver(Protocol):
    """Follows references from where it stands; that of `referencing` is one."""

    def lookup(self, ref: str) -> Resolved: ...


class Resolved(Protocol):
    @property
    def contents(self) -> Json: ...

    @property
    def resolver(self) -> Resolver: ...


def entered(schema: dict[str, Json], resolver: Resolver) -> Resolver:
    """Move to the schema's own `$id`, against which its references are read."""
    own = schema.get("$id")
    if not isinstance(own, str) or own.startswith("#"):
        return resolver
    try:
        return resolver.lookup(own).resolver
    except referencing.exceptions.Unresolvable:
        return resolver


def referred(schema: dict[str, Json], resolver: Resolver) -> tuple[Json, Resolver] | None:
    """Give what `$ref` leads to, and the resolver there.

    None without one, and where it leads nowhere: that is reported with the schema itself.
    """
    reference = schema.get("$ref")
    if not isinstance(reference, str):
        return None
    try:
        found = resolver.lookup(reference)
    except referencing.exceptions.Unresolvable:
        return None
    return found.contents, found.resolver
