"""A forwarder on real loopback sockets, its one server, and an attacker who may send anything.

All are in one thread, so that a test decides who speaks when. The server counts as one off this
machine although it is on it.
"""

from __future__ import annotations

import os
import select
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from dnscore.loop import Loop
from dnscore.net.address import Address
from dnscore.wire.query import parse_query
from dnsmasq_front.asked import Asked
from dnsmasq_front.cache import Cache, CacheOptions
from dnsmasq_front.forwarder import Forwarder
from dnsmasq_front.local import LocalData
from dnsmasq_front.routes import Routes
from dnsmasq_front.transport import Sockets
from tests.dnscore.looping import run_until
from tests.dnsmasq_front.messages import query_wire
from tests.dnsmasq_front.pure import Client
from tests.ports import HOST


def far(_: Address) -> bool:
    """No server is on this machine."""
    return False


class Scene:
    """The forwarder and the server that it asks."""

    def __init__(self) -> None:
        self.udp, self.tcp = _bound_pair()
        self.loop = Loop()
        self.cache = Cache(CacheOptions())
        self.sockets = Sockets(self.loop, random_id=lambda: os.urandom(2))
        self.forwarder = Forwarder(
            Routes.of([], [Address(*self.udp.getsockname())]),
            self.cache,
            self.sockets,
            local=LocalData(),
            random_bytes=os.urandom,
            is_near=far,
        )
        self.sockets.answers = self.forwarder

    def ask(self, question: str) -> Client:
        """A client asks."""
        wire = query_wire(question)
        client = Client(wire)
        asked = Asked(parse_query(wire))
        waiter = (asked, wire[:2], None, client)
        assert self.forwarder.ask(asked, waiter, now=self.loop.now()) is None
        return client

    def received(self) -> tuple[bytes, tuple[str, int]]:
        """The next query that comes to the server, and who sent it."""
        query, peer = self.udp.recvfrom(4096)
        return query, peer

    def received_stream(self) -> tuple[bytes, socket.socket]:
        """The next query that comes to the server over TCP, and its connection."""
        self.until(lambda: select.select([self.tcp], [], [], 0)[0])
        connection, _ = self.tcp.accept()
        self.until(lambda: select.select([connection], [], [], 0)[0])
        return connection.recv(4096)[2:], connection

    def until(self, predicate: Callable[[], object]) -> None:
        """Run the loop until something is true."""
        run_until(self.loop, predicate)

    def settle(self) -> None:
        """Let the forwarder read whatever has been sent to it."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.bind((HOST, 0))
            read = False

            def seen() -> None:
                nonlocal read
                read = True
                last.recv(1)

            self.loop.on_readable(last.fileno(), seen)
            last.sendto(b"x", last.getsockname())
            self.until(lambda: read)
            self.loop.forget(last.fileno())

    def close(self) -> None:
        """Close everything."""
        self.sockets.close()
        self.loop.close()
        self.udp.close()
        self.tcp.close()


def _bound_pair() -> tuple[socket.socket, socket.socket]:
    while True:
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        udp.settimeout(10)
        tcp.settimeout(10)
        udp.bind((HOST, 0))
        try:
            tcp.bind(udp.getsockname())
        except OSError:
            udp.close()
            tcp.close()
            continue
        tcp.listen()
        return udp, tcp


@contextmanager
def scene() -> Iterator[Scene]:
    """A scene that is closed at the end."""
    made = Scene()
    try:
        yield made
    finally:
        made.close()


def send_stream(connection: socket.socket, response: bytes) -> None:
    """Answer over TCP and close."""
    connection.sendall(len(response).to_bytes(2, "big") + response)
    connection.close()
