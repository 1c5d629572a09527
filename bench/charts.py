"""Charts as SVG, drawn here: bars side by side, and a curve over two logarithmic axes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from html import escape
from typing import Final

_WIDTH: Final = 720
_BAR: Final = 26
_NAMES: Final = 230
_HEIGHT: Final = 320
_LEFT: Final = 70
_INSET: Final = 25
"""So far from the sides of its field a curve stays, so that its figures cover none of the axis'."""
_TOP: Final = 36
_ROOM: Final = 44
_OURS: Final = "#b3541e"
_THEIRS: Final = "#7a8794"


def bars(title: str, values: Iterable[tuple[str, float]], ours: str) -> str:
    """Draw a bar for each value, the longest first; `ours` stands out."""
    several = sorted(values, key=lambda each: -each[1])
    scale = (_WIDTH - _NAMES - 90) / several[0][1]
    parts = [_text(12, 22, title, "start", bold=True)]
    for row, (name, value) in enumerate(several):
        y = _TOP + row * _BAR
        colour = _OURS if name == ours else _THEIRS
        parts.append(_text(_NAMES - 8, y + 15, name, "end", bold=name == ours))
        parts.append(
            f'<rect x="{_NAMES}" y="{y + 3}" width="{value * scale:.1f}" height="{_BAR - 8}" '
            f'fill="{colour}"/>'
        )
        parts.append(_text(_NAMES + value * scale + 6, y + 15, f"{value:,.0f}", "start"))
    return _svg(_TOP + len(several) * _BAR + 10, parts)


def curve(title: str, across: str, points: Sequence[tuple[float, float]]) -> str:
    """Draw what rises or falls with what is more and more; both axes are logarithmic."""
    left, right = math.log10(points[0][0]), math.log10(points[-1][0])
    values = [value for _, value in points]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))

    def x(value: float) -> float:
        room = _WIDTH - 20 - _LEFT - 2 * _INSET
        return _LEFT + _INSET + (math.log10(value) - left) / (right - left) * room

    def y(value: float) -> float:
        share = (math.log10(value) - low) / max(1, high - low)
        return _HEIGHT - _ROOM - share * (_HEIGHT - _ROOM - _TOP - 10)

    line = " ".join(f"{x(a):.1f},{y(b):.1f}" for a, b in points)
    parts = [
        _text(12, 22, title, "start", bold=True),
        *_grid([10.0**power for power in range(low, high + 1)], y),
        *(_text(x(a), _HEIGHT - _ROOM + 18, f"{a:,.0f}", "middle") for a, _ in points),
        _text((_LEFT + _WIDTH) / 2, _HEIGHT - 8, across, "middle"),
        f'<polyline points="{line}" fill="none" stroke="{_OURS}" stroke-width="2"/>',
        *(f'<circle cx="{x(a):.1f}" cy="{y(b):.1f}" r="3.5" fill="{_OURS}"/>' for a, b in points),
        *(_text(x(a), y(b) - 9, _short(b), "middle") for a, b in points),
    ]
    return _svg(_HEIGHT, parts)


def _grid(values: Iterable[float], y: Callable[[float], float]) -> Iterator[str]:
    for value in values:
        at = f"{y(value):.1f}"
        yield (
            f'<line x1="{_LEFT}" x2="{_WIDTH - 20}" y1="{at}" y2="{at}" stroke="#ccc" '
            'stroke-width="0.5"/>'
        )
        yield _text(_LEFT - 8, y(value) + 4, _short(value), "end")


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2g}"  # noqa: PLR2004 - digits


def _text(x: float, y: float, text: str, anchor: str, *, bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{weight}>{escape(text)}</text>'


def _svg(height: float, parts: Iterable[str]) -> str:
    """Frame it; its ground is white, as the page's may be dark."""
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height:.0f}" '
        'font-family="sans-serif" font-size="13" fill="#222">'
    )
    ground = f'<rect width="{_WIDTH}" height="{height:.0f}" fill="#fff"/>'
    return "\n".join([head, ground, *parts, "</svg>", ""])
