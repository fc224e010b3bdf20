"""An OPT record with others behind it: cutting it moves them, but not the pointers to them."""

from __future__ import annotations

import struct

import dns.message

from dnscore.wire import names
from dnscore.wire.const import SRV, A
from dnscore.wire.scan import scan_response, with_ttls, without_opt
from tests.dnscore.wire_strategies import read_back


def record(owner: bytes, rtype: int, rdata: bytes, *, ttl: int = 5) -> bytes:
    return owner + struct.pack("!HHIH", rtype, 1, ttl, len(rdata)) + rdata


QUESTION = names.from_text("svc.test") + struct.pack("!HH", SRV, 1)
OPT = b"\x00" + struct.pack("!HHIH", 41, 1232, 0, 0)


def response(additional: list[bytes]) -> bytes:
    answer = record(b"\xc0\x0c", SRV, struct.pack("!3H", 0, 0, 80) + names.from_text("p.other"))
    head = struct.pack("!6H", 7, 0x8400, 1, 1, 0, len(additional))
    return head + QUESTION + answer + b"".join(additional)


def test_no_pointer_is_left_that_leads_elsewhere() -> None:
    before = response([OPT])
    glue = names.from_text("pod.elsewhere")
    pointer = (0xC000 | len(before)).to_bytes(2, "big")
    wire = response([OPT, record(glue, A, b"\1\1\1\1"), record(pointer, A, b"\2\2\2\2")])
    assert [r.name.to_text() for r in read_back(wire).additional] == ["pod.elsewhere."] * 2
    found = scan_response(wire, QUESTION)
    cut = read_back(without_opt(wire, found))
    assert cut.edns == -1
    assert cut.answer == read_back(wire).answer
    assert {r.name.to_text() for r in cut.additional} <= {"pod.elsewhere."}


def test_records_before_the_opt_are_kept_and_their_ttls_found() -> None:
    kept = record(names.from_text("p.other"), A, b"\1\1\1\1", ttl=7)
    wire = response([kept, OPT, record(names.from_text("q.other"), A, b"\2\2\2\2", ttl=9)])
    found = scan_response(wire, QUESTION)
    cut = without_opt(wire, found)
    message = read_back(cut)
    assert message.additional[0] == read_back(wire).additional[0]
    assert found.counts == (1, 0, len(message.additional))
    aged = dns.message.from_wire(bytes(with_ttls(cut, found.ttl_offsets, age_s=1, cap_s=99)))
    assert aged.answer[0].ttl == 4
    assert aged.additional[0].ttl == 6
    assert len(found.ttl_offsets) == 1 + len(message.additional)
