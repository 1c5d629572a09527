"""How the faked NetSuite says no: `o:errorDetails`, as its page about REST errors shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

if TYPE_CHECKING:
    from starlette.requests import Request

ACCESSING = "Error while accessing a resource. "
_TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    405: "Method Not Allowed",
    429: "Too Many Requests",
}
_CODES = {404: "NONEXISTENT_URL", 405: "METHOD_NOT_ALLOWED"}
_MEDIA_TYPE = "application/vnd.oracle.resource+json; type=error; charset=UTF-8"


@dataclass(frozen=True, slots=True)
class Flaw:
    """One entry of `o:errorDetails`; `place` is which part of the request it is about.

    `kind` names that part: `Path` (of the body), `Header`, `QueryParam` or `Url`.
    """

    code: str
    detail: str
    place: str | None = None
    kind: str = "Path"

    def told(self) -> dict[str, str]:
        where = {} if self.place is None else {f"o:error{self.kind}": self.place}
        return {"detail": self.detail, "o:errorCode": self.code} | where


class Refused(Exception):
    """NetSuite says no: a status and its flaws."""

    def __init__(self, status: int, *flaws: Flaw) -> None:
        super().__init__(status, *flaws)
        self.status = status
        self.flaws = flaws


def invalid(detail: str, place: str | None = None) -> Refused:
    """Make the refusal of a body whose content can't be right."""
    return Refused(400, Flaw("INVALID_CONTENT", ACCESSING + detail, place))


async def refused(_: Request, error: Exception) -> Response:
    """Answer a `Refused`."""
    if not isinstance(error, Refused):
        raise error
    body = {
        "type": "https://www.w3.org/Protocols/rfc2616/rfc2616-sec10.html",
        "title": _TITLES[error.status],
        "status": error.status,
        "o:errorDetails": [flaw.told() for flaw in error.flaws],
    }
    headers = {"WWW-Authenticate": "OAuth"} if error.status == 401 else {}  # noqa: PLR2004
    return JSONResponse(body, error.status, headers, media_type=_MEDIA_TYPE)


async def no_route(request: Request, error: Exception) -> Response:
    """Answer an unknown path or method."""
    if not isinstance(error, HTTPException):
        raise error
    code = _CODES.get(error.status_code, "INVALID_REQUEST")
    flaw = Flaw(code, error.detail, request.url.path, "Url")
    return await refused(request, Refused(error.status_code, flaw))
