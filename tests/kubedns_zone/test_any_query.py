"""Whatever arrives, an answer leaves that others can read, or nothing; never an exception."""

from __future__ import annotations

from collections.abc import Sequence

import dns.message
import dns.rcode
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dnscore.wire.errors import Ignored
from dnscore.wire.query import parse_query
from tests.kubedns_zone.served import ServedZone, Wire, make_query


@pytest.fixture(scope="module", params=["usual", "other"])
def busy(request: pytest.FixtureRequest) -> ServedZone:
    zone = ServedZone()
    if request.param == "other":
        zone = ServedZone(pods="verified", endpoint_names="pod")
        zone.federations(east="east.example.com", default="default.example.com")
        zone.place = ("zone", "region")
        zone.pod("p", "10.1.0.1 fd00::2")
        zone.namespace("empty")
    zone.service("web", ips="10.0.0.1 fd00::1", ports="http/tcp:80")
    zone.service("db", headless=True)
    pods = "h p q" if request.param == "other" else ""
    zone.slice("d", "db", "h@10.1.0.1 10.1.0.2 h@10.1.0.3", ports="pg/tcp:5432", pods=pods)
    zone.slice("e", "db", "fd00::2", ports="pg/tcp:5432")
    zone.service("in", external="h.db.default.svc.cluster.local")
    zone.service("loop", external="loop.default.svc.cluster.local")
    zone.service("out", external="example.com")
    zone.service("fed", external="web.default.east.svc.cluster.local")
    zone.service("pod", external="10-1-0-1.default.pod.cluster.local")
    return zone


def check(zone: ServedZone, wire: bytes, *, stream: bool) -> None:
    """One response at most, with the query's ID, within its limits, readable by dnspython."""
    via = Wire(stream)
    response = zone.handler.handle(wire, None, via)
    responses = [*via.sent, *([response] if response is not None else [])]
    assert zone.failures == []
    try:
        parse_query(wire)
    except Ignored:
        assert responses == []
        return
    except Exception:
        pass
    assert len(responses) == 1
    assert responses[0][:2] == wire[:2]
    assert len(responses[0]) <= (65535 if stream else 1232)
    message = dns.message.from_wire(responses[0])
    assert message.rcode() != dns.rcode.SERVFAIL


LABELS = st.sampled_from(
    [
        b"web", b"db", b"in", b"loop", b"default", b"svc", b"pod", b"cluster", b"local", b"h", b"*",
        b"_tcp", b"_http", b"_pg", b"_", b"10-1-0-1", b"1-2-3-4", b"fd00--2", b"3234633364383235",
        b"east", b"fed", b"empty", b"p", b"dns-version", b"ns", b"dns", b"in-addr", b"ip6", b"arpa",
        b"10", b"1", b"0", b"WEB", b"\0",
    ]
)  # fmt: skip
any_label = st.one_of(LABELS, st.binary(min_size=1, max_size=63))
TAILS = st.sampled_from(
    [
        [], [b"cluster", b"local"], [b"svc", b"cluster", b"local"], [b"in-addr", b"arpa"],
        [b"default", b"svc", b"cluster", b"local"], [b"ip6", b"arpa"],
        [b"pod", b"cluster", b"local"], [b"*", b"svc", b"cluster", b"local"],
        [b"*", b"*", b"cluster", b"local"], [b"default", b"east", b"svc", b"cluster", b"local"],
        [b"web", b"default", b"svc", b"cluster", b"local"],
        [b"db", b"default", b"svc", b"cluster", b"local"],
    ]
)  # fmt: skip
TYPES = st.one_of(
    st.sampled_from([1, 2, 5, 6, 12, 13, 16, 28, 33, 41, 64, 65, 251, 252, 255]),
    st.integers(0, 65535),
)


def question(labels: Sequence[bytes], qtype: int, qclass: int) -> bytes:
    name = b"".join(bytes((len(label),)) + label for label in labels) + b"\0"
    return name + qtype.to_bytes(2, "big") + qclass.to_bytes(2, "big")


@settings(max_examples=500, deadline=None)
@given(
    st.lists(any_label, max_size=6),
    TAILS,
    TYPES,
    st.sampled_from([1, 1, 1, 3, 4, 254, 255, 0]),
    st.integers(0, 0x7FFF),
    st.sampled_from([b"", b"\0\0\x29\x02\0\0\0\0\0\0\0", b"\0\0\x29\xff\xff\0\1\x80\0\0\0"]),
    st.booleans(),
)
def test_questions(
    busy: ServedZone,
    front: list[bytes],
    tail: list[bytes],
    qtype: int,
    qclass: int,
    flags: int,
    opt: bytes,
    stream: bool,
) -> None:
    counts = bytes((0, 1, 0, 0, 0, 0, 0, 1 if opt else 0))
    wire = b"\x12\x34" + flags.to_bytes(2, "big") + counts
    check(busy, wire + question(front + tail, qtype, qclass) + opt, stream=stream)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300), st.booleans())
@example(b"", False)
@example(bytes(12), True)
def test_any_bytes(busy: ServedZone, wire: bytes, stream: bool) -> None:
    check(busy, wire, stream=stream)


@settings(max_examples=500, deadline=None)
@given(
    st.sampled_from(
        [
            make_query("db.default.svc.cluster.local.", "A", edns=1232),
            make_query("_pg._tcp.db.default.svc.cluster.local.", "SRV"),
            make_query("1-2-3-4.default.pod.cluster.local.", "HTTPS", edns=512),
            make_query("1.0.0.10.in-addr.arpa.", "PTR"),
        ]
    ),
    st.lists(st.tuples(st.integers(2, 90), st.integers(0, 255)), max_size=4),
    st.integers(0, 90),
)
def test_mutated_queries(
    busy: ServedZone, wire: bytes, flips: list[tuple[int, int]], cut: int
) -> None:
    data = bytearray(wire)
    for at, octet in flips:
        data[at % len(data)] = octet
    check(busy, bytes(data), stream=False)
    check(busy, bytes(data[: len(data) - cut]), stream=True)
