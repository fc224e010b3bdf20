"""The counters of all workers: one row each in shared memory, and their sums.

Whichever worker an operations tool happens to ask, it is told of the whole pod. Each worker writes
its own row and no other, so there is nothing to lock: a number is eight aligned octets, which
others see before or after a write and never in between. A worker that replaces another goes on
from the row it finds. Pure over a buffer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Counts(NamedTuple):
    """What one worker has counted, or all of them together."""

    received: int = 0
    """Messages read from clients."""
    hits: int = 0
    """Queries answered without asking another server."""
    misses: int = 0
    """Queries forwarded."""
    insertions: int = 0
    """Records stored since the start or the last flush."""
    evictions: int = 0
    """Records pushed out before their time since the start or the last flush."""
    notifies: int = 0
    """NOTIFY messages that named something changed."""
    notifies_refused: int = 0
    """NOTIFY messages from somebody who has no say."""
    dropped: int = 0
    """Cached answers that were forgotten because of one, or of a missed one."""
    stale: int = 0
    """Queries answered with something whose time was over."""
    octets: int = 0
    """Octets in the cache now."""
    octets_highest: int = 0
    """Most octets that were in it."""
    connections: int = 0
    """TCP connections of clients that are open now."""
    connections_highest: int = 0
    """Most of them at a time since somebody looked."""

    def plus(self, other: Counts) -> Counts:
        """Both together."""
        return Counts(*map(int.__add__, self, other))

    def flushed(self) -> Counts:
        """The same without what a flush of the cache sets back (dnsmasq(8), SIGHUP)."""
        return self._replace(insertions=0, evictions=0)

    def inherited(self) -> Counts:
        """What the next process of a worker goes on from: the sums, and not what is now."""
        return self._replace(octets=0, octets_highest=0, connections=0, connections_highest=0)


_WIDTH = len(Counts._fields)
ROW_BYTES = 8 * _WIDTH
"""Octets of one worker's row."""


class CounterTable:
    """Rows of unsigned 64-bit counters in a buffer of zeros."""

    def __init__(self, octets: memoryview) -> None:
        """As many rows as there are octets for. Raises ValueError if they end within one."""
        if not octets.nbytes or octets.nbytes % ROW_BYTES:
            raise ValueError(f"{octets.nbytes} octets are no rows of {ROW_BYTES}")
        self._cells = octets.cast("Q")

    def __getitem__(self, row: int) -> Counts:
        """One worker's counts."""
        at = row * _WIDTH
        return Counts(*self._cells[at : at + _WIDTH])

    def __setitem__(self, row: int, counts: Counts) -> None:
        for column, count in enumerate(counts, start=row * _WIDTH):
            self._cells[column] = count

    def sum(self) -> Counts:
        """All rows together."""
        cells = self._cells
        return Counts(*(sum(cells[column::_WIDTH]) for column in range(_WIDTH)))


class WorkerCounters:
    """One worker's way into the table."""

    def __init__(self, table: CounterTable, row: int, *, read: Callable[[], Counts]) -> None:
        """`read` gives what this process has counted since it began."""
        self._table = table
        self._row = row
        self._read = read
        self._before = table[row].inherited()

    def publish(self) -> None:
        """Show the others how far this worker is."""
        self._table[self._row] = self._before.plus(self._read())

    def total(self) -> Counts:
        """The counts of all workers: this one's as of now, the others' as last published."""
        self.publish()
        return self._table.sum()

    def flushed(self) -> None:
        """This worker's cache has been emptied."""
        self._before = self._before.flushed()
        self.publish()
