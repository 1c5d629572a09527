"""Functions on files: bytes, and the text that carries them in JSON."""

from __future__ import annotations

import base64
import binascii

from gateway.expressions.signature import Example, Function, takes
from gateway.expressions.texts import check_length
from gateway.expressions.values import Bytes, Misfit


def _encode(content: str | Bytes) -> str:
    data = content.data if isinstance(content, Bytes) else content.encode()
    check_length(4 * ((len(data) + 2) // 3))
    return base64.b64encode(data).decode()


def _decode(text: str) -> Bytes:
    try:
        return Bytes(base64.b64decode("".join(text.split()), validate=True))
    except (binascii.Error, ValueError) as error:
        raise Misfit("base64_decode() got text that is no base64") from error


FILES: tuple[Function, ...] = (
    Function(
        "base64_decode",
        (takes("text", "string"),),
        "bytes",
        "null",
        "Gives the bytes that base64 carries, for `$file` and `base64_encode`; line breaks in the "
        "text do no harm.",
        Example("base64_encode(base64_decode('SGVs\nbG8='))", "SGVsbG8="),
        _decode,
    ),
    Function(
        "base64_encode",
        (takes("content", "string", "bytes"),),
        "string",
        "null",
        "Writes bytes, such as the body of a call with `as: bytes`, or the UTF-8 of a text in "
        "base64.",
        Example("base64_encode('Hello')", "SGVsbG8="),
        _encode,
    ),
)
