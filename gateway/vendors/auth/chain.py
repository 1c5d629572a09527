"""Refresh tokens that may be used once: every process shares one chain of them in the storage."""

from __future__ import annotations

import asyncio
import secrets
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Final

from gateway.storage.database import StorageFailed
from gateway.storage.tokens import Asker, Renewed, Stored, Turn, claim, digest, give_back, keep
from gateway.telemetry.clock import rfc3339
from gateway.telemetry.logs import logger
from gateway.vendors.auth.grants import Denied, Granted
from gateway.vendors.auth.tokens import Fresh

if TYPE_CHECKING:
    from gateway.config.oauth2_spec import OAuth2Auth
    from gateway.storage.database import Database
    from gateway.telemetry.clock import Clock
    from gateway.vendors.auth.endpoint import TokenEndpoint

_POLL_SECONDS: Final = 0.05
_TO_STORE_SECONDS: Final = 10.0
"""How much longer than one token request a turn may take; then its process counts as dead."""

LOST: Final = "the refresh token is used up, and the one that replaced it was never stored"
_TO_DO: Final = (
    "Nothing but a person can mend this: get a new refresh token from the vendor, put it where "
    "auth.refresh_token of this vendor points to, and restart the gateway unless that is a file."
)


class Chain:
    """Renews with the refresh token that the storage holds, one process at a time."""

    def __init__(
        self, endpoint: TokenEndpoint, storage: Database, vendor: str, clock: Clock
    ) -> None:
        self._endpoint = endpoint
        self._storage = storage
        self._vendor = vendor
        self._clock = clock
        self._name = secrets.token_hex(8)

    async def fetch(self, auth: OAuth2Auth, spent: str | None) -> Fresh | Denied:
        """Take the stored token or renew it. Never raises but for cancellation."""
        first = auth.refresh_token.reveal() if auth.refresh_token else ""
        chain = digest(auth.token_url, auth.client_id.reveal(), first)
        try:
            claimed = await self._claim(chain, first, spent)
            if claimed is None:
                return Denied("another process has been renewing for too long", settled=False)
            if isinstance(claimed, Stored):
                return Fresh(claimed.access_token, claimed.lifetime, shared=True)
            return await self._renew(auth, chain, claimed)
        except StorageFailed as failed:
            return Denied(f"the storage can't be used: {failed}", settled=True)

    async def _claim(self, chain: str, first: str, spent: str | None) -> Stored | Turn | None:
        """Wait for the token or the turn, longer than another's turn can last."""
        lease = self._endpoint.patience + _TO_STORE_SECONDS
        give_up = self._clock.monotonic() + lease + 1
        while self._clock.monotonic() < give_up:
            asker = Asker(chain, first, spent, self._name, lease)
            claimed = await self._storage.run(partial(claim, asker=asker, now=self._now))
            if claimed is not None:
                return claimed
            await asyncio.sleep(_POLL_SECONDS)
        return None

    async def _renew(self, auth: OAuth2Auth, chain: str, turn: Turn) -> Fresh | Denied:
        asked = self._clock.monotonic()
        got = await self._endpoint.ask(auth, turn.refresh_token)
        if isinstance(got, Granted):
            await self._keep(chain, turn, got, asked)
            return Fresh(got.token, got.lifetime)
        unused = got.settled and turn.doubt is None
        await self._storage.run(partial(give_back, chain=chain, name=self._name, unused=unused))
        if got.code == "invalid_grant" and turn.doubt is not None:
            return self._lost(turn.doubt)
        return got

    async def _keep(self, chain: str, turn: Turn, got: Granted, asked: float) -> None:
        """Store before anything else; if that fails, the token is still of use for its time."""
        past = self._clock.monotonic() - asked
        lifetime = None if got.lifetime is None else got.lifetime - past
        renewed = Renewed(got.token, lifetime, got.refresh_token or turn.refresh_token)
        work = partial(keep, chain=chain, turn=turn, renewed=renewed, now=self._now)
        try:
            await self._storage.run(work)
        except StorageFailed as failed:
            logger().error(
                "refresh_token_not_stored", vendor=self._vendor, cause=str(failed), to_do=_TO_DO
            )

    def _lost(self, since: float) -> Denied:
        moment = rfc3339(datetime.fromtimestamp(since, UTC))
        return Denied(
            f"{LOST} ({moment})",
            settled=True,
            refused=True,
            event="refresh_token_lost",
            to_do=_TO_DO,
        )

    def _now(self) -> float:
        return self._clock.now().timestamp()

    async def close(self) -> None:
        await self._endpoint.close()
