"""How long to stay away after a failure: decorrelated jitter. Pure; randomness is passed in.

Each wait is drawn between the base and three times the previous one, so clients that failed
together do not come back together. Bounds are those of client-go's reflector (0.8 s to 30 s).
Source: "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
"""

from __future__ import annotations

from random import Random

BASE_S = 0.8
CAP_S = 30.0
REFUSED_CAP_S = 300.0
"""The widest wait where we can do without and are not allowed: rights may be given later."""
MAX_RETRY_AFTER_S = 120.0
"""A longer Retry-After is cut to this: records would be stale for as long."""


class Backoff:
    """The state of one series of failures."""

    __slots__ = ("_cap_s", "_previous_s", "_rng")

    def __init__(self, rng: Random, *, cap_s: float = CAP_S) -> None:
        self._rng = rng
        self._cap_s = cap_s
        self._previous_s = 0.0

    @property
    def fresh(self) -> bool:
        """Whether nothing has failed since the last reset."""
        return self._previous_s == 0.0

    def reset(self) -> None:
        """What we asked for has worked."""
        self._previous_s = 0.0

    def next_s(self, *, retry_after_s: float | None = None) -> float:
        """Seconds to wait now; never less than the server asked for (up to its own bound)."""
        widest = max(self._previous_s, BASE_S) * 3
        self._previous_s = min(self._cap_s, self._rng.uniform(BASE_S, widest))
        if retry_after_s is None or not retry_after_s > 0:
            return self._previous_s
        return max(self._previous_s, min(retry_after_s, MAX_RETRY_AFTER_S))
