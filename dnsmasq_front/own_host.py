"""Whether an IP address is one of this machine's, as the kernel sees it now."""

from __future__ import annotations

import socket


def is_own_host(host: str) -> bool:
    """Whether packets to an IP address would come back to this machine (in this pod).

    A connected socket whose own address is the one it is connected to sends to itself. Nothing is
    sent for that. No address of loopback but the first is recognised; a caller knows those.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            sock.connect((host, 53))
            own: str = sock.getsockname()[0]
    except OSError:
        return False
    return own == host
