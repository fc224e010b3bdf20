"""Datagrams that become ready one by one and leave together, at the end of the loop's turn.

They are laid out for the kernel all at once, by what the interpreter does in C: a line of Python
for each of them would cost as much as the kernel's own work.
"""

from __future__ import annotations

from array import array
from itertools import accumulate, compress

from dnscore.loop import Loop
from dnscore.net import mmsg
from dnscore.net.mmsg import SLOT_SIZE, SLOTS


class Outbox:
    """What waits to be sent over one datagram socket."""

    def __init__(self, loop: Loop, fd: int, *, name_size: int, control_size: int) -> None:
        """`name_size` 0 is for a connected socket."""
        self._loop = loop
        self._fd = fd
        self._name_size = name_size
        self._control_size = control_size
        self._slots = mmsg.Slots(name_size=name_size, control_size=control_size)
        self._headers = self._slots.headers()
        self._wires: list[bytes] = []
        self._peers: list[bytes] = []
        self.failures = 0
        """Datagrams that the kernel would not take."""

    # HOT: once per datagram that was not ready at once, as is `put_for`.
    def put(self, wire: bytes) -> None:
        """Send a datagram over a connected socket at the end of this turn."""
        if not self._wires:
            self._loop.at_end_of_turn(self.flush)
        self._wires.append(wire)

    def put_for(self, wire: bytes, peer: bytes) -> None:
        """Send a datagram to somebody at the end of this turn: address and control data."""
        if not self._wires:
            self._loop.at_end_of_turn(self.flush)
        self._wires.append(wire)
        self._peers.append(peer)

    def flush(self) -> None:
        """Send what waits, now."""
        wires, self._wires = self._wires, []
        peers, self._peers = self._peers, []
        if self._fd < 0 or max(map(len, wires), default=0) > SLOT_SIZE:
            fits = [self._fd >= 0 and len(wire) <= SLOT_SIZE for wire in wires]
            self.failures += fits.count(False)
            wires, peers = list(compress(wires, fits)), list(compress(peers, fits))
        if len(wires) == 1:
            self._send_one(wires[0], peers[0] if peers else b"")
            return
        for first in range(0, len(wires), SLOTS):
            self._send(wires[first : first + SLOTS], peers[first : first + SLOTS])

    # HOT: under a light load, when datagrams leave one by one.
    def _send_one(self, wire: bytes, peer: bytes) -> None:
        slots, headers, size, at = self._slots, self._headers, len(wire), self._name_size
        slots.data[:size] = wire
        headers.sizes[1] = size
        if at:
            slots.names[:at] = peer[:at]
        if self._control_size:
            slots.control[: self._control_size] = peer[at:]
        self.failures += mmsg.send(self._fd, headers, 0, 1)

    # HOT: once per batch.
    def _send(self, wires: list[bytes], peers: list[bytes]) -> None:
        count, slots, headers = len(wires), self._slots, self._headers
        sizes = list(map(len, wires))
        # One behind another: each fits a slot, so all fit.
        ends = list(accumulate(sizes))
        slots.data[: ends[-1]] = b"".join(wires)
        headers.sizes[1 : 2 * count : 2] = array("L", sizes)
        headers.sizes[2 : 2 * count : 2] = array("L", map(headers.base.__add__, ends[:-1]))
        if self._control_size:
            at = self._name_size
            slots.control[: count * self._control_size] = b"".join([peer[at:] for peer in peers])
            peers = [peer[:at] for peer in peers]
        if self._name_size:
            slots.names[: count * self._name_size] = b"".join(peers)
        self.failures += mmsg.send(self._fd, headers, 0, count)

    def close(self) -> None:
        """Send nothing any more; the descriptor is the caller's."""
        self._fd = -1
