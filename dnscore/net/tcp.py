"""TCP listeners: DNS messages behind two-octet lengths (RFC 1035 4.2.2, RFC 7766).

Queries are handled as they arrive and answered in the order their answers are ready (RFC 7766
6.2.1.1), so a slow one holds up nobody. A connection that is idle too long, sends too slowly or
does not read its answers is closed; so is the one idle longest when all places are taken.
"""

from __future__ import annotations

import socket
from collections import OrderedDict

from dnscore.loop import Loop, Timer
from dnscore.net.address import Address
from dnscore.net.handler import Handler, Peer
from dnscore.net.udp import bind_error, open_socket

IDLE_S = 10.0
"""RFC 7766 6.2.3 asks for "on the order of a few seconds"; stubs reuse connections briefly."""
SWEEP_S = 1.0
CONNECTIONS_MAX = 512
OUTPUT_PAUSE = 1 << 16
"""Octets of unread answers from which on no more queries are taken from their client."""
OUTPUT_MAX = 1 << 20
"""Octets of unread answers that cost a client its connection: what was asked before the pause."""
PENDING_MAX = 128
"""Queries of one connection that may be unanswered; then it is not read from."""
_RECEIVE = 16384
_BACKLOG = 512


class TcpListener:
    """A bound TCP socket whose queries go to a handler."""

    def __init__(
        self,
        loop: Loop,
        sock: socket.socket,
        handler: Handler,
        *,
        connections_max: int = CONNECTIONS_MAX,
        idle_s: float = IDLE_S,
    ) -> None:
        self._loop = loop
        self._sock = sock
        self._handler = handler
        self._connections_max = connections_max
        self._idle_s = idle_s
        self._connections: OrderedDict[int, Connection] = OrderedDict()
        """By descriptor, the one without traffic for longest first."""
        self.address = Address(*sock.getsockname()[:2])
        self.received = 0
        """Queries read."""
        self.accepted = 0
        self.closed_for_room = 0
        """Idle connections that were closed for new ones."""
        loop.on_readable(sock.fileno(), self._accept)
        self._sweeper: Timer = loop.call_later(SWEEP_S, self._sweep)

    @property
    def open(self) -> int:
        """Connections that are open now."""
        return len(self._connections)

    def _accept(self) -> None:
        for _ in range(_BACKLOG):
            try:
                sock, source = self._sock.accept()
            except BlockingIOError:
                return
            except ConnectionError:
                continue  # That client is gone.
            except OSError:
                # Out of descriptors, and the socket stays readable: the sweep tries again.
                self._loop.on_readable(self._sock.fileno(), None)
                return
            if len(self._connections) >= self._connections_max:
                self.closed_for_room += 1
                next(iter(self._connections.values())).close()
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.accepted += 1
            connection = Connection(self._loop, sock, source[:2], owner=self)
            self._connections[sock.fileno()] = connection

    def handle(self, wire: bytes, connection: Connection) -> bytes | None:
        """Give a query to the handler."""
        self.received += 1
        return self._handler.handle(wire, connection, connection)

    def touched(self, fd: int) -> None:
        """A whole query came, or an answer went: the connection is not idle."""
        if fd in self._connections:
            self._connections.move_to_end(fd)

    def closed(self, fd: int) -> None:
        """A connection has ended."""
        self._connections.pop(fd, None)

    def _sweep(self) -> None:
        oldest = self._loop.now() - self._idle_s
        for connection in list(self._connections.values()):
            if connection.last_use > oldest:
                break
            connection.close()
        self._loop.on_readable(self._sock.fileno(), self._accept)
        self._sweeper = self._loop.call_later(SWEEP_S, self._sweep)

    def close(self) -> None:
        """Stop listening and end every connection."""
        self._sweeper.cancel()
        self._loop.forget(self._sock.fileno())
        self._sock.close()
        for connection in list(self._connections.values()):
            connection.close()


