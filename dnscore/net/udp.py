"""UDP listeners: each wake-up drains the socket, many datagrams per system call.

A query that is octet for octet (ID apart) one that was answered before is answered from
`prebuilt` without being looked at: `prebuilt[query[2:]]` is the response behind its ID. Whoever
owns that dictionary keeps it true and bounded. Such a response is written over its query, so the
ID and the peer's address stay where the kernel put them. It does not wait for the few queries of
its batch that have to be handled, whatever their order.
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
from dnscore.net.mmsg import LENGTH_WORD, NAME_SIZE, ROWS, SLOT_SIZE, SLOTS, STARTS
from dnscore.net.outbox import Outbox
from dnscore.net.packet_info import PacketInfo, want_packet_info

BATCHES_MAX = 4
"""System calls that read per wake-up; then the other sockets get their turn."""
DRAIN_MAX = BATCHES_MAX * SLOTS
"""Datagrams read per wake-up."""
FEW = 4
"""Queries of a batch that the others do not wait for when they have to be handled: each may cost
two more system calls."""
_ALL_ADDRESSES = ("0.0.0.0", "::")


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
        self._fd = sock.fileno()
        """-1 once it is closed."""
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
        # A socket on all addresses must be told from which of them to answer.
        self._info = PacketInfo(sock) if self.address.host in _ALL_ADDRESSES else None
        self._name_size = 16 if sock.family == socket.AF_INET else NAME_SIZE
        self._name_spans = _name_spans(self._name_size)
        control_size = self._info.size if self._info else 0
        self._slots = mmsg.Slots(name_size=self._name_size, control_size=control_size)
        self._queries = self._slots.headers()
        self._answers = self._slots.headers()
        self._outbox = Outbox(
            loop, sock.fileno(), name_size=self._name_size, control_size=control_size
        )
        self.send: Callable[[bytes, Peer], None] = self._outbox.put_for
        """Answers a peer of this listener; a full or failing socket loses it, as UDP may."""
        self._failures = 0
        loop.on_readable(sock.fileno(), self._drain)

    @property
    def send_failures(self) -> int:
        """Responses that the kernel would not take."""
        return self._failures + self._outbox.failures

    def _drain(self) -> None:
        fd, queries = self._fd, self._queries
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
            if count == 1:
                self._answer_one()
                return
            handled = self._answer(count)
            # Where several came there are mostly more by now, which saves a wake-up; but what was
            # handed on goes out when the loop goes round.
            if self._fd < 0 or (handled and count < SLOTS):
                return

    # HOT: under a light load, when packets come one by one. What is paid once per batch would be
    # more than half of the cost.
    def _answer_one(self) -> None:
        """Answer what came alone."""
        length = self._queries.lengths[LENGTH_WORD]
        size = self._answer_ready(0, length) or self._handle(0, length)
        if size and self._fd >= 0:
            self._answers.sizes[1] = size
            self._failures += mmsg.send(self._fd, self._answers, 0, 1)

    # HOT: once per packet. A hit costs two slices, a look-up and a copy beside its share of the
    # two system calls. Lengths are read and written one by one: all at once takes a little less
    # of each packet of a full batch, but as long as three packets of every small one.
    def _answer(self, count: int) -> int:
        """Answer a batch; how many of it were given to the handler."""
        data, find, find_apart = self._slots.data, self._prebuilt.get, self._find_apart
        lengths, sizes = self._queries.lengths, self._answers.sizes
        others: list[tuple[int, int]] = []
        apart = 0
        for at, behind, length, size in ROWS[:count]:
            behind_id = data[behind : at + lengths[length]]
            response = find(behind_id)
            if response is None:
                if find_apart is None or (response := find_apart(behind_id)) is None:
                    others.append((at, lengths[length]))
                    sizes[size] = 0
                    continue
                apart += 1
            end = behind + len(response)
            data[behind:end] = response
            sizes[size] = end - at
        self.apart_hits += apart
        self.prebuilt_hits += count - len(others) - apart
        if others:
            self._answer_others(others, sizes[1 : 2 * count : 2].tolist())
        else:
            self._send(0, count)
        return len(others)

    def _answer_others(self, others: list[tuple[int, int]], sizes: list[int]) -> None:
        """Answer what was not ready, and send all; `sizes` are those of what was, or 0."""
        if len(others) <= FEW and len(others) < len(sizes):
            # What is ready does not wait: the others may take several times as long as all of it.
            self._send_all_but_empty(sizes)
            sizes = [0] * len(sizes)
        self._handle_all(others, sizes)

    def _handle_all(self, queries: list[tuple[int, int]], sizes: list[int]) -> None:
        """Handle queries, by where they begin, and their lengths; send their answers, and those of
        the batch that have these `sizes`."""
        to_send, made = self._answers.sizes, 0
        # Once a response has been made, it is there for those who ask the same in this batch.
        for at, length in queries:
            size = (made and self._answer_ready(at, length)) or self._handle(at, length)
            if size:
                slot = at // SLOT_SIZE
                sizes[slot] = to_send[2 * slot + 1] = size
                made += 1
        if made or any(sizes):
            self._send_all_but_empty(sizes)

    def _answer_ready(self, at: int, length: int) -> int:
        """The size of the response that a slot holds then, if it was ready, or 0."""
        data = self._slots.data
        behind_id = data[at + 2 : at + length]
        response = self._prebuilt.get(behind_id)
        if response is not None:
            self.prebuilt_hits += 1
        else:
            response = self._find_apart(behind_id) if self._find_apart is not None else None
            if response is None:
                return 0
            self.apart_hits += 1
        size = 2 + len(response)
        data[at + 2 : at + size] = response
        return size

    def _send_all_but_empty(self, sizes: list[int]) -> None:
        """Send the slots that have something to be sent, each row of them at once."""
        first = 0
        for slot, size in enumerate(sizes):
            if not size:
                if slot > first:
                    self._send(first, slot - first)
                first = slot + 1
        self._send(first, len(sizes) - first)

    def _send(self, first: int, count: int) -> None:
        if count and self._fd >= 0:
            self._failures += mmsg.send(self._fd, self._answers, first, count)

    def _handle(self, at: int, length: int) -> int:
        """Give a query to the handler; the size of the response that its slot holds then, or 0."""
        data, info = self._slots.data, self._info
        peer = self._slots.names[self._name_spans[at]]
        try:
            if info is not None:
                first = at // SLOT_SIZE * info.size
                peer += self._slots.control[first : first + info.size]
            response = self._handler.handle(data[at : at + length], peer, self)
        except Exception as error:
            self._loop.failed(error)
            return 0
        if response is None:
            return 0
        size = len(response)
        if size > SLOT_SIZE:
            self._failures += 1
            return 0
        data[at : at + size] = response
        return size

    def peer_at(self, address: Address) -> bytes:
        """Whom to send to at an address, without a query to answer; it must be of our family."""
        return sockaddr(address) + (self._info.nowhere if self._info else b"")

    def last_batch(self, most: int) -> list[bytes]:
        """Some messages of the batch that was read last, for statistics that may be inexact.

        Those that were answered are overwritten by their answers, which repeat the question.
        """
        data, lengths = self._slots.data, self._queries.lengths
        rows = ROWS[: min(self._last_count, most)]
        return [data[at : at + lengths[length]] for at, _, length, _ in rows]

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
        self._loop.forget(self._fd)
        self._fd = -1
        self._sock.close()


def _name_spans(size: int) -> dict[int, slice]:
    """Where the peer's name is, by where its slot begins."""
    return {at: slice(n * size, n * size + size) for n, at in enumerate(STARTS)}


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
        if address.host in _ALL_ADDRESSES:
            want_packet_info(sock)
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
