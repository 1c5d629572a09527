"""Fixed secrets in the shape in which they are sent."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from urllib.parse import quote, unquote_plus

from gateway.config.auth_spec import ApiKeyAuth, BasicAuth, BearerAuth, StaticAuth


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """Secrets in the shape in which they are sent: headers, or one `name=value` of the query."""

    headers: tuple[tuple[str, str], ...] = ()
    query_name: str | None = None
    query: str | None = None

    def added_to(self, target: str) -> str | None:
        """Append the key to the query; None where the query already has one of that name."""
        if self.query is None:
            return target
        _, mark, query = target.partition("?")
        names = (part.partition("=")[0] for part in query.split("&"))
        if any(unquote_plus(name) == self.query_name for name in names):
            return None
        return f"{target}{'&' if mark else '?'}{self.query}"


def credentials(auth: StaticAuth | None) -> Credentials:
    """Reveal the secrets and put them into their shape."""
    match auth:
        case BearerAuth():
            return Credentials((("authorization", f"Bearer {auth.token.reveal()}"),))
        case BasicAuth():
            pair = f"{auth.user.reveal()}:{auth.password.reveal()}".encode()
            return Credentials((("authorization", f"Basic {base64.b64encode(pair).decode()}"),))
        case ApiKeyAuth(header=str(header)):
            value = f"{auth.prefix} {auth.key.reveal()}" if auth.prefix else auth.key.reveal()
            return Credentials(((header.lower(), value),))
        case ApiKeyAuth(query=str(query)):
            pair_text = f"{quote(query, safe='')}={quote(auth.key.reveal(), safe='')}"
            return Credentials(query_name=query, query=pair_text)
        case _:
            return Credentials()
