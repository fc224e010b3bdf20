"""Durations as Go programs write them on the command line: `10s`, `1m30s`, `500ms`.

Source: the documentation of Go's time.ParseDuration, which the stock kube-dns flags use.
"""

from __future__ import annotations

import re

_UNIT_S = {
    "ns": 1e-9,
    "us": 1e-6,
    "\u00b5s": 1e-6,  # micro sign
    "\u03bcs": 1e-6,  # Greek letter mu
    "ms": 1e-3,
    "s": 1.0,
    "m": 60.0,
    "h": 3600.0,
}
_PART = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h)")
_MAX_S = 2**63 / 1e9
"""Go counts nanoseconds in 64 bits: about 292 years."""


def parse_duration(text: str) -> float:
    """Seconds in a Go duration. Raises ValueError with the reason."""
    sign, body = (-1.0, text[1:]) if text.startswith("-") else (1.0, text.removeprefix("+"))
    if body == "0":
        return 0.0
    total, at = 0.0, 0
    while at < len(body):
        part = _PART.match(body, at)
        if part is None:
            break
        total += float(part.group(1)) * _UNIT_S[part.group(2)]
        at = part.end()
    if not body or at != len(body):
        raise ValueError(f"not a duration such as 10s, 1m30s or 500ms: {text!r}")
    if total >= _MAX_S:
        raise ValueError(f"duration over 292 years: {text!r}")
    return sign * total


def format_duration(seconds: float) -> str:
    """The shortest usual spelling: 90.0 -> `1m30s`, 0.5 -> `500ms`."""
    if 0 < seconds < 1:
        return f"{seconds * 1000:g}ms"
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    text = (f"{hours:g}h" if hours else "") + (f"{minutes:g}m" if minutes else "")
    return text + (f"{rest:g}s" if rest or not text else "")
