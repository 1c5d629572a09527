"""Durations, rates and sizes as people write them: a number and a unit, no space.

Whole numbers only, so that there is one way to write each: `1500ms`, not `1.5s`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_MILLISECONDS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_BYTES = {
    "B": 1,
    "KB": 1000,
    "MB": 1000**2,
    "GB": 1000**3,
    "KiB": 1024,
    "MiB": 1024**2,
    "GiB": 1024**3,
}
_LONGEST = 366 * _MILLISECONDS["d"]
_LARGEST = 10 * _BYTES["GB"]
_FASTEST = 1_000_000
_SLIPS = {
    **dict.fromkeys(("msec", "msecs", "millisecond", "milliseconds", "millis"), "ms"),
    **dict.fromkeys(("sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), "m"),
    **dict.fromkeys(("hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("day", "days"), "d"),
    **dict.fromkeys(("byte", "bytes"), "B"),
    **{short: f"{short.upper()}B" for short in "kmg"},
}
_QUANTITY = re.compile(r"([0-9]{1,15})([A-Za-z]+)")
_LOOSE = re.compile(r"\s*([0-9]{1,15})(?:\.([0-9]{1,6}))?\s*([A-Za-z]*)\s*")


@dataclass(frozen=True, slots=True, order=True)
class Duration:
    """A stretch of time, exact to the millisecond."""

    milliseconds: int

    @property
    def seconds(self) -> float:
        return self.milliseconds / 1000


@dataclass(frozen=True, slots=True)
class DurationRange:
    """From `low` to `high`, both included."""

    low: Duration
    high: Duration


@dataclass(frozen=True, slots=True)
class Rate:
    """So many in each `per`."""

    count: int
    per: Duration

    @property
    def per_second(self) -> float:
        return self.count / self.per.seconds


def parse_duration(text: str) -> Duration:
    """Read `250ms`, `3s`, `5m`, `1h` or `30d`; at least 1 ms, at most 366 days.

    Raises ValueError, its text saying what was expected and, for a known slip, what to type.
    """
    amount = _amount(text, _MILLISECONDS, "a duration such as `250ms` or `3s`")
    if amount > _LONGEST:
        raise ValueError(f"`{text}` is too long: 366d is the most")
    return Duration(amount)


def parse_range(text: str) -> DurationRange:
    """Read `100ms..2s`, the shorter first.

    Raises ValueError, its text saying what was expected.
    """
    parts = text.split("..")
    if len(parts) != 2:  # noqa: PLR2004 - a range has two ends
        raise ValueError(f"{_shown(text)} is not a range of durations such as `100ms..2s`")
    low, high = parse_duration(parts[0].strip()), parse_duration(parts[1].strip())
    if text != (tight := "..".join(part.strip() for part in parts)):
        raise ValueError(f"a range is written without spaces: type `{tight}`")
    if low > high:
        raise ValueError(f"the shorter duration comes first: type `{parts[1]}..{parts[0]}`")
    return DurationRange(low, high)


def parse_rate(text: str) -> Rate:
    """Read `50/s`, `600/m`, `10000/h` or `100000/d`; at most 1,000,000 in each unit.

    Raises ValueError, its text saying what was expected and, for a known slip, what to type.
    """
    expected = "a rate such as `50/s` or `600/m`"
    units = {unit: size for unit, size in _MILLISECONDS.items() if unit != "ms"}
    found = re.fullmatch(r"([0-9]{1,15})/([a-z]+)", text)
    if found is None or found[2] not in units:
        loose = re.fullmatch(r"\s*([0-9]{1,15})\s*(?:/|per)\s*([A-Za-z]+)\s*", text)
        unit = _unit(loose[2], units) if loose else None
        advice = f": type `{loose[1]}/{unit}`" if loose and unit and int(loose[1]) else ""
        raise ValueError(f"{_shown(text)} is not {expected}{advice}")
    count = int(found[1])
    if count == 0:
        raise ValueError(f"`{text}` lets nothing through: a rate is at least 1")
    if count > _FASTEST:
        raise ValueError(f"`{text}` is too fast: {_FASTEST}/{found[2]} is the most")
    return Rate(count, Duration(units[found[2]]))


def parse_size(text: str) -> int:
    """Read a size into bytes: `100B`, `512KB`, `2MB` (powers of 1000), `2MiB` (of 1024).

    At least 1 B, at most 10 GB. Raises ValueError, its text saying what was expected and, for a
    known slip, what to type.
    """
    amount = _amount(text, _BYTES, "a size such as `512KB` or `2MB`")
    if amount > _LARGEST:
        raise ValueError(f"`{text}` is too large: 10GB is the most")
    return amount


def _amount(text: str, units: Mapping[str, int], expected: str) -> int:
    found = _QUANTITY.fullmatch(text)
    if found is None or found[2] not in units:
        raise ValueError(f"{_shown(text)} is not {expected}{_advice(text, units)}")
    amount = int(found[1]) * units[found[2]]
    if amount == 0:
        raise ValueError(f"`{text}` is nothing: at least 1{found[2]} is needed")
    return amount


def _advice(text: str, units: Mapping[str, int]) -> str:
    """Say what to type instead where the slip is plain, as an ending of the sentence."""
    if re.fullmatch(r"\s*-\s*[0-9].*", text):
        return ": it can't be negative"
    loose = _LOOSE.fullmatch(text)
    return _correction(loose, units) if loose else ""


def _correction(loose: re.Match[str], units: Mapping[str, int]) -> str:
    whole, fraction, word = loose.groups()
    if not int(whole + (fraction or "")):
        return ": it has to be more than nothing"
    if not word and fraction:
        return ": the unit is missing, and whole numbers only"
    if not word:
        choices = [unit for unit in ("ms", "s", "KB", "MB") if unit in units]
        return ": the unit is missing; type " + " or ".join(f"`{whole}{unit}`" for unit in choices)
    unit = _unit(word, units)
    if unit is None:
        return f": the units are {', '.join(units)}"
    if fraction:
        return _without_fraction(whole, fraction, unit, units)
    return f": type `{whole}{unit}`"


def _without_fraction(whole: str, fraction: str, unit: str, units: Mapping[str, int]) -> str:
    scale = 10 ** len(fraction)
    scaled = int(whole + fraction) * units[unit]
    if scaled % scale:
        return ": whole numbers only"
    exact = scaled // scale
    smaller = [(name, size) for name, size in units.items() if exact and exact % size == 0]
    if not smaller:
        return ": whole numbers only"
    name, size = max(smaller, key=lambda item: item[1])
    return f": whole numbers only; type `{exact // size}{name}`"


def _unit(word: str, units: Mapping[str, int]) -> str | None:
    by_case = {unit.lower(): unit for unit in units}
    meant = _SLIPS.get(word.lower(), word)
    return meant if meant in units else by_case.get(meant.lower())


def _shown(text: str) -> str:
    return f"`{text}`" if text.strip() else "an empty text"
