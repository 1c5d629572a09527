"""What is wrong with the database, in words that hold no secret and quote no statement."""

from __future__ import annotations

from typing import Final

from sqlalchemy.exc import DBAPIError

_SQLITE: Final = {
    "SQLITE_BUSY": "the file is locked by another process",
    "SQLITE_LOCKED": "the file is locked by another process",
    "SQLITE_FULL": "the disk is full",
    "SQLITE_READONLY": "the file can't be written",
    "SQLITE_CANTOPEN": "the file can't be opened",
    "SQLITE_CORRUPT": "the file is damaged: restore a backup",
    "SQLITE_NOTADB": "the file is no SQLite database",
    "SQLITE_IOERR": "the disk fails, or is full",
}


class Newer(Exception):
    """The database was made by a version of the gateway that came after this one."""

    def __init__(self, revision: str) -> None:
        super().__init__(
            f"it was made by a newer version of the gateway (its tables are at {revision}): start "
            "that version, or use another database"
        )


def told(error: Exception) -> str:
    """Say what is wrong; where nothing better is known, the name of the error's class."""
    if isinstance(error, Newer):
        return str(error)
    if isinstance(error, PermissionError | NotADirectoryError | FileExistsError):
        return "the file can't be written"
    if not isinstance(error, DBAPIError):
        return type(error).__name__
    name = str(getattr(error.orig, "sqlite_errorname", ""))
    for known, words in _SQLITE.items():
        if name.startswith(known):
            return words
    state = getattr(error.orig, "sqlstate", None)
    if error.connection_invalidated or (state is None and not name):
        return "the server can't be reached, or has broken the connection"
    return f"{type(error).__name__} {state or name}"
