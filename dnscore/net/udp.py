"""UDP listeners: each wake-up drains the socket, many datagrams per system call.

A query that is octet for octet (ID apart) one that was answered before is answered from
`prebuilt` without being looked at: `prebuilt[query[2:]]` is the response behind its ID. Whoever
owns that dictionary keeps it true and bounded. A response is written over its query, so the ID
and the peer's address stay where the kernel put them.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Mapping

from dnscore.lifecycle import StartError
from dnscore.loop import Loop
from dnscore.net import mmsg
from dnscore.net.address import Address
from dnscore.net.handler import Handler, Peer
from dnscore.net.mmsg import HEADER_WORDS, LENGTH_WORD, NAME_SIZE, SLOT_SIZE, SLOTS
from dnscore.net.outbox import Outbox
from dnscore.net.packet_info import PacketInfo

BATCHES_MAX = 4
"""System calls that read per wake-up; then the other sockets get their turn."""
DRAIN_MAX = BATCHES_MAX * SLOTS
"""Datagrams read per wake-up."""


class UdpListener:
    """A bound UDP socket whose queries go to a handler."""

    stream = False

    def __init__(
        self,
        loop: Loop,
        sock: socket.socket,
        handler: Handler,
        *,
        prebuilt: Mapping[bytes, bytes],
        apart: Mapping[bytes, bytes] | None = None,
    ) -> None:
        """`apart` is a second `prebuilt`, whose hits are counted by themselves."""
        self._loop = loop
        self._sock = sock
        self._handler = handler
        self._prebuilt = prebuilt
        self.address = Address(*sock.getsockname()[:2])
        self.received = 0
        """Datagrams read."""
        self.prebuilt_hits = 0
        """Datagrams answered from `prebuilt`."""
        self._find_apart = apart.get if apart is not None else None
        self.apart_hits = 0
        """Datagrams answered from `apart`."""
        self._last_count = 0
        wildcard = self.address.host in ("0.0.0.0", "::")
        # A socket on all addresses must be told from which of them to answer.
        self._info = PacketInfo(sock) if wildcard else None
        self._name_size = 16 if sock.family == socket.AF_INET else NAME_SIZE
        control_size = self._info.size if self._info else 0
        self._slots = mmsg.Slots(name_size=self._name_size, control_size=control_size)
        self._queries = self._slots.headers()
        self._answers = self._slots.headers()
        self._outbox = Outbox(
            loop, sock.fileno(), name_size=self._name_size, control_size=control_size
        )
        self.send: Callable[[bytes, Peer], None] = self._outbox.put
        """Answers a peer of this listener; a full or failing socket loses it, as UDP may."""
        self._failures = 0
        loop.on_readable(sock.fileno(), self._drain)

    @property
    def send_failures(self) -> int:
        """Responses that the kernel would not take."""
        return self._failures + self._outbox.failures

    def _drain(self) -> None:
        fd, queries = self._sock.fileno(), self._queries
        for _ in range(BATCHES_MAX):
            try:
                count = mmsg.receive(fd, queries)
            except OSError:
                return  # An error that a peer caused; the kernel has cleared it.
            if not count:
                return
            self.received += count
            self._last_count = count
            if self._info is not None:
                self._info.prepare_replies(self._slots.control, count)
                queries.renew_control(count)
            self._answer(count)
            if self._sock.fileno() < 0 or count < SLOTS:
                return

    # HOT: once per packet. A hit costs two slices, a look-up, a copy and two stores beside its
    # share of the two system calls.
    def _answer(self, count: int) -> None:
        data, lengths, sizes = self._slots.data, self._queries.lengths, self._answers.sizes
        find, find_apart = self._prebuilt.get, self._find_apart
        at, word, size = 0, LENGTH_WORD, 1
        first = hits = 0
        for slot in range(count):
            behind_id = data[at + 2 : at + lengths[word]]
            response = find(behind_id)
            if response is not None:
                hits += 1
                end = at + 2 + len(response)
                data[at + 2 : end] = response
                sizes[size] = end - at
            elif find_apart is not None and (response := find_apart(behind_id)) is not None:
                self.apart_hits += 1
                end = at + 2 + len(response)
                data[at + 2 : end] = response
                sizes[size] = end - at
            elif not self._handle(slot):
                # Nothing to send of this slot: what stands before it goes out now.
                if slot != first:
                    self._send(first, slot - first)
                first = slot + 1
            at += SLOT_SIZE
            word += HEADER_WORDS
            size += 2
        self.prebuilt_hits += hits
        self._send(first, count - first)

    def _send(self, first: int, count: int) -> None:
        fd = self._sock.fileno()
        if count and fd >= 0:
            self._failures += mmsg.send(fd, self._answers, first, count)

    def _handle(self, slot: int) -> bool:
        """Give a query to the handler; whether its slot holds a response to send."""
        at = slot * SLOT_SIZE
        wire = self._slots.data[at : at + self._queries.lengths[slot * HEADER_WORDS + LENGTH_WORD]]
        try:
            response = self._handler.handle(wire, self._peer(slot), self)
        except Exception as error:
            self._loop.failed(error)
            return False
        if response is None:
            return False
        if len(response) > SLOT_SIZE:
            self._failures += 1
            return False
        self._slots.data[at : at + len(response)] = response
        self._answers.sizes[slot * 2 + 1] = len(response)
        return True

    def _peer(self, slot: int) -> bytes:
        """What an answer must be sent with: address, and control data where there is any."""
        size = self._name_size
        name = self._slots.names[slot * size : slot * size + size]
        if self._info is None:
            return name
        size = self._info.size
        return name + self._slots.control[slot * size : slot * size + size]

    def peer_at(self, address: Address) -> bytes:
        """Whom to send to at an address, without a query to answer; it must be of our family."""
        return sockaddr(address) + (self._info.nowhere if self._info else b"")

    def last_batch(self, most: int) -> list[bytes]:
        """Some messages of the batch that was read last, for statistics that may be inexact.

        Those that were answered are overwritten by their answers, which repeat the question.
        """
        data, lengths = self._slots.data, self._queries.lengths
        return [
            data[at * SLOT_SIZE : at * SLOT_SIZE + lengths[at * HEADER_WORDS + LENGTH_WORD]]
            for at in range(min(self._last_count, most))
        ]

    def source(self, peer: Peer) -> tuple[str, int]:
        """The peer's IP address and port."""
        port = int.from_bytes(peer[2:4], "big")
        if self._name_size == NAME_SIZE:
            return socket.inet_ntop(socket.AF_INET6, peer[8:24]), port
        return socket.inet_ntop(socket.AF_INET, peer[4:8]), port

    def close(self) -> None:
        """Stop listening; answers that are ready go out first."""
        self._outbox.flush()
        self._outbox.close()
        self._loop.forget(self._sock.fileno())
        self._sock.close()


