"""Socket addresses as people write them: `10.0.0.10`, `10.0.0.10:53`, `[fd00::10]:53`, `::1`."""

from __future__ import annotations

import ipaddress
import socket
from functools import lru_cache
from typing import NamedTuple


class Address(NamedTuple):
    """An IP address in canonical text and a port."""

    host: str
    port: int

    @property
    def family(self) -> socket.AddressFamily:
        """AF_INET or AF_INET6."""
        return socket.AF_INET6 if ":" in self.host else socket.AF_INET

    @property
    def is_loopback(self) -> bool:
        """Whether packets to it stay on this machine."""
        return _is_loopback(self.host)

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@lru_cache(maxsize=1024)
def _is_loopback(host: str) -> bool:
    # Asked once per forwarded question; reading the text again each time costs 5 us.
    return ipaddress.ip_address(host.partition("%")[0]).is_loopback


def parse_address(text: str, *, default_port: int, separator: str = ":") -> Address:
    """An IP address with an optional port behind `separator` (dnsmasq writes `#`).

    A bare IPv6 address needs no brackets; with a port behind a colon it does.
    Raises ValueError with the reason.
    """
    host, port_text = text, ""
    if text.startswith("["):
        host, bracket, tail = text[1:].partition("]")
        if not bracket or (tail and not tail.startswith(separator)):
            raise ValueError(f"not an address such as [fd00::1]{separator}53: {text!r}")
        port_text = tail[len(separator) :]
        if tail and not port_text:
            raise ValueError(f"port missing behind {separator!r}: {text!r}")
    elif separator != ":" or text.count(":") == 1:
        host, found, port_text = text.partition(separator)
        if found and not port_text:
            raise ValueError(f"port missing behind {separator!r}: {text!r}")
    try:
        if "]" in host:  # As the name of an interface behind % it would be taken for an address's.
            raise ValueError
        canonical = str(ipaddress.ip_address(host))
    except ValueError:
        raise ValueError(f"not an IP address: {host!r}") from None
    return Address(canonical, parse_port(port_text) if port_text else default_port)


def parse_port(text: str) -> int:
    """A port from 1 to 65535. Raises ValueError with the reason."""
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= 65535):
        raise ValueError(f"not a port from 1 to 65535: {text!r}")
    return int(text)
