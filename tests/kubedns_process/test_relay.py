"""Between a client's message and an upstream's."""

from __future__ import annotations

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnscore.wire import names
from dnscore.wire.const import AAAA, CNAME, MX, TCP_MAX, A
from dnscore.wire.errors import Malformed
from dnscore.wire.query import parse_query
from dnscore.wire.scan import scan_response
from kubedns.relay import as_client_asked, chain_records, upstream_query

NAME = names.from_text("www.example.com.")


def client_query(name: str = "wWw.eXample.com.", **options: object) -> bytes:
    query = dns.message.make_query(name, "A", **options)  # type: ignore[arg-type]
    query.id = 0x1234
    return query.to_wire()


def relayed(client: bytes, response: dns.message.Message, limit: int = TCP_MAX) -> bytes:
    query = parse_query(client)
    wire = response.to_wire(max_size=65535)
    return as_client_asked(query, wire, scan_response(wire, query.question), limit=limit)


def upstream_response(client: bytes, *records: str, edns: bool = False) -> dns.message.Message:
    asked = dns.message.from_wire(client)
    asked.question[0].name = dns.name.from_text(str(asked.question[0].name).lower())
    response = dns.message.make_response(asked, recursion_available=True)
    response.id = 0x7777
    response.use_edns(0 if edns else False, options=[dns.edns.GenericOption("65001", b"private")])
    for record in records:
        owner, ttl, rclass, rtype, rdata = record.split(" ", 4)
        response.answer.append(dns.rrset.from_text(owner, int(ttl), rclass, rtype, rdata))
    return response


def test_a_query_is_written_anew() -> None:
    options = [dns.edns.ECSOption("10.0.0.0", 24)]
    client = client_query(use_edns=0, options=options, want_dnssec=True)
    query = parse_query(client)
    sent = dns.message.from_wire(upstream_query(b"\xab\xcd", query.question, query, edns=True))
    assert sent.id == 0xABCD
    assert sent.flags & dns.flags.RD
    assert (sent.edns, sent.payload, sent.options) == (0, 1232, ())
    assert sent.ednsflags & dns.flags.DO
    assert sent.question[0].to_text() == "wWw.eXample.com. IN A"


def test_a_query_without_edns_stays_so_and_asks_for_recursion() -> None:
    client = bytearray(client_query())
    client[2] &= 0xFE  # RD off
    client[3] |= 0x10  # CD on
    query = parse_query(bytes(client))
    sent = dns.message.from_wire(upstream_query(b"\0\1", query.question, query, edns=False))
    assert sent.edns == -1
    assert sent.flags == dns.flags.RD | dns.flags.CD


def test_a_response_gets_the_clients_id_spelling_and_flags() -> None:
    client = bytearray(client_query())
    client[2] &= 0xFE  # RD off
    response = upstream_response(bytes(client), "www.example.com. 60 IN A 10.0.0.1", edns=True)
    response.flags |= dns.flags.RD
    message = dns.message.from_wire(relayed(bytes(client), response))
    assert message.id == 0x1234
    assert message.question[0].name.to_text() == "wWw.eXample.com."
    assert message.edns == -1
    assert message.flags & dns.flags.RA and not message.flags & dns.flags.RD
    assert [rrset.to_text() for rrset in message.answer] == ["wWw.eXample.com. 60 IN A 10.0.0.1"]


def test_octets_behind_the_last_record_are_not_passed_on() -> None:
    client = client_query(use_edns=0)
    query = parse_query(client)
    wire = upstream_response(client, "www.example.com. 60 IN A 10.0.0.1").to_wire() + b"junk"
    scan = scan_response(wire, query.question)
    message = dns.message.from_wire(as_client_asked(query, wire, scan, limit=TCP_MAX))
    assert [rrset.to_text() for rrset in message.answer] == ["wWw.eXample.com. 60 IN A 10.0.0.1"]
    assert message.edns == 0


