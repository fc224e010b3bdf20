"""A scripted DNS server on a loopback port, UDP and TCP, for tests of anything that asks DNS.

    with DnsServer("svc.test. 5 IN A 10.0.0.1\\nhits.bind. 0 CH TXT 10") as server:
        ask(server.host, server.port)
        server.on("lost.test.", Silence(), times=1)  # the next query is lost, later ones not
        assert [q.name for q in server.queries] == ["svc.test."]

What is asked comes from zone text in master file form (any class on any line); a script for a
name goes before the zone. No recursion, no EDNS, no zone cuts: a test says what it wants.
"""

from __future__ import annotations

import heapq
import itertools
import selectors
import socket
import struct
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype

from tests.fakes.dns_zone import answer_from_zone, read_zone

Peer = tuple[Any, ...] | None
"""A datagram's sender as the socket module gives it; None on a TCP connection."""


@dataclass(frozen=True, slots=True)
class Silence:
    """No answer at all."""


@dataclass(frozen=True, slots=True)
class Rcode:
    """An answer with this rcode and no records."""

    rcode: int


@dataclass(frozen=True, slots=True)
class Records:
    """An answer with these records, as zone text, and this rcode."""

    text: str = ""
    rcode: int = dns.rcode.NOERROR


@dataclass(frozen=True, slots=True)
class Raw:
    """These very bytes; the first two become the query's id unless `keep_id` is set."""

    wire: bytes
    keep_id: bool = False


@dataclass(frozen=True, slots=True)
class Truncated:
    """Over UDP an empty answer with TC set; over TCP the zone's answer."""


@dataclass(frozen=True, slots=True)
class Delayed:
    """Another reply, or the zone's answer, after this many seconds."""

    delay_s: float
    reply: Silence | Rcode | Records | Raw | Truncated | None = None


Reply = Silence | Rcode | Records | Raw | Truncated | Delayed


@dataclass(frozen=True, slots=True)
class SeenQuery:
    """A query that arrived."""

    name: str
    """Presentation form with the final dot, in the case that was sent."""
    rdtype: str
    rdclass: str
    transport: str
    """`udp` or `tcp`."""
    wire: bytes
    peer_port: int


@dataclass(slots=True)
class _Rule:
    reply: Reply
    rdtype: str | None
    left: int | None


@dataclass(slots=True)
class _Stream:
    sock: socket.socket
    received: bytearray = field(default_factory=bytearray)


