"""Credentials that are the same for each request: bearer, basic, a key in a header or the query."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.config.auth_spec import StaticAuth
from gateway.vendors.auth.immediate import Immediate
from gateway.vendors.auth.shapes import credentials
from gateway.vendors.client import Fault

if TYPE_CHECKING:
    from gateway.vendors.auth.live import Live
    from gateway.vendors.message import Message


class Static(Immediate[StaticAuth | None]):
    """Puts the same credentials on each message, until their secret file changes."""

    def __init__(self, live: Live[StaticAuth | None]) -> None:
        super().__init__(live)
        self._credentials = credentials(live.value)

    def sign(self, message: Message) -> Message | Fault:
        if not self._fixed:
            self._look()
        message.headers.update(self._credentials.headers)
        if self._credentials.query is None:
            return message
        target = self._credentials.added_to(message.target)
        if target is None:
            detail = "the query already has a parameter of the name that `auth.query` adds"
            return Fault("invalid_request", "no", detail)
        return replace(message, target=target)

    def _changed(self) -> None:
        self._credentials = credentials(self._live.value)
