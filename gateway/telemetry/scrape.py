"""/metrics on a port of its own, for one process or for several that share their figures."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.multiprocess import MultiProcessCollector

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prometheus_client import Metric


class _Workers(MultiProcessCollector):
    """Adds up what the worker processes have written into a folder.

    Counters of a worker that has died still count; what it had running and waiting doesn't.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(None, str(folder))  # type: ignore[no-untyped-call]  # the library's
        self._folder = folder

    def collect(self) -> Iterable[Metric]:
        for file in self._folder.glob("gauge_live*.db"):
            if not _lives(int(file.stem.rpartition("_")[2])):
                file.unlink(missing_ok=True)
        found: Iterable[Metric] = super().collect()  # type: ignore[no-untyped-call]  # as above
        return found


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def registry_of_workers(folder: Path) -> CollectorRegistry:
    """Make the registry that shows the figures of all processes that write into a folder."""
    registry = CollectorRegistry()
    registry.register(_Workers(folder))
    return registry


class Scraped:
    """Serves a registry in a thread of its own."""

    def __init__(self, registry: CollectorRegistry, host: str, port: int) -> None:
        """Start at once. Raises OSError where the port can't be had."""
        self._server, self._thread = start_http_server(port, host, registry)
        self.port = self._server.server_port

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
