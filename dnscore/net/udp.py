"""UDP listeners: each wake-up drains the socket until it is empty.

A query that is octet for octet (ID apart) one that was answered before is answered from
`prebuilt` without being looked at: `prebuilt[query[2:]]` is the response behind its ID. Whoever
owns that dictionary keeps it true and bounded.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from struct import Struct

from dnscore.lifecycle import StartError
from dnscore.loop import Loop
from dnscore.net.address import Address
from dnscore.net.handler import Handler, Peer
from dnscore.wire.const import UDP_RECEIVE

DRAIN_MAX = 256
"""Datagrams read per wake-up; then the other sockets get their turn."""

_IPV4_PKTINFO = Struct("=I4s4s")
_IPV6_PKTINFO = Struct("=16sI")
_IP_PKTINFO = 8  # <linux/in.h>; the socket module does not name it
_ANCILLARY_MAX = 64


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
    ) -> None:
        self._loop = loop
        self._sock = sock
        self._handler = handler
        self._prebuilt = prebuilt
        self.address = Address(*sock.getsockname()[:2])
        self.received = 0
        """Datagrams read."""
        self.prebuilt_hits = 0
        """Datagrams answered from `prebuilt`."""
        self.send_failures = 0
        wildcard = self.address.host in ("0.0.0.0", "::")
        self._wildcard = wildcard
        if wildcard:
            _ask_for_pktinfo(sock)
        loop.on_readable(sock.fileno(), self._drain_wildcard if wildcard else self._drain)

    # HOT: once per packet. Locals instead of attributes; the hit path makes two slices, one
    # dictionary look-up and two system calls. Each OSError is caught where it can arise, so that
    # one of the handler's is not taken for an empty socket.
    def _drain(self) -> None:
        receive, send = self._sock.recvfrom, self._sock.sendto
        find, handle = self._prebuilt.get, self._handler.handle
        received = hits = 0
        try:
            while received < DRAIN_MAX:
                try:
                    wire, peer = receive(UDP_RECEIVE)
                except OSError:
                    break  # Drained.
                received += 1
                response = find(wire[2:])
                if response is not None:
                    hits += 1
                    response = wire[:2] + response
                else:
                    response = handle(wire, peer, self)
                    if response is None:
                        continue
                try:
                    send(response, peer)
                except OSError:
                    self.send_failures += 1
        finally:
            self.received += received
            self.prebuilt_hits += hits

    def _drain_wildcard(self) -> None:
        """As `_drain`, for a socket on all addresses: answers from the address asked."""
        receive, find, handle = self._sock.recvmsg, self._prebuilt.get, self._handler.handle
        received = hits = 0
        try:
            while received < DRAIN_MAX:
                try:
                    wire, ancillary, _, source = receive(UDP_RECEIVE, _ANCILLARY_MAX)
                except OSError:
                    break
                received += 1
                peer = (source, ancillary)
                response = find(wire[2:])
                if response is not None:
                    hits += 1
                    response = wire[:2] + response
                else:
                    response = handle(wire, peer, self)
                if response is not None:
                    self.send(response, peer)
        finally:
            self.received += received
            self.prebuilt_hits += hits

    def send(self, response: bytes, peer: Peer) -> None:
        """Answer a peer of this listener; a full or failing socket loses it, as UDP may."""
        try:
            if self._wildcard:
                source, ancillary = peer
                self._sock.sendmsg([response], _reply_ancillary(ancillary), 0, source)
            else:
                self._sock.sendto(response, peer)
        except OSError:
            self.send_failures += 1

    def source(self, peer: Peer) -> tuple[str, int]:
        """The peer's IP address and port."""
        address = peer[0] if self._wildcard else peer
        return address[0], address[1]

    def close(self) -> None:
        """Stop listening."""
        self._loop.forget(self._sock.fileno())
        self._sock.close()


def _ask_for_pktinfo(sock: socket.socket) -> None:
    if sock.family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
    else:
        sock.setsockopt(socket.IPPROTO_IP, _IP_PKTINFO, 1)


def _reply_ancillary(received: list[tuple[int, int, bytes]]) -> list[tuple[int, int, bytes]]:
    """Control data that sends a reply from the address that the query was sent to."""
    for level, kind, data in received:
        if level == socket.IPPROTO_IP and kind == _IP_PKTINFO:
            # Interface 0: the route decides; ipi_spec_dst becomes the source address.
            local = _IPV4_PKTINFO.unpack(data[: _IPV4_PKTINFO.size])[1]
            return [(level, kind, _IPV4_PKTINFO.pack(0, local, bytes(4)))]
        if level == socket.IPPROTO_IPV6 and kind == socket.IPV6_PKTINFO:
            return [(level, kind, data)]
    return []


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
