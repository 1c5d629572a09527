"""What is sent to a token endpoint, and what its answer says."""

from __future__ import annotations

import base64
import math
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from gateway.lossless import BadJson, Json, dumps, loads
from gateway.vendors.grammar import header_value
from gateway.vendors.message import DEFAULT_HEADERS, Message

if TYPE_CHECKING:
    from gateway.config.oauth2_spec import OAuth2Auth, TokenAnswer
    from gateway.vendors.client import Answer

_MILLISECONDS_FROM: Final = 100_000_000_000
"""A moment of this size or more counts milliseconds: as seconds it would be the year 5138."""

_CODES: Final = frozenset(
    {
        "invalid_client",
        "invalid_grant",
        "invalid_request",
        "invalid_scope",
        "unauthorized_client",
        "unsupported_grant_type",
    }
)
"""RFC 6749's own errors; anything else that a vendor says may quote a secret."""


@dataclass(frozen=True, slots=True, repr=False)
class Granted:
    """What a token endpoint gave; `lifetime` in seconds from when it was asked, None if unknown."""

    token: str
    lifetime: float | None
    refresh_token: str | None


@dataclass(frozen=True, slots=True)
class Denied:
    """No token, and why, for the log.

    `settled` is true where it is sure that none was made; `code` is RFC 6749's, if it gave one;
    `refused` is true where the vendor said no, rather than nothing. `event` is what the log calls
    it, `to_do` what a person must do where nothing else helps.
    """

    detail: str
    settled: bool
    refused: bool = False
    code: str = ""
    event: str = "token_refused"
    to_do: str | None = None


def token_request(auth: OAuth2Auth, refresh_token: str | None, now: datetime) -> Message:
    """Make the request; its target is the path of `token_url`, with a query where one is asked for.

    The client's id and secret go into HTTP Basic as they are, as most clients send them.
    """
    fields = _fields(auth, refresh_token, now)
    headers = dict(DEFAULT_HEADERS)
    if auth.client == "basic" and auth.client_secret:
        pair = f"{auth.client_id.reveal()}:{auth.client_secret.reveal()}".encode()
        headers["authorization"] = f"Basic {base64.b64encode(pair).decode()}"
    target = "/" + auth.token_url.split("://", 1)[1].partition("/")[2]
    if auth.request == "query":
        return Message("POST", f"{target}?{urlencode(fields)}", headers, b"")
    if auth.request == "json":
        headers["content-type"] = "application/json"
        return Message("POST", target, headers, dumps({**fields}))
    headers["content-type"] = "application/x-www-form-urlencoded"
    return Message("POST", target, headers, urlencode(fields).encode())


def _fields(auth: OAuth2Auth, refresh_token: str | None, now: datetime) -> dict[str, str]:
    fields = {"grant_type": auth.grant}
    if auth.username and auth.password:
        fields |= {"username": auth.username.reveal(), "password": auth.password.reveal()}
    if refresh_token is not None:
        fields["refresh_token"] = refresh_token
    if auth.scope:
        fields["scope"] = auth.scope
    if auth.client == "body":
        fields["client_id"] = auth.client_id.reveal()
        if auth.client_secret:
            fields["client_secret"] = auth.client_secret.reveal()
    if auth.assertion:
        from gateway.vendors.auth import assertion  # noqa: PLC0415 - only these need its library

        fields["client_assertion_type"] = assertion.ASSERTION_TYPE
        signed = assertion.signed_assertion(auth, auth.assertion, int(now.timestamp()))
        fields["client_assertion"] = signed
    return {**fields, **auth.fields}


def read_answer(answer: Answer, paths: TokenAnswer, now: datetime) -> Granted | Denied:
    """Read the token endpoint's answer; `now` is when it was asked."""
    try:
        body = loads(answer.body)
    except BadJson:
        body = None
    succeeded = 200 <= answer.status < 300  # noqa: PLR2004
    token = _at(body, paths.token) if succeeded else None
    if not isinstance(token, str) or not token or header_value(token) != token:
        return _denied(answer.status, body)
    refresh = _at(body, paths.refresh_token)
    return Granted(
        token,
        _lifetime(body, paths, now),
        refresh if isinstance(refresh, str) and refresh else None,
    )


def _denied(status: int, body: Json) -> Denied:
    said = body.get("error") if isinstance(body, dict) else None
    code = said if isinstance(said, str) and said in _CODES else ""
    if code or 400 <= status < 500:  # noqa: PLR2004
        detail = f"the token endpoint answered {status} {code}".rstrip()
        return Denied(detail, settled=True, refused=True, code=code)
    what = f"answered {status}" if status >= 300 else "gave no usable token"  # noqa: PLR2004
    return Denied(f"the token endpoint {what}", settled=False)


def _at(body: Json, path: str) -> Json:
    for key in path.split("."):
        body = body.get(key) if isinstance(body, dict) else None
    return body


def _lifetime(body: Json, paths: TokenAnswer, now: datetime) -> float | None:
    if paths.expires_at is None:
        return _number(_at(body, paths.expires_in))
    moment = _at(body, paths.expires_at)
    seconds = _number(moment)
    if seconds is not None:
        seconds = seconds / 1000 if seconds >= _MILLISECONDS_FROM else seconds
        return seconds - now.timestamp()
    try:
        written = datetime.fromisoformat(moment) if isinstance(moment, str) else None
    except ValueError:
        return None
    return None if written is None or written.tzinfo is None else (written - now).total_seconds()


def _number(value: Json) -> float | None:
    """Take a number, or a text that is one; some vendors write `"3600"`."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and number > 0 else None