class DnsServer:
    """Answers in one thread from `start()` (or `with`) until `stop()`; the port is then free."""

    def __init__(self, zone: str = "", *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.host = host
        self.queries: list[SeenQuery] = []
        """Every query that could be parsed, in order of arrival."""
        self._lock = threading.Lock()
        self._zone = read_zone(zone)
        self._rules: dict[dns.name.Name, list[_Rule]] = {}
        self._default: Reply | None = None
        self._udp, self._tcp = _bind_pair(host, port)
        self.port: int = self._udp.getsockname()[1]
        self._wake_out, self._wake_in = socket.socketpair()
        self._later: list[tuple[float, int, socket.socket, Peer, bytes]] = []
        self._order = itertools.count()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> DnsServer:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def address(self) -> str:
        """`127.0.0.1:port`, or `[::1]:port`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    def start(self) -> None:
        """Begin to answer; queries sent before wait in the socket."""
        self._thread = threading.Thread(target=self._run, name="dns-server", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Close both sockets: later queries meet a closed port. A second call does nothing."""
        self._wake_in.close()
        if self._thread is not None:
            self._thread.join(5)

    def set_zone(self, text: str) -> None:
        """Replace the zone."""
        zone = read_zone(text)
        with self._lock:
            self._zone = zone

    def on(
        self, name: str, reply: Reply, *, rdtype: str | None = None, times: int | None = None
    ) -> None:
        """Reply so to queries for a name, before the zone; rules apply in the order given.

        `times` limits a rule to that many queries; without it the rule never ends.
        """
        with self._lock:
            rules = self._rules.setdefault(dns.name.from_text(name), [])
            rules.append(_Rule(reply, rdtype, times))

    def on_all(self, reply: Reply | None) -> None:
        """Reply so to everything that has no rule of its own; None goes back to the zone."""
        with self._lock:
            self._default = reply

    def count(self, name: str, *, rdtype: str | None = None) -> int:
        """How many queries for a name (case ignored) arrived so far."""
        return sum(
            q.name.lower() == name.lower() and rdtype in (None, q.rdtype) for q in self.queries
        )

    def _run(self) -> None:
        with selectors.DefaultSelector() as selector:
            for sock in (self._udp, self._tcp, self._wake_out):
                selector.register(sock, selectors.EVENT_READ)
            try:
                while self._turn(selector):
                    pass
            finally:
                for key in list(selector.get_map().values()):
                    if isinstance(key.fileobj, socket.socket):
                        key.fileobj.close()

    def _turn(self, selector: selectors.BaseSelector) -> bool:
        wait_s = max(0.0, self._later[0][0] - time.monotonic()) if self._later else None
        for key, _ in selector.select(wait_s):
            if key.fileobj is self._wake_out:
                return False
            if key.fileobj is self._udp:
                wire, peer = self._udp.recvfrom(65535)
                self._answer(wire, "udp", sock=self._udp, peer=peer)
            elif key.fileobj is self._tcp:
                sock, _ = self._tcp.accept()
                selector.register(sock, selectors.EVENT_READ, _Stream(sock))
            else:
                self._read_stream(selector, key.data)
        while self._later and self._later[0][0] <= time.monotonic():
            _, _, sock, peer, wire = heapq.heappop(self._later)
            _send(sock, peer, wire)
        return True

    def _read_stream(self, selector: selectors.BaseSelector, stream: _Stream) -> None:
        try:
            data = stream.sock.recv(65535)
        except OSError:
            data = b""
        if not data:
            selector.unregister(stream.sock)
            stream.sock.close()
            return
        stream.received += data
        while len(stream.received) >= 2:  # RFC 1035 4.2.2: a two-byte length before each message
            (length,) = struct.unpack_from("!H", stream.received)
            if len(stream.received) < 2 + length:
                return
            wire = bytes(stream.received[2 : 2 + length])
            del stream.received[: 2 + length]
            self._answer(wire, "tcp", sock=stream.sock, peer=None)

    def _answer(self, wire: bytes, transport: str, *, sock: socket.socket, peer: Peer) -> None:
        try:
            query = dns.message.from_wire(wire, ignore_trailing=True)
            question = query.question[0]
        except (dns.exception.DNSException, IndexError):
            return
        rdtype = dns.rdatatype.to_text(question.rdtype)
        rdclass = dns.rdataclass.to_text(question.rdclass)
        peer_port = (sock.getpeername() if peer is None else peer)[1]
        name = question.name.to_text()
        with self._lock:
            self.queries.append(SeenQuery(name, rdtype, rdclass, transport, wire, peer_port))
            reply = self._pick(question.name, rdtype)
            delay_s = 0.0
            if isinstance(reply, Delayed):
                delay_s, reply = reply.delay_s, reply.reply
            answer = self._render(query, reply, transport=transport)
        if answer is not None and delay_s:
            due = time.monotonic() + delay_s
            heapq.heappush(self._later, (due, next(self._order), sock, peer, answer))
        elif answer is not None:
            _send(sock, peer, answer)

    def _pick(self, name: dns.name.Name, rdtype: str) -> Reply | None:
        for rule in self._rules.get(name, ()):
            if rule.rdtype in (None, rdtype) and rule.left != 0:
                rule.left = None if rule.left is None else rule.left - 1
                return rule.reply
        return self._default

    def _render(
        self, query: dns.message.Message, reply: Reply | None, *, transport: str
    ) -> bytes | None:
        match reply:
            case Silence():
                return None
            case Raw(wire, keep_id):
                return wire if keep_id else query.id.to_bytes(2, "big") + wire[2:]
            case _:
                message = dns.message.make_response(query)
        message.flags |= dns.flags.AA
        match reply:
            case Rcode(rcode):
                message.set_rcode(dns.rcode.Rcode(rcode))
            case Records(text, rcode):
                message.set_rcode(dns.rcode.Rcode(rcode))
                message.answer.extend(read_zone(text))
            case Truncated() if transport == "udp":
                message.flags |= dns.flags.TC
            case _:
                answer_from_zone(message, self._zone)
        return message.to_wire(max_size=65535)


def _send(sock: socket.socket, peer: Peer, wire: bytes) -> None:
    with suppress(OSError):  # the one who asked has gone
        if peer is None:
            sock.sendall(struct.pack("!H", len(wire)) + wire)
        else:
            sock.sendto(wire, peer)


def _bind_pair(host: str, port: int) -> tuple[socket.socket, socket.socket]:
    """A UDP socket and a TCP listener on one port; with port 0 on any that is free for both."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for attempt in itertools.count():
        udp = socket.socket(family, socket.SOCK_DGRAM)
        tcp = socket.socket(family, socket.SOCK_STREAM)
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            udp.bind((host, port))
            tcp.bind((host, udp.getsockname()[1]))
            tcp.listen(64)
            return udp, tcp
        except OSError:
            udp.close()
            tcp.close()
            if port or attempt > 50:
                raise
    raise AssertionError("unreachable")
