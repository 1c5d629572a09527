"""What gateway.yaml says about who we are to a vendor: one record for each way to show it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gateway.config.formats import HEADER_TEXT
from gateway.config.kinds import Choice, Context, Kind, Truth
from gateway.config.oauth2_spec import OAUTH2_BLOCK, OAuth2Auth
from gateway.config.records import Located, Record, entry, record
from gateway.config.secrets import Secret
from gateway.config.several import Tagged
from gateway.config.values import SecretValue, TextValue


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


@record
class OAuth1Auth(Located):
    """OAuth 1.0a: each request is signed with HMAC-SHA256, as in NetSuite's token-based login."""

    consumer_key: Secret = entry(
        SecretValue(), "The consumer's key.", example="{env: VENDOR_CONSUMER_KEY}"
    )
    consumer_secret: Secret = entry(
        SecretValue(), "The consumer's secret.", example="{env: VENDOR_CONSUMER_SECRET}"
    )
    token: Secret = entry(SecretValue(), "The token's id.", example="{env: VENDOR_TOKEN}")
    token_secret: Secret = entry(
        SecretValue(), "The token's secret.", example="{env: VENDOR_TOKEN_SECRET}"
    )
    realm: str | None = entry(
        TextValue(), "The realm; it is sent, and stays out of the signature.", default=None
    )
    body_hash: bool = entry(
        Truth(),
        "Adds `oauth_body_hash` (SHA-1) for a body that is no form, for vendors that ask for it.",
        default=False,
    )


@record
class HmacAuth(Located):
    """Every request carries an HMAC that is made with a shared secret."""

    secret: Secret = entry(
        SecretValue(), "The shared secret.", example="{env: VENDOR_SIGNING_SECRET}"
    )
    header: str = entry(HEADER_TEXT, "The header that carries it.", example="X-Signature")
    signs: str = entry(
        TextValue(),
        "What is signed: a text in which `{method}`, `{path}`, `{query}`, `{timestamp}` and "
        "`{body}` stand for parts of the request.",
        default="{body}",
    )
    algorithm: str = entry(
        Choice(("sha256", "sha512")), "The hash under the HMAC.", default="sha256"
    )
    encoding: str = entry(
        Choice(("hex", "base64")), "How it is written in the header.", default="hex"
    )
    prefix: str = entry(
        TextValue(), "What stands right before it in the header, as in `sha256=`.", default=""
    )
    timestamp_header: str | None = entry(
        HEADER_TEXT,
        "The header that carries `{timestamp}`: whole seconds since 1970.",
        default=None,
    )


StaticAuth = BearerAuth | BasicAuth | ApiKeyAuth
Auth = StaticAuth | OAuth1Auth | HmacAuth | OAuth2Auth


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


def _check_hmac(auth: HmacAuth, context: Context) -> None:
    if "{timestamp}" in auth.signs and auth.timestamp_header is None:
        context.problems.error(
            "missing-key",
            "`{timestamp}` is signed, but no header tells it to the vendor.",
            auth.key_place("signs"),
            "Add `timestamp_header: X-Timestamp`, with the vendor's name for it.",
        )


_AUTHS: Mapping[str, Kind[Auth]] = MappingProxyType(
    {
        "bearer": Record(BearerAuth, "a bearer `auth`", ignore=("type",)),
        "basic": Record(BasicAuth, "a basic `auth`", ignore=("type",)),
        "api_key": Record(ApiKeyAuth, "an api_key `auth`", _check_api_key, ("type",)),
        "oauth2": OAUTH2_BLOCK,
        "oauth1": Record(OAuth1Auth, "an oauth1 `auth`", ignore=("type",)),
        "hmac": Record(HmacAuth, "an hmac `auth`", _check_hmac, ("type",)),
    }
)
AUTH_BLOCK: Kind[Auth] = Tagged(_AUTHS, "`auth`")
