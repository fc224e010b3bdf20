"""Addresses of one owner are written many at a time, to the octet as one by one."""

from __future__ import annotations

import dns.message
from hypothesis import given
from hypothesis import strategies as st

from dnscore.wire import names
from dnscore.wire.build import Record, _Writer
from dnscore.wire.const import AAAA, CH, CNAME, IN, TCP_MAX, TXT, A
from dnscore.wire.query import parse_query

QUERY = parse_query(dns.message.make_query("web.ns.svc.cluster.local.", "A").to_wire())
OWNERS = [
    names.from_text(text)
    for text in ("web.ns.svc.cluster.local", "WEB.ns.svc.cluster.local", "b.example", ".")
]
RECORDS = st.builds(
    Record,
    owner=st.sampled_from(OWNERS),
    rtype=st.sampled_from((A, A, A, AAAA, TXT, CNAME)),
    ttl=st.sampled_from((30, 30, 30, 5)),
    # Also lengths that no address has: an upstream server may send them.
    rdata=st.sampled_from((b"\0", b"\x03aaa\0", b"\1\2\3\4", b"\5\6\7\x08", b"x" * 16)),
    rclass=st.sampled_from((IN, IN, IN, CH)),
)
RUNS = st.lists(st.tuples(RECORDS, st.integers(1, 30)), max_size=6)


@given(RUNS, st.integers(12, 700) | st.just(TCP_MAX), st.integers(0, 2))
def test_the_same_octets(runs: list[tuple[Record, int]], limit: int, filler: int) -> None:
    # Behind 18 kB of something else no pointer leads to what is written.
    records = [Record(b"\0", TXT, 5, b"x" * 9000) for _ in range(filler)]
    records += [record for record, times in runs for _ in range(times) if _plausible(record)]
    whole, single = _Writer(QUERY, limit), _Writer(QUERY, limit)
    written = whole.add_all(records)
    expected = 0
    for record in records:
        if not single._add(record):
            break
        expected += 1
    assert written == expected
    assert b"".join(whole.parts) == b"".join(single.parts)
    assert whole._at == single._at


def _plausible(record: Record) -> bool:
    """Whether the data of a CNAME is a name."""
    return record.rtype != CNAME or record.rdata in (b"\0", b"\x03aaa\0")
