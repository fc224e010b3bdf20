"""Prebuilt answers are bounded in number, octets and time."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnscore.wire.rotate import Rotation
from dnscore.wire.scan import scan_response
from dnsmasq_front.entry import Entry
from dnsmasq_front.prebuilt import (
    LIFE_S,
    RENEWED_AT_ONCE,
    RENEWED_PART,
    TICKS,
    Prebuilt,
    tick_before,
)
from dnsmasq_front.query_log import QueryLog
from tests.dnsmasq_front.messages import query_wire, response_wire
from tests.dnsmasq_front.pure import PureFront

NOW = 1000.0
"""When a tick begins, as each whole second does."""
TICK_S = 1 / TICKS


def never(entry: Entry) -> None:
    raise AssertionError("nothing is to be renewed")


def test_bounded_in_number() -> None:
    prebuilt = Prebuilt(entries_max=10)
    for i in range(100):
        query = b"id" + i.to_bytes(2, "big")
        if i % 2:
            prebuilt.keep(query, b"idresponse", now=NOW, until=NOW + 0.5)
        else:
            block = b"ab"
            prebuilt.keep_turning(
                query, Rotation(b"", block, b"", count=2, shown=2), now=NOW, until=NOW + 0.5
            )
    assert len(prebuilt) == 10


def test_bounded_in_octets() -> None:
    prebuilt = Prebuilt(bytes_max=10_000)
    for i in range(100):
        prebuilt.keep(b"id" + i.to_bytes(2, "big"), bytes(1000), now=NOW, until=NOW + 0.5)
    assert 5 <= len(prebuilt) <= 10
    assert prebuilt.bytes <= 10_000


def test_clear_ends_all_of_it_and_makes_room() -> None:
    prebuilt = Prebuilt(entries_max=1)
    plain = prebuilt.plain
    prebuilt.keep(b"idone", b"idresponse", now=NOW, until=NOW + 0.5)
    prebuilt.clear()
    assert (len(prebuilt), prebuilt.bytes) == (0, 0)
    prebuilt.keep(b"idtwo", b"idresponse", now=NOW, until=NOW + 0.5)
    assert plain == {b"two": b"response"}  # the dictionary that the listeners hold


def test_each_ends_at_its_own_time_to_a_tick() -> None:
    prebuilt = Prebuilt()
    for i, life_s in enumerate((-1.0, 0.0, 0.07, 0.31, 0.95, 30.0)):
        query = b"id" + i.to_bytes(2, "big")
        if i % 2:
            prebuilt.keep(query, b"idresponse", now=NOW, until=NOW + life_s)
        else:
            rotation = Rotation(b"", b"ab", b"", count=2, shown=2)
            prebuilt.keep_turning(query, rotation, now=NOW, until=NOW + life_s)
    left = []
    for tenths in range(11):
        prebuilt.end(NOW + tenths / 10 + 1e-6, never)
        left.append(len(prebuilt))
    assert left == [4, 3, 3, 2, 2, 2, 2, 2, 2, 2, 0]
    assert prebuilt.bytes == 0


RESPONSE = b"idres" + (60).to_bytes(4, "big") + b"ponse"
LOWER = b"res" + (59).to_bytes(4, "big") + b"ponse"


def kept_for_renewal(count: int) -> Prebuilt:
    """So many that may be renewed once, half a second later."""
    prebuilt = Prebuilt()
    query = query_wire("a.test. A")
    wire = response_wire(query, "a.test. 60 IN A 10.0.0.1")
    scan = scan_response(wire, query[12:])
    entry = Entry(b"key", wire, scan, now=NOW, life_s=60, born=NOW)
    for number in range(count):
        asked = b"id%d" % number
        prebuilt.keep(asked, RESPONSE, now=NOW, until=NOW + 0.5, renewed=(entry, 1, 3))
    return prebuilt


def test_very_many_end_at_once() -> None:
    prebuilt = Prebuilt()
    for number in range(5000):
        prebuilt.keep(b"id%d" % number, b"idresponse", now=NOW, until=NOW + 0.5)
    assert prebuilt.end(NOW + 0.5, never) is None
    assert (len(prebuilt), prebuilt.bytes) == (0, 0)


def test_few_are_renewed_at_once() -> None:
    prebuilt = kept_for_renewal(2 * RENEWED_AT_ONCE + 1)
    renewed: list[Entry] = []
    made = []
    while prebuilt.end(NOW + 0.5, renewed.append) == 0.0:
        made.append(len(renewed))
    assert made == [RENEWED_AT_ONCE, 2 * RENEWED_AT_ONCE]
    assert set(prebuilt.plain.values()) == {LOWER}
    assert prebuilt.bytes == sum(len(key) + len(LOWER) for key in prebuilt.plain)
    for ticks in range(TICKS // 2 + 1, TICKS // 2 + TICKS):
        prebuilt.end(NOW + ticks * TICK_S, never)
    assert len(prebuilt) == len(renewed)
    assert prebuilt.end(NOW + 1.5, never) is None
    assert (len(prebuilt), prebuilt.bytes) == (0, 0)


def test_very_many_are_renewed_in_turns_that_are_few_and_short() -> None:
    prebuilt = kept_for_renewal(2000)
    renewed: list[Entry] = []
    made = [0]
    while prebuilt.end(NOW + 0.5, renewed.append) == 0.0:
        made.append(len(renewed))
    assert len(renewed) == 2000
    assert len(made) < 200
    assert max(after - before for before, after in pairwise(made)) == 2000 // RENEWED_PART


def test_a_loop_that_is_late_renews_nothing_and_ends_all() -> None:
    prebuilt = kept_for_renewal(100)
    assert prebuilt.end(NOW + 0.5 + 2 * TICK_S, never) is None
    assert (len(prebuilt), prebuilt.bytes) == (0, 0)


def test_what_is_renewed_ends_in_time_though_telling_of_it_fails() -> None:
    prebuilt = kept_for_renewal(1)

    def broken(entry: Entry) -> None:
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError):
        prebuilt.end(NOW + 0.5, broken)
    assert prebuilt.end(NOW + 1.5, never) is None
    assert (len(prebuilt), prebuilt.bytes) == (0, 0)


def test_what_is_dropped_leaves_nothing_behind_however_late_the_loop_is() -> None:
    prebuilt = Prebuilt()
    for turn in range(1000):
        now = NOW + turn * 0.003
        for number in range(12):
            key = b"id%d" % number
            prebuilt.keep(key, b"idresponse", now=now, until=now + 1)
            prebuilt.drop([key[2:]])
        prebuilt.end(now, never)
        assert sum(map(len, prebuilt._ending.values())) <= 12 * 334 + 12  # A second of them.


def test_the_end_is_not_missed_when_it_is_looked_for_late() -> None:
    prebuilt = Prebuilt()
    prebuilt.keep(b"idone", b"idresponse", now=NOW, until=NOW + 0.5)
    assert prebuilt.end(NOW + 3600, never) is None
    assert not prebuilt.plain


def test_ends_are_looked_for_only_while_something_lives() -> None:
    begun: list[float] = []
    prebuilt = Prebuilt(begin=begun.append)
    for start in (NOW, NOW + 100):
        prebuilt.keep(b"idone", b"idresponse", now=start, until=start + 0.5)
        prebuilt.keep(b"idtwo", b"idresponse", now=start, until=start + 0.1)
        prebuilt.drop([b"one"])
        prebuilt.keep(b"idone", b"idresponse", now=start, until=start + 0.7)
        assert prebuilt.end(start + 8.75 * TICK_S, never) == TICK_S / 4  # When the next begins.
        assert prebuilt.end(start + 0.71, never) is None
    assert begun == [TICK_S] * 2


def test_what_is_kept_after_all_was_cleared_ends_too() -> None:
    begun: list[float] = []
    prebuilt = Prebuilt(begin=begun.append)
    prebuilt.keep(b"idone", b"idresponse", now=NOW, until=NOW + 0.5)
    prebuilt.clear()
    prebuilt.keep(b"idtwo", b"idresponse", now=NOW + 0.01, until=NOW + 30)
    assert prebuilt.end(NOW + TICK_S, never) == TICK_S
    assert prebuilt.end(NOW + LIFE_S, never) is None
    assert begun == [TICK_S]
    assert not prebuilt.plain


def test_what_was_dropped_does_not_end_what_came_after() -> None:
    prebuilt = Prebuilt()
    prebuilt.keep(b"idone", b"idold", now=NOW, until=NOW + 0.25)
    prebuilt.drop([b"one"])
    prebuilt.keep(b"idone", b"idnew", now=NOW + 0.1, until=NOW + 0.35)
    for later in (0.2, 0.3):
        prebuilt.end(NOW + later, never)
        assert prebuilt.plain == {b"one": b"new"}
    prebuilt.end(NOW + 0.35, never)
    assert not prebuilt.plain


def test_ttl_is_never_more_than_a_tick_behind_and_never_rises() -> None:
    front = PureFront("--server=8.8.8.8")
    front.resolve("a.test. A", "a.test. 30 IN A 10.0.0.1")
    seen = []
    for _ in range(295):
        seen += front.ask("a.test. A").reply.ttls
        front.advance(0.1)
        front.end_lives()
    assert seen == sorted(seen, reverse=True)
    late = [ttl - (30 - at // 10) for at, ttl in enumerate(seen)]
    assert set(late) <= {0, 1}
    assert all(not late[at] or at % 10 == 0 for at in range(295))


def test_what_would_end_before_the_next_tick_is_not_kept() -> None:
    prebuilt = Prebuilt()
    assert not prebuilt.keep(b"idone", b"idresponse", now=NOW, until=NOW + TICK_S * 0.9)
    assert prebuilt.keep(b"idone", b"idresponse", now=NOW, until=NOW + TICK_S)
    prebuilt.end(NOW + TICK_S * 5, never)
    # A turn that began long ago: this tick's lives have ended already.
    assert not prebuilt.keep(b"idtwo", b"idresponse", now=NOW, until=NOW + TICK_S * 3)
    assert not prebuilt.plain


@given(now=st.floats(0, 1e8), ticks=st.integers(0, TICKS - 1))
def test_what_counts_as_born_with_a_tick_is_less_than_a_second_old(now: float, ticks: int) -> None:
    born = tick_before(now, ticks)
    assert 0 <= now - born < 1
    assert (born * TICKS).is_integer()


def test_what_turns_and_is_always_asked_is_built_once_a_second() -> None:
    front = PureFront("--server=8.8.8.8")
    front.now += 0.0071
    front.resolve("a.test. A", "a.test. 30 IN A 10.0.0.1\na.test. 30 IN A 10.0.0.2")
    built: list[float] = []
    last: object = None
    for step in range(1, 20 * TICKS):
        front.now = NOW + step * TICK_S  # When a tick begins, and twice within it.
        front.end_lives()
        for part in (0.1, 0.9):
            front.now = NOW + (step + part) * TICK_S
            front.ask("a.test. A")
            (rotation,) = front.prebuilt.turning.values()
            if rotation is not last:
                built.append(front.now)
            last = rotation
    assert len(built) == 20
    assert [round(after - before, 2) for before, after in pairwise(built[1:])] == [1.0] * 18


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
    front.server.query_log = QueryLog(seen.append)
    front.resolve("a.test. A", "a.test. 30 IN A 10.0.0.1\na.test. 30 IN A 10.0.0.2")
    front.resolve("b.test. A", "b.test. 30 IN A 10.0.0.1")
    for _ in range(3):
        front.ask("a.test. A")
        front.ask("b.test. A")
    assert sum("] a.test from 10.9.8.7" in line for line in seen) == 4
    assert sum("] b.test from 10.9.8.7" in line for line in seen) == 4


def test_tcp_answers_count_and_end_as_the_others_do() -> None:
    prebuilt = Prebuilt(entries_max=2)
    still = Rotation.still(bytes(100))
    assert prebuilt.keep_stream(b"idone", still, now=NOW, until=NOW + 0.5)
    assert prebuilt.keep(b"idone", b"idover udp", now=NOW, until=NOW + 0.5)
    assert not prebuilt.keep_stream(b"idtwo", still, now=NOW, until=NOW + 0.5)
    assert prebuilt.bytes == 2 * len(b"one") + 100 + len(b"over udp")
    assert prebuilt.streams[b"one"].next() == bytes(100)
    prebuilt.end(NOW + 0.5, never)
    assert (len(prebuilt), prebuilt.bytes, prebuilt.streams) == (0, 0, {})


def test_dropping_a_question_drops_it_for_both_transports() -> None:
    prebuilt = Prebuilt()
    prebuilt.keep_stream(b"idone", Rotation.still(b"tcp"), now=NOW, until=NOW + 0.5)
    prebuilt.keep(b"idone", b"idudp", now=NOW, until=NOW + 0.5)
    prebuilt.drop([b"one"])
    assert (len(prebuilt), prebuilt.bytes) == (0, 0)
