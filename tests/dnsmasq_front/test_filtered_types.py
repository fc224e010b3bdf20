"""`--filter-A`, `--filter-AAAA` and `--filter-rr`: what clients do not get of others' answers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnscore.wire.errors import Malformed
from dnscore.wire.query import parse_query
from dnscore.wire.scan import scan_response
from dnsmasq_front.local import LocalData
from dnsmasq_front.reply import bare_body
from dnsmasq_front.routes import Route
from dnsmasq_front.screen import Screen, ScreenOptions
from tests.dnsmasq_front.messages import query_wire, response_wire, soa
from tests.dnsmasq_front.pure import PureFront

FILTERED = 17
ALIAS = "alias.test. 60 IN CNAME a.test.\na.test. 50 IN AAAA fd00::1"


def front_with(*flags: str) -> PureFront:
    return PureFront("--server=8.8.8.8", "--cache-size=100", *flags)


def test_address_is_taken_out_and_the_reason_told() -> None:
    front = front_with("--filter-AAAA")
    client = front.ask("a.test. AAAA", edns=1232)
    front.answer("a.test. 60 IN AAAA fd00::1", authority=soa("test.", ttl=60, minimum=60))
    reply = client.reply
    assert (reply.rcode, reply.answers, reply.errors) == ("NOERROR", [], [FILTERED])
    assert not reply.message.authority


def test_what_is_left_is_cached_as_long_as_the_whole_even_without_negative_answers() -> None:
    front = front_with("--filter-AAAA", "--no-negcache")
    front.resolve("a.test. AAAA", "a.test. 60 IN AAAA fd00::1")
    front.advance(59)
    assert front.cached("a.test. AAAA") is not None
    front.advance(2)
    assert front.cached("a.test. AAAA") is None


def test_alias_stays() -> None:
    front = front_with("--filter-AAAA")
    reply = front.resolve("ALIAS.test. AAAA", ALIAS)
    assert reply.answers == ["ALIAS.test. 60 IN CNAME a.test."]


def test_other_family_passes() -> None:
    front = front_with("--filter-AAAA")
    assert front.resolve("a.test. A", "a.test. 60 IN A 10.0.0.1").data == ["10.0.0.1"]
    front = front_with("--filter-A")
    assert front.resolve("a.test. AAAA", "a.test. 60 IN AAAA fd00::1").data == ["fd00::1"]
    assert front.resolve("b.test. A", "b.test. 60 IN A 10.0.0.1").data == []


@pytest.mark.parametrize("rcode", [0, 3])
def test_negative_answer_passes_as_it_is(rcode: int) -> None:
    front = front_with("--filter-AAAA")
    client = front.ask("a.test. AAAA", edns=1232)
    front.answer(rcode=rcode, authority=soa("test.", ttl=60, minimum=60))
    assert client.reply.errors == []
    assert len(client.reply.message.authority) == 1


def test_other_types_and_what_stands_between_those_that_stay() -> None:
    front = front_with("--filter-rr=TXT,RRSIG")
    answers = (
        "a.test. 60 IN CNAME b.a.test.\n"
        "a.test. 60 IN RRSIG CNAME 8 2 60 20300101000000 20200101000000 1 test. AAAA\n"
        "b.a.test. 60 IN MX 1 mail.a.test."
    )
    assert front.resolve("a.test. MX", answers).answers == [
        "a.test. 60 IN CNAME b.a.test.",
        "b.a.test. 60 IN MX 1 mail.a.test.",
    ]
    assert front.resolve("t.test. TXT", 't.test. 60 IN TXT "x"').answers == []


def test_records_beside_the_answer_are_left_out_as_a_whole() -> None:
    front = front_with("--filter-AAAA")
    reply = front.resolve(
        "_s._tcp.test. SRV",
        "_s._tcp.test. 60 IN SRV 0 0 80 a.test.",
        additional="a.test. 60 IN AAAA fd00::1\na.test. 60 IN A 10.0.0.1",
    )
    assert len(reply.answers) == 1
    assert not reply.message.additional


def test_local_names_are_not_filtered() -> None:
    front = front_with("--filter-AAAA", "--host-record=h.test,fd00::1")
    assert front.ask("h.test. AAAA").reply.data == ["fd00::1"]


ANSWERS = """\
a.test. 60 IN CNAME b.test.
b.test. 60 IN SOA ns.test. admin.test. 1 3600 600 86400 60
b.test. 60 IN SRV 0 0 80 c.test.
b.test. 60 IN MX 5 c.test.
b.test. 60 IN A 10.0.0.1
"""
GOOD = bytearray(response_wire(query_wire("a.test. ANY"), ANSWERS))


@given(
    st.lists(st.tuples(st.integers(12, len(GOOD) - 1), st.integers(0, 255)), max_size=6),
    st.sampled_from([frozenset({1}), frozenset({5, 33}), frozenset({6}), frozenset({1, 15})]),
)
def test_any_octets_come_through_or_are_emptied(
    changes: list[tuple[int, int]], filtered: frozenset[int]
) -> None:
    wire = bytearray(GOOD)
    for at, octet in changes:
        wire[at] = octet
    question = parse_query(query_wire("a.test. ANY")).question
    wire[12 : 12 + len(question)] = question
    try:
        scan = scan_response(bytes(wire), question)
    except Malformed:
        return
    screen = Screen(ScreenOptions(filtered=filtered, stop_rebind=True), LocalData())
    screened = screen.screened(bare_body(bytes(wire), scan), scan, Route(b"\0", ()))
    if screened is not None:
        again = scan_response(screened.body, question)
        assert again.counts == screened.scan.counts