class Connection:
    """One client's TCP connection; it is both the Via and the Peer of its queries."""

    stream = True

    def __init__(
        self, loop: Loop, sock: socket.socket, source: tuple[str, int], *, owner: TcpListener
    ) -> None:
        self._loop = loop
        self._sock = sock
        self._source = source
        self._owner = owner
        self._fd = sock.fileno()
        self._input = bytearray()
        self._output = bytearray()
        self._pending = 0
        self._taking = False
        self._paused = False
        self._ended = False
        self.last_use = loop.now()
        loop.on_readable(self._fd, self._readable)

    def _readable(self) -> None:
        try:
            data = self._sock.recv(_RECEIVE)
        except BlockingIOError:
            return
        except OSError:
            self.close()
            return
        self._input += data
        # A client may close its half and wait: it gets its answers before we close ours.
        self._ended = not data
        self._take_queries()

    def _has_room(self) -> bool:
        return self._fd >= 0 and self._pending < PENDING_MAX and len(self._output) < OUTPUT_PAUSE

    def _take_queries(self) -> None:
        """Handle the whole messages that have been read, as long as there is room for answers."""
        self._taking = True
        try:
            while self._has_room() and (wire := self._next_query()) is not None:
                # Only a whole message counts as use, so a client that drips octets is idle.
                self._used()
                self._pending += 1
                response = self._owner.handle(wire, self)
                if response is not None:
                    self.send(response, self)
        except Exception:
            self.close()  # The query stays unanswered: its client asks again elsewhere.
            raise
        finally:
            self._taking = False
        if self._fd >= 0:
            self._paused = not self._has_room()
            reading = not (self._paused or self._ended)
            self._loop.on_readable(self._fd, self._readable if reading else None)
            self._flush()

    def _next_query(self) -> bytes | None:
        data = self._input
        end = 2 + int.from_bytes(data[:2], "big")
        if len(data) < end:
            return None
        wire = bytes(data[2:end])
        del data[:end]
        return wire

    def _used(self) -> None:
        self.last_use = self._loop.now()
        self._owner.touched(self._fd)

    def send(self, response: bytes, peer: Peer) -> None:
        """Queue an answer; an answer to a connection that has ended goes nowhere."""
        if self._fd < 0:
            return
        self._pending -= 1
        self._used()
        self._output += len(response).to_bytes(2, "big") + response
        if not self._taking:
            self._flush()

    def _flush(self) -> None:
        if self._output:
            try:
                sent = self._sock.send(self._output)
            except BlockingIOError:
                sent = 0
            except OSError:
                self.close()
                return
            del self._output[:sent]
        if len(self._output) > OUTPUT_MAX:
            self.close()
            return
        self._loop.on_writable(self._fd, self._flush if self._output else None)
        if self._paused and self._has_room():
            # In a turn of its own, for whoever sends an answer must not meet the failure of the
            # next query.
            self._loop.call_later(0, self._take_queries)
        elif self._ended and not (self._paused or self._pending or self._output):
            self.close()

    def source(self, peer: Peer) -> tuple[str, int]:
        """The client's IP address and port."""
        return self._source

    def close(self) -> None:
        """End the connection."""
        if self._fd < 0:
            return
        self._loop.forget(self._fd)
        self._owner.closed(self._fd)
        self._fd = -1
        self._sock.close()


def bind_tcp(address: Address, *, flag: str, reuse_port: bool = False) -> socket.socket:
    """A listening non-blocking socket. Raises StartError naming the port and the flag."""
    sock = open_socket(address, socket.SOCK_STREAM, flag=flag)
    try:
        # A restarted process must have its port back at once, connections in TIME_WAIT or not.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if address.family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if reuse_port:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sock.setblocking(False)
        sock.bind((address.host, address.port))
        sock.listen(_BACKLOG)
    except OSError as error:
        sock.close()
        raise bind_error("TCP", address, flag=flag, error=error) from None
    return sock
