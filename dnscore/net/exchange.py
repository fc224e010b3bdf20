"""One question to one other server, one answer: what a forwarder needs of UDP and TCP.

Each exchange has a connected socket of its own, so the kernel picks a fresh random source port,
drops what comes from elsewhere and reports a closed port at once (RFC 5452 section 9). The ID
comes from the caller's random source. What does not repeat the ID and the question is counted and
dropped, and the wait goes on. Time-outs are the caller's: it closes the exchange.
"""

from __future__ import annotations

import socket
from collections.abc import Callable

from dnscore.loop import Loop
from dnscore.net.address import Address
from dnscore.wire.const import UDP_RECEIVE
from dnscore.wire.scan import answers_question

OnReply = Callable[[bytes | None], None]
"""Called once with the response, or None when the server cannot be reached."""

MISMATCHES_MAX = 64
"""Datagrams to one socket that were no answer; then its question is given up (RFC 5452 9.2)."""
_DATAGRAMS_MAX = 16
"""Read per wake-up; then the other sockets get their turn."""
_RECEIVE = 65535
_DATAGRAM = socket.SOCK_DGRAM | socket.SOCK_NONBLOCK  # Born so: a system call less.


class _Exchange:
    """A query on its way, whatever carries it."""

    def __init__(self, loop: Loop, query: bytes, question: bytes, on_reply: OnReply) -> None:
        self._loop = loop
        self._id = query[:2]
        self._question = question
        self._on_reply = on_reply
        self._sock: socket.socket | None = None

    def _is_answer(self, wire: bytes) -> bool:
        return wire[:2] == self._id and answers_question(wire, self._question)

    def _finish(self, wire: bytes | None) -> None:
        self.close()
        self._on_reply(wire)

    def close(self) -> None:
        """Give up waiting; harmless when it is over."""
        if self._sock is not None:
            fd = self._sock.fileno()
            self._sock.close()
            self._loop.forget_closed(fd)
            self._sock = None


class UdpExchange(_Exchange):
    """A query sent over UDP, waiting for its response."""

    def __init__(
        self, loop: Loop, server: Address, query: bytes, question: bytes, *, on_reply: OnReply
    ) -> None:
        """`query` goes out as it is, ID included; OSError when the server cannot be sent to."""
        super().__init__(loop, query, question, on_reply)
        self.mismatches = 0
        """Datagrams that did not repeat the ID and the question: forgeries, or strays."""
        sock = socket.socket(server.family, _DATAGRAM)
        try:
            sock.connect(server)
            sock.send(query)
        except OSError:
            sock.close()
            raise
        self._sock = sock
        loop.on_readable(sock.fileno(), self._readable)

    def _readable(self) -> None:
        for _ in range(_DATAGRAMS_MAX):
            if self._sock is None:
                return
            try:
                wire = self._sock.recv(UDP_RECEIVE)
            except BlockingIOError:
                return
            except OSError:
                self._finish(None)  # ECONNREFUSED: nobody listens there.
                return
            if self._is_answer(wire):
                self._finish(wire)
                return
            self.mismatches += 1
        if self.mismatches >= MISMATCHES_MAX:
            self._finish(None)  # One of the next could be taken for the answer.


class TcpExchange(_Exchange):
    """A query sent over TCP, waiting for its response (RFC 7766)."""

    def __init__(
        self, loop: Loop, server: Address, query: bytes, question: bytes, *, on_reply: OnReply
    ) -> None:
        """`query` goes out as it is, ID included; OSError when no connection can be begun."""
        super().__init__(loop, query, question, on_reply)
        self._input = bytearray()
        self._output = len(query).to_bytes(2, "big") + query
        sock = socket.socket(server.family, socket.SOCK_STREAM)
        try:
            sock.setblocking(False)
            sock.connect(server)
        except BlockingIOError:
            pass  # The usual case: it goes on in the background.
        except OSError:
            sock.close()
            raise
        self._sock = sock
        loop.on_readable(sock.fileno(), self._readable)
        loop.on_writable(sock.fileno(), self._writable)

    def _writable(self) -> None:
        if self._sock is None:
            return
        try:
            sent = self._sock.send(self._output)
        except BlockingIOError:
            return
        except OSError:
            self._finish(None)
            return
        self._output = self._output[sent:]
        if not self._output:
            self._loop.on_writable(self._sock.fileno(), None)

    def _readable(self) -> None:
        if self._sock is None:
            return
        try:
            data = self._sock.recv(_RECEIVE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self._input += data
        end = 2 + int.from_bytes(self._input[:2], "big")
        if len(self._input) >= end:
            wire = bytes(self._input[2:end])
            self._finish(wire if self._is_answer(wire) else None)
        elif not data:
            self._finish(None)
