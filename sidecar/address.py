"""`host:port` of a DNS server as flags write it: an IP address or a host name; pure.

Brackets are optional around any IP address: `127.0.0.1`, `[127.0.0.1]:10053`, `::1`, `[::1]:53`.
A bare IPv6 address cannot carry a port: `::1:53` is the address ::1:53, on the default port.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dnscore.net.address import parse_address, parse_port

DNS_PORT = 53
"""RFC 1035 4.2."""

_LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST_NAME = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(\.{_LABEL})*\.?", re.ASCII | re.IGNORECASE)
_ZONE = re.compile(r"[^%]*(%[a-z0-9_.-]+)?", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """Where a DNS server listens."""

    host: str
    """An IP address without brackets, or a host name that is looked up at every use."""
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_server(text: str, *, default_port: int = DNS_PORT) -> ServerAddress:
    """Read `host[:port]`. Raises ValueError with the reason."""
    host, colon, port = text.partition(":")
    if text.count(":") < 2 and _is_host_name(host):  # else `fe80::1`
        return ServerAddress(host, parse_port(port) if colon else default_port)
    address = parse_address(text, default_port=default_port)
    if not _ZONE.fullmatch(address.host):
        raise ValueError(f"not an IP address: {text!r}")
    return ServerAddress(address.host, address.port)


def parse_host(text: str) -> str:
    """An IP address, in brackets or not, or a host name. Raises ValueError with the reason."""
    # Port 0 cannot be written: another one means that the text has brought its own.
    server = parse_server(text, default_port=0)
    if server.port:
        raise ValueError(f"not an address without a port: {text!r}")
    return server.host


def _is_host_name(text: str) -> bool:
    # All digits and dots is a mistyped IPv4 address, never a host (RFC 1123 2.1).
    return bool(_HOST_NAME.fullmatch(text)) and bool(text.strip("0123456789."))
