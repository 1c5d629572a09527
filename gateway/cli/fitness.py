"""What keeps a deployment without errors from being served all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.cli.common import has_effects, make_storage
from gateway.storage.database import StorageFailed
from gateway.vendors.tls import tls_context
from gateway.vendors.vendor import needs_storage

if TYPE_CHECKING:
    from gateway.cli.common import Ready


class Unfit(Exception):
    """A deployment can't be served; the text says why and what to do."""


def lets_everybody_in(ready: Ready) -> bool:
    """Say whether no caller's identity is checked."""
    nacelle = ready.spec.nacelle
    return nacelle.signature is None and nacelle.shared_secret is None


def check_fitness(ready: Ready, *, insecure: bool) -> None:
    """Refuse what lets everybody in unless told to, TLS files of no use, a storage of no use.

    Makes the storage's tables where it is needed. Raises Unfit.
    """
    if lets_everybody_in(ready) and not insecure:
        raise Unfit(
            "Nobody's identity would be checked: gateway.yaml sets neither `nacelle.signature` nor "
            "`nacelle.shared_secret`.\nSet one of them; or, for trying things out only, start with "
            "--insecure."
        )
    _check_certificates(ready)
    _check_storage(ready)


def _check_certificates(ready: Ready) -> None:
    for name, spec in ready.spec.vendors.items():
        if spec.tls is None:
            continue
        try:
            tls_context(spec.tls)
        except OSError as error:
            why = getattr(error, "reason", None) or error.strerror
            said = f"The files under `vendors.{name}.tls` can't be used: {why}."
            raise Unfit(said) from error


def _check_storage(ready: Ready) -> None:
    if not has_effects(ready.plans) and not any(map(needs_storage, ready.spec.vendors.values())):
        return
    storage = make_storage(ready)
    try:
        storage.open()
    except StorageFailed as failed:
        said = f"The database of `storage.url` can't be used: {failed}."
        raise Unfit(said) from failed
    finally:
        storage.dispose()


def check_alone(ready: Ready, workers: int) -> None:
    """Refuse a second process on an SQLite database: orders would have two owners. Raises Unfit."""
    if not has_effects(ready.plans):
        return
    storage = make_storage(ready)
    try:
        taken = storage.taken_by_another()
    finally:
        storage.dispose()
    if taken is None or (workers == 1 and not taken):
        return
    why = (
        "Another gateway delivers orders from this SQLite database already: stop it first"
        if taken
        else "Orders in an SQLite database are delivered by one process, and --workers asks for "
        f"{workers}: leave --workers out"
    )
    raise Unfit(
        f"{why}, or set `storage.url` to a PostgreSQL database, which any number of processes "
        "share: docs/operations.md."
    )
