"""What one worker is told, all are told: NOTIFY messages passed on between them.

The kernel deals a sender's datagrams to one worker. Each worker has a datagram socket of its own,
made before the workers are and kept by their parent, so what is sent to one that is just being
replaced waits for the next. unix(7): such a socket loses nothing; when it is full, that is said.
"""

from __future__ import annotations

import socket
from collections.abc import Callable

from dnscore.loop import Loop
from dnscore.net.address import Address

_MESSAGE_MAX = 8192
_MESSAGES_MAX = 256
"""Read per wake-up; then the other sockets get their turn."""

Pair = tuple[socket.socket, socket.socket]
"""A worker's end, and the one that its siblings send to."""


def pairs(workers: int) -> list[Pair]:
    """One for each worker."""
    made = [socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM) for _ in range(workers)]
    for pair in made:
        for end in pair:
            end.setblocking(False)
    return made


class Siblings:
    """One worker's way to the others."""

    def __init__(
        self,
        loop: Loop,
        number: int,
        pairs: list[Pair],
        *,
        told: Callable[[bytes, Address], None],
    ) -> None:
        """`told` gets a message that another worker took, and who sent it."""
        self._told = told
        self._own = pairs[number][0]
        self._others = [pair[1] for at, pair in enumerate(pairs) if at != number]
        loop.on_readable(self._own.fileno(), self._read)

    def tell(self, wire: bytes, source: Address) -> bool:
        """Pass a message on; False when one of them has no room for it."""
        host = source.host.encode()
        message = bytes((len(host),)) + host + source.port.to_bytes(2, "big") + wire
        everybody = True
        for other in self._others:
            try:
                other.send(message)
            except OSError:
                everybody = False
        return everybody

    def _read(self) -> None:
        for _ in range(_MESSAGES_MAX):
            try:
                message = self._own.recv(_MESSAGE_MAX)
            except OSError:
                return
            end = 1 + message[0]
            port = int.from_bytes(message[end : end + 2], "big")
            self._told(message[end + 2 :], Address(message[1:end].decode(), port))
