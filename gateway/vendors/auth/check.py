"""What can be wrong with the settings of `auth` before anything is sent."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

from gateway.config.auth_spec import ApiKeyAuth, Auth, BasicAuth, HmacAuth, OAuth1Auth, StaticAuth
from gateway.config.oauth2_spec import OAuth2Auth
from gateway.config.values import STAND_IN
from gateway.vendors.address import address_problems
from gateway.vendors.auth.shapes import credentials
from gateway.vendors.grammar import header_name, header_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.config.vendor_spec import VendorSpec

SIGNED_PARTS = frozenset({"method", "path", "query", "timestamp", "body"})


def auth_problem(auth: Auth | None) -> str | None:
    """Say why these settings can't be used, without a word of the secret."""
    match auth:
        case OAuth1Auth():
            return _oauth1_problem(auth)
        case HmacAuth():
            return _hmac_problem(auth)
        case OAuth2Auth():
            return _oauth2_problem(auth)
        case _:
            return _static_problem(auth)


def token_url_problems(spec: VendorSpec) -> Iterator[str]:
    """Say what is wrong with the address of the token endpoint."""
    if isinstance(spec.auth, OAuth2Auth):
        yield from address_problems(
            "auth.token_url", spec.auth.token_url, plain_http=spec.plain_http
        )


def _static_problem(auth: StaticAuth | None) -> str | None:
    if isinstance(auth, ApiKeyAuth):
        if (auth.header is None) == (auth.query is None):
            return "`auth` needs `header` or `query`, and not both"
        if auth.header is not None and header_name(auth.header) is None:
            return f"`auth.header`: {auth.header!r} is no name of a header that can be set"
        if auth.query is not None and (not auth.query or auth.prefix):
            return "`auth.query` must be a name, and `prefix` belongs to `header`"
    if isinstance(auth, BasicAuth) and ":" in auth.user.reveal():
        return "`auth.user` can't have a colon"
    if any(header_value(value) != value for _, value in credentials(auth).headers):
        return "the secret of `auth` has a line break or another character that no header can carry"
    return None


def _oauth1_problem(auth: OAuth1Auth) -> str | None:
    realm = auth.realm or ""
    if '"' in realm or "\\" in realm or header_value(realm) != realm:
        return "`auth.realm` can't have quotes, backslashes or line breaks"
    return None


def _hmac_problem(auth: HmacAuth) -> str | None:
    for name in (auth.header, auth.timestamp_header or auth.header):
        if header_name(name) is None:
            return f"`auth`: {name!r} is no name of a header that can be set"
    if header_value(auth.prefix + "x") != auth.prefix + "x":
        return "`auth.prefix` has characters that no header can carry"
    try:
        parts = {name for _, name, _, _ in string.Formatter().parse(auth.signs) if name is not None}
    except ValueError:
        return "`auth.signs` has a single `{` or `}`; type `{{` or `}}` for the character itself"
    if not parts or not parts <= SIGNED_PARTS:
        known = ", ".join(f"`{{{name}}}`" for name in sorted(SIGNED_PARTS))
        return f"`auth.signs` needs parts of the request, of which there are {known}"
    return None


def _oauth2_problem(auth: OAuth2Auth) -> str | None:
    if header_name(auth.header) is None:
        return f"`auth.header`: {auth.header!r} is no name of a header that can be set"
    if auth.client == "basic" and ":" in auth.client_id.reveal():
        return "`auth.client_id` can't have a colon with `client: basic`"
    if header_value((auth.prefix or "") + "x") is None:
        return "`auth.prefix` has characters that no header can carry"
    if auth.client == "assertion" and auth.assertion:
        return _key_problem(auth)
    return None


def _key_problem(auth: OAuth2Auth) -> str | None:
    """Try the key: only then is it known to fit the algorithm."""
    # Imported where needed: a deployment without signed JWTs doesn't pay for them.
    from gateway.vendors.auth.assertion import BadKey, signed_assertion  # noqa: PLC0415

    if auth.assertion is None or auth.assertion.key.reveal() == STAND_IN:
        return None
    try:
        signed_assertion(auth, auth.assertion, now=1)
    except BadKey as bad:
        return f"`auth.assertion.key` {bad}"
    return None
