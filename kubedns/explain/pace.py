"""How often the API server may be asked for the sake of a page that anybody may read. No I/O."""

from __future__ import annotations

import threading

GAP_S = 0.1
"""Between two requests."""
WAIT_MAX_S = 0.5
"""Who would have to wait longer goes without."""


class Pace:
    """Gives each a turn GAP_S after the one before; from any thread. Times are monotonic."""

    def __init__(self) -> None:
        self._free_at = float("-inf")
        self._lock = threading.Lock()

    def wait_s(self, now: float) -> float | None:
        """How long to wait for the turn that is taken with this call, None when there is none."""
        with self._lock:
            turn = max(now, self._free_at)
            if turn - now > WAIT_MAX_S:
                return None
            self._free_at = turn + GAP_S
            return turn - now
