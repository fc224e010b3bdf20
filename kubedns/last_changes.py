"""When answers last changed, for people who ask why: by name, and only the latest changes. Pure.

`TreeCache.apply` tells which names a change touches; keeping the time of each costs nothing per
object. What is not among the latest changed before the oldest that has been forgotten.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from typing import NamedTuple

from dnscore.wire.names import is_below

NAMES_MAX = 4096
"""Some 1 MB."""


class Age(NamedTuple):
    """How long ago something changed."""

    seconds: float
    is_exact: bool
    """False: at least that long ago."""


class LastChanges:
    """Times of the latest changes in a zone. Times are monotonic seconds."""

    def __init__(self, zone: bytes, *, names_max: int = NAMES_MAX) -> None:
        """`zone` is a folded name: other names, the reverse ones, are not noted."""
        self._zone = zone
        self._names_max = names_max
        self._times: OrderedDict[bytes, float] = OrderedDict()
        self._forgotten_at: float | None = None
        """The latest time that is no longer known by name."""

    def note(self, changed: Iterable[bytes], now: float) -> None:
        """Answers at and below these names have changed."""
        times = self._times
        for name in changed:
            if is_below(name, self._zone):
                times[name] = now
                times.move_to_end(name)
        while len(times) > self._names_max:
            _, self._forgotten_at = times.popitem(last=False)

    def age(self, name: bytes, now: float) -> Age | None:
        """Since the answers for a folded name of the zone last changed; None if not known."""
        latest = float("-inf")
        while name != self._zone and is_below(name, self._zone):
            latest = max(latest, self._times.get(name, latest))
            name = name[name[0] + 1 :]
        # The whole zone is named when the first lists are complete: nothing is known from before.
        whole = self._times.get(self._zone, self._forgotten_at)
        if whole is not None and whole > latest:
            return Age(now - whole, False)
        return Age(now - latest, True) if latest > float("-inf") else None
