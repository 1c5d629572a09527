"""Outbound HMAC: a header that proves to the vendor that the request is ours and unchanged."""

from __future__ import annotations

import base64
import hmac
import string
from typing import TYPE_CHECKING

from gateway.config.auth_spec import HmacAuth
from gateway.vendors.auth.immediate import Immediate

if TYPE_CHECKING:
    from gateway.telemetry.clock import Clock
    from gateway.vendors.auth.live import Live
    from gateway.vendors.message import Message


class Hmac(Immediate[HmacAuth]):
    """Signs each message as the vendor's `signs` says."""

    def __init__(self, live: Live[HmacAuth], clock: Clock) -> None:
        super().__init__(live)
        self._clock = clock
        auth = live.value
        self._pieces = [
            (literal.encode(), name) for literal, name, _, _ in string.Formatter().parse(auth.signs)
        ]
        self._header = auth.header.lower()
        self._timestamp_header = auth.timestamp_header.lower() if auth.timestamp_header else None

    def sign(self, message: Message) -> Message:
        if not self._fixed:
            self._look()
        auth = self._live.value
        timestamp = str(int(self._clock.now().timestamp()))
        signed = self._signed(message, timestamp)
        code = hmac.new(auth.secret.reveal().encode(), signed, auth.algorithm)
        written = code.hexdigest()
        if auth.encoding == "base64":
            written = base64.b64encode(code.digest()).decode()
        message.headers[self._header] = auth.prefix + written
        if self._timestamp_header:
            message.headers[self._timestamp_header] = timestamp
        return message

    def _signed(self, message: Message, timestamp: str) -> bytes:
        path, _, query = message.target.partition("?")
        parts = {
            "method": message.method.encode(),
            "path": path.encode(),
            "query": query.encode(),
            "timestamp": timestamp.encode(),
            "body": message.body,
        }
        return b"".join(
            literal + (parts[name] if name is not None else b"") for literal, name in self._pieces
        )
