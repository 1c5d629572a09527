"""Structured logs: one JSON object a line, on standard output."""

from __future__ import annotations

import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import TYPE_CHECKING, BinaryIO, Final, Literal, TextIO

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

Level = Literal["info", "debug"]
_LEVELS: Final = {"info": logging.INFO, "debug": logging.DEBUG}


class Log:
    """Writes events with their fields. Until it is opened they go to standard error."""

    def __init__(self) -> None:
        self._least = logging.INFO
        self._stream: BinaryIO | None = None

    def opens(self, least: int, stream: BinaryIO | None) -> None:
        """From now on write what is of this level of `logging`'s, or above."""
        self._least = least
        self._stream = stream

    def debug(self, event: str, **fields: object) -> None:
        self.log(logging.DEBUG, event, fields)

    def info(self, event: str, **fields: object) -> None:
        self.log(logging.INFO, event, fields)

    def warning(self, event: str, **fields: object) -> None:
        self.log(logging.WARNING, event, fields)

    def error(self, event: str, **fields: object) -> None:
        self.log(logging.ERROR, event, fields)

    def exception(self, event: str, **fields: object) -> None:
        """Write an error with where the exception that is being handled came from."""
        self.log(logging.ERROR, event, {**fields, **_traced(sys.exc_info()[1])})

    def log(self, level: int, event: str, fields: dict[str, object]) -> None:
        """Write a line; one that can't be written, to a full disk say, fails nobody."""
        if level < self._least:
            return
        now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        line = {**fields, "event": event, "level": _name(level), "time": now}
        data = msgspec.json.encode(line, enc_hook=str) + b"\n"
        stream = self._stream or sys.stderr.buffer
        try:
            # The whole line at once, so that those of several workers don't mix.
            stream.write(data)
            stream.flush()
        except (OSError, ValueError):  # ValueError: it is closed
            return


_LOG: Final = Log()


def logger() -> Log:
    """Give the log of this process."""
    return _LOG


class _FromLibraries(logging.Handler):
    """Makes lines of our own of what libraries log."""

    def emit(self, record: logging.LogRecord) -> None:
        # asyncio quotes objects and exceptions from the second line on
        text = record.getMessage().partition("\n")[0]
        error = record.exc_info[1] if record.exc_info else None
        logger().log(record.levelno, text, {"logger": record.name, **_traced(error)})


def configure(level: Level, stream: TextIO | None = None) -> None:
    """Set up logging for this process, libraries' warnings included."""
    logger().opens(_LEVELS[level], (stream or sys.stdout).buffer)
    logging.basicConfig(handlers=[_FromLibraries()], level=logging.WARNING, force=True)


def _name(level: int) -> str:
    return logging.getLevelName(level).lower()


def _traced(error: BaseException | None) -> dict[str, object]:
    """Write a traceback without the exceptions' texts, which may quote payloads and secrets."""
    return {} if error is None else {"exception": "\n".join(_told(error))}


def _told(error: BaseException) -> Iterator[str]:
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        yield from _told(cause)
    for frame in traceback.extract_tb(error.__traceback__):
        yield f'File "{frame.filename}", line {frame.lineno}, in {frame.name}: {frame.line}'
    yield type(error).__qualname__
