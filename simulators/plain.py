"""What the plain JSON services have in common: an API key, checked bodies, one shape of errors.

Every request carries `X-Api-Key`. Errors are `{"error": {"code", "message", "problems": [{"field",
"message"}]}}`: 400 `invalid`, 401 `unauthorized`, 404 `not_found`, 405 `method_not_allowed`, and
those of the service itself.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, NoReturn, TypeVar, cast

import msgspec
from starlette.exceptions import HTTPException
from starlette.responses import Response

from simulators.kit import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from jsonschema import Draft202012Validator
    from starlette.requests import Request
    from starlette.routing import Route

TEXT = {"type": "string", "minLength": 1}
MAYBE_EMPTY = {"type": "string"}
AMOUNT = {"type": "number", "minimum": 0}
AMOUNT_TEXT = {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?$"}
CURRENCY = {"type": "string", "pattern": "^[A-Z]{3}$"}
COUNT = {"type": "integer", "minimum": 1}
NUMBER_OF_LINE = {"type": "integer", "minimum": 0}
CENT = Decimal("0.01")

_CODES = {404: "not_found", 405: "method_not_allowed"}
_ENCODER = msgspec.json.Encoder(decimal_format="number")
Body = dict[str, object]
State = TypeVar("State")


def object_of(required: dict[str, object], optional: dict[str, object] | None = None) -> Body:
    """Give the schema of an object with these fields and no others."""
    return {
        "type": "object",
        "required": list(required),
        "properties": required | (optional or {}),
        "additionalProperties": False,
    }


def list_of(items: Body) -> Body:
    return {"type": "array", "minItems": 1, "items": items}


@dataclass(frozen=True, slots=True)
class Problem:
    field: str
    message: str


class Refused(Exception):
    """The service says no; `more` are further fields of the error."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        problems: Iterable[Problem] = (),
        **more: str,
    ) -> None:
        super().__init__(status, code, message)
        self.status = status
        self.code = code
        self.message = message
        self.problems = tuple(problems)
        self.more = more


class PlainService(Simulator):
    """A faked service of this kind; `api_key` is the only one accepted."""

    def __init__(self, api_key: str, routes: Sequence[Route], control: Sequence[Route]) -> None:
        handlers = {Refused: _refused, HTTPException: _no_route}
        super().__init__(routes=routes, control=control, exception_handlers=handlers)
        self.api_key = api_key

    async def read(self, request: Request, schema: Draft202012Validator) -> Body:
        """Give the body, its decimals exact. Raises `Refused` for a wrong key or body."""
        if request.headers.get("x-api-key") != self.api_key:
            raise Refused(401, "unauthorized", "The API key is missing or wrong.")
        try:
            body: object = json.loads(
                await request.body(), parse_float=Decimal, parse_constant=_no_number
            )
        except ValueError as broken:
            raise Refused(400, "invalid", "The body is no JSON.") from broken
        problems = [
            Problem(error.json_path.removeprefix("$").lstrip("."), error.message)
            for error in schema.iter_errors(body)
        ]
        if problems:
            raise Refused(400, "invalid", "The body is incomplete or wrong.", problems)
        return cast("Body", body)


async def ordered(request: Request, decoder: msgspec.json.Decoder[State]) -> State:
    """Read what the control surface is told. Raises a 400 for anything else."""
    try:
        return decoder.decode(await request.body())
    except msgspec.DecodeError as refused:
        raise HTTPException(400, str(refused)) from refused


def answer(document: Body, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Answer with JSON; decimals become numbers with all their digits."""
    return Response(_ENCODER.encode(document), status, headers, media_type="application/json")


def _no_number(constant: str) -> NoReturn:
    raise ValueError(constant)


async def _refused(_: Request, refused: Exception) -> Response:
    if not isinstance(refused, Refused):
        raise refused
    problems = [asdict(problem) for problem in refused.problems]
    error = {"code": refused.code, "message": refused.message, "problems": problems}
    return answer({"error": error | refused.more}, refused.status)


async def _no_route(request: Request, refused: Exception) -> Response:
    if not isinstance(refused, HTTPException):
        raise refused
    code = _CODES.get(refused.status_code, "invalid")
    return await _refused(request, Refused(refused.status_code, code, refused.detail))
