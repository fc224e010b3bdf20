"""The answer to a packet that comes all the time is not made anew each second: its TTL falls."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnsmasq_front.prebuilt import TICKS
from dnsmasq_front.server import RENEWALS, SOON_S
from tests.dnsmasq_front.messages import query_wire
from tests.dnsmasq_front.pure import PureFront

NOW = 1000.0
SERVER = "--server=8.8.8.8"
ONE = "a.test. 60 IN A 10.0.0.1"
STEPS = 32
"""Times in a second that a client asks."""


def asking(
    front: PureFront, seconds: float, question: str = "a.test. A", edns: int | None = None
) -> Iterable[tuple[float, bytes, bool]]:
    """A client asks all the time: when, its answer, and whether the server was asked for it."""
    begin = front.now
    for step in range(1, int(seconds * STEPS)):
        front.now = begin + step / STEPS
        front.end_lives()
        before = front.server.hits
        wire = front.ask(question, edns=edns).reply.wire
        yield front.now, wire, front.server.hits > before


def until(front: PureFront, when: float) -> None:
    """Time goes by without a question."""
    while front.now < when:
        front.now = min(when, (int(front.now * TICKS) + 1) / TICKS)
        front.end_lives()


def test_it_is_made_once_in_so_many_seconds() -> None:
    front = PureFront(SERVER)
    front.resolve("a.test. A", ONE)
    made = [when for when, _, is_made in asking(front, 41) if is_made]
    gaps = [round(after - before) for before, after in pairwise(made)]
    assert gaps == [1] + [RENEWALS + 1] * 3


def test_its_ttl_falls_when_a_second_is_over_and_never_rises() -> None:
    front = PureFront(SERVER)
    front.resolve("a.test. A", ONE)
    for when, wire, _ in asking(front, 40):
        assert int.from_bytes(wire[-10:-6], "big") == 60 - int(when - NOW)


@given(
    flags=st.lists(
        st.sampled_from(("--max-ttl=3", "--max-cache-ttl=4", "--min-cache-ttl=7")), unique=True
    ),
    records=st.sampled_from(
        (
            "a.test. {} IN A 10.0.0.1",
            "a.test. {} IN A 10.0.0.1\na.test. {} IN A 10.0.0.2",
            "a.test. {} IN CNAME b.test.\nb.test. 20 IN A 10.0.0.1",
            'a.test. {} IN TXT "' + "x" * 250 + '" "' + "y" * 250 + '"',
        )
    ),
    ttl=st.sampled_from((1, 2, 5, 12, 2**31)),
    edns=st.sampled_from((None, 512, 1232)),
    gaps=st.lists(st.sampled_from((0.004, 0.02, 0.3, 0.99, 2.5)), min_size=20, max_size=60),
)
def test_answers_are_those_that_would_be_made_anew(
    flags: list[str], records: str, ttl: int, edns: int | None, gaps: list[float]
) -> None:
    fronts = [PureFront(SERVER, "--no-round-robin", *flags) for _ in range(2)]
    question = "a.test. TXT" if "TXT" in records else "a.test. A"
    for gap in gaps:
        for front in fronts:
            until(front, front.now + gap)
        fronts[1].new_epoch()
        clients = [front.ask(question, edns=edns) for front in fronts]
        if not clients[0].answered:
            wire = fronts[0].sent[-1].reply(records.replace("{}", str(ttl)))
            for front in fronts:
                front.deliver(front.sent[-1], wire)
        assert clients[0].reply.wire == clients[1].reply.wire


def test_negative_answers_too() -> None:
    front = PureFront(SERVER, "--max-neg-ttl=60")
    front.ask("a.test. A")
    front.answer(rcode=3, authority="test. 60 IN SOA a.test. b.test. 1 2 3 4 60")
    assert sum(is_made for *_, is_made in asking(front, 21, edns=1232)) <= 2 + 20 / (RENEWALS + 1)


def test_a_packet_that_does_not_come_at_once_has_to_ask_again() -> None:
    front = PureFront(SERVER)
    front.resolve("a.test. A", ONE)
    for _ in range(20):
        until(front, front.now + 1 + SOON_S * 1.1)  # Behind the fall of its TTL.
        before = front.server.hits
        front.ask("a.test. A")
        assert front.server.hits == before + 1
        front.now = round(front.now)


def test_a_packet_that_is_new_has_no_life_of_its_own() -> None:
    front = PureFront(SERVER)
    front.resolve("a.test. A", ONE)
    list(asking(front, 3))
    for spelling in ("A.test.", "a.Test.", "a.tEst."):
        front.ask(f"{spelling} A")
    until(front, front.now + 1.1)
    assert list(front.prebuilt.plain) == [query_wire("a.test. A")[2:]]


def test_it_ends_when_nobody_asks_any_more() -> None:
    front = PureFront(SERVER)
    front.resolve("a.test. A", ONE)
    list(asking(front, 5))
    until(front, front.now + RENEWALS + 1)
    assert not front.prebuilt.plain


def test_a_change_ends_it_at_once() -> None:
    front = PureFront(SERVER)
    front.resolve("a.test. A", ONE)
    list(asking(front, 5))
    front.cache.drop_domain(b"\1a\4test\0")
    assert not front.prebuilt.plain
    front.resolve("a.test. A", "a.test. 60 IN A 10.0.0.99")
    assert all(b"\x0a\0\0\x63" in wire for _, wire, _ in asking(front, 5))


def test_it_does_not_outlive_the_trust_in_its_entry() -> None:
    front = PureFront("--server=/test/8.8.8.8")
    front.resolve("a.test. A", ONE)
    list(asking(front, 5))
    front.cache.distrust(b"\4test\0", until=front.now + 0.3)
    assert not front.prebuilt.plain
    assert front.ask("a.test. A").answered
    until(front, front.now + 0.3)
    assert not front.prebuilt.plain
    assert not front.ask("a.test. A").answered


def test_it_ends_with_its_entry() -> None:
    front = PureFront(SERVER)
    front.resolve("a.test. A", "a.test. 5 IN A 10.0.0.1")
    list(asking(front, 4.9))
    until(front, front.now + 0.2)
    assert not front.prebuilt.plain
    assert not front.ask("a.test. A").answered


def test_it_counts_as_used() -> None:
    front = PureFront(SERVER, "--cache-size=2")
    front.resolve("a.test. A", ONE)
    front.resolve("old.test. A", "old.test. 60 IN A 10.0.0.1")
    list(asking(front, 5))
    front.resolve("new.test. A", "new.test. 60 IN A 10.0.0.1")
    assert front.prebuilt.plain
    assert front.ask("a.test. A").answered


@pytest.mark.parametrize("ttl", [20, 100])
def test_it_is_asked_for_again_in_time(ttl: int) -> None:
    front = PureFront(SERVER, "--prefetch")
    front.resolve("a.test. A", f"a.test. {ttl} IN A 10.0.0.1")
    before = len(front.sent)
    next(_ for _ in asking(front, ttl) if len(front.sent) > before)
    assert 0.9 * ttl <= front.now - NOW <= 0.9 * ttl + 1.1
