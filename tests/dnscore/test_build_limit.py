"""A response never exceeds its limit; TC says that an answer is missing, and only that."""

from __future__ import annotations

import dns.flags
import dns.message
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnscore.wire import names
from dnscore.wire.build import Record, build_response
from dnscore.wire.const import AAAA, SOA, A
from dnscore.wire.query import parse_query
from tests.dnscore.wire_strategies import flat, flat_section, queries, read_back, records

many = st.lists(records, max_size=12)


@given(queries(), many, many, many, st.integers(512, 1232))
def test_limit_is_kept_by_whole_records(
    wire: bytes,
    answers: list[Record],
    authorities: list[Record],
    additionals: list[Record],
    limit: int,
) -> None:
    query = parse_query(wire)
    response = build_response(
        query,
        flags=0,
        rcode=0,
        answers=answers,
        authorities=authorities,
        additionals=additionals,
        limit=limit,
        extended_error=15,
    )
    assert len(response) <= limit
    message = read_back(response)
    sections = [
        (message.answer, answers),
        (message.authority, authorities),
        (message.additional, additionals),
    ]
    for found, given_records in sections:
        expected = [flat(r) for r in given_records[: len(found)]]
        assert flat_section(found) == expected, "the first ones, in order"
    missing = len(message.answer) < len(answers) or len(message.authority) < len(authorities)
    assert bool(message.flags & dns.flags.TC) == missing
    assert (message.edns >= 0) == query.edns, "OPT is there however little room is left"


def addresses(count: int) -> list[Record]:
    owner = names.from_text("a.b")
    return [Record(owner, A, 5, bytes([10, 0, n >> 8, n & 255])) for n in range(count)]


QUERY = parse_query(dns.message.make_query("a.b.", "A").to_wire())


@pytest.mark.parametrize("count", [0, 1, 5])
def test_limit_that_fits_to_the_octet_cuts_nothing(count: int) -> None:
    size = QUERY.question_end + 16 * count
    records = addresses(count)
    fits = build_response(QUERY, flags=0, rcode=0, answers=records, limit=size)
    assert len(fits) == size
    assert not read_back(fits).flags & dns.flags.TC
    if count:
        cut = build_response(QUERY, flags=0, rcode=0, answers=records, limit=size - 1)
        assert len(cut) == size - 16
        assert read_back(cut).flags & dns.flags.TC


def test_additional_records_are_dropped_in_silence() -> None:  # RFC 2181 9
    limit = QUERY.question_end + 16 * 3
    response = build_response(
        QUERY, flags=0, rcode=0, answers=addresses(2), additionals=addresses(9), limit=limit
    )
    message = read_back(response)
    assert len(message.additional) == 1
    assert not message.flags & dns.flags.TC


def test_cut_answer_takes_no_additional_records_along() -> None:
    long = [Record(names.from_text("a.b"), AAAA, 5, bytes(16))] * 2
    limit = QUERY.question_end + 28 + 16  # room for one answer and an additional record
    response = build_response(
        QUERY, flags=0, rcode=0, answers=long, additionals=addresses(1), limit=limit
    )
    message = read_back(response)
    assert message.flags & dns.flags.TC
    assert message.additional == []


def test_missing_authority_sets_tc() -> None:
    soa = Record(names.from_text("b"), SOA, 5, b"\x3f" + b"m" * 63 + b"\0" + bytes(21))
    response = build_response(QUERY, flags=0, rcode=3, authorities=[soa], limit=60)
    assert read_back(response).flags & dns.flags.TC
