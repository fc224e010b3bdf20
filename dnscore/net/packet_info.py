"""Which of our addresses a datagram was sent to, and answering from it: ip(7), ipv6(7).

The kernel hands out the local address as control data beside each datagram and takes the same
data with a reply, so the octets stay where they are.
"""

from __future__ import annotations

import mmap
import socket
from struct import Struct

_IP_PKTINFO = 8  # <linux/in.h>; the socket module does not name it
_IPV4_SIZE = socket.CMSG_SPACE(12)
_IPV6_SIZE = socket.CMSG_SPACE(20)
_INTERFACE = socket.CMSG_LEN(0)
"""Where ipi_ifindex stands in the control data of IPv4."""
_ANY_INTERFACE = bytes(4)
_CONTROL_HEAD = Struct("@Nii")
"""struct cmsghdr: cmsg_len, cmsg_level, cmsg_type."""
_IPV4_KIND = (socket.IPPROTO_IP, _IP_PKTINFO)
_IPV6_KIND = (socket.IPPROTO_IPV6, socket.IPV6_PKTINFO)


def want_packet_info(sock: socket.socket) -> None:
    """Ask the kernel for it, of a socket that is not bound yet: what comes before has none."""
    if sock.family == socket.AF_INET:
        sock.setsockopt(socket.IPPROTO_IP, _IP_PKTINFO, 1)
    else:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)


class PacketInfo:
    """The packet information of a socket that is bound to all addresses."""

    def __init__(self, sock: socket.socket) -> None:
        """`sock` gets it already; see want_packet_info."""
        self._ipv4 = sock.family == socket.AF_INET
        self.size = _IPV4_SIZE if self._ipv4 else _IPV6_SIZE
        """Octets of control data per datagram."""
        level, kind = _IPV4_KIND if self._ipv4 else _IPV6_KIND
        length = socket.CMSG_LEN(12 if self._ipv4 else 20)
        head = _CONTROL_HEAD.pack(length, level, kind)
        self.nowhere = head + bytes(self.size - len(head))
        """Control data that leaves source address and interface to the kernel."""

    def prepare_replies(self, control: mmap.mmap, count: int) -> None:
        """Make what came with `count` datagrams into what goes with their replies.

        An IPv4 reply must not be tied to the interface that the query came in on: the route
        decides. IPv6 needs the interface for link-local peers.
        """
        if self._ipv4:
            for at in range(_INTERFACE, count * self.size, self.size):
                control[at : at + 4] = _ANY_INTERFACE
