"""Generated names, records and messages for the tests of the wire format."""

from __future__ import annotations

import struct

import dns.flags
import dns.message
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
from hypothesis import strategies as st

from dnscore.wire import names
from dnscore.wire.build import Record
from dnscore.wire.const import AAAA, CNAME, NS, PTR, SOA, SRV, TXT, A

COMMON = [b"svc", b"SVC", b"ns", b"cluster", b"Cluster", b"local", b"a", b"_http", b"_tcp", b"0"]


def _fitted(labels: list[bytes]) -> bytes:
    """The name of as many of the labels, from the right, as 255 octets hold."""
    kept: list[bytes] = []
    size = 1
    for label in reversed(labels):
        size += len(label) + 1
        if size > 255:
            break
        kept.insert(0, label)
    return names.from_labels(kept)


any_label = st.binary(min_size=1, max_size=63)
any_name = st.lists(any_label, max_size=8).map(_fitted)
"""Any octets in the labels, up to the longest names."""
cluster_name = st.lists(st.sampled_from(COMMON), max_size=8).map(_fitted)
"""Few labels in both cases, so that suffixes are shared."""
names_mixed = st.one_of(cluster_name, cluster_name, any_name)

ttls = st.one_of(st.integers(0, 0x7FFFFFFF), st.sampled_from([0, 5, 30]))


def _soa(mname: bytes, rname: bytes, numbers: list[int]) -> bytes:
    return mname + rname + struct.pack("!5I", *numbers)


def _srv(numbers: list[int], target: bytes) -> bytes:
    return struct.pack("!3H", *numbers) + target


def _txt(strings: list[bytes]) -> bytes:
    return b"".join(bytes([len(s)]) + s for s in strings)


u16, u32 = st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF)
rdatas = st.one_of(
    st.tuples(st.just(A), st.binary(min_size=4, max_size=4)),
    st.tuples(st.just(AAAA), st.binary(min_size=16, max_size=16)),
    st.tuples(st.sampled_from([PTR, CNAME, NS]), names_mixed),
    st.tuples(st.just(SRV), st.builds(_srv, st.lists(u16, min_size=3, max_size=3), names_mixed)),
    st.tuples(
        st.just(SOA),
        st.builds(_soa, names_mixed, names_mixed, st.lists(u32, min_size=5, max_size=5)),
    ),
    st.tuples(
        st.just(TXT),
        st.builds(_txt, st.lists(st.binary(max_size=255), min_size=1, max_size=3)),
    ),
)
records = st.builds(
    lambda owner, ttl, rdata: Record(owner, rdata[0], ttl, rdata[1]), names_mixed, ttls, rdatas
)
record_lists = st.lists(records, max_size=8)


Flat = tuple[bytes, int, int, int, bytes]
"""Owner, type, class, TTL and record data, the names in lower case."""


def flat(record: Record) -> Flat:
    """What our record says, with the names that dnspython compares in lower case."""
    rdata = dns.rdata.from_wire(
        dns.rdataclass.IN, dns.rdatatype.RdataType(record.rtype), record.rdata, 0, len(record.rdata)
    )
    digest = rdata.to_digestable()
    return record.owner.lower(), record.rtype, record.rclass, record.ttl, digest


def flat_section(section: list[dns.rrset.RRset]) -> list[Flat]:
    """The records of a section that dnspython has read with one_rr_per_rrset."""
    return [
        (
            rrset.name.to_wire().lower(),  # type: ignore[union-attr]
            int(rrset.rdtype),
            int(rrset.rdclass),
            int(rrset.ttl),
            rdata.to_digestable(),
        )
        for rrset in section
        for rdata in rrset
    ]


def read_back(wire: bytes) -> dns.message.Message:
    """dnspython's reading of a message; it raises for trailing octets and bad pointers."""
    return dns.message.from_wire(wire, one_rr_per_rrset=True)


query_types = st.sampled_from([1, 2, 5, 6, 12, 16, 28, 33, 65, 255, 65280])


@st.composite
def queries(draw: st.DrawFn) -> bytes:
    """A well-formed query as dnspython writes it: odd case, EDNS or not, flags."""
    name = dns.name.from_wire(draw(names_mixed), 0)[0]
    message = dns.message.make_query(name, dns.rdatatype.from_text(f"TYPE{draw(query_types)}"))
    message.id = draw(u16)
    message.flags = dns.flags.Flag(0)
    for flag in (dns.flags.RD, dns.flags.CD, dns.flags.AD):
        if draw(st.booleans()):
            message.flags |= flag
    if draw(st.booleans()):
        message.use_edns(
            edns=draw(st.sampled_from([0, 0, 1, 255])),
            ednsflags=dns.flags.DO if draw(st.booleans()) else 0,
            payload=draw(st.sampled_from([0, 511, 512, 1232, 1233, 4096, 65535])),
        )
    return message.to_wire()
