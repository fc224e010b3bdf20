"""The sockets that the front serves on: a UDP and a TCP one for each address.

Workers share an address by SO_REUSEPORT (socket(7)): each has sockets of its own there, and the
kernel deals clients out among them by address and port.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from dnscore.lifecycle import StartError
from dnscore.log import get_logger
from dnscore.net.address import Address
from dnscore.net.tcp import bind_tcp
from dnscore.net.udp import bind_udp
from dnsmasq_front.interfaces import choose_hosts, interface_addresses
from dnsmasq_front.options import FrontOptions

_FLAG = "--port"
_log = get_logger("front")


@dataclass(frozen=True, slots=True)
class Bound:
    """One address's pair of sockets."""

    address: Address
    udp: socket.socket
    tcp: socket.socket

    def close(self) -> None:
        """Give both back in this process; harmless when that has been done."""
        self.udp.close()
        self.tcp.close()


def with_interfaces(options: FrontOptions) -> FrontOptions:
    """The options with the addresses of the interfaces that they name. Raises StartError."""
    if not options.interfaces and not options.except_interfaces:
        return options
    try:
        known = interface_addresses()
    except OSError as error:
        raise StartError(f"cannot list the interfaces: {error.strerror}") from None
    hosts = choose_hosts(
        known,
        wanted=options.interfaces,
        unwanted=options.except_interfaces,
        given=[address.host for address in options.listen] if options.listen_given else (),
    )
    port = options.listen[0].port
    return replace(options, listen=tuple(Address(host, port) for host in hosts))


def bind_all(addresses: Iterable[Address], *, reuse_port: bool = False) -> tuple[Bound, ...]:
    """Sockets on every address. Raises StartError, with none of them left open."""
    bound: list[Bound] = []
    try:
        for address in addresses:
            try:
                bound.append(_bind(address, reuse_port=reuse_port))
            except StartError:
                # A machine without IPv6 is served over IPv4; nothing else may be missing.
                if address.host != "::" or os.path.exists("/proc/net/if_inet6"):
                    raise
                _log.info("no IPv6 on this machine", address=address)
    except StartError:
        close_all(bound)
        raise
    return tuple(bound)


def bind_for_workers(addresses: Sequence[Address], workers: int) -> list[tuple[Bound, ...]]:
    """A set of sockets on every address for each worker. Raises StartError."""
    # SO_REUSEPORT would also share a port with another program that sets it, such as a second
    # front started by mistake; binding once without it finds every other holder.
    alone = bind_all(addresses)
    close_all(alone)
    possible = [bound.address for bound in alone]
    return [bind_all(possible, reuse_port=True) for _ in range(workers)]


def close_all(bound: Iterable[Bound]) -> None:
    """Give sockets back in this process."""
    for one in bound:
        one.close()


def _bind(address: Address, *, reuse_port: bool) -> Bound:
    udp = bind_udp(address, flag=_FLAG, reuse_port=reuse_port)
    try:
        tcp = bind_tcp(address, flag=_FLAG, reuse_port=reuse_port)
    except StartError:
        udp.close()
        raise
    return Bound(address, udp, tcp)
