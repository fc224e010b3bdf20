"""Ports for servers that a test starts: never handed out twice, never taken by a client meanwhile.

They lie below the range from which the kernel picks ports of its own (ip(7),
ip_local_port_range), so no outgoing connection of another test can have one by chance.
"""

from __future__ import annotations

import itertools
import os
import socket

HOST = "127.0.0.1"
_FIRST, _COUNT = 20_000, 12_000
_numbers = itertools.count(os.getpid() * 97)


def free_port() -> int:
    """A port of 127.0.0.1 that nobody holds now, for UDP and TCP."""
    for _ in range(_COUNT):
        port = _FIRST + next(_numbers) % _COUNT
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            try:
                tcp.bind((HOST, port))
                udp.bind((HOST, port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")
