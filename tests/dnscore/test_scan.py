"""Responses of other servers: what a scan says of them, against dnspython's reading."""

from __future__ import annotations

import dns.edns
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnscore.wire import scan as scans
from dnscore.wire.build import Record, build_response
from dnscore.wire.const import SOA, TCP_MAX
from dnscore.wire.query import parse_query
from dnscore.wire.scan import Scan, answers_question, scan_response
from tests.dnscore.wire_strategies import queries, read_back, record_lists
from tests.fakes.dns_zone import read_zone


@st.composite
def responses(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """A response and the question it repeats."""
    query = parse_query(draw(queries()))
    wire = build_response(
        query,
        flags=draw(st.sampled_from([0, 0x0400, 0x0200, 0x0480])),
        rcode=draw(st.sampled_from([0, 0, 0, 3, 2, 5])),
        answers=draw(record_lists),
        authorities=draw(record_lists),
        additionals=draw(record_lists),
        limit=TCP_MAX,
    )
    return wire, query.question


def ttls_at(wire: bytes, offsets: list[int]) -> list[int]:
    return [int.from_bytes(wire[o : o + 4], "big") for o in offsets]


@given(responses())
def test_same_as_dnspython(response: tuple[bytes, bytes]) -> None:
    wire, question = response
    theirs = read_back(wire)
    found = scan_response(wire, question)
    every = theirs.answer + theirs.authority + theirs.additional
    ttls = [rrset.ttl for rrset in every]
    assert ttls_at(wire, found.ttl_offsets) == ttls
    sections = (theirs.answer, theirs.authority, theirs.additional)
    least = [min((rrset.ttl for rrset in section), default=scans.TTL_MAX) for section in sections]
    assert found.least_ttls == least
    assert found.rcode == theirs.rcode()
    assert found.truncated == bool(theirs.flags & dns.flags.TC)
    opt = 1 if theirs.edns >= 0 else 0
    counts = (len(theirs.answer), len(theirs.authority), len(theirs.additional) + opt)
    assert found.counts == counts
    assert found.end == len(wire)
    assert (found.opt != (0, 0)) == bool(opt)
    qtype = theirs.question[0].rdtype
    has = any(qtype in (r.rdtype, dns.rdatatype.ANY) for r in theirs.answer)
    expected = {0: scans.ANSWER if has else scans.NODATA, 3: scans.NAME_ERROR}
    assert found.kind == expected.get(theirs.rcode(), scans.FAILURE)
    soas = [(r.ttl, r[0].minimum) for r in theirs.authority if r.rdtype == SOA]
    assert (found.negative_ttl is None) == (not soas)
    if len(soas) == 1:
        assert found.negative_ttl == min(soas[0])


@given(responses())
def test_opt_cut_out(response: tuple[bytes, bytes]) -> None:
    wire, question = response
    found = scan_response(wire, question)
    before = read_back(wire)
    cut = scans.without_opt(wire, found)
    after = read_back(cut)
    assert after.edns == -1
    assert after.answer == before.answer
    assert after.authority == before.authority
    assert after.additional == before.additional
    assert ttls_at(cut, found.ttl_offsets) == ttls_at(
        wire, scan_response(wire, question).ttl_offsets
    )
    assert scans.without_opt(cut, found) == cut, "a second time changes nothing"


@given(responses(), st.integers(0, 2**31), st.integers(0, 2**31 - 1))
def test_ttls_age_and_are_capped(response: tuple[bytes, bytes], age_s: int, cap_s: int) -> None:
    wire, question = response
    found = scan_response(wire, question)
    aged = bytes(scans.with_ttls(wire, found.ttl_offsets, age_s=age_s, cap_s=cap_s))
    before, after = read_back(wire), read_back(aged)
    for one, other in zip(
        before.answer + before.authority + before.additional,
        after.answer + after.authority + after.additional,
        strict=True,
    ):
        assert other.ttl == min(max(one.ttl - age_s, 0), cap_s)
        assert list(other) == list(one)
    assert len(aged) == len(wire)


def answer_to(text: str, records: str, *, rcode: int = 0) -> tuple[bytes, Scan]:
    """A response of dnspython's making, and the scan of it; `records` are answers."""
    name, rdtype = text.split()
    query = dns.message.make_query(name, rdtype)
    message = dns.message.make_response(query)
    message.answer.extend(read_zone(records))
    message.set_rcode(dns.rcode.Rcode(rcode))
    wire = message.to_wire()
    return wire, scan_response(wire, parse_query(query.to_wire()).question)


@pytest.mark.parametrize(
    ("asked", "records", "rcode", "kind"),
    [
        ("a. A", "a. 5 IN A 10.0.0.1", 0, scans.ANSWER),
        ("a. A", "a. 5 IN CNAME b.\nb. 5 IN A 10.0.0.1", 0, scans.ANSWER),
        ("a. AAAA", "a. 5 IN CNAME b.", 0, scans.NODATA),
        ("a. CNAME", "a. 5 IN CNAME b.", 0, scans.ANSWER),
        ("a. ANY", "a. 5 IN TXT x", 0, scans.ANSWER),
        ("a. A", "", 0, scans.NODATA),
        ("a. A", "a. 5 IN CNAME b.", 3, scans.NAME_ERROR),
        ("a. A", "", 2, scans.FAILURE),
        ("a. A", "", 5, scans.FAILURE),
    ],
)
def test_kinds(asked: str, records: str, rcode: int, kind: str) -> None:
    assert answer_to(asked, records, rcode=rcode)[1].kind == kind


def test_bad_version_is_a_failure_and_not_an_empty_answer() -> None:  # RFC 6891 6.1.3
    query = dns.message.make_query("a.", "A", use_edns=0)
    message = dns.message.make_response(query)
    message.set_rcode(dns.rcode.BADVERS)
    found = scan_response(message.to_wire(), parse_query(query.to_wire()).question)
    assert found.rcode == 16
    assert found.kind == scans.FAILURE


def test_ttl_with_the_top_bit_counts_as_zero_and_stays_zero() -> None:  # RFC 2181 8
    query = parse_query(dns.message.make_query("a.", "A").to_wire())
    wire = build_response(
        query, flags=0, rcode=0, answers=[Record(b"\1a\0", 1, 2**31 + 60, bytes(4))], limit=512
    )
    found = scan_response(wire, query.question)
    assert found.least_ttls[0] == 0
    aged = bytes(scans.with_ttls(wire, found.ttl_offsets, age_s=0, cap_s=600))
    assert read_back(aged).answer[0].ttl == 0


@given(responses(), st.data())
def test_question_is_compared_by_octets_but_for_the_case_of_letters(
    response: tuple[bytes, bytes], data: st.DataObject
) -> None:
    wire, question = response
    name, fixed = question[:-4], question[-4:]
    assert answers_question(wire, question)
    assert answers_question(wire, name.swapcase() + fixed)
    at = data.draw(st.integers(0, len(question) - 1))
    bit = 1 << data.draw(st.integers(0, 7))
    changed = question[:at] + bytes([question[at] ^ bit]) + question[at + 1 :]
    same = changed[-4:] == fixed and changed[:-4].lower() == name.lower()
    assert answers_question(wire, changed) == same


def test_another_type_is_another_question_even_where_it_looks_like_a_letter() -> None:
    # Type 65 (HTTPS) is the octet of `A`, type 97 that of `a`.
    query = parse_query(dns.message.make_query("x.", "TYPE65").to_wire())
    wire = build_response(query, flags=0, rcode=0, limit=512)
    assert answers_question(wire, query.question)
    assert not answers_question(wire, query.question[:-4] + b"\x00\x61\x00\x01")


def test_query_and_foreign_question_counts_are_no_answers() -> None:
    query = dns.message.make_query("x.", "A").to_wire()
    question = parse_query(query).question
    assert not answers_question(query, question)
    response = bytearray(query)
    response[2] |= 0x80
    assert answers_question(bytes(response), question)
    for count in (0, 2, 256):
        response[4:6] = count.to_bytes(2, "big")
        assert not answers_question(bytes(response), question)
    assert not answers_question(b"", question)
