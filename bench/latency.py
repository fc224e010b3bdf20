"""How long answers took. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

TIMEOUT_S = 2.0
"""A query without an answer for so long is lost."""


@dataclass(frozen=True, slots=True)
class Latency:
    """Microseconds that a share of the queries stays below; what was lost took the time-out."""

    p50_us: float
    p99_us: float
    p999_us: float
    lost: int = 0


def latency(times: Iterable[float], *, lost: int) -> Latency:
    """Of the seconds of all answers; `lost` queries had none. Raises ValueError without either."""
    waits = sorted(times) + [TIMEOUT_S] * lost
    p50, p99, p999 = (quantile(waits, share) * 1e6 for share in (0.5, 0.99, 0.999))
    return Latency(p50, p99, p999, lost)


def quantile(waits: Sequence[float], share: float) -> float:
    """The least of sorted waits that so large a share stays below. Raises ValueError for none."""
    if not waits:
        raise ValueError("no query was sent")
    return waits[min(len(waits) - 1, int(len(waits) * share))]
