"""Messages over 16 kB: a pointer has 14 bits, so what stands behind 0x3FFF is written in full."""

from __future__ import annotations

from random import Random

import dns.message
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dnscore.wire import names
from dnscore.wire.build import Record, build_response
from dnscore.wire.const import PTR, SRV, TCP_MAX, TXT, A
from dnscore.wire.query import parse_query
from tests.dnscore.wire_strategies import flat, flat_section, names_mixed, read_back

QUERY = parse_query(dns.message.make_query("_http._tcp.web.ns.svc.cluster.local.", "SRV").to_wire())


def test_thousand_endpoints_with_their_addresses() -> None:
    service = names.from_text("_http._tcp.web.ns.svc.cluster.local")
    pods = [names.from_text(f"pod-{n}.web.ns.svc.cluster.local") for n in range(600)]
    answers = [Record(service, SRV, 30, b"\0\0\0\1\0\x50" + pod) for pod in pods]
    extra = [Record(pod, A, 30, bytes([10, 0, n >> 8, n & 255])) for n, pod in enumerate(pods)]
    response = build_response(
        QUERY, flags=0, rcode=0, answers=answers, additionals=extra, limit=TCP_MAX
    )
    assert len(response) > 0x4000
    message = read_back(response)
    assert flat_section(message.answer) == [flat(r) for r in answers]
    assert flat_section(message.additional) == [flat(r) for r in extra]


@pytest.mark.parametrize("shift", range(40))
def test_name_across_the_last_place_that_can_be_pointed_to(shift: int) -> None:
    filler = Record(b"\0", TXT, 5, (b"\xff" + b"x" * 255) * 62)
    padding = Record(b"\0", TXT, 5, b"\x01x" * (199 + shift // 2) + b"\x00" * (shift % 2))
    first = Record(names.from_text("aa.bb.cc.dd"), PTR, 5, names.from_text("ee.ff.gg.hh"))
    again = Record(names.from_text("x.bb.cc.dd"), PTR, 5, names.from_text("y.ff.gg.hh"))
    records = [filler, padding, first, again, first]
    response = build_response(QUERY, flags=0, rcode=0, answers=records, limit=TCP_MAX)
    at = response.index(b"\x02aa\x02bb")
    assert 0x3FFF - 60 < at < 0x3FFF + 20, "the names stand where the pointers end"
    assert flat_section(read_back(response).answer) == [flat(r) for r in records]


@settings(max_examples=30)
@given(st.lists(names_mixed, min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_generated_messages(pool: list[bytes], random: Random) -> None:
    filler = Record(b"\0", TXT, 5, b"\xff" + b"x" * 255)
    records = [Record(random.choice(pool), PTR, 5, random.choice(pool)) for _ in range(200)]
    at = random.randrange(len(records))
    records[at:at] = [filler] * 60
    response = build_response(QUERY, flags=0, rcode=0, answers=records, limit=TCP_MAX)
    found = flat_section(read_back(response).answer)
    assert found == [flat(r) for r in records[: len(found)]]
    assert len(response) <= TCP_MAX
