"""What can be wrong with a vendor's settings before anything is sent; reads no file."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from gateway.vendors.auth import auth_problem
from gateway.vendors.grammar import header_name, header_value, target_problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.config.vendor_spec import VendorSpec


def check_vendor(spec: VendorSpec) -> list[str]:
    """Say all that is wrong, one sentence each; empty where `make_vendor` will take it."""
    return [*_url_problems(spec), *_header_problems(spec), *_other_problems(spec)]


def _url_problems(spec: VendorSpec) -> Iterator[str]:
    if not spec.base_url.isascii() or not spec.base_url.isprintable() or " " in spec.base_url:
        yield "`base_url` must be plain ASCII (write a host of other letters as `xn--…`)"
        return
    try:
        base = urlsplit(spec.base_url)
        base.port  # noqa: B018 - it is the reading that finds a port which is no number
    except ValueError:  # its text may quote the URL, and speaks of casts
        yield "`base_url` is no URL: its host or its port can't be read"
        return
    if base.scheme not in {"http", "https"} or not base.hostname:
        yield "`base_url` must start with `https://` and a host"
        return
    if "@" in base.netloc:
        yield "`base_url` can't hold a user or password; set `auth`"
    if "?" in spec.base_url or "#" in spec.base_url:
        yield "`base_url` can't hold a query or fragment"
    elif target_problem(base.path or "/"):
        yield f"`base_url`: {target_problem(base.path)}"
    if base.scheme == "http":
        yield from _plain_problems(spec, base)


def _plain_problems(spec: VendorSpec, base: SplitResult) -> Iterator[str]:
    if not spec.plain_http and not _is_loopback(base.hostname or ""):
        yield "`base_url` must start with `https://` (or allow it with `plain_http: true`)"
    if spec.tls:
        yield "`tls` has no effect on a `base_url` that starts with `http://`"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _header_problems(spec: VendorSpec) -> Iterator[str]:
    for name, value in spec.headers.items():
        if header_name(name) is None:
            yield f"`headers`: {name!r} is no name of a header that can be set"
        elif header_value(value) is None:
            yield f"`headers`: the value of `{name}` has characters that no header can carry"


def _other_problems(spec: VendorSpec) -> Iterator[str]:
    if problem := auth_problem(spec.auth):
        yield problem
    if spec.tls and spec.tls.key and not spec.tls.certificate:
        yield "`tls.key` needs `tls.certificate`"
    if spec.timeout.connect.seconds <= 0 or spec.timeout.total.seconds <= 0:
        yield "`timeout` must be more than nothing"
    if spec.max_answer <= 0:
        yield "`max_answer` must be more than nothing"
