"""A request becomes a message: base path, fixed headers and defaults are put together."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from gateway.vendors.grammar import header_name, header_value, method_problem, target_problem

if TYPE_CHECKING:
    from gateway.config.vendor_spec import VendorSpec
    from gateway.vendors.client import Request

DEFAULT_HEADERS: Final = {
    "accept": "application/json",
    "accept-encoding": "gzip, deflate",
    "user-agent": f"mapping-gateway/{version('mapping-gateway')}",
}


@dataclass(slots=True, repr=False)
class Message:
    """What is sent, byte for byte; `target` and `headers` may hold secrets, so it has no repr."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class Composer:
    """Makes messages for one vendor; all that is the same for each is prepared once."""

    def __init__(self, spec: VendorSpec) -> None:
        base = urlsplit(spec.base_url)
        self.origin = f"{base.scheme}://{base.netloc}"
        self._path = base.path.rstrip("/")
        fixed = {name.lower(): value.strip(" \t") for name, value in spec.headers.items()}
        self._bodyless = {**DEFAULT_HEADERS, **fixed}
        self._with_body = {"content-type": "application/json", **self._bodyless}

    def compose(self, request: Request) -> Message | str:
        """Make the message, or say why the request can't be sent."""
        problem = method_problem(request.method) or target_problem(request.target)
        if problem:
            return problem
        headers = dict(self._with_body if request.body else self._bodyless)
        for name, value in request.headers.items():
            known, clean = header_name(name), header_value(value)
            if known is None:
                return f"header {name!r} is no token or is not the mapping's to set"
            if clean is None:
                return f"the value of header `{known}` has characters that no header can carry"
            headers[known] = clean
        # A `?` with nothing behind it says nothing, and some servers stumble over it.
        path, _, query = request.target.partition("?")
        target = request.target if query else path
        return Message(request.method.upper(), self._path + target, headers, request.body)
