"""A vendor that counts: a process of its own, which nobody kills and which decides alone.

`python -m chaos.vendor PORT SEED`. It keeps what was done for each key, in three ways:

- `POST /knows` does it once for each key, and answers a repeat as it answered the first;
- `POST /asked` does it each time, and `GET /asked/KEY` says whether it was done;
- `POST /blind` does it each time, and nobody can ask.

Some requests are reset after they were done or before, some answered late or with a 503.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections import Counter
from typing import Final

_TROUBLE: Final = 0.15
"""The share of effects that meet with trouble."""

_LATE_SECONDS: Final = 0.7


class Vendor:
    """The ledger, and the trouble to come."""

    def __init__(self, seed: int) -> None:
        self.done: Counter[str] = Counter()
        self.random = random.Random(seed)  # noqa: S311 - seeded on purpose

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        try:
            while (request := await _read(reader)) is not None:
                answer = await self._answer(*request)
                if answer is None:
                    break
                writer.write(answer)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.transport.abort()

    async def _answer(self, method: str, path: str, body: bytes) -> bytes | None:
        if path == "/ledger":
            return _response(200, dict(self.done))
        if method == "GET":
            key = path.removeprefix("/asked/")
            found = self.done[f"/asked {key}"]
            return _response(200, {"id": key}) if found else _response(404, {})
        entry = f"{path} {json.loads(body)['key']}"
        trouble = self.random.random()
        if trouble < _TROUBLE / 3:
            return None  # nothing was done, and nobody is told
        if not (path == "/knows" and self.done[entry]):
            self.done[entry] += 1
        if trouble < _TROUBLE * 2 / 3:
            return None
        if trouble < _TROUBLE * 5 / 6:
            return _response(503, {})
        if trouble < _TROUBLE:
            await asyncio.sleep(_LATE_SECONDS)
        return _response(200, {"id": entry})


async def _read(reader: asyncio.StreamReader) -> tuple[str, str, bytes] | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    lines = head.decode("latin-1").split("\r\n")
    method, path, _ = lines[0].split(" ")
    headers = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return method, path, body


def _response(status: int, document: dict[str, object]) -> bytes:
    body = json.dumps(document).encode()
    head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    return f"{head}\r\n\r\n".encode() + body


async def main(port: int, seed: int) -> None:
    """Serve until killed."""
    server = await asyncio.start_server(Vendor(seed).serve, "127.0.0.1", port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
