"""Which responses are about their question and nothing else (RFC 1034 3.6.2, RFC 5452 6)."""

from __future__ import annotations

import dns.message
import dns.rcode
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnscore.wire.chain import LINKS_MAX, belongs
from dnscore.wire.const import HEADER_SIZE
from dnscore.wire.errors import Malformed
from dnscore.wire.names import skip
from dnscore.wire.scan import first_sections, scan_response
from tests.fakes.dns_zone import read_zone

SOA = "test. 300 IN SOA ns.test. admin.test. 1 3600 600 86400 300"


def chain(links: int) -> str:
    lines = [f"n{i}.test. 30 IN CNAME n{i + 1}.test." for i in range(links)]
    return "\n".join([*lines, f"n{links}.test. 30 IN A 10.0.0.1"])


def response(question: str, answers: str, authority: str = "", rcode: int = 0) -> bytes:
    name, rdtype = question.split()
    query = dns.message.make_query(name, rdtype)
    message = dns.message.make_response(query)
    message.answer.extend(read_zone(answers))
    message.authority.extend(read_zone(authority))
    message.set_rcode(dns.rcode.Rcode(rcode))
    return message.to_wire()


def verdict(wire: bytes) -> bool:
    question = wire[HEADER_SIZE : skip(wire, HEADER_SIZE) + 4]
    return belongs(wire, scan_response(wire, question))


@pytest.mark.parametrize(
    ("question", "answers"),
    [
        ("a.test. A", "a.test. 30 IN A 10.0.0.1\na.test. 30 IN A 10.0.0.2"),
        ("a.test. A", "a.test. 30 IN CNAME b.test.\nb.test. 30 IN A 10.0.0.1"),
        ("a.test. A", "b.test. 30 IN A 10.0.0.1\na.test. 30 IN CNAME b.test."),
        ("a.test. A", "A.Test. 30 IN CNAME B.test.\nb.TEST. 30 IN A 10.0.0.1"),
        ("a.test. CNAME", "a.test. 30 IN CNAME b.test."),
        ("a.test. A", "a.test. 30 IN CNAME b.test."),
        ("a.test. ANY", "a.test. 30 IN A 10.0.0.1\na.test. 30 IN TXT x"),
        (
            "a.old.test. A",
            "old.test. 30 IN DNAME new.test.\na.old.test. 30 IN CNAME a.new.test.\n"
            "a.new.test. 30 IN A 10.0.0.1",
        ),
        ("n0.test. A", chain(LINKS_MAX)),
        ("a.test. SRV", "a.test. 30 IN SRV 0 0 1 b.test."),
    ],
)
def test_records_of_the_name_or_of_its_aliases_belong(question: str, answers: str) -> None:
    assert verdict(response(question, answers))


@pytest.mark.parametrize(
    ("question", "answers"),
    [
        ("a.test. A", "b.test. 30 IN A 10.0.0.1"),
        ("a.test. A", "a.test. 30 IN A 10.0.0.1\nbank.example. 30 IN A 10.6.6.6"),
        ("a.test. A", "a.test. 30 IN CNAME b.test.\nc.test. 30 IN A 10.6.6.6"),
        ("a.test. A", "a.test. 30 IN A 10.0.0.1\na.test. 30 IN AAAA fd00::1"),
        ("a.test. A", "a.test. 30 IN TXT x"),
        ("a.test. CNAME", "a.test. 30 IN CNAME b.test.\nb.test. 30 IN CNAME c.test."),
        ("a.test. A", "a.test. 30 IN CNAME b.test.\nb.test. 30 IN CNAME a.test."),
        ("a.test. A", "a.test. 30 IN CNAME a.test."),
        ("a.test. A", "other.test. 30 IN DNAME new.test.\na.test. 30 IN A 10.0.0.1"),
        ("n0.test. A", chain(LINKS_MAX + 1)),
        ("a.test. ANY", "a.test. 30 IN A 10.0.0.1\nb.test. 30 IN TXT x"),
    ],
)
def test_anything_beside_the_chain_does_not(question: str, answers: str) -> None:
    assert not verdict(response(question, answers))


@pytest.mark.parametrize(
    ("answers", "authority", "expected"),
    [
        ("", SOA, True),
        ("", SOA.replace("test. 300", ". 300", 1), True),
        ("", SOA.replace("test. 300", "x.test. 300", 1), True),
        ("", SOA.replace("test. 300", "sub.x.test. 300", 1), False),
        ("", SOA.replace("test. 300", "example. 300", 1), False),
        ("x.test. 30 IN CNAME y.example.", SOA.replace("test. 300", "example. 300", 1), True),
        ("x.test. 30 IN CNAME y.example.", SOA, False),
    ],
)
def test_soa_of_a_negative_answer_is_of_a_zone_above_the_name(
    answers: str, authority: str, expected: bool
) -> None:
    assert verdict(response("x.test. A", answers, authority)) is expected
    assert verdict(response("x.test. A", answers, authority, rcode=3)) is expected


def test_alias_that_runs_out_of_its_record_does_not_belong() -> None:
    wire = response("a.test. A", "a.test. 30 IN CNAME b.test.")
    assert verdict(wire)
    short = wire[:-6] + (3).to_bytes(2, "big") + wire[-4:-1]  # the target is `b` and a pointer
    assert not verdict(short + wire[-1:])


def test_record_of_another_class_does_not_belong() -> None:
    wire = response("a.test. A", "a.test. 30 IN A 10.0.0.1")
    at = wire.rindex(b"\0\1\0\1\0\0\0\x1e")
    assert not verdict(wire[: at + 3] + b"\3" + wire[at + 4 :])


@given(st.data())
def test_mutated_responses_raise_nothing(data: st.DataObject) -> None:
    wire = bytearray(response("a.test. A", chain(3).replace("n0.", "a."), SOA))
    for _ in range(data.draw(st.integers(1, 5))):
        wire[data.draw(st.integers(24, len(wire) - 1))] = data.draw(st.integers(0, 255))
    question = bytes(wire[12:24])
    try:
        scan = scan_response(bytes(wire), question)
    except Malformed:
        return
    assert belongs(bytes(wire), scan) in (True, False)


def test_first_sections_are_a_whole_response() -> None:
    query = dns.message.make_query("a.test.", "A")
    message = dns.message.make_response(query)
    message.answer.extend(read_zone("a.test. 30 IN A 10.0.0.1"))
    message.authority.extend(read_zone("test. 20 IN NS ns.test."))
    message.additional.extend(read_zone("ns.test. 0 IN A 10.0.0.2"))
    for count, left in ((1, (1, 0, 0)), (2, (1, 1, 0)), (3, (1, 1, 1))):
        wire = message.to_wire()
        scan = scan_response(wire, wire[12:24])
        cut = dns.message.from_wire(first_sections(wire, scan, count))
        assert tuple(len(section) for section in cut.sections[1:]) == left
        assert scan.counts == left
        assert len(scan.ttl_offsets) == sum(left)
