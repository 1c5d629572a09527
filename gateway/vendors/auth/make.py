"""From settings to the scheme; what a scheme needs is imported only where one uses it."""

# ruff: noqa: PLC0415 - the imports below are the point of this module

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gateway.config.auth_spec import HmacAuth, OAuth1Auth
from gateway.config.oauth2_spec import OAuth2Auth
from gateway.vendors.auth.live import Live
from gateway.vendors.auth.static import Static

if TYPE_CHECKING:
    from gateway.config.vendor_spec import VendorSpec
    from gateway.storage.database import Database
    from gateway.telemetry.clock import Clock
    from gateway.telemetry.watch import Watch
    from gateway.vendors.auth.scheme import Scheme
    from gateway.vendors.auth.tokens import Source


def make_scheme(
    spec: VendorSpec, vendor: str, clock: Clock, watch: Watch, storage: Database | None
) -> Scheme:
    """Make the scheme of one vendor; reads no file and opens nothing."""
    match spec.auth:
        case OAuth2Auth() as oauth2:
            from gateway.vendors.auth.tokens import Tokens

            source = _source(spec, oauth2, vendor, clock, storage)
            return Tokens(Live(oauth2, vendor, clock), source, vendor, clock, watch)
        case OAuth1Auth() as oauth1:
            from gateway.vendors.auth.oauth1 import OAuth1

            base = urlsplit(spec.base_url)
            origin = f"{base.scheme}://{base.netloc}"
            return OAuth1(Live(oauth1, vendor, clock), origin, clock)
        case HmacAuth() as hmac:
            from gateway.vendors.auth.signing import Hmac

            return Hmac(Live(hmac, vendor, clock), clock)
        case static:
            return Static(Live(static, vendor, clock))


def keeps_tokens(spec: VendorSpec) -> bool:
    """Say whether this vendor's tokens are kept in the storage."""
    return isinstance(spec.auth, OAuth2Auth) and spec.auth.grant == "refresh_token"


def _source(
    spec: VendorSpec, auth: OAuth2Auth, vendor: str, clock: Clock, storage: Database | None
) -> Source:
    from gateway.vendors.auth.endpoint import TokenEndpoint
    from gateway.vendors.auth.tokens import Direct

    endpoint = TokenEndpoint(spec, auth.token_url, clock)
    if not keeps_tokens(spec):
        return Direct(endpoint)
    if storage is None:
        raise ValueError("`auth` with `grant: refresh_token` needs the storage")
    from gateway.vendors.auth.chain import Chain

    return Chain(endpoint, storage, vendor, clock)
