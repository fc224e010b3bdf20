"""The questions that are outstanding, and the clients that wait for each of them together. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from itertools import chain

from dnsmasq_front.pending import Pending, Waiter

WAITERS_MAX = 200
"""Clients that may wait for one question."""
WAITERS_TOTAL_MAX = 20_000
"""Clients that may wait for questions that others have asked before them; about 10 MB."""
SPREAD_S = 0.1
"""Time over which the looks at all whose time is found to be over are spread: to ask another server
takes some tens of microseconds each, and the answers of others wait for it."""
GOES_MAX = 100
"""Goes in that time, one a millisecond, as often as epoll_wait(2) can wake us,"""
GOES_MIN = 10
"""and the least for them, though it take longer."""
BETWEEN_GOES_S = SPREAD_S / GOES_MAX
"""Wait until more of many that end together are looked at."""


class Outstanding:
    """The questions without an answer so far."""

    def __init__(self) -> None:
        self.by_key: dict[bytes, Pending] = {}
        """Those that another client may join."""
        self.joined = 0
        """Clients that wait for a question that another one asked."""
        self.again_s: float | None = None
        """In how many seconds to ask again who is `due`, if the last time has left some."""
        self._overtaken: set[Pending] = set()
        self._due: deque[Pending] = deque()
        self._found = 0
        self._found_at = 0.0

    def __len__(self) -> int:
        return len(self.by_key) + len(self._overtaken)

    def __contains__(self, pending: Pending) -> bool:
        return self.by_key.get(pending.key) is pending or pending in self._overtaken

    def join(self, pending: Pending, waiter: Waiter) -> bool:
        """Let another client wait for a question, if there is room."""
        if len(pending.waiters) >= WAITERS_MAX or self.joined >= WAITERS_TOTAL_MAX:
            return False
        pending.waiters += (waiter,)
        self.joined += 1
        return True

    def overtake(self, concerned: Callable[[Pending], bool]) -> None:
        """What these are about has changed since they were asked.

        Their clients get the answer, as they asked before, but it is not kept and nobody joins
        them.
        """
        for pending in [one for one in self.by_key.values() if concerned(one)]:
            pending.outdated = True
            pending.is_simple = False
            del self.by_key[pending.key]
            self._overtaken.add(pending)

    def remove(self, pending: Pending) -> None:
        """The question has its answer, or has failed."""
        if pending.outdated:
            self._overtaken.remove(pending)
        else:
            del self.by_key[pending.key]
        pending.group.pending -= 1
        self.joined -= len(pending.waiters) - 1

    def due(self, now: float) -> list[Pending]:
        """Those that have waited for somebody long enough; a few at a time, see `again_s`.

        To look through all of them ten times a second is less than to sort each in and out.
        """
        if not self._due:
            everyone = chain(self.by_key.values(), self._overtaken)
            self._due.extend(pending for pending in everyone if pending.look_at <= now)
            self._found, self._found_at = len(self._due), now
        # By time, so that they are spread over as much of it however seldom we are called. Those
        # of this go one by one, the answers of others in between; those of the goes before at once.
        begun = (now - self._found_at) / SPREAD_S
        late = self._behind(begun)
        at_once = max(1, min(late, -(-self._found // GOES_MIN)))
        looks = self._behind(begun + 1 / GOES_MAX)
        some = [self._due.popleft() for _ in range(min(at_once, len(self._due)))]
        self.again_s = None
        if self._due:
            self.again_s = 0.0 if at_once < looks else BETWEEN_GOES_S
        # Since they were found, others may have been answered, or asked of another server.
        return [pending for pending in some if pending.look_at <= now and pending in self]

    def _behind(self, share: float) -> int:
        """How many are still to be looked at of the share that is to be done."""
        return len(self._due) - int(self._found * max(0.0, 1.0 - share))
