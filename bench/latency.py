"""How long answers took. Pure."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

TIMEOUT_S = 2.0
"""A query without an answer for so long is lost, and counts as so long."""


@dataclass(frozen=True, slots=True)
class Latency:
    """Microseconds that a share of the queries stays below."""

    p50_us: float
    p99_us: float
    p999_us: float
    lost: int = 0


def latency(answers: Iterable[tuple[float, float]], *, span_s: float = math.inf) -> Latency:
    """Of the times when queries were sent, and that they took: in seconds, infinite when lost.

    Each `span_s` has quantiles of its own, and what counts is their median: a machine that stands
    still for milliseconds, as virtual ones do, would otherwise be all that is seen. What a server
    does less often than once a span is not seen, either. Raises ValueError without queries.
    """
    spans: dict[int, list[float]] = defaultdict(list)
    lost = 0
    for sent_at, took in answers:
        lost += took > TIMEOUT_S
        spans[int(sent_at / span_s)].append(min(took, TIMEOUT_S))
    if not spans:
        raise ValueError("no query was sent")
    waits = [sorted(span) for span in spans.values()]
    p50, p99, p999 = (
        median(quantile(span, share) for span in waits) * 1e6 for share in (0.5, 0.99, 0.999)
    )
    return Latency(p50, p99, p999, lost)


def quantile(waits: Sequence[float], share: float) -> float:
    """The least of sorted waits that so large a share stays below. Raises ValueError for none."""
    if not waits:
        raise ValueError("no query was sent")
    return waits[min(len(waits) - 1, int(len(waits) * share))]
