"""What can be wrong with an address in the configuration, before anything is sent to it."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gateway.vendors.grammar import target_problem

if TYPE_CHECKING:
    from collections.abc import Iterator


def address_problems(key: str, url: str, *, plain_http: bool) -> Iterator[str]:
    """Say what is wrong with the address under `key`, without quoting it: it may hold a secret."""
    if not url.isascii() or not url.isprintable() or " " in url:
        yield f"`{key}` must be plain ASCII (write a host of other letters as `xn--…`)"
        return
    try:
        base = urlsplit(url)
        base.port  # noqa: B018 - it is the reading that finds a port which is no number
    except ValueError:  # its text may quote the URL, and speaks of casts
        yield f"`{key}` is no URL: its host or its port can't be read"
        return
    if base.scheme not in {"http", "https"} or not base.hostname:
        yield f"`{key}` must start with `https://` and a host"
        return
    if "@" in base.netloc:
        yield f"`{key}` can't hold a user or password; set `auth`"
    if "?" in url or "#" in url:
        yield f"`{key}` can't hold a query or fragment"
    elif target_problem(base.path or "/"):
        yield f"`{key}`: {target_problem(base.path)}"
    if base.scheme == "http" and not plain_http and not _is_loopback(base.hostname):
        yield f"`{key}` must start with `https://` (or allow it with `plain_http: true`)"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
