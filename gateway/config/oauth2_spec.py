"""What gateway.yaml says about tokens: who grants them, on which grounds, how they are sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from gateway.config.formats import HEADER_TEXT
from gateway.config.kinds import Choice, Context
from gateway.config.records import Located, Record, entry, record
from gateway.config.secrets import Secret
from gateway.config.several import MapOf
from gateway.config.values import PlainPath, SecretValue, Settings, TextValue
from gateway.lossless import Json


@record
class Assertion(Located):
    """A signed JWT with which the client shows who it is, instead of a secret (RFC 7523)."""

    key: Secret = entry(
        SecretValue(), "The private key, as PEM.", example="{file: keys/vendor.pem}"
    )
    algorithm: str = entry(
        Choice(("PS256", "ES256")),
        "How it is signed: `PS256` with an RSA key, `ES256` with a key on the curve P-256.",
        example="PS256",
    )
    key_id: str | None = entry(
        TextValue(),
        "The `kid` by which the vendor finds its certificate.",
        default=None,
        example="{env: VENDOR_KEY_ID}",
    )
    claims: Mapping[str, Json] = entry(
        Settings(),
        "Claims besides `iss`, `sub`, `aud`, `iat`, `exp` and `jti`.",
        default=MappingProxyType({}),
    )


@record
class TokenAnswer(Located):
    """Where the answer of the token endpoint keeps what is read from it."""

    token: str = entry(PlainPath(), "The access token.", default="access_token")
    refresh_token: str = entry(PlainPath(), "A new refresh token.", default="refresh_token")
    expires_in: str = entry(
        PlainPath(), "The seconds for which the token is good.", default="expires_in"
    )
    expires_at: str | None = entry(
        PlainPath(),
        "The moment until which it is good, instead of `expires_in`: RFC 3339, or seconds or "
        "milliseconds since 1970.",
        default=None,
    )


@record
class OAuth2Auth(Located):
    """A token that the gateway asks for, sends with each request, and renews ahead of its end."""

    token_url: str = entry(
        TextValue("an address", stand_in="https://unset.invalid"),
        "Where tokens are asked for; https, as for `base_url`.",
        example="https://login.example.com/oauth/token",
    )
    grant: str = entry(
        Choice(("client_credentials", "password", "refresh_token")),
        "On which grounds a token is given.",
        example="client_credentials",
    )
    client: str = entry(
        Choice(("basic", "body", "assertion")),
        "How the client shows who it is: HTTP Basic, its id and secret among the fields, or a "
        "signed JWT.",
        default="basic",
    )
    client_id: Secret = entry(SecretValue(), "The client's id.", example="{env: VENDOR_CLIENT_ID}")
    client_secret: Secret | None = entry(SecretValue(), "The client's secret.", default=None)
    assertion: Assertion | None = entry(
        Record(Assertion, "`assertion`"), "The signed JWT of `client: assertion`.", default=None
    )
    username: Secret | None = entry(SecretValue(), "The user of `grant: password`.", default=None)
    password: Secret | None = entry(SecretValue(), "The user's password.", default=None)
    refresh_token: Secret | None = entry(
        SecretValue(),
        "The first token of `grant: refresh_token`; those that follow are kept in `storage`.",
        default=None,
    )
    scope: str | None = entry(TextValue(), "The scopes to ask for, with blanks.", default=None)
    request: str = entry(
        Choice(("form", "json", "query")), "How the fields are sent.", default="form"
    )
    fields: Mapping[str, str] = entry(
        MapOf(TextValue(), "a block of fields"),
        "Fields of the vendor's own, sent with the others.",
        default=MappingProxyType({}),
    )
    answer: TokenAnswer = entry(
        Record(TokenAnswer, "`answer`"), "Where the answer keeps what.", default=TokenAnswer()
    )
    header: str = entry(
        HEADER_TEXT, "The header in which the token is sent.", default="Authorization"
    )
    prefix: str | None = entry(
        TextValue("a word"),
        "What stands before the token: `Bearer` in `Authorization`, else nothing.",
        default=None,
    )


_OF_GRANT: Final = {
    "client_credentials": (),
    "password": ("username", "password"),
    "refresh_token": ("refresh_token",),
}
_OF_CLIENT: Final = {"basic": ("client_secret",), "body": (), "assertion": ("assertion",)}
_EXAMPLES: Final = {
    "username": "{env: VENDOR_USER}",
    "password": "{env: VENDOR_PASSWORD}",
    "refresh_token": "{env: VENDOR_REFRESH_TOKEN}",
    "client_secret": "{env: VENDOR_CLIENT_SECRET}",
    "assertion": "{algorithm: PS256, key: {file: keys/vendor.pem}}",
}


def _needed(auth: OAuth2Auth) -> Iterator[tuple[str, str]]:
    """Give each key that must be there, and the setting that asks for it."""
    for key in _OF_GRANT[auth.grant]:
        yield key, f"grant: {auth.grant}"
    for key in _OF_CLIENT[auth.client]:
        yield key, f"client: {auth.client}"
    if auth.client == "body" and auth.grant == "client_credentials":
        yield "client_secret", f"grant: {auth.grant}"


def _idle(auth: OAuth2Auth) -> Iterator[tuple[str, str]]:
    """Give each key that would have no effect, and the setting that passes over it."""
    for grant, keys in _OF_GRANT.items():
        for key in keys if grant != auth.grant else ():
            yield key, f"grant: {auth.grant}"
    if auth.client == "assertion":
        yield "client_secret", "client: assertion"
    else:
        yield "assertion", f"client: {auth.client}"


def _check(auth: OAuth2Auth, context: Context) -> None:
    for key, setting in _needed(auth):
        if auth.node.get(key) is None:
            context.problems.error(
                "missing-key",
                f"`{key}` is missing from an oauth2 `auth` with `{setting}`.",
                auth.key_place(setting.partition(":")[0]),
                f"Add `{key}: {_EXAMPLES[key]}`.",
            )
    for key, setting in _idle(auth):
        if auth.node.get(key) is not None:
            context.problems.error(
                "conflicting-keys",
                f"`{key}` has no effect beside `{setting}`.",
                auth.key_place(key),
                f"Leave it out, or change `{setting.partition(':')[0]}`.",
            )
    answer = auth.answer
    if answer.expires_at is not None and answer.node.get("expires_in") is not None:
        context.problems.error(
            "conflicting-keys",
            "A token's end is read from `expires_in` or from `expires_at`, not from both.",
            answer.key_place("expires_at"),
            "Leave one of them out.",
        )


OAUTH2_BLOCK = Record(OAuth2Auth, "an oauth2 `auth`", _check, ("type",))
