"""`--log-queries`: what is asked, forwarded and answered, in dnsmasq's words, line by line.

`query[A] a.test from 10.1.2.3`, `forwarded a.test to 10.0.0.53`, `reply a.test is 10.0.0.1`,
`cached a.test is NXDOMAIN` (dnsmasq(8), `--log-queries`). With `extra` each line begins with a
serial number and the client's address and port, which are those of one query. Nothing here knows
where lines go; whoever takes them must not wait. Pure.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from struct import Struct, error

from dnscore.net.handler import Peer, Via
from dnscore.wire import names
from dnscore.wire.const import (
    AAAA,
    CNAME,
    HEADER_SIZE,
    NOERROR,
    NOTIMP,
    NXDOMAIN,
    PTR,
    RCODE_MASK,
    REFUSED,
    SERVFAIL,
    TC,
    TYPE_NAMES,
    A,
)
from dnscore.wire.errors import Malformed
from dnscore.wire.query import Query
from dnsmasq_front.pending import Transport, Try

RECORDS_MAX = 100
"""Records of a response that are told; each is a line."""
_FIXED = Struct("!HHIH")
_HEADER = Struct("!HHHHHH")
_RCODES = {1: "FORMERR", SERVFAIL: "SERVFAIL", NOTIMP: "not implemented", REFUSED: "REFUSED"}
_REVERSE = (".in-addr.arpa", ".ip6.arpa")


class QueryLog:
    """Turns queries and responses into lines."""

    def __init__(self, write: Callable[[str], None], *, extra: bool = False) -> None:
        self.write = write
        self._extra = extra
        self._serial = 0

    def asked(self, query: Query, peer: Peer, via: Via) -> LoggedVia:
        """A query has come; returns the way by which its response is to go back."""
        host, port = via.source(peer)
        self._serial += 1
        prefix = f"{self._serial} {host}/{port} " if self._extra else ""
        kind = TYPE_NAMES.get(query.qtype, f"type={query.qtype}")
        self.write(f"{prefix}query[{kind}] {shown(query.name)} from {host}")
        return LoggedVia(self, query, via, prefix)

    def forwarded(self, attempt: Try) -> None:
        """A question goes out to a server."""
        pending, server = attempt.pending, attempt.server.address
        if pending is not None:
            via = pending.waiters[0][3] if pending.waiters else None
            prefix = via.prefix if isinstance(via, LoggedVia) else ""
            port = "" if server.port == 53 else f"#{server.port}"
            self.write(f"{prefix}forwarded {shown(pending.name)} to {server.host}{port}")


class LoggedVia:
    """The way of one query, on which its response is told of."""

    def __init__(self, log: QueryLog, query: Query, via: Via, prefix: str) -> None:
        self._log = log
        self._query = query
        self._via = via
        self.prefix = prefix
        self.stream = via.stream

    def send(self, response: bytes, peer: Peer) -> None:
        """The response came from a server."""
        self.answered("reply", response)
        self._via.send(response, peer)

    def answered(self, how: str, response: bytes) -> None:
        """Tell of a response; `how` is `reply`, `cached`, `cached-stale` or `config`."""
        for text in response_texts(response, self._query):
            self._log.write(f"{self.prefix}{how} {text}")

    def source(self, peer: Peer) -> tuple[str, int]:
        """The client's IP address and port."""
        return self._via.source(peer)


class LoggedTransport:
    """A transport that tells what it sends."""

    def __init__(self, transport: Transport, log: QueryLog) -> None:
        self._transport = transport
        self._log = log

    def send(self, query: bytes, attempt: Try) -> None:
        """As the transport's."""
        self._log.forwarded(attempt)
        self._transport.send(query, attempt)

    def send_stream(self, query: bytes, attempt: Try) -> None:
        """As the transport's."""
        self._log.forwarded(attempt)
        self._transport.send_stream(query, attempt)

    def cancel(self, attempt: Try) -> None:
        """As the transport's."""
        self._transport.cancel(attempt)


def shown(name: bytes) -> str:
    """A name as dnsmasq shows it: without the final dot."""
    return names.to_text(name).removesuffix(".") or "."


def response_texts(response: bytes, query: Query) -> list[str]:
    """What a response says, a text for each record or one for all."""
    _, flags, questions, answers, _, _ = _HEADER.unpack_from(response)
    rcode, name = flags & RCODE_MASK, shown(query.name)
    if rcode == NXDOMAIN:
        return [f"{name} is NXDOMAIN"]
    if rcode != NOERROR:
        return [f"error is {_RCODES.get(rcode, rcode)}"]
    if flags & TC and not answers:
        return ["is truncated"]
    if not answers or not questions:
        return [f"{name} is {_no_data(query.qtype)}"]
    try:
        return _record_texts(response, query, min(answers, RECORDS_MAX))
    except (Malformed, error, ValueError):
        return [f"{name} is unreadable"]


def _no_data(qtype: int) -> str:
    return {A: "NODATA-IPv4", AAAA: "NODATA-IPv6"}.get(qtype, "NODATA")


def _record_texts(response: bytes, query: Query, count: int) -> list[str]:
    texts, at, kinds = [], names.skip(response, HEADER_SIZE) + 4, set()
    for _ in range(count):
        owner = shown(names.expand(response, at))
        at = names.skip(response, at)
        rtype, _, _, rdlength = _FIXED.unpack_from(response, at)
        at += 10
        data = response[at : at + rdlength]
        if rtype in (A, AAAA):
            texts.append(f"{owner} is {ipaddress.ip_address(data)}")
        elif rtype == PTR:
            texts.append(f"{_reversed(owner)} is {shown(names.expand(response, at))}")
        else:
            texts.append(f"{owner} is <{TYPE_NAMES.get(rtype, f'type={rtype}')}>")
        kinds.add(rtype)
        at += rdlength
    if kinds == {CNAME} and query.qtype != CNAME:
        texts.append(f"{owner} is {_no_data(query.qtype)}")
    return texts


def _reversed(owner: str) -> str:
    """The address that a name of the reverse zones stands for, as dnsmasq shows it."""
    v4, v6 = (owner.removesuffix(zone) for zone in _REVERSE)
    try:
        if v4 != owner:
            return str(ipaddress.IPv4Address(".".join(reversed(v4.split(".")))))
        if v6 != owner:
            return str(ipaddress.IPv6Address(int(v6.replace(".", "")[::-1], 16)))
    except ValueError:
        pass
    return owner
