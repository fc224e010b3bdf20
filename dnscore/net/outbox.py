"""Datagrams that become ready one by one and leave together, at the end of the loop's turn."""

from __future__ import annotations

from dnscore.loop import Loop
from dnscore.net import mmsg
from dnscore.net.mmsg import CONTROL_SIZE, NAME_SIZE, SLOT_SIZE, SLOTS


class Outbox:
    """What waits to be sent over one datagram socket."""

    def __init__(self, loop: Loop, fd: int, *, name_size: int, control_size: int) -> None:
        """`name_size` 0 is for a connected socket."""
        self._loop = loop
        self._fd = fd
        self._name_size = name_size
        self._slots = mmsg.Slots(name_size=name_size, control_size=control_size)
        self._headers = self._slots.headers()
        self._count = 0
        self.failures = 0
        """Datagrams that the kernel would not take."""

    # HOT: once per datagram that was not ready at once.
    def put(self, wire: bytes, peer: bytes = b"") -> None:
        """Send a datagram at the end of this turn; `peer` is address and control data."""
        size = len(wire)
        if size > SLOT_SIZE or self._fd < 0:
            self.failures += 1
            return
        if self._count == SLOTS:
            self.flush()
        slot = self._count
        if slot == 0:
            self._loop.at_end_of_turn(self.flush)
        at = slot * SLOT_SIZE
        self._slots.data[at : at + size] = wire
        self._headers.sizes[slot * 2 + 1] = size
        names = self._name_size
        if names:
            at = slot * NAME_SIZE
            self._slots.names[at : at + names] = peer[:names]
            if len(peer) > names:
                at = slot * CONTROL_SIZE
                self._slots.control[at : at + len(peer) - names] = peer[names:]
        self._count = slot + 1

    def flush(self) -> None:
        """Send what waits, now."""
        count, self._count = self._count, 0
        if count and self._fd >= 0:
            self.failures += mmsg.send(self._fd, self._headers, 0, count)

    def close(self) -> None:
        """Send nothing any more; the descriptor is the caller's."""
        self._fd = -1
