"""No message, however made, ends the server; what it answers can be read."""

from __future__ import annotations

import dns.message
from hypothesis import given
from hypothesis import strategies as st

from tests.dnsmasq_front.messages import addresses, query_wire
from tests.dnsmasq_front.pure import PureFront

QUERIES = [
    query_wire("a.test. A"),
    query_wire("A.TEST. A", edns=1232, do=True),
    query_wire("x.local.test. TXT", edns=512),
    query_wire("hits.bind. TXT CH"),
    query_wire("missing. ANY"),
]


def prepared() -> PureFront:
    front = PureFront("--server=/test/10.0.0.1", "--local=/local.test/")
    for query in QUERIES[:2]:
        front.ask_wire(query)
        front.answer(addresses("a.test.", 50))
    return front


def check(front: PureFront, wire: bytes, stream: bool) -> None:
    client = front.ask_wire(wire, stream=stream)
    assert not front.failures
    for response in client.responses:
        message = dns.message.from_wire(response)
        assert message.id == int.from_bytes(wire[:2], "big")
        assert response[2] & 0x80
        assert stream or len(response) <= 1232


@given(st.binary(max_size=80), st.booleans())
def test_random(wire: bytes, stream: bool) -> None:
    check(prepared(), wire, stream)


@given(st.binary(min_size=9, max_size=60), st.booleans())
def test_random_behind_a_querys_header(tail: bytes, stream: bool) -> None:
    check(prepared(), b"\x12\x34\x01" + tail, stream)


@given(
    st.sampled_from(QUERIES),
    st.lists(st.tuples(st.integers(2, 60), st.integers(0, 255)), max_size=4),
    st.binary(max_size=12),
    st.booleans(),
)
def test_mutated_queries(
    query: bytes, changes: list[tuple[int, int]], tail: bytes, stream: bool
) -> None:
    wire = bytearray(query)
    for at, value in changes:
        wire[at % len(wire)] = value
    front = prepared()
    check(front, bytes(wire) + tail, stream)
    check(front, bytes(wire), not stream)


@given(
    st.lists(st.tuples(st.integers(2, 900), st.integers(0, 255)), min_size=1, max_size=6),
    st.integers(0, 900),
    st.booleans(),
)
def test_mutated_answers_of_servers(changes: list[tuple[int, int]], cut: int, edns: bool) -> None:
    front = PureFront("--server=10.0.0.1")
    client = front.ask("a.test. A", edns=1232 if edns else None)
    wire = bytearray(front.sent[0].reply(addresses("a.test.", 40), edns=edns))
    question_end = 12 + len(front.sent[0].attempt.question)
    for at, value in changes:
        at = max(question_end, at % len(wire)) if at > 11 else at
        if at not in (4, 5):
            wire[at] = value
    front.deliver(front.sent[0], bytes(wire[: max(question_end, len(wire) - cut)]))
    front.advance(5)
    assert len(client.responses) == 1
    assert len(client.responses[0]) <= 1232
    front.new_epoch()
    again = front.ask("a.test. A", edns=1232 if edns else None, stream=True)
    front.advance(5)
    assert len(again.responses) == 1
    assert not front.failures
