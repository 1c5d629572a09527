"""What can be wrong with a vendor's settings before anything is sent; reads no file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.vendors.address import address_problems
from gateway.vendors.auth.check import auth_problem, token_url_problems
from gateway.vendors.grammar import header_name, header_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.config.vendor_spec import VendorSpec


def check_vendor(spec: VendorSpec) -> list[str]:
    """Say all that is wrong, one sentence each; empty where `make_vendor` will take it."""
    return [*_url_problems(spec), *_header_problems(spec), *_other_problems(spec)]


def _url_problems(spec: VendorSpec) -> Iterator[str]:
    yield from address_problems("base_url", spec.base_url, plain_http=spec.plain_http)
    if spec.tls and spec.base_url.lower().startswith("http://"):
        yield "`tls` has no effect on a `base_url` that starts with `http://`"


def _header_problems(spec: VendorSpec) -> Iterator[str]:
    for name, value in spec.headers.items():
        if header_name(name) is None:
            yield f"`headers`: {name!r} is no name of a header that can be set"
        elif header_value(value) is None:
            yield f"`headers`: the value of `{name}` has characters that no header can carry"


def _other_problems(spec: VendorSpec) -> Iterator[str]:
    if problem := auth_problem(spec.auth):
        yield problem
    yield from token_url_problems(spec)
    if spec.tls and spec.tls.key and not spec.tls.certificate:
        yield "`tls.key` needs `tls.certificate`"
    if spec.timeout.connect.seconds <= 0 or spec.timeout.total.seconds <= 0:
        yield "`timeout` must be more than nothing"
    if spec.max_answer <= 0:
        yield "`max_answer` must be more than nothing"
