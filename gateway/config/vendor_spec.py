"""What gateway.yaml says about a vendor: where it is, how it is called, who we are to it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from gateway.config import source
from gateway.config.auth_spec import AUTH_BLOCK, Auth
from gateway.config.formats import DURATION, SIZE, check_header
from gateway.config.hiding import is_secret_header
from gateway.config.kinds import Context, Truth
from gateway.config.records import Located, Record, entry, record
from gateway.config.resilience_spec import BREAKER, LIMITS, RETRY, Breaker, Limits, Retry
from gateway.config.several import MapOf
from gateway.config.units import Duration, parse_duration, parse_size
from gateway.config.values import FileValue, TextValue


@record
class Timeout(Located):
    """How long one call of the vendor may take."""

    connect: Duration = entry(DURATION, "The time to connect.", default=parse_duration("1s"))
    total: Duration = entry(
        DURATION, "The time from start to whole answer.", default=parse_duration("3s")
    )


TIMEOUT = Record(Timeout, "`timeout`")


@record
class Tls(Located):
    """Certificates for this vendor; it is always verified."""

    ca: Path | None = entry(
        FileValue("the path of a PEM file"), "Trusted instead of the system's CAs.", default=None
    )
    certificate: Path | None = entry(
        FileValue("the path of a PEM file"), "The client certificate.", default=None
    )
    key: Path | None = entry(
        FileValue("the path of a PEM file"), "The client certificate's key.", default=None
    )


def _check_secrets(vendor: VendorSpec, context: Context) -> None:
    headers = vendor.node.get("headers")
    for name, value in headers.entries if isinstance(headers, source.Mapping) else ():
        if is_secret_header(name.text) and isinstance(value, source.Scalar):
            context.problems.secret_literal(value.place)


@record
class VendorSpec(Located):
    """A system that mappings call."""

    base_url: str = entry(
        TextValue("an address", stand_in="https://unset.invalid"),
        "Where it is; paths of requests are appended. Plain http only on this machine.",
        example="https://api.example.com",
    )
    headers: Mapping[str, str] = entry(
        MapOf(TextValue(), "a block of headers", check_name=check_header),
        "Headers that every request carries.",
        default=MappingProxyType({}),
    )
    auth: Auth | None = entry(AUTH_BLOCK, "How the gateway shows who it is.", default=None)
    timeout: Timeout = entry(TIMEOUT, "How long one call may take.", default=Timeout())
    retry: Retry | None = entry(
        RETRY, "Tries again what failed and is safe to repeat; never when left out.", default=None
    )
    limits: Limits | None = entry(
        LIMITS, "What the vendor takes at most; no limit when left out.", default=None
    )
    breaker: Breaker | None = entry(
        BREAKER, "Spares a vendor that fails; every call is sent when left out.", default=None
    )
    tls: Tls | None = entry(Record(Tls, "`tls`"), "Certificates of one's own.", default=None)
    max_answer: int = entry(
        SIZE, "The largest answer that is read, unpacked.", default=parse_size("10MB")
    )
    plain_http: bool = entry(
        Truth(),
        "Allows http without encryption to a host that isn't this machine.",
        default=False,
    )


VENDOR_BLOCK = Record(VendorSpec, "a vendor", _check_secrets)
