"""One DNS exchange over UDP: the only place of the sidecar that talks DNS on a socket."""

from __future__ import annotations

import socket

import dns.edns
import dns.exception
import dns.message
import dns.query
import dns.rcode
import dns.rdataclass
import dns.rdatatype

from sidecar.address import ServerAddress
from sidecar.schedule import EXCHANGE_TIMEOUT_S

PAYLOAD = 1232
"""Octets of UDP that we take: fit for any path (DNS flag day 2020)."""

_STALE = (dns.edns.EDECode.STALE_ANSWER, dns.edns.EDECode.STALE_NXDOMAIN_ANSWER)


class ExchangeError(Exception):
    """No usable answer; the text says why, for the operator of the server."""


class NoAnswer(ExchangeError):
    """Nothing came in time: the question or its answer may have been lost."""


def ask(
    server: ServerAddress,
    name: str,
    *,
    rdtype: str,
    rdclass: str = "IN",
    edns: bool = False,
    timeout_s: float = EXCHANGE_TIMEOUT_S,
) -> dns.message.Message:
    """The answer to one query, RD set, asked once.

    With `edns` a server can say how it came by its answer (RFC 8914); one that does not know EDNS
    is asked again without. Raises ExchangeError.
    """
    query = dns.message.make_query(
        name,
        dns.rdatatype.from_text(rdtype),
        dns.rdataclass.from_text(rdclass),
        use_edns=0 if edns else False,
        payload=PAYLOAD,
    )
    try:
        answer = _exchange(server, query, timeout_s)
    except dns.exception.Timeout:
        raise NoAnswer(f"no answer from {server} within {timeout_s:g} s") from None
    except dns.exception.DNSException as error:
        raise ExchangeError(f"bad answer from {server}: {error or type(error).__name__}") from None
    except OSError as error:
        reason = error.strerror or str(error) or type(error).__name__
        raise ExchangeError(f"cannot ask {server}: {reason}") from None
    knows_no_edns = answer.rcode() in (dns.rcode.FORMERR, dns.rcode.NOTIMP)
    if edns and knows_no_edns and answer.edns < 0:  # RFC 6891 7
        return ask(server, name, rdtype=rdtype, rdclass=rdclass, timeout_s=timeout_s)
    return answer


def is_stale(answer: dns.message.Message) -> bool:
    """Whether a cache says that it gave an old answer for want of a new one (RFC 8914 4.4)."""
    return any(
        isinstance(option, dns.edns.EDEOption) and option.code in _STALE
        for option in answer.options
    )


def _exchange(
    server: ServerAddress, query: dns.message.Message, timeout_s: float
) -> dns.message.Message:
    family, _, _, _, target = socket.getaddrinfo(server.host, server.port, type=socket.SOCK_DGRAM)[
        0
    ]
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.setblocking(False)
        # Connected, so that a closed port is known at once by its ICMP message (RFC 1122
        # 4.1.3.3) instead of after the timeout, and nobody else's datagram is taken.
        sock.connect(target)
        return dns.query.udp(
            query, str(target[0]), timeout_s, server.port, sock=sock, ignore_unexpected=True
        )
