"""What can be wrong with a vendor's settings before anything is sent; reads no file."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gateway.vendors.address import address_problems
from gateway.vendors.auth.check import auth_problem, token_url_problems
from gateway.vendors.grammar import header_name, header_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.config.vendor_spec import VendorSpec


class VendorProblem(NamedTuple):
    """What is wrong, in a sentence, and below which of the vendor's keys."""

    key: str
    message: str


def check_vendor(spec: VendorSpec) -> list[VendorProblem]:
    """Say all that is wrong; empty where `make_vendor` will take it."""
    return [*_url_problems(spec), *_header_problems(spec), *_other_problems(spec)]


def _url_problems(spec: VendorSpec) -> Iterator[VendorProblem]:
    for message in address_problems("base_url", spec.base_url, plain_http=spec.plain_http):
        yield VendorProblem("base_url", message)
    if spec.tls and spec.base_url.lower().startswith("http://"):
        message = "`tls` has no effect on a `base_url` that starts with `http://`"
        yield VendorProblem("tls", message)


def _header_problems(spec: VendorSpec) -> Iterator[VendorProblem]:
    for name, value in spec.headers.items():
        if header_name(name) is None:
            message = f"`headers`: {name!r} is no name of a header that can be set"
            yield VendorProblem("headers", message)
        elif header_value(value) is None:
            message = f"`headers`: the value of `{name}` has characters that no header can carry"
            yield VendorProblem("headers", message)


def _other_problems(spec: VendorSpec) -> Iterator[VendorProblem]:
    if problem := auth_problem(spec.auth):
        yield VendorProblem("auth", problem)
    for message in token_url_problems(spec):
        yield VendorProblem("auth", message)
    if spec.tls and spec.tls.key and not spec.tls.certificate:
        yield VendorProblem("tls", "`tls.key` needs `tls.certificate`")
    if spec.timeout.connect.seconds <= 0 or spec.timeout.total.seconds <= 0:
        yield VendorProblem("timeout", "`timeout` must be more than nothing")
    if spec.max_answer <= 0:
        yield VendorProblem("max_answer", "`max_answer` must be more than nothing")
