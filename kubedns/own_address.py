"""Whether a server's address is our own: a question forwarded there would come back for ever."""

from __future__ import annotations

import ipaddress
import socket

from dnscore.net.address import Address


def is_own_address(own: Address, server: Address) -> bool:
    """Whether `server` reaches the listener bound to `own`, an address or 0.0.0.0 or ::."""
    if server.port != own.port:
        return False
    if not ipaddress.ip_address(own.host).is_unspecified:
        return server.host == own.host
    if server.family != own.family:
        return False
    # The kernel lets us bind an address only if it is one of this machine's.
    with socket.socket(server.family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((server.host, 0))
        except OSError:
            return False
    return True
