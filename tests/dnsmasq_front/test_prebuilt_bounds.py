"""Prebuilt answers are bounded in number, octets and time."""

from __future__ import annotations

from itertools import count

from dnscore.wire.rotate import Rotation
from dnsmasq_front.prebuilt import LIFE_TICKS, Prebuilt
from tests.dnsmasq_front.pure import PureFront


def test_bounded_in_number() -> None:
    prebuilt = Prebuilt(random_turn=count().__next__, entries_max=10)
    for i in range(100):
        query = b"id" + i.to_bytes(2, "big")
        if i % 2:
            prebuilt.keep(query, b"idresponse")
        else:
            block = b"ab"
            prebuilt.keep_turning(query, Rotation(b"", block, b"", count=2, shown=2))
    assert len(prebuilt) == 10


def test_bounded_in_octets() -> None:
    prebuilt = Prebuilt(random_turn=count().__next__, bytes_max=10_000)
    for i in range(100):
        prebuilt.keep(b"id" + i.to_bytes(2, "big"), bytes(1000))
    assert 5 <= len(prebuilt) <= 10
    assert prebuilt.bytes <= 10_000


def test_clear_ends_all_of_it_and_makes_room() -> None:
    prebuilt = Prebuilt(random_turn=count().__next__, entries_max=1)
    plain = prebuilt.plain
    prebuilt.keep(b"idone", b"idresponse")
    prebuilt.clear()
    assert (len(prebuilt), prebuilt.bytes) == (0, 0)
    prebuilt.keep(b"idtwo", b"idresponse")
    assert plain == {b"two": b"response"}  # the dictionary that the listeners hold


def test_each_ends_by_itself_within_half_a_second_and_not_all_at_once() -> None:
    prebuilt = Prebuilt(random_turn=count().__next__)
    for i in range(1000):
        query = b"id" + i.to_bytes(2, "big")
        if i % 2:
            prebuilt.keep(query, b"idresponse")
        else:
            prebuilt.keep_turning(query, Rotation(b"", b"ab", b"", count=2, shown=2))
    left = []
    for _ in range(LIFE_TICKS[1] + 1):
        prebuilt.tick()
        left.append(len(prebuilt))
    assert left == [1000, 1000, 750, 500, 250, 0]
    assert prebuilt.bytes == 0


def test_what_was_cleared_does_not_end_what_came_after() -> None:
    prebuilt = Prebuilt(random_turn=lambda: 0)
    prebuilt.keep(b"idone", b"idold")
    prebuilt.tick()
    prebuilt.clear()
    prebuilt.keep(b"idone", b"idnew")
    for _ in range(LIFE_TICKS[0]):
        prebuilt.tick()
        assert prebuilt.plain == {b"one": b"new"}
    prebuilt.tick()
    assert not prebuilt.plain


def test_clients_that_differ_get_answers_of_their_own() -> None:
    front = PureFront("--server=8.8.8.8")
    front.resolve("a.test. A", "a.test. 30 IN A 10.0.0.1")
    asked = [("a.test. A", None), ("A.test. A", None), ("a.test. A", 1232), ("a.test. A", 512)]
    for _ in range(2):
        for question, edns in asked:
            reply = front.ask(question, edns=edns).reply
            assert str(reply.message.question[0].name) == question.split()[0]
            assert reply.message.edns == (-1 if edns is None else 0)
    assert len(front.prebuilt) == 4


def test_tcp_answers_are_never_given_over_udp() -> None:
    front = PureFront("--server=8.8.8.8")
    client = front.ask("a.test. TXT", stream=True)
    front.answer("a.test. 30 IN TXT " + " ".join(f'"{"x" * 250}"' for _ in range(4)))
    assert client.answered
    front.ask("a.test. TXT", stream=True)
    assert len(front.ask("a.test. TXT").reply.wire) <= 512


def test_every_query_is_logged_the_repeated_ones_too() -> None:
    front = PureFront("--server=8.8.8.8")
    seen: list[str] = []
    front.server.query_log = lambda query, source: seen.append(source[0])
    front.resolve("a.test. A", "a.test. 30 IN A 10.0.0.1\na.test. 30 IN A 10.0.0.2")
    front.resolve("b.test. A", "b.test. 30 IN A 10.0.0.1")
    for _ in range(3):
        front.ask("a.test. A")
        front.ask("b.test. A")
    assert seen == ["10.9.8.7"] * 8
