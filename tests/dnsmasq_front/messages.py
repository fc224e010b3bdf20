"""DNS messages for the front's tests: written and read with dnspython, not with our own code."""

from __future__ import annotations

from dataclasses import dataclass

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

from tests.fakes.dns_zone import read_zone

QUERY_ID = 4711


@dataclass(frozen=True, slots=True)
class Reply:
    """A response in presentation form."""

    rcode: str
    answers: list[str]
    """Lines `name ttl class type data`, in the order they came."""
    flags: set[str]
    message: dns.message.Message
    wire: bytes

    @property
    def ttls(self) -> list[int]:
        """The TTLs of the answer section."""
        return [rrset.ttl for rrset in self.message.answer]

    @property
    def data(self) -> list[str]:
        """The record data of the answer section, in order."""
        return [rdata.to_text() for rrset in self.message.answer for rdata in rrset]

    @property
    def errors(self) -> list[int]:
        """Extended DNS errors (RFC 8914)."""
        return [int(option.code) for option in self.message.extended_errors()]


def query_wire(
    question: str,
    *,
    edns: int | None = None,
    version: int = 0,
    do: bool = False,
    flags: int = dns.flags.RD,
    id_: int = QUERY_ID,
) -> bytes:
    """A query for `name TYPE` or `name TYPE CLASS`; `edns` is the UDP payload offered."""
    name, rdtype, *rest = question.split()
    query = dns.message.make_query(name, rdtype, rest[0] if rest else "IN", id=id_)
    query.flags = dns.flags.Flag(flags)
    if edns is not None:
        query.use_edns(version, dns.flags.DO if do else 0, edns)
    return query.to_wire()


def response_wire(
    query: bytes,
    answers: str = "",
    *,
    authority: str = "",
    additional: str = "",
    rcode: int = dns.rcode.NOERROR,
    flags: int = dns.flags.RA,
    edns: bool = False,
) -> bytes:
    """What a server says to a query, from zone text."""
    message = dns.message.make_response(dns.message.from_wire(query))
    message.flags |= dns.flags.Flag(flags)
    message.answer.extend(read_zone(answers))
    message.authority.extend(read_zone(authority))
    message.additional.extend(read_zone(additional))
    message.use_edns(0 if edns else -1, payload=1232)
    message.set_rcode(dns.rcode.Rcode(rcode))
    return message.to_wire(max_size=65535)


def read_reply(wire: bytes) -> Reply:
    """A response as dnspython reads it; raises when it is none."""
    message = dns.message.from_wire(wire)
    assert message.flags & dns.flags.QR
    return Reply(
        rcode=dns.rcode.to_text(message.rcode()),
        answers=[line for rrset in message.answer for line in rrset.to_text().splitlines()],
        flags=set(dns.flags.to_text(message.flags).split()),
        message=message,
        wire=wire,
    )


def addresses(name: str, count: int, *, ttl: int = 30) -> str:
    """Zone text of `count` A records."""
    return "\n".join(f"{name} {ttl} IN A 10.0.{i // 256}.{i % 256}" for i in range(count))


def soa(owner: str, *, ttl: int, minimum: int) -> str:
    """Zone text of an SOA record."""
    return f"{owner} {ttl} IN SOA ns.{owner} admin.{owner} 1 3600 600 86400 {minimum}"
