"""A TCP client and a listener for the tests of DNS over TCP."""

from __future__ import annotations

import socket
from collections.abc import Callable
from types import TracebackType

from dnscore.loop import Loop
from dnscore.net.address import Address
from dnscore.net.tcp import CONNECTIONS_MAX, IDLE_S, UNANSWERED_S, Places, TcpListener, bind_tcp
from tests.dnscore.answering import Recorder

Listen = Callable[..., TcpListener]


def listen(
    loop: Loop,
    handler: Recorder,
    *,
    places: Places | None = None,
    most: int = CONNECTIONS_MAX,
    idle_s: float = IDLE_S,
    unanswered_s: float = UNANSWERED_S,
) -> TcpListener:
    """A listener on a free port of the loopback address."""
    sock = bind_tcp(Address("127.0.0.1", 0), flag="--dns-port")
    return TcpListener(
        loop,
        sock,
        handler,
        places=places or Places(most),
        idle_s=idle_s,
        unanswered_s=unanswered_s,
    )


def framed(wire: bytes) -> bytes:
    return len(wire).to_bytes(2, "big") + wire


class Client:
    """Sends octets as the test says, and takes whole messages out of what comes back."""

    def __init__(self, server: Address, *, receive_buffer: int | None = None) -> None:
        self.sock = socket.socket(server.family, socket.SOCK_STREAM)
        if receive_buffer is not None:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.sock.connect(server)
        self.sock.setblocking(False)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._input = bytearray()
        self.ended = False

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.sock.close()

    def send(self, *wires: bytes) -> None:
        self.sock.sendall(b"".join(framed(wire) for wire in wires))

    def _read(self) -> None:
        while not self.ended:
            try:
                data = self.sock.recv(65536)
            except BlockingIOError:
                return
            except ConnectionError:
                data = b""
            self.ended = not data
            self._input += data

    def messages(self) -> list[bytes]:
        """The whole messages received so far."""
        self._read()
        found, at = [], 0
        while len(self._input) >= at + 2:
            end = at + 2 + int.from_bytes(self._input[at : at + 2], "big")
            if len(self._input) < end:
                break
            found.append(bytes(self._input[at + 2 : end]))
            at = end
        return found

    def is_closed(self) -> bool:
        """Whether the server has ended the connection."""
        self._read()
        return self.ended
