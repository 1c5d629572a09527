"""Tokens: one for all requests, renewed ahead of its end, by one request for all that wait."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from gateway.telemetry.logs import logger
from gateway.vendors.auth.grants import Denied, Granted
from gateway.vendors.client import Fault

if TYPE_CHECKING:
    from gateway.config.oauth2_spec import OAuth2Auth
    from gateway.telemetry.clock import Clock
    from gateway.telemetry.watch import Watch
    from gateway.vendors.auth.endpoint import TokenEndpoint
    from gateway.vendors.auth.live import Live
    from gateway.vendors.client import Deadline
    from gateway.vendors.message import Message

_MOST_AHEAD_SECONDS: Final = 300.0
_LAST_SECONDS: Final = 5.0
"""A token is not sent in its last seconds: it would end on its way."""
_AFTER_401_SECONDS: Final = 10.0
_AFTER_REFUSAL_SECONDS: Final = 30.0
"""A refused credential isn't shown again at once: vendors lock accounts for that."""
_AFTER_TROUBLE_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True, repr=False)
class Fresh:
    """A token to use from now on; `shared` where another process had got it already."""

    token: str
    lifetime: float | None
    shared: bool = False


class Source(Protocol):
    """Where tokens come from."""

    async def fetch(self, auth: OAuth2Auth, spent: str | None) -> Fresh | Denied:
        """Get a token that isn't `spent`. Never raises but for cancellation."""
        ...

    async def close(self) -> None: ...


class Direct:
    """Asks for each token anew, on the same grounds."""

    def __init__(self, endpoint: TokenEndpoint) -> None:
        self._endpoint = endpoint

    async def fetch(self, auth: OAuth2Auth, spent: str | None) -> Fresh | Denied:  # noqa: ARG002 - the seam's signature
        got = await self._endpoint.ask(auth)
        return Fresh(got.token, got.lifetime) if isinstance(got, Granted) else got

    async def close(self) -> None:
        await self._endpoint.close()


class Tokens:
    """Puts the vendor's token on each message. Belongs to one event loop."""

    def __init__(
        self, live: Live[OAuth2Auth], source: Source, vendor: str, clock: Clock, watch: Watch
    ) -> None:
        self.version = 0
        self._live = live
        self._source = source
        self._vendor = vendor
        self._clock = clock
        self._watch = watch
        self._header = live.value.header.lower()
        prefix = live.value.prefix
        if prefix is None and self._header == "authorization":
            prefix = "Bearer"
        self._prefix = f"{prefix} " if prefix else ""
        self._token: str | None = None
        self._good_until = self._ahead_from = -math.inf
        self._task: asyncio.Task[Fault | None] | None = None
        self._held: tuple[OAuth2Auth, Fault] | None = None
        self._held_until = self._after_401 = -math.inf

    def sign(self, message: Message) -> Message | None:
        moment = self._clock.monotonic()
        if self._token is None or moment >= self._good_until:
            return None
        if self._ahead_from <= moment and moment >= self._held_until:
            self._renewal()
        message.headers[self._header] = self._prefix + self._token
        return message

    async def prepare(self, deadline: Deadline) -> Fault | None:
        return await self._join(deadline)

    async def renew(self, version: int, deadline: Deadline) -> Fault | bool:
        if version != self.version:
            return True
        moment = self._clock.monotonic()
        running = self._task is not None and not self._task.done()
        if moment < self._after_401 and not running:
            return False  # the last 401 has cost a token just now: the token isn't what is wrong
        self._after_401 = moment + _AFTER_401_SECONDS
        return await self._join(deadline) or self.version != version

    async def _join(self, deadline: Deadline) -> Fault | None:
        """Wait for the renewal that all wait for; it goes on when a caller gives up."""
        left = deadline.at - self._clock.monotonic()
        task = self._renewal()
        await asyncio.wait({task}, timeout=max(left, 0))
        if not task.done():
            return Fault("deadline", "no", "the time was up while a token was asked for")
        return task.result()

    def _renewal(self) -> asyncio.Task[Fault | None]:
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._renew())
        return self._task

    async def _renew(self) -> Fault | None:
        if self._live.files:
            self._live.look(now=True)
        auth = self._live.value
        asked = self._clock.monotonic()
        if self._held and self._held[0] is auth and asked < self._held_until:
            return self._held[1]
        try:
            got = await self._source.fetch(auth, self._token)
        except Exception:  # noqa: BLE001 - whoever waits must get an answer, whatever the bug
            logger().exception("bug", vendor=self._vendor)
            got = Denied("a bug of the gateway's", settled=False)
        if isinstance(got, Denied):
            return self._hold(auth, got)
        self._take(got, asked)
        return None

    def _take(self, fresh: Fresh, asked: float) -> None:
        lifetime = math.inf if fresh.lifetime is None else fresh.lifetime
        self._token = fresh.token
        self._good_until = asked + lifetime - min(_LAST_SECONDS, lifetime / 10)
        self._ahead_from = asked + lifetime - min(_MOST_AHEAD_SECONDS, lifetime / 5)
        self._held, self._held_until = None, -math.inf
        self.version += 1
        self._watch.token(self._vendor, "shared" if fresh.shared else "renewed")

    def _hold(self, auth: OAuth2Auth, denied: Denied) -> Fault:
        """Keep the answer for a while, so that the requests that follow don't ask again at once."""
        pause = _AFTER_REFUSAL_SECONDS if denied.refused else _AFTER_TROUBLE_SECONDS
        fault = Fault("auth", "no", denied.detail)
        self._held, self._held_until = (auth, fault), self._clock.monotonic() + pause
        told = {"vendor": self._vendor, "cause": denied.detail}
        if denied.refused:
            to_do = {"to_do": denied.to_do} if denied.to_do else {}
            logger().error(denied.event, **told, **to_do)
        else:
            logger().warning("token_trouble", **told)
        self._watch.token(self._vendor, "failed")
        return fault

    async def close(self) -> None:
        """Let a renewal end first: a single-use token may be on its way."""
        if self._task is not None:
            await asyncio.wait({self._task})
        await self._source.close()
