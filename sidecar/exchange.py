"""One DNS exchange over UDP: the only place of the sidecar that talks DNS on a socket."""

from __future__ import annotations

import socket

import dns.exception
import dns.message
import dns.query
import dns.rdataclass
import dns.rdatatype

from sidecar.address import ServerAddress
from sidecar.schedule import EXCHANGE_TIMEOUT_S


class ExchangeError(Exception):
    """No usable answer; the text says why, for the operator of the server."""


def ask(
    server: ServerAddress,
    name: str,
    *,
    rdtype: str,
    rdclass: str = "IN",
    timeout_s: float = EXCHANGE_TIMEOUT_S,
) -> dns.message.Message:
    """The answer to one query, RD set, no EDNS, asked once. Raises ExchangeError."""
    query = dns.message.make_query(
        name, dns.rdatatype.from_text(rdtype), dns.rdataclass.from_text(rdclass), use_edns=False
    )
    try:
        family, _, _, _, target = socket.getaddrinfo(
            server.host, server.port, type=socket.SOCK_DGRAM
        )[0]
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            sock.setblocking(False)
            # Connected, so that a closed port is known at once by its ICMP message (RFC 1122
            # 4.1.3.3) instead of after the timeout, and nobody else's datagram is taken.
            sock.connect(target)
            return dns.query.udp(
                query, str(target[0]), timeout_s, server.port, sock=sock, ignore_unexpected=True
            )
    except dns.exception.Timeout:
        raise ExchangeError(f"no answer from {server} within {timeout_s:g} s") from None
    except dns.exception.DNSException as error:
        raise ExchangeError(f"bad answer from {server}: {error or type(error).__name__}") from None
    except OSError as error:
        reason = error.strerror or str(error) or type(error).__name__
        raise ExchangeError(f"cannot ask {server}: {reason}") from None
