"""An answer's body as it comes in: counted, decompressed, and cut off at the cap."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.vendors.client import FaultKind

_GZIP: Final = 16 + zlib.MAX_WBITS
_ENCODINGS: Final = {"gzip", "x-gzip", "deflate"}


class BadAnswer(Exception):
    """The answer is no use: `kind` says why."""

    def __init__(self, kind: FaultKind, detail: str) -> None:
        super().__init__(detail)
        self.kind: FaultKind = kind


class Body:
    """Collects the parts of one body.

    The cap (bytes) holds for what came over the wire and for what it unpacks to.
    """

    __slots__ = ("_cap", "_encoding", "_inflater", "_parts", "_raw", "_size")

    def __init__(self, cap: int, status: int, headers: Mapping[str, str], method: str) -> None:
        """Raise BadAnswer where the head already says that the body can't be taken."""
        length = headers.get("content-length", "")
        # The length that HEAD and 304 give is of a body that doesn't come.
        comes = method != "HEAD" and status != 304  # noqa: PLR2004
        if comes and length.isdecimal() and (len(length) > len(str(cap)) or int(length) > cap):
            raise BadAnswer("too_large", f"content-length is over the cap of {cap} bytes")
        encoding = headers.get("content-encoding", "").strip().lower()
        self._encoding = "" if encoding == "identity" else encoding
        self._inflater: zlib._Decompress | None = None
        self._cap = cap
        self._parts: list[bytes] = []
        self._raw = 0
        self._size = 0

    def feed(self, part: bytes) -> None:
        self._raw += len(part)
        if part and self._encoding:
            part = self._inflated(part)
        self._size += len(part)
        if self._raw > self._cap or self._size > self._cap:
            raise BadAnswer("too_large", f"the body is over the cap of {self._cap} bytes")
        self._parts.append(part)

    def whole(self) -> bytes:
        if self._inflater is not None and not self._inflater.eof:
            raise BadAnswer("protocol", "the compressed body ends too early")
        return b"".join(self._parts)

    def _inflated(self, part: bytes) -> bytes:
        inflater = self._inflater = self._inflater or self._make_inflater(part[0])
        try:
            # One byte more than there is room for tells a full body from one that is too large.
            out = inflater.decompress(part, self._cap - self._size + 1)
        except zlib.error as error:
            raise BadAnswer("protocol", f"the body is no {self._encoding}") from error
        if inflater.unused_data:
            raise BadAnswer("protocol", "something follows the end of the compressed body")
        return out

    def _make_inflater(self, first: int) -> zlib._Decompress:
        if self._encoding not in _ENCODINGS:
            raise BadAnswer("protocol", "the content-encoding was not asked for")
        if self._encoding != "deflate":
            return zlib.decompressobj(_GZIP)
        # `deflate` means zlib (RFC 9110), but some servers leave zlib's header away: 8 names it.
        return zlib.decompressobj(zlib.MAX_WBITS if first & 0x0F == 8 else -zlib.MAX_WBITS)  # noqa: PLR2004
