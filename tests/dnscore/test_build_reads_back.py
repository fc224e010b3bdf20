"""A response that is built says, to dnspython, exactly what was put into it."""

from __future__ import annotations

import dns.flags
import dns.message
from hypothesis import given
from hypothesis import strategies as st

from dnscore.wire import names
from dnscore.wire.build import Record, build_response, size_limit
from dnscore.wire.const import AA, CNAME, NXDOMAIN, PTR, RA, TCP_MAX, A
from dnscore.wire.query import parse_query
from tests.dnscore.wire_strategies import (
    flat,
    flat_section,
    queries,
    read_back,
    record_lists,
)


@given(queries(), record_lists, record_lists, record_lists, st.integers(0, 10))
def test_records_come_back_in_their_sections_and_order(
    wire: bytes,
    answers: list[Record],
    authorities: list[Record],
    additionals: list[Record],
    rcode: int,
) -> None:
    query = parse_query(wire)
    response = build_response(
        query,
        flags=AA | RA,
        rcode=rcode,
        answers=answers,
        authorities=authorities,
        additionals=additionals,
        limit=TCP_MAX,
    )
    message = read_back(response)
    assert flat_section(message.answer) == [flat(r) for r in answers]
    assert flat_section(message.authority) == [flat(r) for r in authorities]
    assert flat_section(message.additional) == [flat(r) for r in additionals]
    assert message.rcode() == rcode
    assert response[12 : query.question_end] == query.question, "the client's spelling"


@given(queries())
def test_header_repeats_the_id_rd_and_cd_of_the_query(wire: bytes) -> None:
    query = parse_query(wire)
    message = read_back(build_response(query, flags=RA, rcode=NXDOMAIN, limit=512))
    asked = dns.message.from_wire(wire)
    assert message.id == asked.id
    assert asked.is_response(message)
    kept = dns.flags.RD | dns.flags.CD
    assert message.flags & kept == asked.flags & kept
    assert message.flags & ~(kept | 0xF) == dns.flags.QR | dns.flags.RA


def query_for(text: str) -> bytes:
    return dns.message.make_query(text, "A").to_wire()


def test_names_are_compressed_against_the_question_whatever_the_case() -> None:
    query = parse_query(query_for("Web.NS.svc.Cluster.local."))
    owner = names.from_text("web.ns.svc.cluster.local")
    record = Record(owner, A, 5, b"\x0a\0\0\1")
    response = build_response(query, flags=0, rcode=0, answers=[record] * 3, limit=512)
    assert len(response) == query.question_end + 3 * 16
    assert read_back(response).answer[0].name.to_text() == "Web.NS.svc.Cluster.local."


def test_names_are_compressed_against_earlier_records_whatever_the_case() -> None:
    query = parse_query(query_for("x."))
    spellings = [names.from_text("Web.Local"), names.from_text("wEB.lOCAL")]
    answers = [Record(owner, A, 5, b"\x0a\0\0\1") for owner in spellings]
    response = build_response(query, flags=0, rcode=0, answers=answers, limit=512)
    assert len(response) == query.question_end + (11 + 14) + (2 + 14)


def test_chain_of_aliases_is_compressed_as_a_whole() -> None:
    query = parse_query(query_for("a.cluster.local."))
    a, b, c = (names.from_text(f"{label}.cluster.local") for label in "abc")
    chain = [Record(a, CNAME, 5, b), Record(b, CNAME, 5, c), Record(c, A, 5, b"\x0a\0\0\1")]
    response = build_response(query, flags=0, rcode=0, answers=chain, limit=512)
    assert len(response) == query.question_end + (12 + 4) * 2 + 16
    assert flat_section(read_back(response).answer) == [flat(r) for r in chain]


def test_root_is_a_name_too() -> None:
    query = parse_query(query_for("."))
    records = [Record(b"\0", PTR, 5, b"\0"), Record(b"\0", A, 5, b"\x0a\0\0\1")]
    response = build_response(query, flags=0, rcode=0, answers=records, limit=512)
    assert flat_section(read_back(response).answer) == [flat(r) for r in records]


@given(queries())
def test_limit_is_the_clients_over_udp_and_the_protocols_over_tcp(wire: bytes) -> None:
    query, asked = parse_query(wire), dns.message.from_wire(wire)
    expected = min(max(asked.payload, 512), 1232) if asked.edns >= 0 else 512
    assert size_limit(query, stream=False) == expected
    assert size_limit(query, stream=True) == 65535
