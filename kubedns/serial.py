"""The zone's serial: the resourceVersion of the newest object, so that replicas agree.

Every replica sees the same versions; a clock or a count of changes would differ. What a version
cannot tell (a server without numbers in them, one that was restored from a backup) still moves
the serial on. RFC 1982: serials are numbers on a circle.
"""

from __future__ import annotations

_CIRCLE = 1 << 32


class Serial:
    """Goes forward only, once somebody was told one."""

    def __init__(self) -> None:
        self.value = 0
        """Of the SOA record, 32 bits."""
        self._newest = 0

    def advance(self, newest: int, *, now_s: float, changed: bool, told: bool) -> None:
        """Take a batch into account.

        `newest` is its newest resourceVersion, 0 for none; until there has been one, Unix time
        takes its place when something `changed`. `told`: somebody may have had an answer, so
        each change makes the serial higher, by one when nothing else does.
        """
        self._newest = max(self._newest, newest)
        proposed = self._newest or (int(now_s) if changed else 0) or self.value
        ahead = (proposed - self.value) % _CIRCLE
        # RFC 1982 3.2: later by less than half of the circle.
        if not told or 0 < ahead < _CIRCLE // 2:
            self.value = proposed % _CIRCLE
        elif changed:
            self.value = (self.value + 1) % _CIRCLE  # RFC 1982 3.1