def bind_udp(address: Address, *, flag: str, reuse_port: bool = False) -> socket.socket:
    """A non-blocking UDP socket. Raises StartError naming the port and the flag to change."""
    sock = open_socket(address, socket.SOCK_DGRAM, flag=flag)
    try:
        if address.family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if reuse_port:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        # A burst of queries must fit while one batch is being answered.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        sock.setblocking(False)
        sock.bind((address.host, address.port))
    except OSError as error:
        sock.close()
        raise bind_error("UDP", address, flag=flag, error=error) from None
    return sock


def sockaddr(address: Address) -> bytes:
    """An address as the kernel has it: ip(7), ipv6(7)."""
    family, port = int(address.family).to_bytes(2, sys.byteorder), address.port.to_bytes(2, "big")
    if address.family == socket.AF_INET:
        return family + port + socket.inet_aton(address.host) + bytes(8)
    return family + port + bytes(4) + socket.inet_pton(socket.AF_INET6, address.host) + bytes(4)


def open_socket(address: Address, kind: socket.SocketKind, *, flag: str) -> socket.socket:
    """A socket of the address's family, which a machine without IPv6 may not have."""
    try:
        return socket.socket(address.family, kind)
    except OSError as error:
        protocol = "UDP" if kind == socket.SOCK_DGRAM else "TCP"
        raise bind_error(protocol, address, flag=flag, error=error) from None


def bind_error(protocol: str, address: Address, *, flag: str, error: OSError) -> StartError:
    """What to tell the person whose port cannot be had."""
    return StartError(
        f"cannot listen on {protocol} {address}: {error.strerror}; choose another with {flag}"
    )
