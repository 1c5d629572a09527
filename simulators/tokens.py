"""A token endpoint (OAuth 2.0), faked, and an API that takes its tokens.

`POST /token` gives tokens, `{"access_token", "token_type", "expires_in", "refresh_token"}`, on the
grounds `client_credentials`, `password` and `refresh_token`; its fields may come as a form, as JSON
or in the query. The client shows its id and secret in HTTP Basic or among the fields, or a
`client_assertion`, which `assertion_ok` judges. Each refresh token can be used once, unless
`rotates` is off. Errors are RFC 6749's.

`/api` and whatever is below it answers `{"ok": true}` to `Authorization: Bearer <token>`, to
anything else 401.

On the control surface `GET /tokens` tells how many tokens were given, `POST /tokens/revoke` makes
every access token worthless.

Run it with `python -m simulators.tokens --port 9020`.
"""

from __future__ import annotations

import argparse
import base64
import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulators.kit import Simulator, serve

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

_GRANTS = frozenset({"client_credentials", "password", "refresh_token"})


class TokenSimulator(Simulator):
    """The faked endpoint. `given` counts the tokens; `lifetime` is in seconds."""

    def __init__(
        self,
        *,
        client: tuple[str, str] = ("client", "client-secret"),
        user: tuple[str, str] = ("user", "user-password"),
        refresh_token: str = "refresh-0",  # noqa: S107 - a faked one
    ) -> None:
        super().__init__(
            routes=[
                Route("/token", self._token, methods=["POST"]),
                Route("/api{rest:path}", self._api, methods=["GET", "POST"]),
            ],
            control=[
                Route("/tokens", self._tell, methods=["GET"]),
                Route("/tokens/revoke", self._revoke, methods=["POST"]),
            ],
            exception_handlers={HTTPException: _refused},
        )
        self.client = client
        self.user = user
        self._first = refresh_token
        self.assertion_ok: Callable[[str], bool] = bool
        self._start()

    def _start(self) -> None:
        self.lifetime: int | None = 3600
        self.rotates = True
        self.given = 0
        self.valid: set[str] = set()
        self.refresh_token = self._first

    def reset(self) -> None:
        super().reset()
        self._start()

    def revoke(self) -> None:
        """Make every access token worthless."""
        self.valid.clear()

    async def _token(self, request: Request) -> Response:
        fields = await _fields(request)
        grant = fields.get("grant_type")
        if grant not in _GRANTS:
            raise HTTPException(400, "unsupported_grant_type")
        if not self._knows(request.headers.get("authorization"), fields):
            raise HTTPException(401, "invalid_client")
        if grant == "password" and (fields.get("username"), fields.get("password")) != self.user:
            raise HTTPException(400, "invalid_grant")
        if grant == "refresh_token" and fields.get("refresh_token") != self.refresh_token:
            raise HTTPException(400, "invalid_grant")
        return JSONResponse(self._give(refreshes=grant == "refresh_token"))

    def _give(self, *, refreshes: bool) -> dict[str, object]:
        self.given += 1
        token = f"access-{self.given}"
        self.valid.add(token)
        answer: dict[str, object] = {"access_token": token, "token_type": "Bearer"}
        if self.lifetime is not None:
            answer["expires_in"] = self.lifetime
        if refreshes and self.rotates:
            self.refresh_token = f"refresh-{self.given}"
            answer["refresh_token"] = self.refresh_token
        return answer

    def _knows(self, header: str | None, fields: dict[str, str]) -> bool:
        if "client_assertion" in fields:
            return self.assertion_ok(fields["client_assertion"])
        if header is not None:
            pair = ":".join(self.client).encode()
            return header == f"Basic {base64.b64encode(pair).decode()}"
        return (fields.get("client_id"), fields.get("client_secret")) == self.client

    async def _api(self, request: Request) -> Response:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or token not in self.valid:
            raise HTTPException(401, "invalid_token")
        return JSONResponse({"ok": True})

    async def _tell(self, _: Request) -> Response:
        return JSONResponse({"given": self.given, "valid": len(self.valid)})

    async def _revoke(self, _: Request) -> Response:
        self.revoke()
        return Response(status_code=204)


async def _fields(request: Request) -> dict[str, str]:
    body = await request.body()
    if request.headers.get("content-type") == "application/json":
        read = json.loads(body)
        return {name: str(value) for name, value in read.items()}
    return dict(request.query_params) | dict(parse_qsl(body.decode()))


async def _refused(_: Request, refused: Exception) -> Response:
    if not isinstance(refused, HTTPException):
        raise refused
    return JSONResponse({"error": refused.detail}, refused.status_code)


def main() -> None:
    """Serve from the command line."""
    parser = argparse.ArgumentParser(prog="python -m simulators.tokens")
    parser.add_argument("--port", type=int, default=9020)
    serve(TokenSimulator(), parser.parse_args().port)


if __name__ == "__main__":
    main()
