"""What every worker has counted of every server: rows in shared memory, and their sums.

As shared_counters, for what has no fixed number of columns: a row has places for SERVERS_MAX
servers, each with the server's address in text before its numbers. A worker writes its own row
and no other. One that replaces another goes on from what it finds. Pure over a buffer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

SERVERS_MAX = 64
"""Servers of a worker that are counted; more are served and not counted."""
_NAME_BYTES = 64
"""An IPv6 address with its scope (RFC 4007 11) and a port fit."""


class ServerCounts(NamedTuple):
    """What has been counted of one server."""

    sent: int = 0
    """Queries sent."""
    retried: int = 0
    """Those of them that another server, or the same one over UDP, had been asked before."""
    failed: int = 0
    """Queries without a usable answer."""
    nxdomain: int = 0
    """Answers that said that there is no such name."""
    latency_us: int = 0
    """Smoothed time of its answers; of all workers the longest."""

    def plus(self, other: ServerCounts) -> ServerCounts:
        """Both together."""
        sums = ServerCounts(*map(int.__add__, self, other))
        return sums._replace(latency_us=max(self.latency_us, other.latency_us))


_WIDTH = len(ServerCounts._fields)
_PLACE_BYTES = _NAME_BYTES + 8 * _WIDTH
SERVER_ROW_BYTES = SERVERS_MAX * _PLACE_BYTES
"""Octets of one worker's row."""


class ServerTable:
    """Rows of servers in a buffer of zeros."""

    def __init__(self, octets: memoryview) -> None:
        """As many rows as there are octets for. Raises ValueError if they end within one."""
        if not octets.nbytes or octets.nbytes % SERVER_ROW_BYTES:
            raise ValueError(f"{octets.nbytes} octets are no rows of {SERVER_ROW_BYTES}")
        self._octets = octets
        self._cells = octets.cast("Q")

    def __getitem__(self, row: int) -> dict[str, ServerCounts]:
        """One worker's counts by server."""
        found: dict[str, ServerCounts] = {}
        for at in _places(row):
            name = bytes(self._octets[at : at + _NAME_BYTES]).rstrip(b"\0")
            if not name:
                break
            cell = (at + _NAME_BYTES) // 8
            counts = ServerCounts(*self._cells[cell : cell + _WIDTH])
            known = found.get(name.decode("ascii", "replace"), ServerCounts())
            found[name.decode("ascii", "replace")] = known.plus(counts)
        return found

    def __setitem__(self, row: int, servers: Mapping[str, ServerCounts]) -> None:
        named = [(name.encode("ascii"), counts) for name, counts in servers.items()]
        named = [(name, counts) for name, counts in named if len(name) <= _NAME_BYTES]
        named += [(b"", ServerCounts())] * (SERVERS_MAX - len(named))
        for at, (name, counts) in zip(_places(row), named, strict=False):
            padded = name.ljust(_NAME_BYTES, b"\0")
            if self._octets[at : at + _NAME_BYTES] != padded:
                self._octets[at : at + _NAME_BYTES] = padded
            cell = (at + _NAME_BYTES) // 8
            for column, count in enumerate(counts, start=cell):
                self._cells[column] = count
            if not name:
                break

    def sum(self) -> dict[str, ServerCounts]:
        """All rows together."""
        found: dict[str, ServerCounts] = {}
        for row in range(self._octets.nbytes // SERVER_ROW_BYTES):
            for name, counts in self[row].items():
                found[name] = found.get(name, ServerCounts()).plus(counts)
        return found


def _places(row: int) -> range:
    start = row * SERVER_ROW_BYTES
    return range(start, start + SERVER_ROW_BYTES, _PLACE_BYTES)
