"""When a daemon that has been told to end may end.

The pod's address leaves the Service's endpoints some time after SIGTERM, and every node needs a
moment to notice; who is asked until then must answer.
"""

from __future__ import annotations

from collections.abc import Callable

from dnscore.loop import Loop

QUIET_S = 1.0
"""Nobody has asked for this long: the nodes have noticed."""
LOOK_S = 0.05


class Drain:
    """The time between the signal and the end. Pure: the caller brings time and counts."""

    def __init__(self, *, now: float, received: int, lameduck_s: float) -> None:
        """`received` is the count of queries so far; `lameduck_s` bounds the whole."""
        self._until = now + lameduck_s
        self._received = received
        self._quiet_since = now

    def over(self, now: float, *, received: int, pending: int) -> bool:
        """Whether to end now, with `pending` queries whose answers are still to come."""
        if now >= self._until:
            return True
        if received != self._received or pending:
            self._received = received
            self._quiet_since = now
        return now - self._quiet_since >= QUIET_S


class Ending:
    """Stops a loop once its drain is over."""

    def __init__(
        self,
        loop: Loop,
        *,
        lameduck_s: float,
        received: Callable[[], int],
        pending: Callable[[], int],
    ) -> None:
        """`received` and `pending` count queries so far, and those still to be answered."""
        self._loop = loop
        self._lameduck_s = lameduck_s
        self._received = received
        self._pending = pending
        self._drain: Drain | None = None

    @property
    def draining(self) -> bool:
        """Whether the end has begun."""
        return self._drain is not None

    def begin(self) -> None:
        """The daemon was told to end: answer on for a while. Told twice, it ends at once."""
        if self._drain is not None:
            self._loop.stop()
            return
        self._drain = Drain(
            now=self._loop.now(), received=self._received(), lameduck_s=self._lameduck_s
        )
        self._loop.call_later(0, self._look)

    def _look(self) -> None:
        drain = self._drain
        if drain is None or drain.over(
            self._loop.now(), received=self._received(), pending=self._pending()
        ):
            self._loop.stop()
        else:
            self._loop.call_later(LOOK_S, self._look)
