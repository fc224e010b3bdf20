"""The sockets towards other servers.

A server on this machine (kubedns) is asked over one connected socket that stays open, on which
random IDs tell the questions apart: nobody off the machine can send to it. All others get a fresh
connected port for each question, so that a forger must guess port and ID (RFC 5452 9.2).
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Container

from dnscore.loop import Loop
from dnscore.net import mmsg
from dnscore.net.address import Address
from dnscore.net.exchange import TcpExchange
from dnscore.net.outbox import Outbox
from dnsmasq_front.fresh import Answers, FreshSocket, FreshSockets
from dnsmasq_front.pending import Try

_BATCHES_MAX = 4


class Sockets:
    """The Transport over real sockets."""

    def __init__(self, loop: Loop, *, random_id: Callable[[], bytes]) -> None:
        """`random_id` gives two unpredictable octets."""
        self._loop = loop
        self._random_id = random_id
        self._lines: dict[Address, _Line] = {}
        self._fresh = FreshSockets(loop)

    @property
    def answers(self) -> Answers:
        """Who hears of what came."""
        return self._answers

    @answers.setter
    def answers(self, answers: Answers) -> None:
        self._answers = self._fresh.answers = answers

    @property
    def fresh_sockets(self) -> frozenset[FreshSocket]:
        """The sockets towards servers off this machine, at work or not."""
        return self._fresh.all

    @property
    def mismatches(self) -> int:
        """Datagrams from servers that answered no question: forgeries, or strays."""
        return self._fresh.mismatches + sum(line.mismatches for line in self._lines.values())

    # HOT: once per question to another server.
    def send(self, query: bytes, attempt: Try) -> None:
        """Send a query behind a random ID over UDP. OSError when it cannot be sent."""
        server = attempt.server
        if not server.is_near:
            self._fresh.send(self._random_id(), query, attempt)
            return
        line = server.line
        if line is None or line.leaving:
            line = server.line = self._line_to(server.address)
        waiting, id_ = line.waiting, self._random_id()
        while id_ in waiting:
            id_ = self._random_id()
        line.put(id_ + query)
        waiting[id_] = attempt
        attempt.carrier = line
        attempt.id = id_

    def _line_to(self, server: Address) -> _Line:
        line = self._lines.get(server)
        if line is None:
            line = self._lines[server] = _Line(self._loop, server, self)
        return line

    def send_stream(self, query: bytes, attempt: Try) -> None:
        """As `send`, over TCP."""
        attempt.carrier = TcpExchange(
            self._loop,
            attempt.server.address,
            self._random_id() + query,
            attempt.question,
            on_reply=self._deliver(attempt),
        )

    def _deliver(self, attempt: Try) -> Callable[[bytes | None], None]:
        def deliver(wire: bytes | None) -> None:
            now = self._loop.now()
            if wire is None:
                self.answers.unreachable(attempt, now=now)
            else:
                self.answers.reply_in(attempt, wire, now=now)

        return deliver

    def cancel(self, attempt: Try) -> None:
        """Expect no answer any more."""
        carrier = attempt.carrier
        if isinstance(carrier, TcpExchange):
            carrier.close()
        elif isinstance(carrier, _Line | FreshSocket):
            carrier.give_up(attempt)

    def keep_only(self, servers: Container[Address]) -> None:
        """Close the sockets towards all others, each as soon as nothing waits on it."""
        for server in [one for one in self._lines if one not in servers]:
            self._lines.pop(server).close_when_idle()

    def close(self) -> None:
        """Close the sockets that stay open."""
        self._fresh.close()
        for line in self._lines.values():
            line.close()
        self._lines.clear()


class _Line:
    """The socket towards one server on this machine, and the questions that wait on it by ID."""

    def __init__(self, loop: Loop, server: Address, owner: Sockets) -> None:
        self._loop = loop
        self._owner = owner
        self.waiting: dict[bytes, Try] = {}
        self._sock = socket.socket(server.family, socket.SOCK_DGRAM)
        self._sock.setblocking(False)
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self._sock.connect(server)
        self._slots = mmsg.Slots(name_size=0, control_size=0)
        self._headers = self._slots.headers()
        self._outbox = Outbox(loop, self._sock.fileno(), name_size=0, control_size=0)
        self.put: Callable[[bytes], None] = self._outbox.put
        self.mismatches = 0
        self.leaving = False
        """Nothing new will be sent."""
        loop.on_readable(self._sock.fileno(), self._drain)

    def give_up(self, attempt: Try) -> None:
        """Expect no answer to this question any more; harmless when another has its ID by now."""
        if self.waiting.get(attempt.id) is attempt:
            del self.waiting[attempt.id]
        if self.leaving:
            self.close_when_idle()

    def close_when_idle(self) -> None:
        """Nothing new will be sent: close as soon as nothing waits."""
        self.leaving = True
        if not self.waiting:
            self.close()

    def _drain(self) -> None:
        fd, now = self._sock.fileno(), self._loop.woken_at
        for _ in range(_BATCHES_MAX):
            try:
                count = mmsg.receive(fd, self._headers)
            except OSError:
                self._refused(now)
                return
            self._take(count, now)
            if count < mmsg.SLOTS or self.leaving:
                break
        if self.leaving:
            self.close_when_idle()

    # HOT: once per answer of kubedns.
    def _take(self, count: int, now: float) -> None:
        data, waiting = self._slots.data, self.waiting
        reply_in = self._owner.answers.reply_in
        lengths = self._headers.lengths
        for at, _, length, _ in mmsg.ROWS[:count]:
            wire = data[at : at + lengths[length]]
            id_ = wire[:2]
            attempt = waiting.get(id_)
            try:
                if attempt is not None and reply_in(attempt, wire, now=now):
                    waiting.pop(id_, None)
                else:
                    self.mismatches += 1
            except Exception as error:
                waiting.pop(id_, None)
                self._loop.failed(error)  # The answers behind it have been read already.

    def _refused(self, now: float) -> None:
        """Nobody listens there (ICMP): none of the questions will be answered."""
        lost = list(self.waiting.values())
        self.waiting.clear()
        for attempt in lost:
            self._owner.answers.unreachable(attempt, now=now)
        if self.leaving:
            self.close_when_idle()

    def close(self) -> None:
        """Harmless when it is closed already."""
        self.leaving = True
        if self._sock.fileno() >= 0:
            self._outbox.close()
            self._loop.forget(self._sock.fileno())
            self._sock.close()
