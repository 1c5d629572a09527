"""What a request carries: JSON, a form, a multipart form, text, or a GraphQL operation."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlencode

from gateway.config.schemas import Schema
from gateway.errors import Refusal
from gateway.expressions.frame import Frame
from gateway.expressions.template import as_text
from gateway.lossless import BadJson, Json, dumps
from gateway.plan.files import Upload
from gateway.plan.made import broken
from gateway.plan.missing import Blame
from gateway.plan.pairs import Pairs
from gateway.plan.tree import Block, Branch, required

FORM = "application/x-www-form-urlencoded"
TEXT = "text/plain; charset=utf-8"


class Content(Protocol):
    """Makes a request's body."""

    def render(self, frame: Frame) -> tuple[bytes, str | None]:
        """Give the body and its media type; None is JSON's, or what the vendor's settings say.

        Raises Refusal.
        """
        ...


@dataclass(frozen=True, slots=True)
class JsonContent:
    """A JSON document."""

    document: Branch
    schema: Schema | None

    def render(self, frame: Frame) -> tuple[bytes, None]:
        document = required(self.document, frame)
        return _written(document, document, self.schema, self.document, frame), None


@dataclass(frozen=True, slots=True)
class GraphqlContent:
    """A GraphQL operation; `schema` is its variables'."""

    query: str
    variables: Block | None
    schema: Schema | None

    def render(self, frame: Frame) -> tuple[bytes, None]:
        document: dict[str, Json] = {"query": self.query}
        variables: dict[str, Json] = {}
        if self.variables is not None:
            variables = document["variables"] = self.variables.render(frame)
        return _written(document, variables, self.schema, self.variables, frame), None


def _written(
    document: Json, checked: Json, schema: Schema | None, maker: Branch | None, frame: Frame
) -> bytes:
    """Write a document of which a part is checked, which `maker` made. Raises Refusal."""
    try:
        data = dumps(document)
    except BadJson as error:
        raise _unfit(str(error)) from error
    if schema is not None and not schema.is_valid(checked):
        raise _unfit(broken(schema, checked, maker, frame))
    return data


def _unfit(cause: str) -> Refusal:
    message = "The request to the vendor can't be made from this data"
    return Refusal(500, "vendor_request", message, cause=cause)


@dataclass(frozen=True, slots=True)
class TextContent:
    """A text."""

    text: Branch
    blame: Blame

    def render(self, frame: Frame) -> tuple[bytes, str]:
        text = as_text(required(self.text, frame))
        if text is None:
            raise self.blame.unfit("text", "is no text, number or boolean")
        return text.encode(), TEXT


@dataclass(frozen=True, slots=True)
class FormContent:
    """A form as browsers send it."""

    fields: Pairs

    def render(self, frame: Frame) -> tuple[bytes, str]:
        return urlencode(list(self.fields.render(frame))).encode(), FORM


@dataclass(frozen=True, slots=True)
class MultipartContent:
    """A form with files (RFC 7578)."""

    parts: Block
    blame: Blame

    def render(self, frame: Frame) -> tuple[bytes, str]:
        return multipart(self._parts(frame))

    def _parts(self, frame: Frame) -> Iterable[tuple[str, str | Upload]]:
        for name, value in self.parts.render(frame).items():
            items: list[object] = list(value) if isinstance(value, list) else [value]
            for item in items:
                part = item if isinstance(item, Upload) else as_text(item)
                if part is None:
                    raise self.blame.unfit(name, "is no text, number, boolean or file")
                yield name, part


def multipart(parts: Iterable[tuple[str, str | Upload]]) -> tuple[bytes, str]:
    """Write the parts and give their media type.

    The boundary is made from the parts, so that a repeat has the same bytes.
    """
    pieces = [_piece(name, part) for name, part in parts]
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(len(piece).to_bytes(8) + piece)
    boundary = digest.hexdigest()[:48]
    lines = [f"--{boundary}\r\n".encode() + piece + b"\r\n" for piece in pieces]
    body = b"".join(lines) + f"--{boundary}--\r\n".encode()
    return body, f"multipart/form-data; boundary={boundary}"


def _piece(name: str, part: str | Upload) -> bytes:
    head = f'Content-Disposition: form-data; name="{_quoted(name)}"'
    if isinstance(part, str):
        return f"{head}\r\n\r\n{part}".encode()
    head += f'; filename="{_quoted(part.name)}"\r\nContent-Type: {part.type}'
    return f"{head}\r\n\r\n".encode() + part.content


def _quoted(name: str) -> str:
    """Escape a name as browsers do (RFC 7578 leaves it to them)."""
    return re.sub(r'["\r\n]', lambda found: f"%{ord(found[0]):02X}", name)
