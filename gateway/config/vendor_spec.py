"""What gateway.yaml says about a vendor: where it is, how it is called, who we are to it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from gateway.config import source
from gateway.config.formats import DURATION, HEADER_TEXT, SIZE, check_header
from gateway.config.hiding import is_secret_header
from gateway.config.kinds import Context, Kind, Truth
from gateway.config.records import Located, Record, entry, record
from gateway.config.resilience_spec import BREAKER, LIMITS, RETRY, Breaker, Limits, Retry
from gateway.config.secrets import Secret
from gateway.config.several import MapOf, Tagged
from gateway.config.units import Duration, parse_duration, parse_size
from gateway.config.values import (
    FileValue,
    SecretValue,
    TextValue,
)


@record
class BearerAuth(Located):
    """`Authorization: Bearer …` with a fixed token."""

    token: Secret = entry(SecretValue(), "The token.", example="{env: VENDOR_TOKEN}")


@record
class BasicAuth(Located):
    """HTTP Basic authentication."""

    user: Secret = entry(SecretValue(), "The user name.", example="{env: VENDOR_USER}")
    password: Secret = entry(SecretValue(), "The password.", example="{env: VENDOR_PASSWORD}")


@record
class ApiKeyAuth(Located):
    """A fixed key, in a header or in the query."""

    key: Secret = entry(SecretValue(), "The key.", example="{env: VENDOR_KEY}")
    header: str | None = entry(
        HEADER_TEXT, "The header that carries it.", default=None, example="X-Api-Key"
    )
    query: str | None = entry(
        TextValue("the name of a query parameter"),
        "The query parameter that carries it, instead of a header.",
        default=None,
    )
    prefix: str | None = entry(
        TextValue("a word"),
        "What stands before the key in the header, as in `Token`.",
        default=None,
    )


Auth = BearerAuth | BasicAuth | ApiKeyAuth


def _check_api_key(auth: ApiKeyAuth, context: Context) -> None:
    if (auth.header is None) == (auth.query is None):
        context.problems.error(
            "missing-key" if auth.header is None else "conflicting-keys",
            "An API key travels either in a header or in the query.",
            auth.key_place("query"),
            "Give one of `header: X-Api-Key` and `query: api_key`.",
        )
    if auth.query is not None and auth.prefix is not None:
        context.problems.error(
            "conflicting-keys",
            "`prefix` belongs to a header, not to the query.",
            auth.key_place("prefix"),
            "Leave it out.",
        )


_AUTHS: dict[str, Kind[Auth]] = {
    "bearer": Record(BearerAuth, "a bearer `auth`", ignore=("type",)),
    "basic": Record(BasicAuth, "a basic `auth`", ignore=("type",)),
    "api_key": Record(ApiKeyAuth, "an api_key `auth`", _check_api_key, ("type",)),
}
_AUTH: Kind[Auth] = Tagged(_AUTHS, "`auth`")


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
    auth: Auth | None = entry(_AUTH, "How the gateway shows who it is.", default=None)
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
