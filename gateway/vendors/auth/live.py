"""Settings whose secret files are read again when they change: rotation needs no restart."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final, Generic, TypeVar, cast

from gateway.config.records import Located
from gateway.config.secrets import Secret, read_secret_file
from gateway.telemetry.logs import logger
from gateway.vendors.auth.check import auth_problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gateway.config.auth_spec import Auth
    from gateway.telemetry.clock import Clock

AuthT = TypeVar("AuthT", bound="Auth | None")

_LOOK_AGAIN_SECONDS: Final = 1.0
_Stamp = tuple[int, int, int]


class Live(Generic[AuthT]):
    """The settings of one vendor's `auth` as they are now.

    `files` are those that its secrets come from; without any, nothing is ever looked at. A file
    that can't be read, or holds what can't be sent, leaves the value as it was: while it is written
    anew, the old secret is still the best that there is.
    """

    def __init__(self, auth: AuthT, vendor: str, clock: Clock) -> None:
        self.value = auth
        self.files = frozenset(secret.file for secret in _secrets(auth) if secret.file is not None)
        self._vendor = vendor
        self._clock = clock
        self._stamps: dict[Path, _Stamp | None] = {}  # a file may change before the first look
        self._next = clock.monotonic() + _LOOK_AGAIN_SECONDS

    def look(self, *, now: bool = False) -> bool:
        """Look at the files, at most once a second unless `now`; say whether the value changed."""
        moment = self._clock.monotonic()
        if moment < self._next and not now:
            return False
        self._next = moment + _LOOK_AGAIN_SECONDS
        stamps = {path: _stamp(path) for path in self.files}
        if stamps == self._stamps:
            return False
        self._stamps = stamps
        return self._read()

    def _read(self) -> bool:
        try:
            fresh = _reread(self.value)
        except (OSError, UnicodeDecodeError):
            self._keep("it can't be read")
            return False
        if fresh == self.value:
            return False
        if any(not secret.reveal() for secret in _secrets(fresh)) or auth_problem(fresh):
            self._keep("what it holds can't be used")
            return False
        self.value = fresh
        logger().info("secret_reloaded", vendor=self._vendor)
        return True

    def _keep(self, why: str) -> None:
        logger().warning("secret_not_reloaded", vendor=self._vendor, cause=f"a secret file: {why}")


def _stamp(path: Path) -> _Stamp | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size


def _secrets(settings: Located | None) -> Iterator[Secret]:
    for field in dataclasses.fields(settings) if settings is not None else ():
        value = getattr(settings, field.name)
        if isinstance(value, Secret):
            yield value
        elif isinstance(value, Located):
            yield from _secrets(value)


def _reread(settings: AuthT) -> AuthT:
    if settings is None:
        return settings
    return cast("AuthT", _again(settings))


def _again(settings: Located) -> Located:
    fresh: dict[str, object] = {}
    for field in dataclasses.fields(settings):
        value = getattr(settings, field.name)
        if isinstance(value, Secret) and value.file is not None:
            fresh[field.name] = read_secret_file(value.file)
        elif isinstance(value, Located):
            fresh[field.name] = _again(value)
    return dataclasses.replace(settings, **fresh)  # type: ignore[arg-type]  # secrets for secrets
