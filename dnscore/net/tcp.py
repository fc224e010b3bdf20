"""TCP listeners: DNS messages behind two-octet lengths (RFC 1035 4.2.2, RFC 7766).

Queries are handled as they arrive and answered in the order their answers are ready (RFC 7766
6.2.1.1), so a slow one holds up nobody. A connection that is idle too long, sends too slowly or
does not read its answers is closed; so is the one idle longest when all places are taken.
"""

from __future__ import annotations

import socket
from collections import OrderedDict
from itertools import count, islice

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
ACCEPTS_PER_TURN = 16
"""Connections accepted before the other sockets get their turn."""
QUERIES_PER_TURN = 32
"""Queries of one connection that are answered before the other sockets get their turn."""
UNANSWERED_S = 20.0
"""A query that has had no answer for this long will get none: longer than servers are tried."""
_RECEIVE = 16384
_BACKLOG = 512
_LOOK_FOR_IDLE = 32


class Places:
    """The places for connections, which several listeners may share."""

    def __init__(self, most: int = CONNECTIONS_MAX) -> None:
        self.most = most
        self.taken: OrderedDict[int, Connection] = OrderedDict()
        """By descriptor, the one without traffic for longest first."""
        self.highest = 0
        """Most connections at a time since someone set it back."""
        self.closed_for_room = 0
        """Idle connections that were closed for new ones."""

    def make_room(self) -> None:
        """Close the connection that is idle longest, if all places are taken."""
        if len(self.taken) >= self.most:
            self.closed_for_room += 1
            # One whose query is being answered is not idle, unless most of them are such.
            oldest = list(islice(self.taken.values(), _LOOK_FOR_IDLE))
            next((one for one in oldest if not one.pending), oldest[0]).close()

    def add(self, fd: int, connection: Connection) -> None:
        """Give a new connection its place."""
        self.taken[fd] = connection
        self.highest = max(self.highest, len(self.taken))


class TcpListener:
    """A bound TCP socket whose queries go to a handler."""

    def __init__(
        self,
        loop: Loop,
        sock: socket.socket,
        handler: Handler,
        *,
        places: Places | None = None,
        idle_s: float = IDLE_S,
        unanswered_s: float = UNANSWERED_S,
    ) -> None:
        """Without `places` it has some of its own."""
        self._loop = loop
        self._sock = sock
        self._handler = handler
        self.places = places or Places()
        self._idle_s = idle_s
        self._unanswered_s = unanswered_s
        self.address = Address(*sock.getsockname()[:2])
        self.received = 0
        """Queries read."""
        self.accepted = 0
        loop.on_readable(sock.fileno(), self._accept)
        self._sweeper: Timer = loop.call_later(SWEEP_S, self._sweep)

    @property
    def open(self) -> int:
        """Connections that are open now."""
        return len(self._own())

    def _own(self) -> list[Connection]:
        """Its connections, the one without traffic for longest first."""
        return [one for one in self.places.taken.values() if one.owner is self]

    def _accept(self) -> None:
        for _ in range(ACCEPTS_PER_TURN):
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
            self.places.make_room()
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.accepted += 1
            connection = Connection(self._loop, sock, source[:2], owner=self)
            self.places.add(sock.fileno(), connection)

    def handle(self, wire: bytes, number: int, connection: Connection) -> bytes | None:
        """Give a query to the handler."""
        self.received += 1
        return self._handler.handle(wire, number, connection)

    def touched(self, fd: int) -> None:
        """A whole query came, or an answer went: the connection is not idle."""
        if fd in self.places.taken:
            self.places.taken.move_to_end(fd)

    def closed(self, fd: int) -> None:
        """A connection has ended."""
        self.places.taken.pop(fd, None)

    def _sweep(self) -> None:
        oldest = self._loop.now() - self._idle_s
        for connection in self._own():
            if connection.last_use > oldest:
                break
            connection.close()
        lost = self._loop.now() - self._unanswered_s
        for connection in self._own():
            connection.give_up(lost)
        self._loop.on_readable(self._sock.fileno(), self._accept)
        self._sweeper = self._loop.call_later(SWEEP_S, self._sweep)

    def close(self) -> None:
        """Stop listening and end every connection."""
        self._sweeper.cancel()
        self._loop.forget(self._sock.fileno())
        self._sock.close()
        for connection in self._own():
            connection.close()


class Connection:
    """One client's TCP connection: the Via of its queries, whose numbers are their Peers."""

    stream = True

    def __init__(
        self, loop: Loop, sock: socket.socket, source: tuple[str, int], *, owner: TcpListener
    ) -> None:
        self._loop = loop
        self._sock = sock
        self._source = source
        self.owner = owner
        self._fd = sock.fileno()
        self._input = bytearray()
        self._output = bytearray()
        self._asked = 0
        self._unanswered: dict[int, float] = {}
        """When each of them came, the oldest first."""
        self._taking = False
        self._paused = False
        self._resuming = False
        self._ended = False
        self.last_use = loop.now()
        loop.on_readable(self._fd, self._readable)

    @property
    def pending(self) -> int:
        """Queries without an answer so far."""
        return len(self._unanswered)

    def _readable(self) -> None:
        try:
            data = self._sock.recv(_RECEIVE)
        except BlockingIOError:
            return
        except OSError:
            self.close()
            return
        buffer = self._input
        buffer += data
        if data and len(buffer) < 2 + int.from_bytes(buffer[:2], "big"):
            return  # Some octets of a query: no reason to look at anything else.
        # A client may close its half and wait: it gets its answers before we close ours.
        self._ended = not data
        self._take_queries()

    def _has_room(self) -> bool:
        return self._fd >= 0 and self.pending < PENDING_MAX and len(self._output) < OUTPUT_PAUSE

    def _take_queries(self) -> None:
        """Handle the whole messages that have been read, as long as there is room for answers.

        Only some of them in one turn of the loop: the others' clients have not asked so much.
        """
        self._resuming = False
        self._taking = True
        more = False
        try:
            for taken in count():
                more = taken == QUERIES_PER_TURN
                if more or not self._has_room() or (wire := self._next_query()) is None:
                    break
                # Only a whole message counts as use, so a client that drips octets is idle.
                self._used()
                self._asked = number = self._asked + 1
                self._unanswered[number] = self.last_use
                response = self.owner.handle(wire, number, self)
                if response is not None:
                    self.send(response, number)
        except Exception:
            self.close()  # The query stays unanswered: its client asks again elsewhere.
            raise
        finally:
            self._taking = False
        if self._fd >= 0:
            self._paused = more or not self._has_room()
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
        self.owner.touched(self._fd)

    def send(self, response: bytes, peer: Peer) -> None:
        """Queue an answer; an answer to a connection that has ended goes nowhere."""
        if self._fd < 0:
            return
        self._unanswered.pop(peer, None)
        self._used()
        self._output += len(response).to_bytes(2, "big") + response
        if not self._taking:
            self._flush()

    def give_up(self, before: float) -> None:
        """Wait no more for the answers to queries that came before a time."""
        while self._unanswered:
            number, since = next(iter(self._unanswered.items()))
            if since > before:
                return
            del self._unanswered[number]
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
            if not self._resuming:
                self._resuming = True
                self._loop.call_later(0, self._take_queries)
        elif self._ended and not (self._paused or self.pending or self._output):
            self.close()

    def source(self, peer: Peer) -> tuple[str, int]:
        """The client's IP address and port."""
        return self._source

    def close(self) -> None:
        """End the connection."""
        if self._fd < 0:
            return
        self._loop.forget(self._fd)
        self.owner.closed(self._fd)
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
