"""Going on answering for a while after SIGTERM, until nobody asks any more.

Kubernetes takes a pod out of its Service and ends it at the same time, so queries keep coming for
seconds; a server that stops at once loses them. Pure but for the loop's timers.
"""

from __future__ import annotations

from collections.abc import Callable

from dnscore.loop import Loop

QUIET_S = 1.0
"""Without a query for this long, the clients have gone elsewhere."""
_LOOK_S = 0.1


class Drain:
    """Ends the loop when queries have stopped coming, or after the longest time allowed."""

    def __init__(self, loop: Loop, *, lameduck_s: float, received: Callable[[], int]) -> None:
        """`received` counts the queries so far."""
        self._loop = loop
        self._lameduck_s = lameduck_s
        self._received = received
        self._ends = 0.0
        self._quiet_since = 0.0
        self._count = 0
        self.draining = False

    def begin(self) -> None:
        """Start to drain; the second call ends the loop at once."""
        if self.draining:
            self._loop.stop()
            return
        self.draining = True
        now = self._loop.now()
        self._ends = now + self._lameduck_s
        self._quiet_since = now
        self._count = self._received()
        self._look()

    def _look(self) -> None:
        now = self._loop.now()
        count = self._received()
        if count != self._count:
            self._count, self._quiet_since = count, now
        if now >= self._ends or now - self._quiet_since >= QUIET_S:
            self._loop.stop()
            return
        self._loop.call_later(_LOOK_S, self._look)