def test_options_of_the_upstream_are_not_passed_on() -> None:
    client = client_query(use_edns=0)
    response = upstream_response(client, "www.example.com. 60 IN A 10.0.0.1", edns=True)
    message = dns.message.from_wire(relayed(client, response))
    assert (message.edns, message.payload, message.options) == (0, 1232, ())


def test_what_does_not_fit_is_truncated() -> None:
    client = client_query()
    many = [f"www.example.com. 60 IN A 10.0.0.{number}" for number in range(100)]
    wire = relayed(client, upstream_response(client, *many), limit=512)
    message = dns.message.from_wire(wire)
    assert message.flags & dns.flags.TC and not message.answer
    assert len(wire) <= 512
    whole = dns.message.from_wire(relayed(client, upstream_response(client, *many)))
    assert not whole.flags & dns.flags.TC and len(whole.answer[0]) == 100


def chain(qtype: int, *records: str) -> list[tuple[str, int]]:
    query = dns.message.make_query("www.example.com.", dns.rdatatype.RdataType(qtype))
    wire = upstream_response(query.to_wire(), *records).to_wire()
    question = NAME + qtype.to_bytes(2, "big") + b"\0\1"
    found = chain_records(wire, scan_response(wire, question), NAME, qtype)
    return [(names.to_text(record.owner), record.rtype) for record in found]


def test_a_chain_of_aliases_is_followed_in_any_order() -> None:
    assert chain(
        A,
        "host.example.net. 60 IN A 10.0.0.1",
        "cdn.example.net. 60 IN CNAME host.example.net.",
        "www.example.com. 60 IN CNAME cdn.example.net.",
    ) == [("www.example.com.", CNAME), ("cdn.example.net.", CNAME), ("host.example.net.", A)]


def test_records_outside_the_chain_are_left_out() -> None:
    assert chain(
        A,
        "www.example.com. 60 IN A 10.0.0.1",
        "bank.example. 60 IN A 6.6.6.6",
        "www.example.com. 60 IN AAAA ::1",
    ) == [("www.example.com.", A)]


def test_an_alias_to_nothing_shows_itself() -> None:
    assert chain(AAAA, "www.example.com. 60 IN CNAME gone.example.net.") == [
        ("www.example.com.", CNAME)
    ]


def test_a_loop_of_aliases_ends() -> None:
    assert chain(
        A,
        "www.example.com. 60 IN CNAME b.example.com.",
        "b.example.com. 60 IN CNAME www.example.com.",
    ) == [("www.example.com.", CNAME), ("b.example.com.", CNAME)]


def test_names_in_record_data_are_uncompressed() -> None:
    query = dns.message.make_query("www.example.com.", "MX")
    wire = upstream_response(
        query.to_wire(), "www.example.com. 60 IN MX 10 mail.example.com."
    ).to_wire()
    question = NAME + MX.to_bytes(2, "big") + b"\0\1"
    (record,) = chain_records(wire, scan_response(wire, question), NAME, MX)
    assert record.rdata == b"\0\x0a" + names.from_text("mail.example.com.")


@pytest.fixture(scope="module")
def sound() -> bytes:
    query = dns.message.make_query("www.example.com.", "A")
    records = ("www.example.com. 60 IN CNAME a.example.com.", "a.example.com. 60 IN A 10.0.0.1")
    return upstream_response(query.to_wire(), *records, edns=True).to_wire()


@given(data=st.data())
def test_a_damaged_response_is_read_or_malformed(sound: bytes, data: st.DataObject) -> None:
    wire = bytearray(sound)
    question = NAME + b"\0\1\0\1"
    body = range(12 + len(question), len(wire))
    for _ in range(data.draw(st.integers(0, 4))):
        wire[data.draw(st.sampled_from(body))] = data.draw(st.integers(0, 255))
    cut = bytes(wire[: data.draw(st.integers(12 + len(question), len(wire)))])
    client = client_query(use_edns=0)
    query = parse_query(client)
    try:
        scan = scan_response(cut, question)
        chain_records(cut, scan, NAME, A)
        assert len(as_client_asked(query, cut, scan, limit=512)) <= 512
    except Malformed:
        pass
