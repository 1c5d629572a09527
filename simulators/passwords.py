"""Tokens for a user's name and password (OAuth 2.0), as vendors' token endpoints give them.

Of the grounds `password` and `refresh_token`. Each refresh token can be used once; its answer holds
the next one. Errors are RFC 6749's, described as the Spring framework does, on which the vendors'
own endpoints are built.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Answer = tuple[int, dict[str, object]]
"""A status and the JSON body."""


@dataclass(slots=True)
class TokenDesk:
    """Gives tokens and knows them again; `lifetime` is in seconds.

    `client` and `user` are id and secret, name and password. `scope` is the one that must be asked
    for, if any.
    """

    client: tuple[str, str]
    user: tuple[str, str]
    lifetime: int
    scope: str | None = None
    given: int = 0
    _valid: set[str] = field(default_factory=set)
    _refreshes: set[str] = field(default_factory=set)

    def clear(self) -> None:
        self.given = 0
        self._valid.clear()
        self._refreshes.clear()

    def revoke(self) -> None:
        """Make every access token worthless; refresh tokens stay good."""
        self._valid.clear()

    def knows(self, authorization: str | None) -> bool:
        scheme, _, token = (authorization or "").partition(" ")
        return scheme.lower() == "bearer" and token in self._valid

    def first_refresh_token(self) -> str:
        """Give a refresh token as the vendor's console would: to begin with."""
        token = f"refresh-{self.given}-{len(self._refreshes)}"
        self._refreshes.add(token)
        return token

    def answer(self, client: tuple[str | None, str | None], fields: Mapping[str, str]) -> Answer:
        """Answer a token request of this client."""
        if client != self.client:
            return _no(401, "invalid_client", "Bad client credentials")
        if self.scope is not None and fields.get("scope") != self.scope:
            return _no(400, "invalid_scope", f"Invalid scope: {fields.get('scope', '')}")
        grant = fields.get("grant_type")
        if grant == "password":
            if (fields.get("username"), fields.get("password")) != self.user:
                return _no(400, "invalid_grant", "Bad credentials")
        elif grant == "refresh_token":
            if fields.get("refresh_token") not in self._refreshes:
                return _no(400, "invalid_grant", "Invalid refresh token")
            self._refreshes.discard(fields["refresh_token"])
        else:
            return _no(400, "unsupported_grant_type", f"Unsupported grant type: {grant}")
        return 200, self._give()

    def _give(self) -> dict[str, object]:
        self.given += 1
        access, refresh = f"access-{self.given}", f"refresh-{self.given}"
        self._valid.add(access)
        self._refreshes.add(refresh)
        return {
            "access_token": access,
            "token_type": "bearer",
            "refresh_token": refresh,
            "expires_in": self.lifetime,
        }


def _no(status: int, error: str, description: str) -> Answer:
    return status, {"error": error, "error_description": description}
