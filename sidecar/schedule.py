"""When a probe is due and when its last result is too old to be believed; pure.

Times are seconds of one monotonic clock, passed in.
"""

from __future__ import annotations

EXCHANGE_TIMEOUT_S = 2.0
"""How long one DNS exchange may take; the stock sidecar's value."""

STALE_INTERVALS = 3
"""Missed rounds after which silence of the prober itself counts as a failure."""


def first_delay_s(interval_s: float, *, fraction: float) -> float:
    """The wait before the first round: `fraction`, random in [0, 1), of the interval.

    Spreads the probes of one process, and of all pods that a rollout starts together.
    """
    return interval_s * fraction


def next_due(started: float, finished: float, *, interval_s: float) -> float:
    """When the next round begins: one interval after the last began, but never in the past."""
    return max(finished, started + interval_s)


def stale_after_s(interval_s: float, *, tries: int = 1) -> float:
    """The age beyond which a result says nothing: three intervals and one round.

    `tries` is how often a round may ask.
    """
    return STALE_INTERVALS * interval_s + tries * EXCHANGE_TIMEOUT_S


def is_stale(finished: float, now: float, *, interval_s: float, tries: int = 1) -> bool:
    """Whether a result that came at `finished` is too old at `now`."""
    return now - finished > stale_after_s(interval_s, tries=tries)
