"""The sockets towards other servers.

Servers on this machine (kubedns) are asked over a few connected sockets that stay open, told
apart by random IDs: nobody off the machine can send to them. All others get a fresh connected
port for each question, so that a forger must guess port and ID (RFC 5452 9.2).
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Container

from dnscore.loop import Loop
from dnscore.net import mmsg
from dnscore.net.address import Address
from dnscore.net.exchange import TcpExchange
from dnscore.net.outbox import Outbox
from dnscore.wire.scan import answers_question
from dnsmasq_front.fresh import Answers, FreshSocket, FreshSockets
from dnsmasq_front.pending import Try
from dnsmasq_front.servers import IsNear, on_this_machine

POOL_SIZE = 1
"""Sockets per server on this machine; each has 65,536 IDs."""
_BATCHES_MAX = 4


class Sockets:
    """The Transport over real sockets."""

    def __init__(
        self,
        loop: Loop,
        *,
        random_id: Callable[[], bytes],
        is_near: IsNear = on_this_machine,
    ) -> None:
        """`random_id` gives two unpredictable octets, `is_near` tells whom this machine has."""
        self._is_near = is_near
        self._loop = loop
        self._random_id = random_id
        self._pools: dict[Address, list[_PooledSocket]] = {}
        self._turn = 0
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
        pooled = sum(one.mismatches for pool in self._pools.values() for one in pool)
        return self._fresh.mismatches + pooled

    def send(self, server: Address, query: bytes, pending: Try) -> object:
        """Send a query behind a random ID over UDP. OSError when it cannot be sent."""
        pool = self._pools.get(server)
        if pool is None and self._is_near(server):
            pool = self._pools[server] = [
                _PooledSocket(self._loop, server, self) for _ in range(POOL_SIZE)
            ]
        if pool is not None:
            self._turn += 1
            return pool[self._turn % POOL_SIZE].send(query, pending, self._random_id)
        return self._fresh.send(server, self._random_id(), query, pending)

    def send_stream(self, server: Address, query: bytes, pending: Try) -> object:
        """As `send`, over TCP."""
        return TcpExchange(
            self._loop,
            server,
            self._random_id() + query,
            pending.question,
            on_reply=self._deliver(pending),
        )

    def _deliver(self, pending: Try) -> Callable[[bytes | None], None]:
        def deliver(wire: bytes | None) -> None:
            now = self._loop.now()
            if wire is None:
                self.answers.unreachable(pending, now=now)
            else:
                self.answers.reply_in(pending, wire, now=now)

        return deliver

    def cancel(self, ticket: object) -> None:
        """Expect no answer any more."""
        if isinstance(ticket, TcpExchange):
            ticket.close()
        elif isinstance(ticket, tuple):
            carrier, mark = ticket
            carrier.give_up(mark)

    def keep_only(self, servers: Container[Address]) -> None:
        """Close the sockets towards all others, each as soon as nothing waits on it."""
        for server in [one for one in self._pools if one not in servers]:
            for pooled in self._pools.pop(server):
                pooled.close_when_idle()

    def close(self) -> None:
        """Close the sockets that stay open."""
        self._fresh.close()
        for pool in self._pools.values():
            for pooled in pool:
                pooled.close()
        self._pools.clear()


class _PooledSocket:
    """One connected socket with the questions that wait on it, by ID."""

    def __init__(self, loop: Loop, server: Address, owner: Sockets) -> None:
        self._loop = loop
        self._owner = owner
        self._waiting: dict[bytes, Try] = {}
        self._sock = socket.socket(server.family, socket.SOCK_DGRAM)
        self._sock.setblocking(False)
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self._sock.connect(server)
        self._slots = mmsg.Slots(name_size=0, control_size=0)
        self._headers = self._slots.headers()
        self._outbox = Outbox(loop, self._sock.fileno(), name_size=0, control_size=0)
        self.mismatches = 0
        self._leaving = False
        loop.on_readable(self._sock.fileno(), self._drain)

    # HOT: once per question to kubedns.
    def send(
        self, query: bytes, pending: Try, random_id: Callable[[], bytes]
    ) -> tuple[_PooledSocket, bytes]:
        waiting = self._waiting
        id_ = random_id()
        while id_ in waiting:
            id_ = random_id()
        self._outbox.put(id_ + query)
        waiting[id_] = pending
        return self, id_

    def give_up(self, id_: bytes) -> None:
        """Expect no answer with this ID any more."""
        self._waiting.pop(id_, None)
        if self._leaving:
            self.close_when_idle()

    def close_when_idle(self) -> None:
        """Nothing new will be sent: close as soon as nothing waits."""
        self._leaving = True
        if not self._waiting:
            self.close()

    def _drain(self) -> None:
        fd, now = self._sock.fileno(), self._loop.now()
        for _ in range(_BATCHES_MAX):
            try:
                count = mmsg.receive(fd, self._headers)
            except OSError:
                self._refused(now)
                return
            self._take(count, now)
            if count < mmsg.SLOTS or self._leaving:
                break
        if self._leaving:
            self.close_when_idle()

    # HOT: once per answer of kubedns.
    def _take(self, count: int, now: float) -> None:
        data, lengths, waiting = self._slots.data, self._headers.lengths, self._waiting
        reply_in = self._owner.answers.reply_in
        at, word = 0, mmsg.LENGTH_WORD
        for _ in range(count):
            wire = data[at : at + lengths[word]]
            at += mmsg.SLOT_SIZE
            word += mmsg.HEADER_WORDS
            pending = waiting.get(wire[:2])
            if pending is None or not answers_question(wire, pending.question):
                self.mismatches += 1
                continue
            del waiting[wire[:2]]
            try:
                reply_in(pending, wire, now=now)
            except Exception as error:
                self._loop.failed(error)  # The answers behind it have been read already.

    def _refused(self, now: float) -> None:
        """Nobody listens there (ICMP): none of the questions will be answered."""
        lost = list(self._waiting.values())
        self._waiting.clear()
        for pending in lost:
            self._owner.answers.unreachable(pending, now=now)
        if self._leaving:
            self.close_when_idle()

    def close(self) -> None:
        """Harmless when it is closed already."""
        if self._sock.fileno() >= 0:
            self._outbox.close()
            self._loop.forget(self._sock.fileno())
            self._sock.close()
