"""Functions on points in time: RFC 3339 texts in UTC, to the microsecond."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from gateway.expressions.signature import Example, Function, takes
from gateway.expressions.texts import check_length
from gateway.expressions.values import Misfit

if TYPE_CHECKING:
    from collections.abc import Callable

_RFC3339 = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,6})\d*)?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_DURATION = re.compile(r"([+-]?)(\d{1,15})(ms|s|m|h|d)", re.ASCII)
_DIRECTIVE = re.compile(r"%(.?)", re.DOTALL)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_UNITS = {
    "ms": _MILLISECOND,
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WRITERS: dict[str, Callable[[datetime], str]] = {
    "Y": lambda moment: f"{moment.year:04}",
    "y": lambda moment: f"{moment.year % 100:02}",
    "m": lambda moment: f"{moment.month:02}",
    "d": lambda moment: f"{moment.day:02}",
    "b": lambda moment: _MONTHS[moment.month - 1],
    "j": lambda moment: f"{moment.timetuple().tm_yday:03}",
    "H": lambda moment: f"{moment.hour:02}",
    "I": lambda moment: f"{moment.hour % 12 or 12:02}",
    "p": lambda moment: "AM" if moment.hour < 12 else "PM",  # noqa: PLR2004 - noon
    "M": lambda moment: f"{moment.minute:02}",
    "S": lambda moment: f"{moment.second:02}",
    "f": lambda moment: f"{moment.microsecond:06}",
    "z": lambda _moment: "+0000",
    "%": lambda _moment: "%",
}
"""Python's directives of these letters, written the same on every machine."""


def unknown_directive(pattern: str) -> str | None:
    """Give the first directive of a format that isn't known, as in `%Q`."""
    return next(
        (found[0] for found in _DIRECTIVE.finditer(pattern) if found[1] not in _WRITERS), None
    )


def _check(name: str, pattern: str) -> None:
    if unknown_directive(pattern) is not None:
        raise Misfit(f"{name}() got a format with a directive that it doesn't know")


def _read(name: str, text: str) -> datetime:
    found = _RFC3339.fullmatch(text)
    if found is None:
        raise Misfit(f"{name}() takes a time such as 2026-11-22T20:05:00Z")
    date, time, fraction, offset = found.groups()
    zone = "+00:00" if offset in "Zz" else offset
    try:
        moment = datetime.fromisoformat(f"{date}T{time}.{(fraction or '0'):<06}{zone}")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Misfit(f"{name}() got a time that doesn't exist") from error


def _write(moment: datetime) -> str:
    """Write with milliseconds, or with microseconds where there are some."""
    spec = "microseconds" if moment.microsecond % 1000 else "milliseconds"
    return moment.isoformat(timespec=spec).replace("+00:00", "Z")


def _format_time(time: str, pattern: str) -> str:
    _check("format_time", pattern)
    check_length(3 * len(pattern))
    moment = _read("format_time", time)
    return _DIRECTIVE.sub(lambda found: _WRITERS[found[1]](moment), pattern)


def _parse_time(text: str, pattern: str) -> str:
    _check("parse_time", pattern)
    try:
        moment = datetime.strptime(text, pattern)  # noqa: DTZ007 - its zone is seen to below
        zoned = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError, re.error) as error:
        raise Misfit("parse_time() got text that isn't in its format") from error
    return _write(zoned)


def _add_time(time: str, duration: str) -> str:
    found = _DURATION.fullmatch(duration)
    if found is None:
        raise Misfit("add_time() takes a duration such as 90s, -5m, 2h, 1d or 1500ms")
    sign, count, unit = found.groups()
    try:
        return _write(_read("add_time", time) + int(sign + count) * _UNITS[unit])
    except OverflowError as error:
        raise Misfit("add_time() leaves the years 1 to 9999") from error


def _epoch_ms(time: str) -> int:
    return (_read("epoch_ms", time) - _EPOCH) // _MILLISECOND


_TIME = takes("time", "string")
_FORMAT = takes("format", "string")
_AT = "'2026-11-22T20:05:00.000Z'"

TIMES: tuple[Function, ...] = (
    Function(
        "add_time",
        (_TIME, takes("duration", "string")),
        "string",
        "null",
        "Adds a duration, a number with `ms`, `s`, `m` (minutes), `h` or `d` (24 hours).",
        Example(f"add_time({_AT}, '-5m')", "2026-11-22T20:00:00.000Z"),
        _add_time,
    ),
    Function(
        "epoch_ms",
        (_TIME,),
        "number",
        "null",
        "Gives the milliseconds since 1970, rounded down.",
        Example(f"epoch_ms({_AT})", 1795377900000),
        _epoch_ms,
    ),
    Function(
        "format_time",
        (_TIME, _FORMAT),
        "string",
        "null",
        "Writes a time, in UTC, as the format says: `%Y %y %m %d %b %j %H %I %p %M %S %f %z %%`, "
        "written out.",
        Example(f"format_time({_AT}, '%d.%m.%Y %H:%M')", "22.11.2026 20:05"),
        _format_time,
    ),
    Function(
        "parse_time",
        (takes("text", "string"), _FORMAT),
        "string",
        "null",
        "Reads a time that is written as the format says, the directives of `format_time`; one "
        "without `%z` is in UTC.",
        Example("parse_time('22/11/2026', '%d/%m/%Y')", "2026-11-22T00:00:00.000Z"),
        _parse_time,
    ),
)
