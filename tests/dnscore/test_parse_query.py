"""Well-formed queries, as dnspython writes them, are read as dnspython reads them."""

from __future__ import annotations

import struct

import dns.flags
import dns.message
import dns.opcode
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnscore.wire import names
from dnscore.wire.build import Record
from dnscore.wire.const import NOTIMP, OPCODE_NOTIFY, OPCODE_QUERY, SOA, A
from dnscore.wire.errors import Ignored, Malformed, Unsupported
from dnscore.wire.query import parse_query
from tests.dnscore.wire_strategies import queries, records


@given(queries())
def test_same_as_dnspython(wire: bytes) -> None:
    theirs = dns.message.from_wire(wire)
    ours = parse_query(wire)
    question = theirs.question[0]
    assert ours.id == theirs.id
    assert ours.rd == bool(theirs.flags & dns.flags.RD)
    assert ours.cd == bool(theirs.flags & dns.flags.CD)
    assert ours.opcode == OPCODE_QUERY
    assert ours.name == question.name.to_wire().lower()  # type: ignore[union-attr]
    assert wire[12 : ours.name_end] == question.name.to_wire()
    assert (ours.qtype, ours.qclass) == (question.rdtype, question.rdclass)
    assert ours.question == question.name.to_wire() + struct.pack("!HH", ours.qtype, 1)  # type: ignore[operator]
    assert ours.edns == (theirs.edns >= 0)
    assert ours.edns_version == max(theirs.edns, 0)
    assert ours.do == bool(theirs.ednsflags & dns.flags.DO)
    assert ours.udp_size == (min(max(theirs.payload, 512), 1232) if ours.edns else 512)


@given(queries(), st.lists(records, max_size=3), st.lists(records, max_size=3))
def test_other_records_are_walked(wire: bytes, before: list[Record], behind: list[Record]) -> None:
    question_end = parse_query(wire).question_end
    opt = wire[question_end:]

    def packed(listed: list[Record]) -> bytes:
        return b"".join(
            owner + struct.pack("!HHIH", rtype, rclass, ttl, len(rdata)) + rdata
            for owner, rtype, ttl, rdata, rclass in listed
        )

    additionals = len(behind) + (1 if opt else 0)
    counts = struct.pack("!HHHH", 1, len(before), 0, additionals)
    whole = wire[:4] + counts + wire[12:question_end] + packed(before) + packed(behind) + opt
    plain, ours = parse_query(wire), parse_query(whole)
    for field in ("name", "qtype", "edns", "edns_version", "do", "udp_size", "question"):
        assert getattr(ours, field) == getattr(plain, field)
    with pytest.raises(Malformed):
        parse_query(whole[:-1] if len(whole) > question_end else whole[: question_end - 1])


@pytest.mark.parametrize("opcode", range(16))
def test_opcodes(opcode: int) -> None:
    message = dns.message.make_query("kubernetes.default.", "A")
    message.set_opcode(dns.opcode.Opcode(opcode))
    wire = bytearray(message.to_wire())
    if opcode == 0:
        assert parse_query(bytes(wire)).opcode == OPCODE_QUERY
    elif opcode == 4:
        assert parse_query(bytes(wire)).opcode == OPCODE_NOTIFY
    else:
        with pytest.raises(Unsupported) as caught:
            parse_query(bytes(wire))
        assert caught.value.rcode == NOTIMP


def header(*, flags: int = 0, counts: tuple[int, int, int, int] = (1, 0, 0, 0)) -> bytes:
    return struct.pack("!HHHHHH", 7, flags, *counts)


QUESTION = names.from_text("a.b") + struct.pack("!HH", A, 1)
OPT = b"\x00" + struct.pack("!HHIH", 41, 1232, 0, 0)


@pytest.mark.parametrize("wire", [b"", b"\0", header()[:11], header(flags=0x8000) + QUESTION])
def test_no_answer_may_be_given(wire: bytes) -> None:
    with pytest.raises(Ignored) as caught:
        parse_query(wire)
    assert caught.value.rcode is None


@pytest.mark.parametrize(
    "wire",
    [
        header(),
        header(counts=(0, 0, 0, 0)),
        header(counts=(2, 0, 0, 0)) + QUESTION * 2,
        header() + QUESTION[:-1],
        header() + b"\xc0\x0c" + QUESTION[-4:],
        header() + b"\x40" + b"x" * 64 + b"\0" + QUESTION[-4:],
        header() + (b"\x3f" + b"x" * 63) * 4 + b"\0" + QUESTION[-4:],
        header(counts=(1, 0, 0, 2)) + QUESTION + OPT + OPT,
        header(counts=(1, 0, 0, 1)) + QUESTION + b"\x01a" + OPT,
        header(counts=(1, 0, 0, 2)) + QUESTION + OPT,
        header(counts=(1, 65535, 65535, 65535)) + QUESTION,
    ],
)
def test_malformed(wire: bytes) -> None:
    with pytest.raises(Malformed) as caught:
        parse_query(wire)
    assert caught.value.rcode == 1


def test_question_name_of_255_octets_is_served_and_of_256_is_not() -> None:
    long = names.from_labels([b"x" * 63] * 3 + [b"y" * 61])
    assert parse_query(header() + long + QUESTION[-4:]).name == long
    longer = (b"\x3f" + b"x" * 63) * 3 + b"\x3e" + b"y" * 62 + b"\0"
    with pytest.raises(Malformed, match="255"):
        parse_query(header() + longer + QUESTION[-4:])


@pytest.mark.parametrize("counts", [(1, 1, 0, 0), (1, 0, 1, 0)])
def test_opt_outside_the_additional_section_means_nothing(
    counts: tuple[int, int, int, int],
) -> None:  # RFC 6891 6.1.1
    assert not parse_query(header(counts=counts) + QUESTION + OPT).edns


def test_notify_with_its_soa_is_read() -> None:  # RFC 1996 3
    soa = b"\xc0\x0c" + struct.pack("!HHIH", SOA, 1, 0, 22) + bytes(22)
    query = parse_query(header(flags=0x2000, counts=(1, 1, 0, 0)) + QUESTION + soa)
    assert query.name == names.from_text("a.b")
