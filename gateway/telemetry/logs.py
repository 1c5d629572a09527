"""Structured logs: one JSON object a line, on standard output."""

from __future__ import annotations

import logging
import sys
from typing import Literal, TextIO

import msgspec
import structlog

Level = Literal["info", "debug"]
_LEVELS = {"info": logging.INFO, "debug": logging.DEBUG}


def _encode(event: object, **_: object) -> str:
    return msgspec.json.encode(event, enc_hook=str).decode()


def configure(level: Level, stream: TextIO | None = None) -> None:
    """Set up logging for this process. Call it once, at start."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=_encode),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(stream or sys.stdout),
        cache_logger_on_first_use=True,
    )


def logger() -> structlog.typing.FilteringBoundLogger:
    made: structlog.typing.FilteringBoundLogger = structlog.get_logger()
    return made
