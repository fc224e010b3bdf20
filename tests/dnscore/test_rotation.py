"""Addresses take turns at the first place, each as often as the others."""

from __future__ import annotations

from collections import Counter

import dns.message
import dns.rdatatype
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnscore.wire import names
from dnscore.wire.build import Record, build_response, opt_record
from dnscore.wire.const import AAAA, A
from dnscore.wire.query import Query, parse_query
from dnscore.wire.rotate import Rotation
from tests.dnscore.wire_strategies import read_back


def rotation(count: int, shown: int, *, rtype: int = A, turn: int = 0) -> tuple[Rotation, Query]:
    """A rotation over a built response, cut into head, block and tail."""
    asked = dns.message.make_query("a.b.", dns.rdatatype.RdataType(rtype), use_edns=0)
    query = parse_query(asked.to_wire())
    width = 4 if rtype == A else 16
    owner = names.from_text("a.b")
    rdatas = [bytes(width - 2) + number.to_bytes(2, "big") for number in range(count)]
    records = [Record(owner, rtype, 5, rdata) for rdata in rdatas]
    whole = build_response(query, flags=0, rcode=0, answers=records, limit=65535)
    tail = opt_record(query, rcode=0)
    head = whole[2:6] + shown.to_bytes(2, "big") + whole[8 : query.question_end]
    block = whole[query.question_end : len(whole) - len(tail)]
    return Rotation(head, block, tail, count=count, shown=shown, turn=turn), query


def addresses(response: bytes) -> list[int]:
    message = read_back(b"\0\0" + response)
    assert message.edns == 0
    return [int.from_bytes(r[0].to_wire()[-2:], "big") for r in message.answer]


@pytest.mark.parametrize("rtype", [A, AAAA])
@given(count=st.integers(1, 40), data=st.data())
def test_each_address_comes_first_once_a_round(rtype: int, count: int, data: st.DataObject) -> None:
    shown = data.draw(st.integers(1, count))
    turn = data.draw(st.integers(0, count - 1))
    turned, _ = rotation(count, shown, rtype=rtype, turn=turn)
    answers = [addresses(turned.next()) for _ in range(2 * count)]
    assert [a[0] for a in answers] == [(turn + n) % count for n in range(2 * count)]
    for answer in answers:
        assert answer == [(answer[0] + n) % count for n in range(shown)], "no address twice"
    assert Counter(n for a in answers for n in a) == dict.fromkeys(range(count), 2 * shown)


def test_first_answer_is_the_built_one_octet_for_octet() -> None:
    turned, query = rotation(3, 3)
    owner = names.from_text("a.b")
    records = [Record(owner, A, 5, bytes([0, 0, 0, n])) for n in range(3)]
    built = build_response(query, flags=0, rcode=0, answers=records, limit=512)
    assert turned.next() == built[2:]
    turned.next()
    turned.next()
    assert turned.next() == built[2:]


def test_size_counts_what_is_held() -> None:
    turned, _ = rotation(4, 2)
    assert turned.size >= len(turned.next())
