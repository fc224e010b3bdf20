"""The drawings of the status page as numbers for its SVG elements, and numbers as people read them.

All drawings are HOUR units wide, one for each sample, and are stretched to the page. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite

from sidecar.history import FAILING, HOUR, OK, STALE, WAITING, lines, runs

DASH = "\u2013"
STRIP_HEIGHT = 24
PLOT_HEIGHT = 60
_BAR_HEIGHTS = {OK: 8, WAITING: 4, STALE: 16, FAILING: STRIP_HEIGHT}
"""What is worse is higher, so that it is seen without colours."""
_WORDS = {OK: "ok", WAITING: "waiting", STALE: "stale", FAILING: "failing"}


@dataclass(frozen=True, slots=True)
class Bar:
    """One rectangle of a strip."""

    x: int
    y: int
    width: int
    height: int
    kind: str


def strip(marks: str) -> list[Bar]:
    """The last hour of a process or a probe."""
    return [
        Bar(
            run.start,
            STRIP_HEIGHT - _BAR_HEIGHTS[run.mark],
            run.length,
            _BAR_HEIGHTS[run.mark],
            _WORDS[run.mark],
        )
        for run in runs(marks)
    ]


@dataclass(frozen=True, slots=True)
class Plot:
    """Lines of a plot, and what it says in words."""

    lines: list[str]
    """`points` of polylines."""
    areas: list[str]
    """`points` of polygons, the same filled down to the ground."""
    top: float
    """The value at the upper edge."""
    now: float | None
    highest: float | None


def plot(values: Sequence[float | None], *, top: float | None = None) -> Plot:
    """A series with its ground at 0; `top` is the value at the upper edge, else one that fits."""
    known = [value for value in values if value is not None]
    highest = max(known, default=None)
    top = top or nice_top(highest or 0.0)
    drawn, areas = [], []
    for line in lines(values):
        points = [(x, PLOT_HEIGHT * (1 - min(value / top, 1.0))) for x, value in line]
        last_x, last_y = points[-1]
        points.append((last_x + 1, last_y))  # A sample is as wide as its time.
        text = " ".join(f"{x},{y:.1f}" for x, y in points)
        drawn.append(text)
        areas.append(f"{points[0][0]},{PLOT_HEIGHT} {text} {last_x + 1},{PLOT_HEIGHT}")
    return Plot(drawn, areas, top, values[-1] if values else None, highest)


def nice_top(highest: float) -> float:
    """The least of 1, 2, 5, 10, 20, 50 and so on that is not below a value."""
    top = 1.0
    while isfinite(highest):
        for step in (1, 2, 5):
            if top * step >= highest:
                return top * step
        top *= 10
    return top


def span(seconds: float | None) -> str:
    """A length of time in its two largest units."""
    if seconds is None or not isfinite(seconds):
        return "never"
    if seconds < 10:
        return f"{max(seconds, 0.0):.1f} s"
    whole = round(seconds)
    for unit, size, below, smaller in (("d", 86400, 3600, "h"), ("h", 3600, 60, "min")):
        if whole >= size:
            return f"{whole // size} {unit} {whole % size // below} {smaller}"
    return f"{whole // 60} min {whole % 60} s" if whole >= 60 else f"{whole} s"


def number(value: float | None) -> str:
    """A number with thin spaces between thousands, and no more digits than mean something."""
    if value is None or not isfinite(value):
        return DASH
    if value == int(value) or abs(value) >= 100:
        return f"{round(value):,}".replace(",", "\u202f")
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def share(value: float | None) -> str:
    """A ratio in percent; never 100 when something is missing from it."""
    if value is None or not isfinite(value):
        return DASH
    percent = 100 * value
    if 99.9 < percent < 100:
        return "99.9 %"
    return f"{percent:.0f} %" if percent in (0, 100) else f"{percent:.1f} %"


def octets(value: float) -> str:
    """Octets with a binary prefix."""
    for unit in ("B", "KiB", "MiB"):
        if value < 1024:
            return f"{number(value)} {unit}"
        value /= 1024
    return f"{number(value)} GiB"


def clock(at: float) -> str:
    """A moment in Unix seconds, as time of day in UTC."""
    try:
        return datetime.fromtimestamp(at, UTC).strftime("%m-%d %H:%M:%S")
    except (OverflowError, OSError, ValueError):
        return "?"


FILTERS = {
    "clock": clock,
    "number": number,
    "octets": octets,
    "plot": plot,
    "share": share,
    "span": span,
    "strip": strip,
}
WIDTH = HOUR
