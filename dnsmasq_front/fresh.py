"""Sockets for servers off this machine: each has one question at a time, on a port of its own.

A forger must guess the port as well as the ID (RFC 5452 4.5, 9.2), so no two questions share one.
A socket whose question has been answered is disconnected, which gives its port back, and gets
another random one from the kernel when it is connected for the next question: that costs a third
of a new socket. Until the loop has looked at it once more it rests: what reached its old port by
then is read and dropped, and no question can ever take it for an answer.
"""

from __future__ import annotations

import ctypes
import socket
from collections import deque
from typing import Protocol

from dnscore.loop import Loop
from dnscore.wire.const import UDP_RECEIVE
from dnsmasq_front.pending import Try

MISMATCHES_MAX = 16
"""Datagrams that are not the answer to a question until it is asked over TCP: each is a forger's
chance (RFC 5452 9.2), and a server sends one."""
RESTING_MAX = 256
"""Sockets that are kept for later questions; what is more is closed."""
_REST_TURNS = 2
"""Turns of the loop until all that came for the old port has been read: one may have begun."""
_KIND = socket.SOCK_DGRAM | socket.SOCK_NONBLOCK  # Born so: a system call less.

_connect = ctypes.CDLL(None, use_errno=True).connect
_connect.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_uint)
_NOBODY = ctypes.create_string_buffer(16)
_NOBODY_AT = ctypes.addressof(_NOBODY)
"""connect(2): a sockaddr of family AF_UNSPEC, all zeros, dissolves the association."""


class Answers(Protocol):
    """Who wants to know what came of a question; the Forwarder."""

    def reply_in(self, attempt: Try, wire: bytes, *, now: float) -> bool:
        """A datagram came; whether it is the answer, so that nothing more is expected."""

    def unreachable(self, attempt: Try, *, now: float) -> None:
        """No answer will come."""

    def forged(self, attempt: Try, *, now: float) -> None:
        """Too much came that was not the answer; nothing more is expected."""


class FreshSocket:
    """One socket and the question that waits on it, if any."""

    __slots__ = (
        "attempt",
        "fd",
        "mismatches",
        "owner",
        "recv",
        "resting",
        "rests_until",
        "sock",
    )

    def __init__(self, owner: FreshSockets, family: int, resting: deque[FreshSocket]) -> None:
        """`resting` are those of the same family that wait for a question."""
        self.owner = owner
        self.resting = resting
        self.sock = socket.socket(family, _KIND)
        self.fd = self.sock.fileno()
        self.recv = self.sock.recv
        self.attempt: Try | None = None
        self.rests_until = 0
        self.mismatches = 0
        """Datagrams that did not repeat ID and question of the question at hand."""

    # HOT: once per answer of a server off this machine.
    def readable(self) -> None:
        """Take what has come: the answer, a forgery, or the news that nobody listens there."""
        owner, attempt = self.owner, self.attempt
        try:
            wire = self.recv(UDP_RECEIVE)
        except BlockingIOError:
            return
        except OSError:
            if attempt is not None:
                owner.rest(self)
                owner.answers.unreachable(attempt, now=owner.loop.woken_at)
            return
        if attempt is None:
            return
        now = owner.loop.woken_at
        try:
            if wire[:2] == attempt.id and owner.answers.reply_in(attempt, wire, now=now):
                self.give_up(attempt)
                return
        except Exception:
            self.give_up(attempt)
            raise
        self.mismatches += 1
        owner.mismatches += 1
        if self.mismatches >= MISMATCHES_MAX:
            owner.rest(self)
            owner.answers.forged(attempt, now=now)
        # The loop calls again if there is more.

    def give_up(self, attempt: Try) -> None:
        """Expect no answer to this question any more; harmless when another has followed it."""
        if self.attempt is attempt:
            self.owner.rest(self)


class FreshSockets:
    """The sockets that are at work, and those that rest."""

    def __init__(self, loop: Loop) -> None:
        self.loop = loop
        self.answers: Answers
        self.mismatches = 0
        """Datagrams of all sockets that answered no question: forgeries, or strays."""
        self._resting: dict[int, deque[FreshSocket]] = {
            socket.AF_INET: deque(),
            socket.AF_INET6: deque(),
        }
        self._all: set[FreshSocket] = set()

    @property
    def all(self) -> frozenset[FreshSocket]:
        """At work or not."""
        return frozenset(self._all)

    # HOT: once per question to a server off this machine.
    def send(self, id_: bytes, query: bytes, attempt: Try) -> None:
        """Send a question to the server of a try; OSError when that cannot be done."""
        server = attempt.server
        resting = self._resting[server.family]
        if resting and resting[0].rests_until <= self.loop.turns:
            fresh = resting.popleft()
        else:
            fresh = FreshSocket(self, server.family, resting)
            self._all.add(fresh)
            self.loop.on_readable(fresh.fd, fresh.readable)
        sock = fresh.sock
        try:
            sock.connect(server.address)
            sock.send(id_ + query)
        except OSError:
            self._close(fresh)
            raise
        attempt.id = id_
        attempt.carrier = fresh
        fresh.attempt = attempt

    def rest(self, fresh: FreshSocket) -> None:
        """The question is over: give the port back."""
        fresh.attempt = None
        fresh.mismatches = 0
        resting = fresh.resting
        if len(resting) >= RESTING_MAX or _connect(fresh.fd, _NOBODY_AT, 16) < 0:
            self._close(fresh)
            return
        fresh.rests_until = self.loop.turns + _REST_TURNS
        resting.append(fresh)

    def _close(self, fresh: FreshSocket) -> None:
        self._all.discard(fresh)
        fresh.sock.close()
        self.loop.forget_closed(fresh.fd)

    def close(self) -> None:
        """Close all of them."""
        for fresh in tuple(self._all):
            self._close(fresh)
        for resting in self._resting.values():
            resting.clear()
